import { useState } from "react";

export type PanelPart = "enhance" | "info";

const kKey = "picture.panel";
const kWide = "(min-width: 75rem)"; // room for picture and panel beside each other

function begin(): PanelPart | null {
  if (!window.matchMedia(kWide).matches) return null;
  const kept = localStorage.getItem(kKey);
  return kept === "info" || kept === "enhance" ? kept : kept === "none" ? null : "enhance";
}

// What is told beside the picture; as it was left, where there is room.
export function usePanel() {
  const [panel, setPanel] = useState<PanelPart | null>(begin);
  const show = (part: PanelPart | null) => {
    setPanel(part);
    localStorage.setItem(kKey, part ?? "none");
  };
  return { panel, show, toggle: (part: PanelPart) => show(panel === part ? null : part) };
}
