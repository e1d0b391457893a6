import { Choice } from "../../components/tabs";
import style from "./controls.module.css";

interface ColourFieldProps {
  label: string;
  hint?: string;
  value: string;
  canBeClear: boolean;
  onChange: (value: string) => void;
}

const kOwn = "own";
const kFirstOwn = "#d9d4cb";

// A few that are wanted often, and any other.
export function ColourField({ label, hint, value, canBeClear, onChange }: ColourFieldProps) {
  const usual = [...(canBeClear ? [{ value: "transparent", label: "Transparent" }] : []),
    { value: "white", label: "White" }, { value: "black", label: "Black" }];
  const isUsual = usual.some((one) => one.value === value);
  return (
    <div className={style.group}>
      <span className={style.label} aria-hidden="true">{label}</span>
      <div className={style.row}>
        <Choice label={label} value={isUsual ? value : kOwn} choices={[...usual, { value: kOwn, label: "Own" }]}
          onChange={(now) => onChange(now === kOwn ? kFirstOwn : now)} />
        {!isUsual && <input type="color" className={style.colour} aria-label={`${label}: own colour`} value={value}
          onChange={(event) => onChange(event.currentTarget.value)} />}
      </div>
      {hint && <p className={style.hint}>{hint}</p>}
    </div>
  );
}
