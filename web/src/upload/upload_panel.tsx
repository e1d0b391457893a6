// What is on its way and what became of it. It stays over page changes, and is small when that is wanted.
import { ChevronDown, ChevronUp, Pause, Play, RotateCw, X } from "lucide-react";
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useLocation } from "wouter";
import { Button } from "../components/button";
import { Confirm } from "../components/dialog";
import { Progress } from "../components/progress";
import { formatCount, formatNumber } from "../format";
import { countUploads, isUnfinished, type Upload, type UploadCounts } from "./upload";
import type { UploadQueue } from "./upload_queue";
import { UploadRow } from "./upload_row";
import style from "./upload_panel.module.css";

const kRowPx = 64;

function headline({ total, done, failed, duplicates, underWay, paused }: UploadCounts): string {
  const now = formatNumber(Math.min(done + failed + 1, total));
  if (underWay > 0) return `Uploading ${now} of ${formatCount(total, "picture")}`;
  if (paused > 0) return `${formatCount(paused, "upload")} paused`;
  if (duplicates > 0) return `${formatCount(duplicates, "picture")} you have already`;
  if (failed > 0) return `${formatNumber(done)} uploaded, ${formatNumber(failed)} failed`;
  return `${formatCount(done, "picture")} uploaded`;
}

export default function UploadPanel({ queue, uploads }: { queue: UploadQueue; uploads: readonly Upload[] }) {
  const [isOpen, setOpen] = useState(true);
  const [isAsking, setAsking] = useState(false);
  const panel = useRef<HTMLElement>(null);
  const counts = countUploads(uploads);
  const share = counts.totalBytes ? counts.sentBytes / counts.totalBytes : 1;
  const isBusy = counts.underWay > 0;
  useEffect(() => roomForToasts(panel.current!), []);
  useSmallElsewhere(counts.done === counts.total, () => setOpen(false));
  const close = () => {
    if (uploads.some(isUnfinished)) setAsking(true);
    else queue.removeAll(() => true);
  };
  return (
    <section ref={panel} className={style.panel} aria-label="Uploads">
      <header className={style.head}>
        <h2 className={style.title}>{headline(counts)}</h2>
        {isBusy && <span className={style.share}>{Math.floor(share * 100)} %</span>}
        <Button look="quiet" icon={isOpen ? <ChevronDown /> : <ChevronUp />} aria-expanded={isOpen}
          aria-label={isOpen ? "Make the uploads small" : "Show the uploads"} onClick={() => setOpen(!isOpen)} />
        <Button look="quiet" icon={<X />}
          aria-label={isBusy || counts.paused ? "Cancel all uploads" : "Close the uploads"} onClick={close} />
      </header>
      {isBusy && <Progress value={share} label="All uploads" />}
      <p className="unseen" role="status">{isBusy ? "" : headline(counts)}</p>
      {isOpen && <Actions queue={queue} counts={counts} />}
      {isOpen && <Rows queue={queue} uploads={uploads} />}
      {isAsking && (
        <Confirm title="Cancel the uploads?" action="Cancel uploads" onClose={() => setAsking(false)}
          onConfirm={() => { setAsking(false); queue.removeAll(() => true); }}>
          <p>
            {formatCount(uploads.filter(isUnfinished).length, "picture")} will not be in your library. Those that are
            uploaded stay.
          </p>
        </Confirm>
      )}
    </section>
  );
}

// On another page, what is all done stands in nobody's way.
function useSmallElsewhere(isDone: boolean, makeSmall: () => void): void {
  const [location] = useLocation();
  const seenAt = useRef(location);
  useEffect(() => {
    if (seenAt.current !== location && isDone) makeSmall();
    seenAt.current = location;
  }, [location]);
}

function Actions({ queue, counts }: { queue: UploadQueue; counts: UploadCounts }) {
  const { underWay, paused, failed, duplicates, done } = counts;
  const isMixed = done > 0 && done < counts.total;
  if (counts.total < 2 && !failed && !duplicates) return null;
  return (
    <div className={style.actions}>
      {underWay > 0 && <Button look="quiet" icon={<Pause />} onClick={() => queue.pauseAll()}>Pause all</Button>}
      {paused > 0 && <Button look="quiet" icon={<Play />} onClick={() => queue.resumeAll()}>Go on with all</Button>}
      {failed > 1 && <Button look="quiet" icon={<RotateCw />} onClick={() => queue.retryAll()}>Retry failed</Button>}
      {duplicates > 1 && (
        <Button look="quiet" onClick={() => queue.removeAll(({ state }) => state === "duplicate")}>
          Leave out what I have
        </Button>
      )}
      {isMixed &&
        <Button look="quiet" onClick={() => queue.removeAll(({ state }) => state === "done")}>Hide uploaded</Button>}
    </div>
  );
}

// Windowed: hundreds of uploads are no more work than those that are seen.
function Rows({ queue, uploads }: { queue: UploadQueue; uploads: readonly Upload[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: uploads.length, estimateSize: () => kRowPx, getScrollElement: () => frame.current, overscan: 4,
    getItemKey: (at) => uploads[at]!.id,
  });
  return (
    <div ref={frame} className={style.rows} tabIndex={0} role="group" aria-label="Files">
      <ul style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start, key }) => (
          <li key={key} ref={rows.measureElement} data-index={index} aria-setsize={uploads.length}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start}px)` } satisfies CSSProperties}>
            <UploadRow upload={uploads[index]!} queue={queue} />
          </li>
        ))}
      </ul>
    </div>
  );
}

// Short words on what has happened stand above the panel, not on it.
function roomForToasts(panel: HTMLElement): () => void {
  const root = document.documentElement.style;
  const observer = new ResizeObserver(() => {
    root.setProperty("--bottom-bar", `${window.innerHeight - panel.getBoundingClientRect().top}px`);
  });
  observer.observe(panel);
  return () => {
    observer.disconnect();
    root.removeProperty("--bottom-bar");
  };
}
