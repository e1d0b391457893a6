// The control of one parameter, made from its description; a few names have one that fits them better.
import { Checkbox, Select, Slider, TextArea, TextField } from "../../components/field";
import { Choice } from "../../components/tabs";
import { ColourField } from "./colour_field";
import { controlOf, hintOf, labelOf, type Parameter, stepOf, unitOf, type Value } from "./operation";
import { TemperatureField } from "./temperature_field";
import style from "./controls.module.css";

interface ParameterFieldProps extends Parameter {
  value: Value | undefined; // undefined: not said
  error: string | null;
  onChange: (value: Value | undefined) => void;
}

const kScales = [2, 3, 4, 8]; // what networks enlarge by
const kChoicesSeen = 4;       // more go into a list

function ChoiceField({ name, schema, value, error, onChange }: ParameterFieldProps) {
  const choices = (schema.enum ?? []).map((one) =>
    ({ value: one, label: name === "format" ? one.toUpperCase() : labelOf(one.replaceAll("-", " ")) }));
  const now = String(value ?? schema.default ?? "");
  const label = labelOf(name);
  if (schema.default === undefined || choices.length > kChoicesSeen) {
    return (
      <Select label={label} hint={schema.description} error={error} value={now}
        onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}>
        {schema.default === undefined && <option value="">As it is best</option>}
        {choices.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
      </Select>
    );
  }
  return (
    <div className={style.group}>
      <span className={style.label} aria-hidden="true">{label}</span>
      <Choice label={label} value={now} choices={choices} onChange={onChange} />
      <p className={style.hint}>{schema.description}</p>
    </div>
  );
}

function ScaleField({ value, schema, onChange }: ParameterFieldProps) {
  const scales = kScales.filter((one) => one >= (schema.minimum ?? 0) && one <= (schema.maximum ?? Infinity));
  return (
    <div className={style.group}>
      <span className={style.label} aria-hidden="true">How many times larger</span>
      <Choice label="How many times larger" value={String(value ?? schema.default)}
        onChange={(now) => onChange(Number(now))}
        choices={scales.map((one) => ({ value: String(one), label: `${one}×` }))} />
    </div>
  );
}

// Without a value that holds anyway, saying none is a choice of its own.
function SliderField({ name, schema, value, error, onChange }: ParameterFieldProps) {
  const { minimum: min = 0, maximum: max = 1, default: fallback, description } = schema;
  const isFree = fallback === undefined;
  const now = typeof value === "number" ? value : typeof fallback === "number" ? fallback : null;
  const label = labelOf(name);
  const slider = now !== null && (name === "temperature"
    ? <TemperatureField label={label} value={now} min={min} max={max} onChange={onChange} />
    : <Slider label={label} hint={isFree ? undefined : hintOf(schema)} error={error} value={now} min={min} max={max}
        step={stepOf(schema)} unit={unitOf(name)} onChange={onChange} />);
  if (!isFree) return slider || null;
  const first = name === "temperature" ? 5500 : (min + max) / 2;
  return (
    <div className={style.group}>
      <Checkbox label={`Set the ${label.toLowerCase()}`} hint={description} checked={now !== null}
        onChange={({ currentTarget }) => onChange(currentTarget.checked ? first : undefined)} />
      {slider}
    </div>
  );
}

export function ParameterField(props: ParameterFieldProps) {
  const { name, schema, value, error, isRequired, onChange } = props;
  const label = labelOf(name);
  const text = { label, hint: schema.description, error, required: isRequired, value: String(value ?? "") };
  if (name === "scale") return <ScaleField {...props} />;
  switch (controlOf(schema)) {
    case "choice": return <ChoiceField {...props} />;
    case "slider": return <SliderField {...props} />;
    case "checkbox":
      return <Checkbox label={label} hint={schema.description} error={error} checked={Boolean(value ?? schema.default)}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)} />;
    case "colour":
      return <ColourField label={label} hint={schema.description} value={String(value ?? schema.default ?? "#ffffff")}
        canBeClear={schema.default === "transparent"} onChange={onChange} />;
    case "number":
      return <TextField {...text} type="number" min={schema.minimum} max={schema.maximum}
        placeholder={String(schema.default ?? "")}
        onChange={({ currentTarget: { valueAsNumber } }) =>
          onChange(Number.isFinite(valueAsNumber) ? valueAsNumber : undefined)} />;
    case "words":
      return (
        <TextArea {...text} maxLength={schema.maxLength}
          onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)} />
      );
    case "picture":
    case "text":
      return <TextField {...text} maxLength={schema.maxLength} pattern={schema.pattern}
        onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)} />;
  }
}
