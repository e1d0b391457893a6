import { CopyButton } from "./copy_button";
import style from "./code.module.css";

// Text for programs, as it stands, with a button that copies it.
export function Code({ label, text }: { label: string; text: string }) {
  return (
    <div className={style.frame}>
      <pre className={style.code} role="region" aria-label={label} tabIndex={0}><code>{text}</code></pre>
      <div className={style.copy}><CopyButton text={text} /></div>
    </div>
  );
}
