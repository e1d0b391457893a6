// The picture that is worked on: one of the library.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { $api, api, newIdempotencyKey } from "../../api/client";
import { renditionUrl } from "../../api/picture_url";

export interface Source {
  id: string;
  name: string;
  width: number;
  height: number;
}

export function useSource(id: string | null): { source: Source | null; error: unknown; isLoading: boolean } {
  const { data, error, isLoading } = $api.useQuery("get", "/v1/images/{id}", { params: { path: { id: id ?? "" } } },
    { enabled: id !== null, staleTime: Infinity });
  if (!id || !data) return { source: null, error, isLoading };
  const { width, height } = data.original;
  const source = width && height ? { id, name: data.title ?? data.filename ?? "Untitled", width, height } : null;
  return { source, error, isLoading };
}

// Into the library, where everything that is worked on lies. `key`: the same file of the same act again is the same image.
export async function uploadFile(file: File, key: string): Promise<string> {
  const form = new FormData();
  form.append("file", file);
  const { data } = await api.POST("/api/images/upload", {
    params: { header: { "Idempotency-Key": key } },
    body: { file },
    bodySerializer: () => form,
  });
  return data!.image.id;
}

export function useUpload() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (file: File) => uploadFile(file, newIdempotencyKey()),
    onSuccess: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "picture-picker" || queryKey[1] === "/v1/search/images" }),
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
