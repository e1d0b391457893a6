import { useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import style from "./tabs.module.css";

// Pages beside each other: links, so that each has an address.
export function TabLinks({ label, tabs }: { label: string; tabs: { href: string; label: string }[] }) {
  const [location] = useLocation();
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    // Where they are wider than the screen: what is open is seen, and something of what is beside it.
    const open = frame.current?.querySelector<HTMLElement>("[aria-current]");
    if (open) frame.current!.scrollLeft = open.offsetLeft - (frame.current!.clientWidth - open.offsetWidth) / 2;
  }, [location]);
  return (
    <nav ref={frame} className={style.tabs} aria-label={label}>
      {tabs.map(({ href, label: name }) => (
        <Link key={href} href={href}
          aria-current={location === href || location.startsWith(`${href}/`) ? "page" : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  choices: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

// One of a few, all of them seen.
export function Choice<Value extends string>({ label, value, choices, onChange }: ChoiceProps<Value>) {
  return (
    <fieldset className={style.choice}>
      <legend className="unseen">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value}>
          <input type="radio" name={label} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          <span>{choice.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
