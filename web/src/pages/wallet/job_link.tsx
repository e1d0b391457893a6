import { useState } from "react";
import { Link } from "wouter";
import { variantUrl } from "../../api/picture_url";
import { formatName } from "../../format";
import type { Job } from "./wallet_queries";
import style from "./wallet_page.module.css";

// A job by its operation, with its picture, leading to where it can be looked at.
export function JobLink({ job }: { job: Job }) {
  const name = formatName(job.operation);
  if (job.image_id) {
    return <Link className={style.job} href={`/pictures/${job.image_id}`}><Thumb id={job.image_id} />{name}</Link>;
  }
  if (job.surface === "studio" && job.batch_id) return <Link href={`/batches/${job.batch_id}`}>{name}</Link>;
  return <>{name}</>;
}

function Thumb({ id }: { id: string }) {
  const [isGone, setGone] = useState(false); // deleted since: its place stays
  return (
    <span className={style.thumb}>
      {!isGone && <img src={variantUrl(id, "thumb")} alt="" width={32} height={32} loading="lazy"
        onError={() => setGone(true)} />}
    </span>
  );
}
