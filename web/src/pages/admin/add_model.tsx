// A network of one's own, from its files.
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Problem, problemOf } from "../../api/problem";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { useToast } from "../../components/toast";
import { useAdminChanged } from "./admin_data";
import style from "./models.module.css";

const kForm = "add-model";
const kTypes = ".param,.bin,.onnx,.pth,.safetensors";
const kNoName = /[^A-Za-z0-9._-]/gu;

const nameFrom = (files: FileList | null) => files?.[0]?.name.replace(/\.[^.]+$/u, "").replace(kNoName, "-") ?? "";

// The fields are named as the API names them; what is left empty is not sent.
async function send(form: HTMLFormElement): Promise<void> {
  const fields = new FormData(form);
  for (const name of ["licence", "description"]) if (fields.get(name) === "") fields.delete(name);
  const response = await fetch("/api/admin/models", { method: "POST", body: fields }).catch(() => {
    throw new Problem(0, "The server cannot be reached");
  });
  if (!response.ok) throw await problemOf(response);
}

export function AddModel({ onClose }: { onClose: () => void }) {
  const show = useToast();
  const changed = useAdminChanged();
  const [name, setName] = useState("");
  const add = useMutation({
    mutationFn: send,
    onSuccess: () => {
      show(`${name} is installed`);
      void changed();
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    add.mutate(event.currentTarget);
  };
  return (
    <Dialog title="Add a model from its files" onClose={add.isPending ? undefined : onClose} actions={<>
      <Button onClick={onClose} disabled={add.isPending}>Cancel</Button>
      <Button look="main" type="submit" form={kForm} isBusy={add.isPending}>Add</Button>
    </>}>
      <form id={kForm} className={style.form} onSubmit={submit}>
        <TextField label="Files" name="file" type="file" accept={kTypes} multiple required
          hint="One .onnx, .pth or .safetensors file, or a .param and its .bin."
          onChange={(event) => setName((before) => before || nameFrom(event.currentTarget.files))} />
        <TextField label="Name" name="name" value={name} required maxLength={64} pattern="[A-Za-z0-9._\-]+"
          hint="Letters, digits, '-', '_' and '.'." onChange={(event) => setName(event.currentTarget.value)} />
        <TextField label="Licence" name="licence" maxLength={500} hint="Unknown, when it is left empty." />
        <TextField label="Description" name="description" maxLength={500} />
      </form>
      <ProblemNote error={add.error} />
    </Dialog>
  );
}
