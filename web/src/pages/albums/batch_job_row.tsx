import { Link } from "wouter";
import { $api } from "../../api/client";
import { Badge } from "../../components/badge";
import { Picture } from "../../components/picture";
import { Progress } from "../../components/progress";
import { kEnhancementWords } from "../../job_words";
import { shapeOf, titleOf } from "./album_image";
import type { BatchJob } from "./batch_data";
import style from "./batch_board.module.css";

export function BatchJobRow({ job }: { job: BatchJob }) {
  const { data: image } = $api.useQuery("get", "/v1/images/{id}", { params: { path: { id: job.imageId ?? "" } } },
    { enabled: job.imageId !== null, staleTime: Infinity });
  const { word, look } = kEnhancementWords[job.status];
  const name = image ? titleOf(image) : "Picture";
  return (
    <li className={style.job} data-job={job.id} data-state={job.status}>
      <span className={style.thumb}>
        {image && <Picture id={image.image_id} alt="" {...shapeOf(image)} thumbHash={image.thumb_hash} isFilling
          sizes="3rem" />}
      </span>
      <span className={style.name}>
        {job.imageId ? <Link href={`/pictures/${job.imageId}`}>{name}</Link> : name}
        {job.status === "PROCESSING" && <Progress value={job.progress / 100} label={`${name}: ${job.progress} %`} />}
        {job.errorMessage && <span className={style.error}>{job.errorMessage}</span>}
      </span>
      <Badge look={look}>{word}</Badge>
    </li>
  );
}
