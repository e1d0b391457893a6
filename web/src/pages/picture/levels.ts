// The renditions of a picture, smallest first: what is shown is the smallest that fills the screen's pixels.
import { renditionUrl, variantUrl } from "../../api/picture_url";
import type { Result } from "./results";
import type { ImageFacts } from "./use_image";

export interface Level {
  url: string;
  width: number;
}

const kMedium = 1280; // the longest sides of the variants
const kLarge = 2048;

const widthWithin = ({ width, height }: ImageFacts, side: number) =>
  Math.round(width * Math.min(1, side / Math.max(width, height)));

// What browsers cannot read comes in full size as what they can.
const isShownByBrowsers = (format: string) => !["heic", "tiff"].includes(format);

export function levelsOf(image: ImageFacts): Level[] {
  const { id, width } = image;
  const levels = [{ url: variantUrl(id, "medium"), width: widthWithin(image, kMedium) }];
  const large = widthWithin(image, kLarge);
  if (large > levels[0]!.width) levels.push({ url: variantUrl(id, "large"), width: large });
  levels.push({ url: isShownByBrowsers(image.format) ? variantUrl(id, "original") : renditionUrl(id, width), width });
  return levels;
}

// The original stands in until the result has come.
export function levelsOfResult(image: ImageFacts, result: Result): Level[] {
  return [levelsOf(image)[0]!, { url: result.url, width: result.width }];
}
