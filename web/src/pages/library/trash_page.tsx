import { ArrowLeft, Trash2, Undo2 } from "lucide-react";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api } from "../../api/client";
import { Button, ButtonLink } from "../../components/button";
import { Confirm } from "../../components/dialog";
import { Empty } from "../../components/empty";
import { Page } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { useProblemToast, useToast } from "../../components/toast";
import { formatAgo } from "../../format";
import { type Outcome, useBulk } from "./bulk";
import { MorePictures } from "./more_pictures";
import { GridSkeleton, PictureGrid } from "./picture_grid";
import { countPictures, editLists, forgetLists, refreshPictures, usePictureList } from "./picture_list";
import type { LibraryImage, PictureSource } from "./picture_source";
import { useSelection } from "./selection";
import { ActionBar } from "./selection_bar";
import style from "./trash_page.module.css";

const kSource: PictureSource = { kind: "deleted" };
const canChoose = () => true;
const noteOf = (image: LibraryImage | null) =>
  (image?.deletes_at_ms ? `Deleted for good ${formatAgo(image.deletes_at_ms)}` : "");

export default function TrashPage() {
  const client = useQueryClient();
  const toast = useToast();
  const tellProblem = useProblemToast();
  const list = usePictureList(kSource);
  const { pictures, isPending, error } = list;
  const selection = useSelection(pictures, canChoose);
  const { progress, run } = useBulk();
  const [asked, setAsked] = useState<string[] | null>(null); // whether they shall go for good
  const ids = useMemo(() => [...selection.ids], [selection.ids]);

  const leave = async ({ done, problem }: Outcome<string>, how: string) => {
    editLists(client, done, null);
    selection.drop(done);
    if (problem) tellProblem(problem);
    if (done.length > 0) toast(`${countPictures(done.length)} ${how}`);
    await refreshPictures(client);
  };
  const restore = async (wanted: string[]) => {
    await leave(await run("Restoring", wanted, (id) =>
      api.POST("/v1/images/{id}:undelete", { params: { path: { id } } })), "restored");
    forgetLists(client);
  };
  const purge = async (wanted: string[]) => {
    await leave(await run("Deleting for good", wanted, (id) =>
      api.DELETE("/v1/images/{id}", { params: { path: { id }, query: { permanent: true } } })), "deleted for good");
    setAsked(null);
  };
  const isEmpty = !isPending && !error && pictures.length === 0;
  return (
    <Page title="Trash" lead={list.count}
      actions={<ButtonLink href="/library" icon={<ArrowLeft />}>Back to the library</ButtonLink>}>
      <p className={style.note}>
        Pictures stay here for a while after they were deleted, and can be restored until then.
      </p>
      {isPending && <GridSkeleton />}
      {error && pictures.length === 0 && <ProblemState error={error} onRetry={() => void list.refetch()} />}
      {isEmpty && (
        <Empty icon={<Trash2 />} title="The trash is empty" />
      )}
      {pictures.length > 0 && (
        <PictureGrid label="Deleted pictures" pictures={pictures} imageOf={list.imageOf} selection={selection}
          canChoose={canChoose} noteOf={noteOf} onSeen={list.onSeen} onDelete={setAsked}
          onOpen={(picture) => selection.toggle(pictures.indexOf(picture))}
          end={<MorePictures key={pictures.length} list={list} />} />
      )}
      <ActionBar count={ids.length} progress={progress} onClear={selection.clear}>
        <Button look="quiet" icon={<Undo2 />} onClick={() => void restore(ids)}>Restore</Button>
        <Button look="quiet" icon={<Trash2 />} onClick={() => setAsked(ids)}>Delete for good</Button>
      </ActionBar>
      {asked && (
        <Confirm title={`Delete ${countPictures(asked.length)} for good?`} action="Delete for good"
          isBusy={progress !== null} onConfirm={() => void purge(asked)} onClose={() => setAsked(null)}>
          <p>This cannot be undone: the originals and everything made of them are deleted now.</p>
        </Confirm>
      )}
    </Page>
  );
}
