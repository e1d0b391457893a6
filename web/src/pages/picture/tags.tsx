import { X } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { type Image, useChangeImage } from "./use_image";
import style from "./panel.module.css";

const kTagsMost = 64;

// Each is saved as it is put in or taken away.
export function Tags({ image }: { image: Image }) {
  const change = useChangeImage(image.image_id);
  const [typed, setTyped] = useState("");
  const list = useRef<HTMLUListElement>(null);
  // Shown as asked for while it is under way.
  const tags = change.isPending ? change.variables.tags ?? image.tags : image.tags;
  const add = () => {
    const more = typed.split(",").map((tag) => tag.trim()).filter((tag) => tag && !tags.includes(tag));
    if (more.length) change.mutate({ tags: [...tags, ...more].slice(0, kTagsMost) }, { onSuccess: () => setTyped("") });
    else setTyped("");
  };
  const remove = (tag: string) => {
    change.mutate({ tags: tags.filter((one) => one !== tag) });
    list.current?.parentElement?.querySelector("input")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "," || event.key === "Enter") {
      event.preventDefault();
      add();
    } else if (event.key === "Backspace" && !typed && tags.length) remove(tags.at(-1)!);
  };
  return (
    <section className={style.part}>
      <ul ref={list} className={style.tags} aria-label="Tags">
        {tags.map((tag) => (
          <li key={tag}>
            {tag}
            <button type="button" aria-label={`Take away ${tag}`} disabled={change.isPending}
              onClick={() => remove(tag)}>
              <X />
            </button>
          </li>
        ))}
      </ul>
      <TextField label="Add a tag" maxLength={64} value={typed} autoComplete="off" enterKeyHint="done"
        disabled={tags.length >= kTagsMost} hint="Enter or a comma puts it in."
        onChange={(event) => setTyped(event.currentTarget.value)} onKeyDown={onKeyDown} />
      <ProblemNote error={change.error} />
    </section>
  );
}
