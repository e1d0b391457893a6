// Beside the picture, or as a sheet over its foot where there is no room beside it.
import { X } from "lucide-react";
import { Button } from "../../components/button";
import { Choice } from "../../components/tabs";
import { About } from "./about";
import { Enhance } from "./enhance";
import { History } from "./history";
import type { StudioJob } from "./results";
import type { Compare } from "./use_compare";
import type { Image, ImageFacts } from "./use_image";
import type { useJobs } from "./use_jobs";
import type { PanelPart } from "./use_panel";
import style from "./panel.module.css";

interface PanelProps {
  part: PanelPart;
  image: Image;
  facts: ImageFacts;
  isMine: boolean;
  jobs: ReturnType<typeof useJobs>;
  studioJobs: StudioJob[];
  compare: Compare;
  onShow: (part: PanelPart | null) => void;
  onShare: () => void;
  onOpen: (id: string) => void;
}

const kParts = [{ value: "enhance", label: "Enhance" }, { value: "info", label: "About" }] as const;

export function Panel({ part, image, facts, isMine, jobs, studioJobs, compare, onShow, onShare, onOpen }: PanelProps) {
  return (
    <aside className={style.panel} aria-label={part === "info" ? "About this picture" : "Enhance this picture"}>
      <header className={style.head}>
        {isMine ? <Choice label="Show" value={part} choices={kParts} onChange={onShow} /> : <h2>About</h2>}
        <Button look="quiet" icon={<X />} aria-label="Close the panel" onClick={() => onShow(null)} />
      </header>
      <div className={style.body}>
        {part === "enhance" && isMine
          ? <>
              <Enhance facts={facts} />
              <History facts={facts} jobs={jobs} studioJobs={studioJobs} compare={compare} />
            </>
          : <About image={image} isMine={isMine} onShare={onShare} onOpen={onOpen} />}
      </div>
    </aside>
  );
}
