// Where a picture lies in its pane: plain arithmetic, so that two panes given the same view show the same place.
export interface Size {
  width: number;
  height: number;
}
export interface Point {
  x: number;
  y: number;
}
// The picture's pixel p is at x + p.x * scale, y + p.y * scale of the pane, in CSS pixels.
export interface View extends Point {
  scale: number;
}

const kFitMost = 4; // a picture smaller than its pane is not blown up further than this by itself
const kScaleMost = 32; // pixels of the screen for one of the picture's
const kPixelsFrom = 3; // from here on its pixels are shown as they are

const ratio = () => window.devicePixelRatio || 1;

// 1 is one pixel of the picture to one of the screen.
export const zoomOf = (view: View) => view.scale * ratio();
export const scaleOf = (zoom: number) => zoom / ratio();
export const showsPixels = (view: View, pixelsPerPixel = 1) => zoomOf(view) / pixelsPerPixel >= kPixelsFrom;

function fitScale(picture: Size, pane: Size): number {
  return Math.min(pane.width / picture.width, pane.height / picture.height, scaleOf(kFitMost));
}

const placed = (at: number, shown: number, pane: number) =>
  shown <= pane ? (pane - shown) / 2 : Math.min(0, Math.max(pane - shown, at));

// Within the bounds of zoom, and with no empty room where there could be picture.
export function settled(view: View, picture: Size, pane: Size): View {
  const least = Math.min(fitScale(picture, pane), scaleOf(1));
  const scale = Math.min(scaleOf(kScaleMost), Math.max(least, view.scale));
  return {
    scale,
    x: placed(view.x, picture.width * scale, pane.width),
    y: placed(view.y, picture.height * scale, pane.height),
  };
}

export function fitted(picture: Size, pane: Size): View {
  return settled({ scale: fitScale(picture, pane), x: 0, y: 0 }, picture, pane);
}

export const fits = (view: View, picture: Size, pane: Size) =>
  Math.abs(view.scale / fitScale(picture, pane) - 1) < 1e-6;

// The same point of the picture stays at `at`, or comes to lie at `to`.
export function zoomed(view: View, scale: number, at: Point, to: Point = at): View {
  const factor = scale / view.scale;
  return { scale, x: to.x - (at.x - view.x) * factor, y: to.y - (at.y - view.y) * factor };
}

export const panned = (view: View, by: Point): View => ({ ...view, x: view.x + by.x, y: view.y + by.y });

export const centreOf = (pane: Size): Point => ({ x: pane.width / 2, y: pane.height / 2 });

export const transformOf = ({ x, y, scale }: View) => `translate(${x}px, ${y}px) scale(${scale})`;
