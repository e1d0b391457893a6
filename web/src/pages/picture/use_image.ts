import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { $api, api } from "../../api/client";
import { askAnew } from "../../api/query_client";
import type { components } from "../../api/schema/hosting";
import { editLists } from "../library/picture_list";

export type Image = components["schemas"]["Image"];
export type ImageChanges = components["schemas"]["ImageChanges"];

// What drawing it takes.
export interface ImageFacts {
  id: string;
  name: string;
  width: number;
  height: number;
  format: string;
  thumbHash: string | null;
}

const initOf = (id: string) => ({ params: { path: { id } } });
const optionsOf = (id: string) => $api.queryOptions("get", "/v1/images/{id}", initOf(id));

export const useImage = (id: string) => $api.useQuery("get", "/v1/images/{id}", initOf(id));

export const nameOf = ({ title, filename }: { title: string | null; filename?: string }) =>
  title ?? filename ?? "Picture";

// Null until the original has arrived.
export function factsOf(image: Image): ImageFacts | null {
  const { width, height, format } = image.original;
  if (!width || !height) return null;
  return { id: image.image_id, name: nameOf(image), width, height, format, thumbHash: image.thumb_hash };
}

const kNewest = ["get", "/v1/images"];

export function useChangeImage(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: ImageChanges) => (await api.PATCH("/v1/images/{id}", { ...initOf(id), body })).data!,
    onSuccess: (image) => {
      client.setQueryData(optionsOf(id).queryKey, image);
      askAnew(optionsOf(id).queryKey);
      editLists(client, [id], { title: image.title, visibility: image.visibility });
      void client.invalidateQueries({ queryKey: kNewest, refetchType: "none" });
    },
  });
}

// What is told of pictures that will be looked at next.
export function usePreloadedImages(...ids: (string | null)[]) {
  useQueries({ queries: ids.filter((id) => id !== null).map((id) => ({ ...optionsOf(id), staleTime: 60_000 })) });
}
