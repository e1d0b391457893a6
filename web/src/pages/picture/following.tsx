import { Progress } from "../../components/progress";
import { tierOf } from "../../tiers";
import { isOpen, type Job, useJobEvents } from "./use_jobs";
import style from "./picture_page.module.css";

const kFollowed = 3; // a browser has few connections to one server; the next is followed when one of these has ended

interface FollowingProps {
  imageId: string;
  jobs: Job[];
  isShown: boolean; // here, where the history is not seen
  onResult: (id: string) => void;
}

// Keeps the jobs that are under way up to date, whatever else is on screen.
export function Following({ imageId, jobs, isShown, onResult }: FollowingProps) {
  const open = jobs.filter(isOpen).slice(-kFollowed);
  return (
    <div className={style.following} hidden={!isShown || !open.length}>
      {open.map((job) => <Followed key={job.id} imageId={imageId} job={job} onResult={onResult} />)}
    </div>
  );
}

function Followed({ imageId, job, onResult }: { imageId: string; job: Job; onResult: (id: string) => void }) {
  useJobEvents(imageId, job, ({ id }) => onResult(id));
  const isWaiting = job.status === "PENDING" || job.progress === undefined;
  return (
    <p>
      <span>Enhancing to {tierOf(job.tier).label}</span>
      <Progress value={isWaiting ? null : job.progress! / 100} label={`Enhancing to ${tierOf(job.tier).label}`} />
    </p>
  );
}
