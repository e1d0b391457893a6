import { X } from "lucide-react";
import { Button } from "../../components/button";
import { useToast } from "../../components/toast";
import { formatBytes, formatCount } from "../../format";
import { picturesOf } from "../../upload/picture_files";
import { FileButton } from "../../upload/upload_button";
import style from "./new_batch.module.css";

// The pictures that a batch is to have: dropped anywhere on the page, or chosen here.
export function BatchPictures({ files, onChange }: { files: File[]; onChange: (files: File[]) => void }) {
  const show = useToast();
  const take = (chosen: File[], isFolder: boolean) => {
    const { files: more, leftOut } = isFolder ? picturesOf(chosen) : { files: chosen, leftOut: 0 };
    onChange([...files, ...more]);
    if (leftOut > 0) show(`${formatCount(leftOut, "file")} in that folder left out: no picture`);
  };
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return (
    <section className={style.pictures} aria-label="Pictures of the batch">
      <strong role="status">
        {files.length === 0 ? "Drop the pictures here" : formatCount(files.length, "picture")}
      </strong>
      <p className={style.faint}>
        {files.length === 0
          ? "Hundreds at once, also as a folder. JPEG, PNG, WebP, HEIC, AVIF or TIFF"
          : formatBytes(bytes)}
      </p>
      <div className={style.row}>
        <FileButton label={files.length === 0 ? "Choose pictures" : "Add more"} look="plain" onFiles={take} />
        {files.length > 0 && <Button look="quiet" icon={<X />} onClick={() => onChange([])}>Take all out</Button>}
      </div>
    </section>
  );
}
