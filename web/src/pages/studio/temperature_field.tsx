import type { CSSProperties } from "react";
import { Slider } from "../../components/field";
import { colourOf } from "./light";
import style from "./controls.module.css";

interface TemperatureFieldProps {
  label: string;
  hint?: string;
  value: number;
  min: number;
  max: number;
  onChange: (value: number) => void;
}

const kStops = 8;

// The light's colour, shown as the colour that it is.
export function TemperatureField({ label, hint, value, min, max, onChange }: TemperatureFieldProps) {
  const stops =
    Array.from({ length: kStops }, (_, at) => `rgb(${colourOf(min + ((max - min) * at) / (kStops - 1)).join(" ")})`);
  const shown =
    { "--track": `linear-gradient(90deg, ${stops.join(", ")})`, "--now": `rgb(${colourOf(value).join(" ")})` };
  return (
    <div className={style.temperature} style={shown as CSSProperties}>
      <span className={style.swatch} aria-hidden="true" />
      <Slider label={label} hint={hint} value={value} min={min} max={max} step={100} unit=" K" onChange={onChange} />
    </div>
  );
}
