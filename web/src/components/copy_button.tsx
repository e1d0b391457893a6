import { Check, Copy } from "lucide-react";
import { type MouseEvent, useState } from "react";
import { Button } from "./button";

// Where the console comes by plain http there is no clipboard. The selection has to be in the dialog that is open.
function copyBySelection(text: string, beside: HTMLElement) {
  const area = document.createElement("textarea");
  area.className = "unseen";
  area.value = text;
  beside.after(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  beside.focus();
}

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async ({ currentTarget }: MouseEvent<HTMLElement>) => {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyBySelection(text, currentTarget);
    setCopied(true);
  };
  return (
    <Button icon={isCopied ? <Check /> : <Copy />} onClick={copy} onBlur={() => setCopied(false)}>
      <span aria-live="polite">{isCopied ? "Copied" : label}</span>
    </Button>
  );
}
