import { memo, useEffect, useMemo, useState } from "react";
import { Badge } from "../../components/badge";
import { Dialog } from "../../components/dialog";
import { Progress } from "../../components/progress";
import { Choice } from "../../components/tabs";
import { formatName } from "../../format";
import { Compare } from "../studio/compare";
import { type Batch, type BatchImage, kImageWords } from "./batch_data";
import style from "./batch_board.module.css";

interface BoardProps {
  batch: Batch;
  sources: ReadonlyMap<number, File>;
}

type Shown = "all" | BatchImage["status"];

// Every picture of a batch, with its state; those that are done open beside what they were made of, where this tab
// has it.
export function BatchBoard({ batch: { images }, sources }: BoardProps) {
  const [shown, setShown] = useState<Shown>("all");
  const [open, setOpen] = useState<number | null>(null);
  const has = (status: BatchImage["status"]) => images.some((image) => image.status === status);
  const choices = (["completed", "failed", "processing", "queued", "cancelled"] as const).filter(has)
    .map((value) => ({ value: value as Shown, label: formatName(kImageWords[value].word) }));
  const opened = images.find(({ position }) => position === open);
  if (images.length === 0) return null;
  return (
    <>
      {choices.length > 1 && <Choice label="Which pictures" value={shown} onChange={setShown}
        choices={[{ value: "all", label: "All" }, ...choices]} />}
      <ul className={style.board} aria-label="Pictures of the batch">
        {images.filter(({ status }) => shown === "all" || status === shown).map((image) => (
          <li key={image.position}><Tile image={image} source={sourceOf(image, sources)} onOpen={setOpen} /></li>
        ))}
      </ul>
      {opened?.job?.result &&
        <Opened image={opened} source={sourceOf(opened, sources)} onClose={() => setOpen(null)} />}
    </>
  );
}

const sourceOf = ({ position, name }: BatchImage, sources: ReadonlyMap<number, File>) => {
  const file = sources.get(position);
  return file?.name === name ? file : null;
};

function useFileUrl(file: File | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!file) return undefined;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return file ? url : null;
}

// Results are signed anew at each asking: the first address of each is kept, so that no picture is loaded twice.
function useFirst(url: string | undefined, jobId: string | undefined): string | undefined {
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => url, [jobId, url === undefined]);
}

interface TileProps {
  image: BatchImage;
  source: File | null;
  onOpen: (position: number) => void;
}

const isSame = (before: TileProps, now: TileProps) => before.source === now.source &&
  before.image.status === now.image.status && before.image.job?.jobId === now.image.job?.jobId &&
  before.image.job?.progress === now.image.job?.progress;

const Tile = memo(function Tile({ image, source, onOpen }: TileProps) {
  const { position, name, status, job, width, height } = image;
  const { word, look } = kImageWords[status];
  const result = useFirst(job?.result?.imageUrl, job?.jobId);
  const before = useFileUrl(source);
  const canOpen = Boolean(job?.result);
  const picture = result ?? before;
  const shape = { width, height, loading: "lazy", decoding: "async", alt: "" } as const;
  return (
    <article className={style.tile} data-status={status} aria-label={name}>
      <button type="button" className={style.picture} disabled={!canOpen} aria-label={`Look at ${name}`}
        onClick={() => onOpen(position)}>
        {picture && <img src={picture} {...shape} />}
        {result && before && <img className={style.before} src={before} {...shape} />}
      </button>
      {status === "processing" && <Progress value={(job?.progress ?? 0) / 100} label={name} />}
      <p className={style.words}><span className={style.name}>{name}</span><Badge look={look}>{word}</Badge></p>
      {job?.error && <p className={style.error}>{job.error}</p>}
    </article>
  );
}, isSame);

interface OpenedProps {
  image: BatchImage;
  source: File | null;
  onClose: () => void;
}

function Opened({ image: { name, job }, source, onClose }: OpenedProps) {
  const before = useFileUrl(source);
  const { imageUrl, videoUrl, width = 1, height = 1 } = job!.result!;
  const after = useFirst(imageUrl ?? videoUrl, job!.jobId)!;
  return (
    <Dialog title={name} isWide onClose={onClose}>
      {videoUrl ? <video src={after} controls loop width={width} height={height} />
        : before ? <Compare before={before} after={after} alt={name} width={width} height={height} />
        : <img className={style.opened} src={after} alt={name} width={width} height={height} />}
      <p><a href={after} download>Download this one</a></p>
    </Dialog>
  );
}
