// What a person has typed, kept until it is sent: it outlives a reload, a lost session and a crash of the tab.
import { useEffect, useState } from "react";

// Like useState, by a name that is the page's own. `clear` when it has been sent.
export function useDraft<Value>(name: string, initial: Value): [Value, (value: Value) => void, () => void] {
  const key = `draft:${name}`;
  const [value, setValue] = useState<Value>(() => {
    const kept = sessionStorage.getItem(key);
    try {
      return kept === null ? initial : (JSON.parse(kept) as Value);
    } catch {
      return initial;
    }
  });
  useEffect(() => {
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // Full or forbidden: the page works on without.
    }
  }, [key, value]);
  const clear = () => {
    setValue(initial);
    sessionStorage.removeItem(key);
  };
  return [value, setValue, clear];
}

// On signing out: who comes next sees nothing of it.
export function clearDrafts(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith("draft:")) sessionStorage.removeItem(key);
  }
}
