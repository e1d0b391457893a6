// What is set up in the studio, kept for every operation: one may look at another and come back.
import { useRef } from "react";
import { useDraft } from "../../session/draft";
import { kNoMask, type Mask } from "./mask";
import type { Values } from "./operation";

interface Kept {
  source: string | null; // an image's id: all operations work on the same one
  values: Record<string, Values>;
  references: Record<string, string>; // image ids
  jobs: Record<string, string>; // the last one of each operation
  mask: { image: string; mask: Mask } | null;
}

const kNothing: Kept = { source: null, values: {}, references: {}, jobs: {}, mask: null };

export interface StudioDraft {
  source: string | null;
  mask: Mask;
  setSource: (image: string | null) => void;
  setMask: (mask: Mask) => void;
  of: (operation: string) => { values: Values; reference: string | null; job: string | null };
  setValues: (operation: string, values: Values) => void;
  setReference: (operation: string, image: string | null) => void;
  setJob: (operation: string, job: string | null) => void;
}

const changed = <Item>(all: Record<string, Item>, name: string, item: Item | null): Record<string, Item> => {
  const { [name]: _, ...rest } = all;
  return item === null ? rest : { ...rest, [name]: item };
};

export function useStudioDraft(): StudioDraft {
  const [kept, setKept] = useDraft<Kept>("studio", kNothing);
  const latest = useRef(kept); // several changes may come before it is drawn again
  latest.current = kept;
  const change = (part: Partial<Kept>) => {
    latest.current = { ...latest.current, ...part };
    setKept(latest.current);
  };
  return {
    source: kept.source,
    mask: kept.mask && kept.mask.image === kept.source ? kept.mask.mask : kNoMask,
    setSource: (source) => change({ source }),
    setMask: (mask) => change({ mask: kept.source ? { image: kept.source, mask } : null }),
    of: (operation) => ({
      values: kept.values[operation] ?? {},
      reference: kept.references[operation] ?? null,
      job: kept.jobs[operation] ?? null,
    }),
    setValues: (operation, values) => change({ values: changed(latest.current.values, operation, values) }),
    setReference: (operation, image) => change({ references: changed(latest.current.references, operation, image) }),
    setJob: (operation, job) => change({ jobs: changed(latest.current.jobs, operation, job) }),
  };
}
