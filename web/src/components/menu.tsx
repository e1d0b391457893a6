// A button with things to do behind it. Arrows, Home, End and Escape work as in every menu (WAI-ARIA menu button).
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Button } from "./button";
import style from "./menu.module.css";

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  isDanger?: boolean;
  isDisabled?: boolean;
  run: () => void;
}

interface MenuProps {
  label: string;
  icon?: ReactNode;
  isLabelHidden?: boolean;
  look?: "plain" | "quiet";
  items: MenuItem[];
}

export function Menu({ label, icon, isLabelHidden, look, items }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  const buttons = () => [...(frame.current?.querySelectorAll<HTMLButtonElement>("[role=menuitem]:enabled") ?? [])];

  useEffect(() => {
    if (!isOpen) return undefined;
    buttons()[0]?.focus();
    const leave = (event: PointerEvent) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [isOpen]);

  const close = () => {
    setOpen(false);
    frame.current?.querySelector("button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const to = {
      ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1,
    }[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (to !== undefined) all[to]?.focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  };
  return (
    <div ref={frame} className={style.frame}>
      <Button look={look} icon={icon} aria-label={isLabelHidden ? label : undefined} aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined} onClick={() => setOpen(!isOpen)}>
        {isLabelHidden ? undefined : label}
      </Button>
      {isOpen && (
        <div id={id} role="menu" aria-label={label} className={style.menu} onKeyDown={onKeyDown}>
          {items.map((item) => (
            <button key={item.label} type="button" role="menuitem" tabIndex={-1} disabled={item.isDisabled}
              className={item.isDanger ? style.danger : undefined} onClick={() => { close(); item.run(); }}>
              {item.icon}{item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
