import { Button } from "../../components/button";
import { TextArea, TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { useDraft } from "../../session/draft";
import { type Image, useChangeImage } from "./use_image";
import style from "./panel.module.css";

interface Typed {
  title: string;
  description: string;
}

// Title and description. What was typed is kept until it is saved or thrown away.
export function Words({ image }: { image: Image }) {
  const saved: Typed = { title: image.title ?? "", description: image.description ?? "" };
  const [draft, setDraft, clearDraft] = useDraft<Typed | null>(`picture:${image.image_id}`, null);
  const change = useChangeImage(image.image_id);
  const typed = draft ?? saved;
  const isChanged = typed.title.trim() !== saved.title || typed.description.trim() !== saved.description;
  const save = () =>
    change.mutate({ title: typed.title.trim(), description: typed.description.trim() }, { onSuccess: clearDraft });
  return (
    <form className={style.part} onSubmit={(event) => { event.preventDefault(); if (isChanged) save(); }}>
      <TextField label="Title" maxLength={200} placeholder={image.filename ?? "None"} value={typed.title}
        onChange={(event) => setDraft({ ...typed, title: event.currentTarget.value })} />
      <TextArea label="Description" maxLength={2000} placeholder="What is to be seen, where, who"
        value={typed.description}
        onChange={(event) => setDraft({ ...typed, description: event.currentTarget.value })} />
      <ProblemNote error={change.error} />
      {isChanged && (
        <div className={style.jobActions}>
          <Button look="main" type="submit" isBusy={change.isPending}>Save</Button>
          <Button look="quiet" onClick={() => { clearDraft(); change.reset(); }}>Discard</Button>
        </div>
      )}
    </form>
  );
}
