import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { api } from "../../api/client";
import { useProblemToast, useToast } from "../../components/toast";
import { useAlbumsChanged } from "../albums/album_data";
import { editLists, refreshPictures } from "../library/picture_list";
import type { Neighbours } from "./use_neighbours";

// Into the trash, on to the next picture, and back again where that was a slip.
export function useRemove(id: string, name: string, { after, before, back, go }: Neighbours) {
  const client = useQueryClient();
  const albumsChanged = useAlbumsChanged();
  const [, navigate] = useLocation();
  const toast = useToast();
  const showProblem = useProblemToast();
  const refresh = () => Promise.all([refreshPictures(client), albumsChanged()]);
  const undo = async (putBack: () => void) => {
    try {
      await api.POST("/v1/images/{id}:undelete", { params: { path: { id } } });
      putBack();
      go(id, false);
      await refresh();
    } catch (error) {
      showProblem(error);
    }
  };
  return useMutation({
    mutationFn: () => api.DELETE("/v1/images/{id}", { params: { path: { id } } }),
    onSuccess: () => {
      const next = after ?? before;
      if (next) go(next);
      else navigate(back.href, { replace: true });
      const putBack = editLists(client, [id], null);
      toast(`“${name}” is in the trash`, { action: { label: "Undo", run: () => void undo(putBack) } });
      return refresh();
    },
    onError: showProblem,
  });
}
