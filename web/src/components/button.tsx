import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link } from "wouter";
import style from "./button.module.css";

type Look = "plain" | "main" | "quiet" | "danger";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: ReactNode;
  isBusy?: boolean; // its work is under way: it shows so and cannot be pressed again
}

// `aria-label` makes an icon alone a button.
export function Button({ look = "plain", icon, isBusy, children, disabled, className, ...rest }: ButtonProps) {
  const classes = [style.button, style[look], children ? "" : style.iconAlone, className ?? ""].join(" ");
  return (
    <button type="button" {...rest} className={classes} disabled={disabled || isBusy} aria-busy={isBusy || undefined}
      title={rest.title ?? (children ? undefined : rest["aria-label"])}>
      {icon}
      {children && <span className={style.words}>{children}</span>}
    </button>
  );
}

interface ButtonLinkProps {
  href: string;
  look?: Look;
  icon?: ReactNode;
  children?: ReactNode;
  "aria-label"?: string;
  isOutside?: boolean; // a file or a page that is not the console's
  isBrief?: boolean; // on a phone its icon alone
  download?: string | boolean;
}

export function ButtonLink({ look = "plain", icon, children, isOutside, isBrief, href, ...rest }: ButtonLinkProps) {
  const classes = [style.button, style[look], children ? "" : style.iconAlone, isBrief ? style.brief : ""].join(" ");
  const words = <>{icon}{children && <span className={style.words}>{children}</span>}</>;
  if (isOutside || rest.download !== undefined) return <a {...rest} href={href} className={classes}>{words}</a>;
  return <Link {...rest} href={href} className={classes}>{words}</Link>;
}
