import { Download, FolderPlus, Globe, Lock, Sparkles, Trash2, X } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "../../components/button";
import { Menu } from "../../components/menu";
import { AlbumDialog } from "./album_dialog";
import type { Progressing } from "./bulk";
import { BulkProgress } from "./bulk_progress";
import { EnhanceDialog } from "./enhance_dialog";
import style from "./selection_bar.module.css";
import { countPictures } from "./picture_list";
import type { usePictureActs } from "./use_picture_acts";

interface BarProps {
  ids: string[];
  acts: ReturnType<typeof usePictureActs>;
  progress: Progressing | null;
  onClear: () => void;
  onDelete: (ids: string[]) => void;
}

export function SelectionBar({ ids, acts, progress, onClear, onDelete }: BarProps) {
  const [dialog, setDialog] = useState<"album" | "enhance" | null>(null);
  const close = () => setDialog(null);
  return (
    <>
      <ActionBar count={ids.length} progress={progress} onClear={onClear}>
        <Button look="quiet" icon={<FolderPlus />} aria-label="Add to album" onClick={() => setDialog("album")} />
        <Button look="quiet" icon={<Sparkles />} aria-label="Enhance" onClick={() => setDialog("enhance")} />
        <Button look="quiet" icon={<Download />} aria-label="Download" onClick={() => void acts.download(ids)} />
        <Menu label="Visibility" isLabelHidden icon={<Globe />} items={[
          { label: "Make public", icon: <Globe />, run: () => void acts.setVisibility(ids, "public") },
          { label: "Make private", icon: <Lock />, run: () => void acts.setVisibility(ids, "private") },
        ]} />
        <Button look="quiet" icon={<Trash2 />} aria-label="Delete" onClick={() => onDelete(ids)} />
      </ActionBar>
      {dialog === "album" && <AlbumDialog ids={ids} onAdd={acts.addToAlbum} onClose={close} />}
      {dialog === "enhance" && <EnhanceDialog ids={ids} onClose={close} />}
    </>
  );
}

interface ActionBarProps {
  count: number; // of what is chosen
  progress: Progressing | null;
  onClear: () => void;
  children: ReactNode;
}

// What can be done with what is chosen; while it is done, how far it is.
export function ActionBar({ count, progress, onClear, children }: ActionBarProps) {
  useEscape(count > 0, onClear);
  if (count === 0 && !progress) return null;
  return (
    <section className={style.bar} aria-label="Selected pictures">
      {progress ? <BulkProgress progress={progress} /> : <>
        <Button look="quiet" icon={<X />} aria-label="Clear the selection" onClick={onClear} />
        <p className={style.count} role="status">{countPictures(count)}<span> selected</span></p>
        <div className={style.acts}>{children}</div>
      </>}
    </section>
  );
}

// Escape clears the selection wherever the focus is; what is open over the page comes first.
function useEscape(isActive: boolean, onEscape: () => void) {
  useEffect(() => {
    if (!isActive) return undefined;
    const hear = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) onEscape();
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, [isActive, onEscape]);
}
