// The same act on many pictures: a few at a time, told as it goes on, and ended early by what would meet all others.
import { useCallback, useState } from "react";
import { asProblem, type Problem } from "../../api/problem";

const kAtATime = 4;
const kEndsAll = ["offline", "signed-out", "funds", "busy"];

type Act<Item> = (item: Item) => Promise<unknown>;

export interface Outcome<Item> {
  done: Item[];
  failed: Item[]; // refused, or not tried any more
  problem: Problem | null; // the first
}

export async function actOnAll<Item>(items: readonly Item[], act: Act<Item>,
  onProgress: (done: number) => void = () => undefined): Promise<Outcome<Item>> {
  const outcome: Outcome<Item> = { done: [], failed: [], problem: null };
  const left = [...items];
  let isOver = false;
  const work = async () => {
    for (let item = left.shift(); item !== undefined && !isOver; item = left.shift()) {
      try {
        await act(item);
        outcome.done.push(item);
        onProgress(outcome.done.length);
      } catch (error) {
        const problem = asProblem(error);
        outcome.failed.push(item);
        outcome.problem ??= problem;
        isOver ||= kEndsAll.includes(problem.kind);
      }
    }
  };
  await Promise.all(Array.from({ length: kAtATime }, work));
  const settled = new Set([...outcome.done, ...outcome.failed]);
  outcome.failed.push(...items.filter((item) => !settled.has(item)));
  return outcome;
}

export interface Progressing {
  label: string; // "Deleting"
  done: number;
  all: number;
}

// `run` shows what is under way in `progress`.
export function useBulk() {
  const [progress, setProgress] = useState<Progressing | null>(null);
  const run = useCallback(async <Item,>(label: string, items: readonly Item[], act: Act<Item>) => {
    setProgress({ label, done: 0, all: items.length });
    try {
      return await actOnAll(items, act, (done) => setProgress({ label, done, all: items.length }));
    } finally {
      setProgress(null);
    }
  }, []);
  return { progress, run };
}
