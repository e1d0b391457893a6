// Choosing a picture of the library: a grid with a search over it, in a dialog.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ImageOff } from "lucide-react";
import { useEffect, useState } from "react";
import { api } from "../api/client";
import type { components } from "../api/schema/hosting";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Empty } from "./empty";
import { TextField } from "./field";
import { Picture } from "./picture";
import { ProblemState } from "./problem_state";
import style from "./picture_picker.module.css";

type FoundImage = components["schemas"]["FoundImage"];

export interface PickedPicture {
  id: string;
  name: string; // its title, or its file's name
  width: number;
  height: number;
  thumbHash: string | null;
}

// Of what was found what has arrived, and so has sides.
function picked({ image_id: id, title, filename, original, thumb_hash: thumbHash }: FoundImage): PickedPicture[] {
  const { width, height } = original;
  return width && height ? [{ id, name: title ?? filename ?? "Untitled", width, height, thumbHash }] : [];
}

const kPageSize = 60;
const kPauseMs = 250; // after the last key, before it is searched

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), kPauseMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

function usePictures(words: string) {
  return useInfiniteQuery({
    queryKey: ["picture-picker", words],
    queryFn: async ({ pageParam, signal }) => {
      const query = { q: words, limit: kPageSize, ...(pageParam ? { cursor: pageParam } : {}) };
      return (await api.GET("/v1/search/images", { params: { query }, signal })).data!;
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
  });
}

interface PicturePickerProps {
  title: string;
  onPick: (picture: PickedPicture) => void;
  onClose: () => void;
}

export function PicturePicker({ title, onPick, onClose }: PicturePickerProps) {
  const [words, setWords] = useState("");
  const settled = useSettled(words.trim());
  const { data, error, refetch, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = usePictures(settled);
  const pictures = (data?.pages ?? []).flatMap((page) => page.images.flatMap(picked));
  return (
    <Dialog title={title} isWide onClose={onClose}>
      <TextField label="Search your pictures" type="search" placeholder="cat, tag:garden, format:png" autoFocus
        value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      {error && !data ? <ProblemState error={error} onRetry={() => void refetch()} /> : (
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
          {!isPending && pictures.length === 0 && (settled
            ? <Empty icon={<ImageOff />} title="Nothing found">No picture of yours answers to “{settled}”.</Empty>
            : <Empty icon={<ImageOff />} title="No pictures yet">Upload some to the library, or choose a file here.</Empty>)}
          {hasNextPage && <Button isBusy={isFetchingNextPage} onClick={() => void fetchNextPage()}>Show more</Button>}
        </div>
      )}
    </Dialog>
  );
}
