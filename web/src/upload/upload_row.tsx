import { Check, CloudOff, Copy, ImageIcon, Pause, Play, RotateCw, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { variantUrl } from "../api/picture_url";
import { Button } from "../components/button";
import { Progress } from "../components/progress";
import { formatBytes } from "../format";
import type { Upload, UploadState } from "./upload";
import type { UploadQueue } from "./upload_queue";
import style from "./upload_panel.module.css";

const kIcons: Record<UploadState, ReactNode> = {
  waiting: <ImageIcon />, checking: <ImageIcon />, sending: <ImageIcon />, paused: <Pause />, stalled: <CloudOff />,
  duplicate: <Copy />, failed: <TriangleAlert />, done: <Check />,
};

function words({ state, file, sentBytes, problem, imageId }: Upload): string {
  const size = formatBytes(file.size);
  switch (state) {
    case "waiting": return `${size}, waiting`;
    case "checking": return `${size}, looking whether you have it`;
    case "sending": return sentBytes < file.size ? `${formatBytes(sentBytes)} of ${size}` : "The server looks at it";
    case "paused": return sentBytes > 0 ? `Paused at ${formatBytes(sentBytes)} of ${size}` : `${size}, paused`;
    case "stalled": return `${problem}. It goes on by itself.`;
    case "duplicate": return imageId ? "You have this picture already" : "You are uploading this picture already";
    case "failed": return problem ?? "It failed";
    case "done": return size;
  }
}

// One file: where it is, and what can be done with it.
export function UploadRow({ upload, queue }: { upload: Upload; queue: UploadQueue }) {
  const { id, file, state, imageId, sentBytes } = upload;
  const isSending = state === "sending" || (state === "paused" && sentBytes > 0);
  const name = <span className={style.name}>{file.name}</span>;
  return (
    <div className={style.row} data-state={state}>
      <span className={style.icon} aria-hidden="true">
        {imageId ? <img src={variantUrl(imageId, "thumb")} alt="" width={40} height={40} loading="lazy" />
          : kIcons[state]}
      </span>
      <div className={style.words}>
        {imageId ? <Link href={`/pictures/${imageId}`} className={style.link}>{name}</Link> : name}
        <p className={style.state}>{words(upload)}</p>
        {state === "duplicate" && (
          <div className={style.choice}>
            <Button look="quiet" onClick={() => queue.uploadAnyway(id)}>Upload anyway</Button>
            <Button look="quiet" onClick={() => queue.remove(id)}>Leave it out</Button>
          </div>
        )}
        {isSending && <Progress value={sentBytes / Math.max(1, file.size)} label={file.name} />}
      </div>
      {(state === "sending" || state === "waiting" || state === "checking" || state === "stalled") &&
        <Button look="quiet" icon={<Pause />} aria-label={`Pause ${file.name}`} onClick={() => queue.pause(id)} />}
      {state === "paused" &&
        <Button look="quiet" icon={<Play />} aria-label={`Go on with ${file.name}`} onClick={() => queue.resume(id)} />}
      {(state === "failed" || state === "stalled") &&
        <Button look="quiet" icon={<RotateCw />} aria-label={`Retry ${file.name}`} onClick={() => queue.resume(id)} />}
      {state !== "done" && state !== "duplicate" &&
        <Button look="quiet" icon={<X />} aria-label={`${state === "failed" ? "Remove" : "Cancel"} ${file.name}`}
          onClick={() => queue.remove(id)} />}
    </div>
  );
}
