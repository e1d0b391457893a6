// How far an act on many pictures is.
import { Progress } from "../../components/progress";
import type { Progressing } from "./bulk";
import style from "./bulk_progress.module.css";

export function BulkProgress({ progress }: { progress: Progressing }) {
  const { label, done, all } = progress;
  return (
    <div className={style.progress}>
      <p role="status">{label}{all > 1 && ` ${done} of ${all}`}</p>
      <Progress value={done / all} label={label} />
    </div>
  );
}
