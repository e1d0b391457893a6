import { TextField } from "../../components/field";
import type { Values } from "./operation";
import style from "./controls.module.css";

interface SidesFieldProps {
  values: Values;
  sideMax: number;
  isRequired: boolean;
  error: string | null;
  onChange: (values: Values) => void;
}

const kRatios = ["1:1", "4:5", "2:3", "3:2", "4:3", "16:9", "9:16"];

const sidesOf = (ratio: string) => ratio.split(":").map(Number) as [number, number];

// A ratio drawn as what it is.
function Shape({ ratio }: { ratio: string }) {
  const [width, height] = sidesOf(ratio);
  const scale = 18 / Math.max(width, height);
  return <span className={style.shape} aria-hidden="true" style={{ width: width * scale, height: height * scale }} />;
}

// The result's sides: as the picture's, by a ratio, or in pixels; the three are one choice.
export function SidesField({ values, sideMax, isRequired, error, onChange }: SidesFieldProps) {
  const { aspect_ratio: ratio, image_size: _, width, height, ...rest } = values;
  const now = ratio !== undefined ? String(ratio) : width !== undefined || height !== undefined ? "pixels" : "";
  const choose = (to: string) => {
    if (to === "") onChange(rest);
    else onChange(to === "pixels" ? { ...rest, width: 1024, height: 1024 } : { ...rest, aspect_ratio: to });
  };
  const choices =
    [...(isRequired ? [] : [{ value: "", label: "As it is" }]), ...kRatios.map((one) => ({ value: one, label: one })),
    { value: "pixels", label: "Pixels" }];
  const side = (name: "width" | "height", label: string, value: Values[string] | undefined) => (
    <TextField label={label} type="number" min={16} max={sideMax} value={String(value ?? "")}
      onChange={({ currentTarget: { valueAsNumber } }) =>
        onChange({ ...values, [name]: Number.isFinite(valueAsNumber) ? valueAsNumber : "" })} />
  );
  return (
    <fieldset className={style.group} aria-describedby={error ? "sides-error" : undefined}>
      <legend className={style.label}>Shape</legend>
      <div className={style.shapes}>
        {choices.map(({ value, label }) => (
          <label key={value}>
            <input type="radio" name="shape" checked={now === value} onChange={() => choose(value)} />
            <span>{value.includes(":") && <Shape ratio={value} />}{label}</span>
          </label>
        ))}
      </div>
      {now === "pixels" && (
        <div className={style.pair}>
          {side("width", "Width in pixels", width)}{side("height", "Height in pixels", height)}
        </div>
      )}
      {error && <p id="sides-error" className={style.error} role="alert">{error}</p>}
    </fieldset>
  );
}
