import { type InputHTMLAttributes, useState } from "react";
import { TextField } from "./field";
import style from "./password_field.module.css";
import { strengthOf } from "./password_strength";

interface PasswordFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "type"> {
  label: string;
  value: string;
  error?: string | null;
  isNew?: boolean; // it is being chosen: says how strong it is, and never stands in the way
}

// What is typed can be looked at; a browser or a program that keeps passwords finds its way by `autocomplete`.
export function PasswordField({ isNew, value, label, ...rest }: PasswordFieldProps) {
  const [isShown, setShown] = useState(false);
  return (
    <div className={style.frame}>
      <TextField {...rest} label={label} value={value} type={isShown ? "text" : "password"} spellCheck={false}
        autoCapitalize="none" autoComplete={rest.autoComplete ?? (isNew ? "new-password" : "current-password")}
        minLength={isNew ? 8 : undefined} maxLength={512}
        hint={isNew && <span aria-live="polite">{strengthOf(value)}</span>} />
      <button type="button" className={style.show} aria-label={`${isShown ? "Hide" : "Show"}: ${label}`}
        onClick={() => setShown(!isShown)}>
        {isShown ? "Hide" : "Show"}
      </button>
    </div>
  );
}
