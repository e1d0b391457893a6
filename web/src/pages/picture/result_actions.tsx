import { Download, ScanEye } from "lucide-react";
import { Button, ButtonLink } from "../../components/button";
import { formatBytes, formatPixels } from "../../format";
import { isComparable, type Result } from "./results";
import type { Compare } from "./use_compare";
import type { ImageFacts } from "./use_image";
import style from "./panel.module.css";

interface ResultActionsProps {
  facts: ImageFacts;
  result: Result;
  bytes: number | null; // null where nobody tells
  compare: Compare;
}

export function ResultActions({ facts, result, bytes, compare }: ResultActionsProps) {
  const isShown = compare.result?.id === result.id;
  return (
    <>
      <p className={style.faint}>
        {formatPixels(result.width, result.height)}{bytes !== null && ` · ${formatBytes(bytes)}`}
      </p>
      <div className={style.jobActions}>
        {isComparable(facts, result) && (
          <Button icon={<ScanEye />} aria-pressed={isShown} onClick={() => compare.choose(isShown ? null : result.id)}>
            Compare
          </Button>
        )}
        <ButtonLink look="quiet" href={result.url} icon={<Download />} download="">Download</ButtonLink>
      </div>
    </>
  );
}
