import { useState } from "react";
import { useLocation } from "wouter";
import { useActKey } from "../../api/act_key";
import { api } from "../../api/client";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Select, TextArea, TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { useDraft } from "../../session/draft";
import { type Album, useAlbumsChanged } from "./album_data";

interface Fields {
  title: string;
  description: string;
  visibility: "private" | "public";
}

const kEmpty: Fields = { title: "", description: "", visibility: "private" };
const fieldsOf = (album: Album): Fields =>
  ({ title: album.title, description: album.description ?? "", visibility: album.visibility });

// Makes an album, or changes what is said of one.
export function AlbumForm({ album, onClose }: { album: Album | null; onClose: () => void }) {
  const [fields, setFields, clear] = useDraft(`album ${album?.album_id ?? "new"}`, album ? fieldsOf(album) : kEmpty);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const key = useActKey();
  const [, go] = useLocation();
  const changed = useAlbumsChanged();

  const save = async () => {
    setBusy(true);
    setProblem(null);
    const body = { ...fields, description: fields.description || null };
    try {
      if (album) await api.PATCH("/v1/albums/{id}", { params: { path: { id: album.album_id } }, body });
      const made = album ? null
        : (await api.POST("/v1/albums", { params: { header: { "Idempotency-Key": key.of(body) } }, body })).data!;
      clear();
      void changed(false);
      onClose();
      if (made) go(`/albums/${made.album_id}`);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={album ? "Edit the album" : "New album"} onClose={onClose} actions={
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="main" type="submit" form="album" isBusy={isBusy}>{album ? "Save" : "Make the album"}</Button>
      </>
    }>
      <form id="album" onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <TextField label="Title" required maxLength={200} autoFocus value={fields.title}
          onChange={(event) => setFields({ ...fields, title: event.currentTarget.value })} />
        <TextArea label="Description" maxLength={2000} hint="May be left empty" value={fields.description}
          onChange={(event) => setFields({ ...fields, description: event.currentTarget.value })} />
        <Select label="Visibility" value={fields.visibility}
          hint="Others see a public album with its public pictures alone. A link shows it to whomever you send it."
          onChange={(event) => setFields({ ...fields, visibility: event.currentTarget.value as Fields["visibility"] })}>
          <option value="private">Private: you alone</option>
          <option value="public">Public: whoever knows its address</option>
        </Select>
      </form>
      <ProblemNote error={problem} />
    </Dialog>
  );
}
