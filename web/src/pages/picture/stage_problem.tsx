import { X } from "lucide-react";
import { Button } from "../../components/button";
import style from "./picture_page.module.css";

export function StageProblem({ of, onClose }: { of: string; onClose: () => void }) {
  return (
    <div className={style.stageProblem} role="alert">
      <p>The {of} could not be loaded in full. Its link may have ended: load the page again.</p>
      <Button look="quiet" icon={<X />} aria-label="Dismiss" onClick={onClose} />
    </div>
  );
}
