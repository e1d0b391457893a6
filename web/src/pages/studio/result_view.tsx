// What came of a job: a picture beside what it was, a clip, or words.
import { Download, ExternalLink, ImagePlus, Repeat, ScrollText } from "lucide-react";
import { type CSSProperties, useState } from "react";
import { skipToken, useQuery } from "@tanstack/react-query";
import { variantUrl } from "../../api/picture_url";
import { Badge } from "../../components/badge";
import { Button, ButtonLink } from "../../components/button";
import { CopyButton } from "../../components/copy_button";
import { Choice } from "../../components/tabs";
import { useProblemToast, useToast } from "../../components/toast";
import { formatPixels } from "../../format";
import { Compare } from "./compare";
import type { Operation, Result, Step } from "./operation";
import { useSaveResult } from "./use_job";
import type { Source } from "./use_source";
import style from "./job_view.module.css";

interface ResultViewProps {
  job: string;
  operation: Operation;
  source: Source | null;
  result: Result;
  onUse: (image: string) => void;
  onUsePrompt: (prompt: string) => void;
}

type Look = "slider" | "pair" | "alone";
const kLooks = [
  { value: "slider", label: "Slider" }, { value: "pair", label: "Side by side" }, { value: "alone", label: "Alone" },
] as const;
const kSameShape = 0.02; // ratios that differ by more are of another cut

const inWords = ({ step, amount, ...rest }: Step) =>
  [step.replaceAll("-", " "), amount === undefined ? "" : String(amount),
    ...Object.values(rest).map(String)].filter(Boolean).join(" ");

function Picture({ url, alt, width, height }: { url: string; alt: string; width: number; height: number }) {
  return <img className={style.picture} src={url} alt={alt} width={width} height={height}
    style={{ aspectRatio: `${width} / ${height}`, "--ratio": width / height } as CSSProperties} />;
}

type ImageResultProps = { url: string } & Pick<ResultViewProps, "operation" | "source" | "result">;

function ImageResult({ url, operation, source, result }: ImageResultProps) {
  const { width = 1, height = 1 } = result;
  const canSlide = source !== null && Math.abs(source.width / source.height / (width / height) - 1) < kSameShape;
  const [chosen, setLook] = useState<Look | null>(null);
  const look = !source ? "alone" : chosen ?? (canSlide ? "slider" : "pair"); // the source may come after its result
  const alt = `${operation.title}: the result`;
  return (
    <>
      {source && <Choice label="How it is shown" value={look} onChange={setLook}
        choices={kLooks.filter(({ value }) => canSlide || value !== "slider")} />}
      <div className={style.stage}>
        {look === "slider" && source &&
          <Compare before={variantUrl(source.id, "original")} after={url} alt={alt} width={width} height={height} />}
        {look === "pair" && source && <div className={style.pair}>
          <Picture url={variantUrl(source.id, "original")} alt={`${source.name}: before`} width={source.width}
            height={source.height} />
          <Picture url={url} alt={alt} width={width} height={height} />
        </div>}
        {look === "alone" && <Picture url={url} alt={alt} width={width} height={height} />}
      </div>
    </>
  );
}

// What the operation decided by itself.
function Account({ result }: { result: Result }) {
  const steps = result.plan ?? result.steps ?? [];
  const { unused } = result;
  return (
    <>
      {steps.length > 0 && (
        <ul className={style.steps} aria-label="What was done">
          {steps.map((step, at) => <li key={at}><Badge>{inWords(step)}</Badge></li>)}
        </ul>
      )}
      {unused && unused.length > 0 && <p className={style.unused}>These words were not used: {unused.join(", ")}.</p>}
    </>
  );
}

function Words({ result, onUsePrompt }: Pick<ResultViewProps, "result" | "onUsePrompt">) {
  const prompts = result.prompts?.length ? result.prompts : [result.prompt ?? ""];
  return (
    <ol className={style.prompts}>
      {prompts.map((prompt, at) => (
        <li key={at}>
          <p>{prompt}</p>
          <div className={style.actions}>
            <CopyButton text={prompt} />
            <Button look="quiet" onClick={() => onUsePrompt(prompt)}>Use it</Button>
          </div>
        </li>
      ))}
    </ol>
  );
}

interface ImageActionsProps {
  job: string;
  url: string;
  name: string;
  onUse: (image: string) => void;
}

function ImageActions({ job, url, name, onUse }: ImageActionsProps) {
  const save = useSaveResult(job, name);
  const { data: saved } = useQuery<string>({ queryKey: ["studio-saved", job], queryFn: skipToken });
  const show = useToast();
  const tell = useProblemToast();
  const keep = (then: (image: string) => void) => // also when another operation is shown by then
    (saved ? then(saved) : void save.mutateAsync(url).then(then, tell));
  return (
    <>
      <Button look="main" icon={<Repeat />} isBusy={save.isPending} onClick={() => keep(onUse)}>Use as input</Button>
      {saved ? <ButtonLink href={`/pictures/${saved}`} icon={<ImagePlus />}>In the library</ButtonLink>
        : <Button icon={<ImagePlus />} isBusy={save.isPending}
          onClick={() => keep(() => show("Saved to the library"))}>Save to the library</Button>}
    </>
  );
}

export function ResultView({ job, operation, source, result, onUse, onUsePrompt }: ResultViewProps) {
  const url = result.imageUrl ?? result.videoUrl;
  if (!url) return <div className={style.result}><Words result={result} onUsePrompt={onUsePrompt} /></div>;
  const name = `${source?.name.replace(/\.\w+$/, "") ?? "picture"}-${operation.operationType}`;
  const { width, height } = result;
  const facts = [width && height && formatPixels(width, height), result.duration && `${result.duration} s`,
    result.fps && `${result.fps} frames a second`, result.fidelity && `fidelity ${result.fidelity} dB`];
  return (
    <div className={style.result}>
      {result.videoUrl
        ? <div className={style.stage}><video src={result.videoUrl} width={result.width} height={result.height} controls
          loop muted playsInline aria-label={`${operation.title}: the result`} /></div>
        : <ImageResult key={job} url={url} operation={operation} source={source} result={result} />}
      <p className={style.facts}>{facts.filter(Boolean).join(", ")}</p>
      <Account result={result} />
      <div className={style.actions}>
        {result.imageUrl && <ImageActions job={job} url={result.imageUrl} name={name} onUse={onUse} />}
        <ButtonLink href={url} download={name} icon={<Download />}>Download</ButtonLink>
        <ButtonLink href={url} isOutside look="quiet" icon={<ExternalLink />}>Full size</ButtonLink>
        {result.receipt && <ButtonLink href={`data:application/jwt,${result.receipt}`} download={`${name}.jwt`}
          look="quiet" icon={<ScrollText />}>Receipt</ButtonLink>}
      </div>
    </div>
  );
}
