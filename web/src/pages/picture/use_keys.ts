// Keys of the page: not while somebody types, in a dialog or a menu, or where the browser has its own.
import { useEffect, useRef, useSyncExternalStore } from "react";

export type Keys = Record<string, { down: () => void; up?: () => void }>;

const kOff = "picture.keys-off";
const listeners = new Set<() => void>();

// Single keys can be switched off: who speaks to the machine would press them unawares (WCAG 2.1.4).
export function setKeysOn(on: boolean) {
  if (on) localStorage.removeItem(kOff);
  else localStorage.setItem(kOff, "1");
  for (const listener of listeners) listener();
}

export const useKeysOn = () =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => localStorage.getItem(kOff) === null);

const kTyped = "input:not([type=radio], [type=checkbox]), textarea, select, dialog, [role=menu]";

function isElsewhere(event: KeyboardEvent): boolean {
  const target = event.target as Element;
  return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || target.closest(kTyped) !== null ||
    (target.matches("input") && event.key.startsWith("Arrow")) || document.querySelector("dialog[open]") !== null;
}

// By KeyboardEvent.key; with shift as "Shift+ArrowLeft".
export function useKeys(keys: Keys, isOn: boolean) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const keyOf = (event: KeyboardEvent) => {
      const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      return latest.current[event.shiftKey && event.key.length > 1 ? `Shift+${name}` : name];
    };
    const onDown = (event: KeyboardEvent) => {
      if (isElsewhere(event) || (event.key.length === 1 && !isOn)) return;
      const key = keyOf(event);
      if (!key) return;
      event.preventDefault();
      key.down();
    };
    const onUp = (event: KeyboardEvent) => latest.current[event.key.toLowerCase()]?.up?.();
    document.addEventListener("keydown", onDown);
    document.addEventListener("keyup", onUp);
    return () => {
      document.removeEventListener("keydown", onDown);
      document.removeEventListener("keyup", onUp);
    };
  }, [isOn]);
}
