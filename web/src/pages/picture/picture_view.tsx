import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/button";
import { ShareDialog } from "../../share/share_dialog";
import { Bar } from "./bar";
import { Following } from "./following";
import { KeysDialog } from "./keys_dialog";
import { Panel } from "./panel";
import { isComparable, type Result, resultOf, resultOfStudio } from "./results";
import { Stage } from "./stage";
import { StageControls } from "./stage_controls";
import { StageProblem } from "./stage_problem";
import { useCompare } from "./use_compare";
import { useFullScreen } from "./use_full_screen";
import type { Image, ImageFacts } from "./use_image";
import { useJobs, useStudioJobs } from "./use_jobs";
import { useKeys, useKeysOn } from "./use_keys";
import type { Neighbours } from "./use_neighbours";
import { usePanel } from "./use_panel";
import { useRemove } from "./use_remove";
import { useSize } from "./use_size";
import { useView, zoomStep } from "./use_view";
import style from "./picture_page.module.css";

interface PictureViewProps {
  image: Image;
  facts: ImageFacts;
  isMine: boolean;
  neighbours: Neighbours;
}

const kPanBy = 80;
const kTwoWide = 640;

export function PictureView({ image, facts, isMine, neighbours }: PictureViewProps) {
  const { id, name } = facts;
  const jobs = useJobs(id, isMine);
  const studioJobs = useStudioJobs(id, isMine);
  const results = [...(jobs.data ?? []).map(resultOf), ...studioJobs.map(resultOfStudio)]
    .filter((one): one is Result => one !== null && isComparable(facts, one));
  const box = useRef<HTMLDivElement>(null);
  const whole = useSize(box);
  const isWide = whole !== null && whole.width >= kTwoWide;
  const compare = useCompare(id, results, isWide);
  const isBeside = compare.result !== null && compare.way === "side";
  const pane = whole && { ...whole, width: isBeside ? Math.floor(whole.width / 2) : whole.width };
  const control = useView(id, facts, pane);
  const { panel, show, toggle } = usePanel();
  const full = useFullScreen();
  const [open, setOpen] = useState<"share" | "keys" | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const remove = useRemove(id, name, neighbours);
  const go = (to: string | null) => to && neighbours.go(to);
  // A result that has just come is what one has waited for: it is held against the original at once.
  const showResult = (of: string) => {
    compare.choose(of);
    compare.setWay("slider");
  };
  const pan = (x: number, y: number) => ({ down: () => control.panBy({ x: x * kPanBy, y: y * kPanBy }) });

  useEffect(() => {
    document.title = `${name} · Tintype`;
  }, [name]);
  useKeys({
    ArrowLeft: { down: () => go(neighbours.before) }, ArrowRight: { down: () => go(neighbours.after) },
    "Shift+ArrowLeft": pan(1, 0), "Shift+ArrowRight": pan(-1, 0),
    "Shift+ArrowUp": pan(0, 1), "Shift+ArrowDown": pan(0, -1),
    "+": { down: () => control.zoomBy(zoomStep) }, "=": { down: () => control.zoomBy(zoomStep) },
    "-": { down: () => control.zoomBy(1 / zoomStep) }, "0": { down: control.toFit },
    "1": { down: () => control.toPixels() },
    f: { down: full.toggle }, i: { down: () => toggle("info") }, "?": { down: () => setOpen("keys") },
    Escape: { down: () => (full.isFull ? full.leave() : show(null)) },
    ...(isMine ? {
      e: { down: () => toggle("enhance") }, s: { down: () => setOpen("share") },
      Delete: { down: () => remove.mutate() },
    } : {}),
    ...(results.length ? {
      c: { down: compare.turn }, o: { down: () => compare.hold(true), up: () => compare.hold(false) },
    } : {}),
  }, useKeysOn());

  return (
    <article className={style.page} data-panel={panel ?? undefined} data-full={full.isFull || undefined}>
      <Bar id={id} name={name} isMine={isMine} neighbours={neighbours} panel={panel} onPanel={toggle}
        onShare={() => setOpen("share")} onKeys={() => setOpen("keys")} onDelete={() => remove.mutate()} />
      <div ref={box} className={style.box}>
        {pane && (
          <Stage key={id} image={facts} result={compare.result} way={compare.way} isOriginalHeld={compare.isHeld}
            control={control} pane={pane} onSwipe={(to) => go(to > 0 ? neighbours.after : neighbours.before)}
            onFail={(of) => setFailed(`${id} ${of}`)} />
        )}
        <Turn side="left" label="Picture before" to={neighbours.before} onGo={go} />
        <Turn side="right" label="Picture after" to={neighbours.after} onGo={go} />
        {failed?.startsWith(id) && <StageProblem of={failed.slice(id.length + 1)} onClose={() => setFailed(null)} />}
        <Following imageId={id} jobs={jobs.data ?? []} isShown={panel !== "enhance"} onResult={showResult} />
        <StageControls control={control} compare={compare} results={results} isWide={isWide} isFull={full.isFull}
          onFull={full.toggle} />
      </div>
      {panel && (
        <Panel key={id} part={panel} image={image} facts={facts} isMine={isMine} jobs={jobs} studioJobs={studioJobs}
          compare={compare} onShow={show} onShare={() => setOpen("share")} onOpen={(to) => neighbours.go(to, false)} />
      )}
      {open === "share" && <ShareDialog kind="images" id={id} onClose={() => setOpen(null)} />}
      {open === "keys" && <KeysDialog onClose={() => setOpen(null)} />}
    </article>
  );
}

interface TurnProps {
  side: "left" | "right";
  label: string;
  to: string | null;
  onGo: (to: string) => void;
}

function Turn({ side, label, to, onGo }: TurnProps) {
  if (!to) return null;
  return (
    <div className={side === "left" ? `${style.turn} ${style.turnLeft}` : `${style.turn} ${style.turnRight}`}>
      <Button look="quiet" icon={side === "left" ? <ChevronLeft /> : <ChevronRight />} aria-label={label}
        onClick={() => onGo(to)} />
    </div>
  );
}
