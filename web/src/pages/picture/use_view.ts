// Zoom and pan of a picture, and what moves them by program: the buttons and the keys.
import { useCallback, useMemo, useState } from "react";
import {
  centreOf, fits, fitted, panned, type Point, scaleOf, settled, type Size, type View, zoomed, zoomOf,
} from "./view";

export const zoomStep = 1.5;
const kLookCloser = 2.5; // from fitting, where fitting shows single pixels already

export interface ViewControl {
  view: View;
  isFitted: boolean;
  isGliding: boolean; // moved by a step: drawn as a movement, where a hand on the picture is followed at once
  zoomBy: (factor: number, at?: Point) => void;
  toFit: () => void;
  toPixels: (at?: Point) => void;
  toggle: (at: Point) => void;
  panBy: (by: Point) => void;
  follow: (change: (view: View) => View) => void;
}

// `pane` is null until it is known: the view is of no use before. Another picture begins as it fits.
export function useView(id: string, picture: Size, pane: Size | null): ViewControl {
  const [kept, setKept] = useState<{ of: string; view: View } | null>(null); // null: as it fits the pane of any size
  const chosen = kept?.of === id ? kept.view : null;
  const [isGliding, setGliding] = useState(false);
  const { width, height } = pane ?? { width: 1, height: 1 };
  const bounds = useMemo(() => ({ width, height }), [width, height]);
  const { width: pictureWidth, height: pictureHeight } = picture;
  const size = useMemo(() => ({ width: pictureWidth, height: pictureHeight }), [pictureWidth, pictureHeight]);
  const view = useMemo(() => (chosen ? settled(chosen, size, bounds) : fitted(size, bounds)), [chosen, size, bounds]);

  const change = useCallback((to: (view: View) => View | null, glides: boolean) => {
    setGliding(glides);
    setKept((before) => {
      const next = to(before?.of === id ? settled(before.view, size, bounds) : fitted(size, bounds));
      const view = next && settled(next, size, bounds);
      return view && !fits(view, size, bounds) ? { of: id, view } : null; // a hand that moves what fits changes nothing
    });
  }, [id, size, bounds]);

  return useMemo(() => {
    const centre = centreOf(bounds);
    const toPixels = (at = centre) => change((now) => zoomed(now, scaleOf(1), at), true);
    return {
      view, isFitted: chosen === null, isGliding, toPixels,
      zoomBy: (factor, at = centre) => change((now) => zoomed(now, now.scale * factor, at), true),
      toFit: () => change(() => null, true),
      toggle: (at) => change((now) => {
        if (chosen) return null;
        return zoomed(now, zoomOf(now) < 0.95 ? scaleOf(1) : now.scale * kLookCloser, at);
      }, true),
      panBy: (by) => change((now) => panned(now, by), true),
      follow: (to) => change(to, false),
    };
  }, [view, chosen, isGliding, bounds, change]);
}
