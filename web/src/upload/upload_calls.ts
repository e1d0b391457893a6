// What uploading asks of the server: the hosting API's four steps, and whether a picture is there already.
import { api } from "../api/client";
import { typeOf } from "./picture_files";
import type { Upload, UploadSession } from "./upload";

export interface SentPart {
  number: number;
  etag: string;
}

// The size is announced, so that what is too large or has no room is refused before a byte is sent.
export async function beginSession(upload: Upload): Promise<UploadSession> {
  const { file, albumId, sha256, announceKey } = upload;
  const type = await typeOf(file);
  const { data: announced } = await api.POST("/v1/images", {
    params: { header: { "Idempotency-Key": announceKey } },
    body: {
      filename: file.name, content_type: type, size_bytes: file.size, visibility: "private",
      ...(albumId ? { album_id: albumId } : {}), ...(sha256 ? { client_sha256: sha256 } : {}),
    },
  });
  const { data: session } = await api.POST("/v1/uploads:resumable", {
    body: { image_id: announced!.image_id, total_bytes: file.size, content_type: type },
  });
  return { id: session!.session_id, imageId: announced!.image_id, partSizeBytes: session!.part_size_bytes };
}

const ofSession = (id: string) => ({ params: { path: { id } } });

// What has arrived of one that was begun before; its image may be there by now, where the last answer was lost.
export async function readProgress(sessionId: string): Promise<{ isComplete: boolean; parts: SentPart[] }> {
  const { data } = await api.GET("/v1/uploads/{id}", ofSession(sessionId));
  return {
    isComplete: data!.state === "completed",
    parts: data!.parts.map(({ part_number, etag }) => ({ number: part_number, etag })),
  };
}

export async function signPart(sessionId: string, number: number): Promise<string> {
  const { data } = await api.POST("/v1/uploads/{id}/parts/{number}", { params: { path: { id: sessionId, number } } });
  return data!.url;
}

export async function completeSession(sessionId: string, parts: SentPart[]): Promise<void> {
  await api.POST("/v1/uploads/{id}:complete", {
    ...ofSession(sessionId),
    body: { parts: parts.map(({ number, etag }) => ({ part_number: number, etag })) },
  });
}

export async function abortSession(sessionId: string): Promise<void> {
  await api.DELETE("/v1/uploads/{id}", ofSession(sessionId));
}

// The user's image with these bytes, if there is one. Its own word is asked for: a false twin would keep a picture out.
export async function findTwin(sha256: string): Promise<string | null> {
  const { data: found } = await api.GET("/v1/images", { params: { query: { sha256, limit: 1 } } });
  const id = found!.images[0]?.image_id;
  if (!id) return null;
  const { data: image } = await api.GET("/v1/images/{id}", { params: { path: { id } } });
  return image!.sha256 === sha256 ? id : null;
}
