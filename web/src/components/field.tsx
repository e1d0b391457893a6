// What can be filled in: a label, the control, what it takes, and what was wrong with it.
import {
  type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId,
} from "react";
import style from "./field.module.css";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  isLabelHidden?: boolean; // seen by those who listen alone
}

function Frame({ id, label, hint, error, isLabelHidden, children }: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className={style.field}>
      <label htmlFor={id} className={isLabelHidden ? "unseen" : style.label}>{label}</label>
      {children}
      {hint && <p id={`${id}-hint`} className={style.hint}>{hint}</p>}
      {error && <p id={`${id}-error`} className={style.error} role="alert">{error}</p>}
    </div>
  );
}

const describedBy = (id: string, { hint, error }: FieldProps) =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;

function split<Props extends FieldProps>({ label, hint, error, isLabelHidden, ...rest }: Props) {
  return [{ label, hint, error, isLabelHidden }, rest] as const;
}

export function TextField(props: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const [field, rest] = split(props);
  return (
    <Frame id={id} {...field}>
      <input {...rest} id={id} className={style.control} aria-invalid={Boolean(field.error)}
        aria-describedby={describedBy(id, field)} />
    </Frame>
  );
}

export function TextArea(props: FieldProps & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  const [field, rest] = split(props);
  return (
    <Frame id={id} {...field}>
      <textarea rows={3} {...rest} id={id} className={style.control} aria-invalid={Boolean(field.error)}
        aria-describedby={describedBy(id, field)} />
    </Frame>
  );
}

export function Select(props: FieldProps & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  const [field, rest] = split(props);
  return (
    <Frame id={id} {...field}>
      <select {...rest} id={id} className={style.control} aria-invalid={Boolean(field.error)}
        aria-describedby={describedBy(id, field)} />
    </Frame>
  );
}

export function Checkbox(props: Omit<FieldProps, "isLabelHidden"> & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const [field, rest] = split(props);
  return (
    <div className={style.checkbox}>
      <input {...rest} id={id} type="checkbox" aria-describedby={describedBy(id, field)} />
      <label htmlFor={id}>{field.label}</label>
      {field.hint && <p id={`${id}-hint`} className={style.hint}>{field.hint}</p>}
      {field.error && <p id={`${id}-error`} className={style.error} role="alert">{field.error}</p>}
    </div>
  );
}

interface SliderProps extends FieldProps {
  value: number;
  min: number;
  max: number;
  step?: number;
  unit?: string;
  onChange: (value: number) => void;
  onCommit?: () => void; // it was let go
}

export function Slider(props: SliderProps) {
  const id = useId();
  const { value, min, max, step = 1, unit = "", onChange, onCommit } = props;
  return (
    <Frame id={id} {...props}>
      <div className={style.slider}>
        <input id={id} type="range" min={min} max={max} step={step} value={value}
          aria-valuetext={`${value}${unit}`} aria-describedby={describedBy(id, props)}
          onChange={(event) => onChange(event.currentTarget.valueAsNumber)} onPointerUp={onCommit} onKeyUp={onCommit} />
        <output htmlFor={id}>{value}{unit}</output>
      </div>
    </Frame>
  );
}
