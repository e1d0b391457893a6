// A mask as it was drawn: strokes in shares of the picture's sides, so that it fits any size of the picture.

export interface Stroke {
  points: [x: number, y: number][]; // 0 to 1
  size: number; // its width, in shares of the shorter side
  isErasing: boolean;
}

export interface Mask {
  strokes: Stroke[];
  isInverted: boolean;
}

export const kNoMask: Mask = { strokes: [], isInverted: false };
export const isEmptyMask = (mask: Mask) => !mask.isInverted && !mask.strokes.some(({ isErasing }) => !isErasing);

// What is meant in `colour`, all else clear.
export function paintMask(context: CanvasRenderingContext2D, mask: Mask, colour: string): void {
  const { width, height } = context.canvas;
  context.globalCompositeOperation = "source-over";
  context.clearRect(0, 0, width, height);
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = colour;
  for (const { points, size, isErasing } of mask.strokes) {
    context.globalCompositeOperation = isErasing ? "destination-out" : "source-over";
    context.lineWidth = size * Math.min(width, height);
    context.beginPath();
    points.forEach(([x, y], at) =>
      (at ? context.lineTo(x * width, y * height) : context.moveTo(x * width, y * height)));
    const [x, y] = points[0] ?? [0, 0];
    if (points.length === 1) context.lineTo(x * width + 0.01, y * height); // a dab
    context.stroke();
  }
  if (!mask.isInverted) return;
  context.globalCompositeOperation = "source-out";
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
}

// As the server takes it: white is what is meant, on black.
export function maskUrl(mask: Mask, picture: { width: number; height: number }, sideMax: number): string {
  const scale = Math.min(1, sideMax / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d")!;
  paintMask(context, mask, "#fff");
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "#000";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}
