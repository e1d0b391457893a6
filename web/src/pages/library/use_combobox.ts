// A text field that suggests (WAI-ARIA combobox with a list): the focus stays in the field, arrows go through the list.
import { type KeyboardEvent, useId, useState } from "react";

interface Combobox {
  count: number; // of what is suggested
  onChoose: (at: number) => void;
  onCancel: () => void; // Escape while nothing is suggested
}

export function useCombobox({ count, onChoose, onCancel }: Combobox) {
  const id = useId();
  const [isWanted, setWanted] = useState(false);
  const [at, setAt] = useState(-1);
  const isOpen = isWanted && count > 0;
  const active = isOpen && at < count ? at : -1;
  const close = () => {
    setWanted(false);
    setAt(-1);
  };
  const open = () => {
    setWanted(true);
    setAt(-1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" && count > 0) {
      if (isOpen) setAt((active + 1) % count);
      else open();
    } else if (event.key === "ArrowUp" && isOpen) setAt((active <= 0 ? count : active) - 1);
    else if (event.key === "Enter" && active >= 0) onChoose(active);
    else if (event.key === "Escape") {
      if (isOpen) close();
      else onCancel();
    } else return;
    event.preventDefault();
  };
  return {
    isOpen, active, open, close,
    listProps: { id, role: "listbox" as const },
    optionProps: (index: number) =>
      ({ id: `${id}-${index}`, role: "option" as const, "aria-selected": index === active }),
    fieldProps: {
      role: "combobox", "aria-autocomplete": "list" as const, "aria-expanded": isOpen,
      "aria-controls": isOpen ? id : undefined,
      "aria-activedescendant": active >= 0 ? `${id}-${active}` : undefined, onKeyDown,
    },
  };
}
