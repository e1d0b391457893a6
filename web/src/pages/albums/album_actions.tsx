import { Ellipsis, ImagePlus, Link2, Pencil, Sparkles, Trash2 } from "lucide-react";
import { Button } from "../../components/button";
import { Menu } from "../../components/menu";
import type { Album } from "./album_data";

export type AlbumDialog = "add" | "delete" | "edit" | "enhance" | "share";

export function AlbumActions({ album, onOpen }: { album: Album; onOpen: (dialog: AlbumDialog) => void }) {
  return (
    <>
      <Button look="main" icon={<ImagePlus />} onClick={() => onOpen("add")}>Add pictures</Button>
      <Button icon={<Sparkles />} disabled={album.image_count === 0} onClick={() => onOpen("enhance")}>
        Enhance all
      </Button>
      <Button icon={<Link2 />} onClick={() => onOpen("share")}>Share</Button>
      <Menu label="More" icon={<Ellipsis />} isLabelHidden items={[
        { label: "Edit", icon: <Pencil />, run: () => onOpen("edit") },
        { label: "Delete", icon: <Trash2 />, isDanger: true, run: () => onOpen("delete") },
      ]} />
    </>
  );
}
