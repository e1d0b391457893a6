// Choosing a picture of the library: a grid with a search over it, in a dialog.
import { ImageOff } from "lucide-react";
import { useState } from "react";
import { type FoundImage, useOwnPictures } from "../api/own_pictures";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Empty } from "./empty";
import { TextField } from "./field";
import { Picture } from "./picture";
import { ProblemState } from "./problem_state";
import style from "./picture_picker.module.css";

export interface PickedPicture {
  id: string;
  name: string; // its title, or its file's name
  width: number;
  height: number;
  thumbHash: string | null;
}

const picked = ({ image_id: id, title, filename, original, thumb_hash: thumbHash }: FoundImage): PickedPicture =>
  ({ id, name: title ?? filename ?? "Untitled", width: original.width!, height: original.height!, thumbHash });

interface PicturePickerProps {
  title: string;
  onPick: (picture: PickedPicture) => void;
  onClose: () => void;
}

export function PicturePicker({ title, onPick, onClose }: PicturePickerProps) {
  const [words, setWords] = useState("");
  const { images, error, refetch, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useOwnPictures(words);
  const pictures = images?.map(picked) ?? [];
  return (
    <Dialog title={title} isWide onClose={onClose}>
      <TextField label="Search your pictures" type="search" placeholder="cat, tag:garden, format:png" autoFocus
        value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      {error && !images ? <ProblemState error={error} onRetry={() => void refetch()} /> : (
        <div className={style.scroll}>
          <ul className={style.grid} aria-busy={isPending}>
            {isPending && Array.from({ length: 12 }, (_, at) => <li key={at} className={style.place} />)}
            {pictures.map((picture) => (
              <li key={picture.id}>
                <button type="button" className={style.choice} aria-label={picture.name} title={picture.name}
                  onClick={() => onPick(picture)}>
                  <Picture id={picture.id} alt="" width={picture.width} height={picture.height}
                    thumbHash={picture.thumbHash} sizes="9rem" isFilling />
                </button>
              </li>
            ))}
          </ul>
          {!isPending && pictures.length === 0 && (words.trim()
            ? <Empty icon={<ImageOff />} title="Nothing found">No picture of yours has these words.</Empty>
            : <Empty icon={<ImageOff />} title="No pictures yet">
                Upload some to the library, or choose a file here.
              </Empty>)}
          {hasNextPage && <Button isBusy={isFetchingNextPage} onClick={() => void fetchNextPage()}>Show more</Button>}
        </div>
      )}
    </Dialog>
  );
}
