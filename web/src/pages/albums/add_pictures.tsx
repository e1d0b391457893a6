import { useState } from "react";
import { useOwnPictures } from "../../api/own_pictures";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { TextField } from "../../components/field";
import { ProblemNote, ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { useToast } from "../../components/toast";
import { formatCount, formatNumber } from "../../format";
import { addToAlbum, type Album, useAlbumImages, useAlbumsChanged } from "./album_data";
import { PictureChoice } from "./picture_choice";
import style from "./add_pictures.module.css";

export function AddPictures({ album, onClose }: { album: Album; onClose: () => void }) {
  const [words, setWords] = useState("");
  const { images, ...library } = useOwnPictures(words);
  const { data: inAlbum } = useAlbumImages(album.album_id);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const changed = useAlbumsChanged();
  const show = useToast();
  const has = new Set(inAlbum?.pages.flatMap((page) => page.images.map((image) => image.image_id)));

  const choose = (id: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const add = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const added = await addToAlbum(album.album_id, [...chosen]);
      show(`${formatCount(added, "picture")} added to “${album.title}”`);
      onClose();
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
    await changed();
  };
  return (
    <Dialog title={`Add to “${album.title}”`} isWide onClose={onClose} actions={
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="main" isBusy={isBusy} disabled={chosen.size === 0} onClick={() => void add()}>
          {chosen.size === 0 ? "Add" : `Add ${formatNumber(chosen.size)}`}
        </Button>
      </>
    }>
      <TextField label="Find in the library" isLabelHidden type="search" placeholder="Find in the library" autoFocus
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)} />
      <div className={style.room}>
        {library.error && <ProblemState error={library.error} onRetry={() => void library.refetch()} />}
        {!images && !library.error && <Skeleton lines={8} />}
        {images?.length === 0 && <p className={style.none}>
          {words ? "No picture has these words." : "There is no picture in your library yet."}
        </p>}
        {images && images.length > 0 && (
          <fieldset className={style.grid}>
            <legend className="unseen">Pictures of the library</legend>
            {images.map((image) => (
              <PictureChoice key={image.image_id} image={image} isThere={has.has(image.image_id)}
                isChosen={chosen.has(image.image_id)}
                onChoose={(isChosen) => choose(image.image_id, isChosen)} />
            ))}
          </fieldset>
        )}
        {library.hasNextPage && <p className={style.more}>
          <Button isBusy={library.isFetchingNextPage} onClick={() => void library.fetchNextPage()}>
            More pictures
          </Button>
        </p>}
      </div>
      <ProblemNote error={problem} />
    </Dialog>
  );
}
