// What is done to the pictures that are chosen. Lists show it at once; what was refused is put back and said.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, newIdempotencyKey } from "../../api/client";
import { downloadUrl } from "../../api/picture_url";
import { useProblemToast, useToast } from "../../components/toast";
import type { useBulk } from "./bulk";
import { countPictures, editLists, refreshPictures } from "./picture_list";

export type Visibility = "private" | "public";
type Run = ReturnType<typeof useBulk>["run"];

const kPerCall = 100; // what an album takes at once
const kAlbumReads = ["/v1/albums", "/v1/albums/{id}", "/v1/albums/{id}/images"];
const kBetweenDownloadsMs = 350; // faster ones a browser drops

const path = (id: string) => ({ params: { path: { id } } });

export function usePictureActs(run: Run) {
  const client = useQueryClient();
  const toast = useToast();
  const tellProblem = useProblemToast();

  const restore = useCallback(async (ids: string[], putBack: () => void) => {
    const { done, problem } = await run("Restoring", ids, (id) => api.POST("/v1/images/{id}:undelete", path(id)));
    if (done.length === ids.length) putBack();
    if (problem) tellProblem(problem);
    await refreshPictures(client);
  }, [client, run, tellProblem]);

  // To the trash.
  const remove = useCallback(async (ids: string[]) => {
    const putBack = editLists(client, ids, null);
    const { done, failed, problem } = await run("Deleting", ids, (id) => api.DELETE("/v1/images/{id}", path(id)));
    if (failed.length > 0) {
      putBack();
      editLists(client, done, null);
    }
    if (problem) tellProblem(problem);
    if (done.length > 0) {
      const action = { label: "Undo", run: () => void restore(done, putBack) };
      toast(`${countPictures(done.length)} moved to the trash`, { action });
    }
    await refreshPictures(client);
    return done;
  }, [client, restore, run, tellProblem, toast]);

  const setVisibility = useCallback(async (ids: string[], visibility: Visibility) => {
    const label = visibility === "public" ? "Making public" : "Making private";
    const { done, problem } = await run(label, ids, (id) =>
      api.PATCH("/v1/images/{id}", { ...path(id), body: { visibility } }));
    editLists(client, done, { visibility });
    if (problem) tellProblem(problem);
    if (done.length > 0) toast(`${countPictures(done.length)} ${done.length === 1 ? "is" : "are"} ${visibility} now`);
    await refreshPictures(client);
  }, [client, run, tellProblem, toast]);

  const download = useCallback((ids: string[]) => run("Downloading", ids, oneAfterAnother(save)), [run]);

  const addToAlbum = useCallback(async (album: { id: string; title: string }, ids: string[]) => {
    const calls = Array.from({ length: Math.ceil(ids.length / kPerCall) }, (_, at) =>
      ({ ids: ids.slice(at * kPerCall, (at + 1) * kPerCall), key: newIdempotencyKey() }));
    let added = 0;
    const { problem } = await run("Adding", calls, oneAfterAnother(async (call) => {
      const { data } = await api.POST("/v1/albums/{id}/images", {
        params: { path: { id: album.id }, header: { "Idempotency-Key": call.key } }, body: { image_ids: call.ids } });
      added += data!.added;
    }));
    if (problem) tellProblem(problem);
    else if (added > 0) toast(`${countPictures(added)} added to ${album.title}`);
    else toast(`${album.title} has ${ids.length === 1 ? "it" : "them"} already`);
    await Promise.all(kAlbumReads.map((read) => client.invalidateQueries({ queryKey: ["get", read] })));
    return !problem;
  }, [client, run, tellProblem, toast]);

  return { remove, setVisibility, download, addToAlbum };
}

// Makes of an act one that waits for the one before it.
function oneAfterAnother<Item>(act: (item: Item) => Promise<unknown>) {
  let before: Promise<unknown> = Promise.resolve();
  return (item: Item) => {
    const mine = before.then(() => act(item));
    before = mine.catch(() => undefined);
    return mine;
  };
}

async function save(id: string): Promise<void> {
  const link = document.createElement("a");
  link.href = downloadUrl(id);
  link.download = "";
  link.click();
  await new Promise((done) => setTimeout(done, kBetweenDownloadsMs));
}
