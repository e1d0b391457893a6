import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { api } from "../../api/client";
import { useProblemToast, useToast } from "../../components/toast";
import { useForgetLists } from "./use_image";
import type { Neighbours } from "./use_neighbours";

// Into the trash, on to the next picture, and back again where that was a slip.
export function useRemove(id: string, name: string, { after, before, back, go, leaveOut }: Neighbours) {
  const client = useQueryClient();
  const forgetLists = useForgetLists();
  const [, navigate] = useLocation();
  const toast = useToast();
  const showProblem = useProblemToast();
  const forget = () => {
    void client.invalidateQueries({ queryKey: ["get", "/v1/images/{id}", { params: { path: { id } } }], refetchType: "none" });
    return forgetLists();
  };
  const undo = async () => {
    try {
      await api.POST("/v1/images/{id}:undelete", { params: { path: { id } } });
      await forget();
      await client.invalidateQueries({ queryKey: ["neighbours"] });
      go(id, false);
    } catch (error) {
      showProblem(error);
    }
  };
  return useMutation({
    mutationFn: () => api.DELETE("/v1/images/{id}", { params: { path: { id } } }),
    onSuccess: async () => {
      await forget();
      leaveOut(id);
      const next = after ?? before;
      if (next) go(next);
      else navigate(back.href, { replace: true });
      toast(`“${name}” is in the trash`, { action: { label: "Undo", run: () => void undo() } });
    },
    onError: showProblem,
  });
}
