import { ProblemNote } from "../../components/problem_state";
import { Choice } from "../../components/tabs";
import { type Image, useChangeImage } from "./use_image";
import style from "./panel.module.css";

const kChoices = [{ value: "private", label: "Private" }, { value: "public", label: "Public" }] as const;

const kMeanings = {
  private: "Only you see it, and those to whom you give a link.",
  public: "Whoever knows its address sees it, without an account, and it can be found. " +
    "They get a copy without location and other metadata.",
};

export function Visibility({ image }: { image: Image }) {
  const change = useChangeImage(image.image_id);
  const value = (change.isPending && change.variables.visibility) || image.visibility;
  return (
    <>
      <Choice label="Visibility" value={value} choices={kChoices}
        onChange={(visibility) => change.mutate({ visibility })} />
      <p className={style.faint} aria-live="polite">
        {kMeanings[value]}
      </p>
      <ProblemNote error={change.error} />
    </>
  );
}
