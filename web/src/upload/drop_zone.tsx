import { ImageDown } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { droppedFiles, type GivenFiles, pastedFiles } from "./picture_files";
import style from "./drop_zone.module.css";

interface DropZoneProps {
  label: string;
  onFiles: (given: GivenFiles) => void;
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));

// The whole window takes files that are dropped or pasted. While some are held over it, it says where they will go.
export function DropZone({ label, onFiles }: DropZoneProps) {
  const [isOver, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    const events = new AbortController();
    const options = { signal: events.signal };
    let isOurs = false; // a picture of the page itself is dragged: browsers call that a file too
    const hasFiles = (event: DragEvent) => !isOurs && (event.dataTransfer?.types.includes("Files") ?? false);
    document.addEventListener("dragstart", () => { isOurs = true; }, options);
    document.addEventListener("dragend", () => { isOurs = false; }, options);
    window.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.dataTransfer!.dropEffect = "copy";
      setOver(true);
    }, options);
    window.addEventListener("dragleave", (event) => event.relatedTarget === null && setOver(false), options);
    window.addEventListener("drop", (event) => {
      setOver(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      void droppedFiles(event.dataTransfer!).then((given) => take.current(given));
    }, options);
    document.addEventListener("paste", (event) => {
      if (isTyping(event.target) || !event.clipboardData?.files.length) return;
      event.preventDefault();
      take.current({ files: pastedFiles(event.clipboardData), leftOut: 0 });
    }, options);
    return () => events.abort();
  }, []);
  return isOver && <div className={style.overlay} role="status"><p><ImageDown aria-hidden="true" /> {label}</p></div>;
}
