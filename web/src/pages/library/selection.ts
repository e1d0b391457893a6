// Which pictures are chosen. A range goes from the anchor, the picture that was chosen last by itself, to another one,
// and takes the place of the range before it.
import { useCallback, useMemo, useReducer } from "react";
import type { GridPicture } from "./picture_source";

interface Chosen {
  ids: ReadonlySet<string>;
  anchor: string | null;
  base: ReadonlySet<string>; // what was chosen when the anchor was set
}

type Act =
  | { act: "toggle"; id: string }
  | { act: "range"; from: string | null; ids: string[] }
  | { act: "add"; ids: string[] }
  | { act: "drop"; ids: readonly string[] }
  | { act: "clear" };

const kNone: Chosen = { ids: new Set(), anchor: null, base: new Set() };

function next(chosen: Chosen, act: Act): Chosen {
  switch (act.act) {
    case "toggle": {
      const ids = new Set(chosen.ids);
      if (!ids.delete(act.id)) ids.add(act.id);
      return { ids, anchor: act.id, base: ids };
    }
    case "range":
      return { ...chosen, anchor: act.from, ids: new Set([...chosen.base, ...act.ids]) };
    case "add":
      return { ...chosen, ids: new Set([...chosen.ids, ...act.ids]) };
    case "drop": {
      const gone = new Set(act.ids);
      const ids = new Set([...chosen.ids].filter((id) => !gone.has(id)));
      return { ids, anchor: null, base: ids };
    }
    case "clear":
      return kNone;
  }
}

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (index: number) => void;
  extendTo: (index: number, from: number) => void; // `from` where no anchor is
  addAll: () => void; // that have been loaded
  drop: (ids: readonly string[]) => void;
  clear: () => void;
}

type CanChoose = (picture: GridPicture) => boolean;

// Those that are somebody else's can be looked at and no more: `canChoose` says so.
export function useSelection(pictures: readonly GridPicture[], canChoose: CanChoose): Selection {
  const [chosen, dispatch] = useReducer(next, kNone);
  const idsOf = useCallback((from: number, to: number) => {
    const range = pictures.slice(Math.min(from, to), Math.max(from, to) + 1);
    return range.filter(canChoose).map((one) => one.id);
  }, [pictures, canChoose]);
  const toggle = useCallback((index: number) => {
    const picture = pictures[index];
    if (picture && canChoose(picture)) dispatch({ act: "toggle", id: picture.id });
  }, [pictures, canChoose]);
  const extendTo = useCallback((index: number, from: number) => {
    const known = chosen.anchor ? pictures.findIndex((one) => one.id === chosen.anchor) : -1;
    const start = known < 0 ? from : known;
    dispatch({ act: "range", from: pictures[start]?.id ?? null, ids: idsOf(start, index) });
  }, [chosen.anchor, pictures, idsOf]);
  const addAll = useCallback(() => dispatch({ act: "add", ids: idsOf(0, Infinity) }), [idsOf]);
  const drop = useCallback((ids: readonly string[]) => dispatch({ act: "drop", ids }), []);
  const clear = useCallback(() => dispatch({ act: "clear" }), []);
  const { ids } = chosen;
  return useMemo(() => ({ ids, toggle, extendTo, addAll, drop, clear }), [ids, toggle, extendTo, addAll, drop, clear]);
}
