import { Camera, ChevronDown, FolderUp, ImagePlus, Images } from "lucide-react";
import { useRef } from "react";
import { Button } from "../components/button";
import { Menu, type MenuItem } from "../components/menu";
import { kPictureTypes, picturesOf } from "./picture_files";
import { useUploads } from "./upload_context";
import style from "./upload_button.module.css";

interface UploadButtonProps {
  label?: string;
  look?: "plain" | "main";
  albumId?: string | null; // where the pictures are to lie besides the library
}

const hasCamera = () => window.matchMedia("(pointer: coarse)").matches;

// Chooses pictures and uploads them: files at once, a folder or the camera by the menu beside.
export function UploadButton({ label = "Upload", look = "main", albumId = null }: UploadButtonProps) {
  const { upload } = useUploads();
  return (
    <FileButton label={label} look={look} onFiles={(files, isFolder) =>
      upload(isFolder ? picturesOf(files) : { files, leftOut: 0 }, albumId)} />
  );
}

interface FileButtonProps {
  label: string;
  look: "plain" | "main";
  onFiles: (files: File[], isFolder: boolean) => void;
}

export function FileButton({ label, look, onFiles }: FileButtonProps) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    const chosen = [...(input.files ?? [])];
    input.value = ""; // so that the same can be chosen again
    if (chosen.length > 0) onFiles(chosen, input === folder.current);
  };
  const input = {
    type: "file", className: "unseen", tabIndex: -1, "aria-hidden": true,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => take(event.currentTarget),
  } as const;
  const ways: MenuItem[] = [
    { label: "Choose pictures", icon: <Images />, run: () => files.current?.click() },
    { label: "Choose a folder", icon: <FolderUp />, run: () => folder.current?.click() },
    ...(hasCamera() ? [{ label: "Take a photo", icon: <Camera />, run: () => camera.current?.click() }] : []),
  ];
  return (
    <div className={style.group}>
      <Button look={look} icon={<ImagePlus />} onClick={() => files.current?.click()}>{label}</Button>
      <Menu label={`${label}: more ways`} icon={<ChevronDown />} isLabelHidden items={ways} />
      <input ref={files} {...input} multiple accept={kPictureTypes} />
      <input ref={folder} {...input} multiple webkitdirectory="" />
      <input ref={camera} {...input} accept="image/*" capture="environment" />
    </div>
  );
}
