// The picture that is worked on: one of the library.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { $api } from "../../api/client";
import { renditionUrl } from "../../api/picture_url";
import { Problem } from "../../api/problem";
import { useUploads } from "../../upload/upload_context";
import type { UploadQueue } from "../../upload/upload_queue";

export interface Source {
  id: string;
  name: string;
  width: number;
  height: number;
}

const kReadPauseMs = 700; // until what has just arrived has been looked into

export function useSource(id: string | null): { source: Source | null; error: unknown; isLoading: boolean } {
  const { data, error, isLoading } = $api.useQuery("get", "/v1/images/{id}", { params: { path: { id: id ?? "" } } },
    { enabled: id !== null, staleTime: Infinity, refetchInterval: (query) =>
      (query.state.data && !query.state.data.original.width ? kReadPauseMs : false) });
  if (!id || !data) return { source: null, error, isLoading };
  const { width, height } = data.original;
  const source = width && height ? { id, name: data.title ?? data.filename ?? "Untitled", width, height } : null;
  return { source, error, isLoading };
}

// Into the library, where everything that is worked on lies. What is there already is taken as it is.
function uploaded(queue: UploadQueue, file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => {
      leave();
      finish();
    };
    const look = () => {
      const upload = queue.snapshot().find((one) => one.file === file);
      if (!upload) return;
      const { id, state, imageId, problem } = upload;
      if (imageId && state === "duplicate") queue.remove(id);
      if (imageId && (state === "done" || state === "duplicate")) end(() => resolve(imageId));
      else if (state === "failed") end(() => reject(new Problem(400, problem ?? "It could not be uploaded")));
    };
    const leave = queue.subscribe(look);
    queue.add([file]);
  });
}

export function useUpload() {
  const client = useQueryClient();
  const { queue } = useUploads();
  return useMutation({
    mutationFn: (file: File) => uploaded(queue, file),
    onSuccess: () => client.invalidateQueries({ queryKey: ["picture-picker"] }),
  });
}

const kReferenceSide = 1024; // px: its light is looked at, not its grain

const dataUrlOf = (blob: Blob) => new Promise<string>((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result as string);
  reader.onerror = () => reject(reader.error ?? new Error("not readable"));
  reader.readAsDataURL(blob);
});

// A reference goes along as a data URL: the server fetches no addresses of its own.
export function useReference(id: string | null) {
  return useQuery({
    queryKey: ["studio-reference", id],
    enabled: id !== null,
    staleTime: Infinity,
    queryFn: async () => dataUrlOf(await (await fetch(renditionUrl(id!, kReferenceSide))).blob()),
  });
}
