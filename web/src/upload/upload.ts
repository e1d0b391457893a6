// One file on its way into the library, as it is shown and as it is kept over a reload.

// waiting: for its turn. checking: whether it is there already. duplicate: it is, and the person decides.
// stalled: goes on by itself when what keeps it has passed. failed: goes on when it is told to.
export type UploadState =
  "waiting" | "checking" | "duplicate" | "sending" | "paused" | "stalled" | "failed" | "done";

// An upload session of the server, whose finished parts are not sent again.
export interface UploadSession {
  id: string;
  imageId: string;
  partSizeBytes: number;
}

export interface Upload {
  id: string;
  file: File;
  albumId: string | null;
  state: UploadState;
  sentBytes: number;
  sha256: string | null; // null: not known yet, or not known here
  session: UploadSession | null;
  announceKey: string; // the Idempotency-Key of the session's announcement
  isWanted: boolean; // although it is there already
  tries: number; // that ended by what may pass, in a row
  problem: string | null; // why it stalled or failed
  addedAt: number;
  imageId: string | null; // of what it became, or of the twin that is there
}

const kUnderWay: readonly UploadState[] = ["waiting", "checking", "sending", "stalled"];
export const isUnderWay = (upload: Upload) => kUnderWay.includes(upload.state);

// May still become a picture: a reload must not lose it.
export const isUnfinished = (upload: Upload) => upload.state !== "done" && upload.state !== "failed";

export interface UploadCounts {
  total: number;
  done: number;
  failed: number;
  duplicates: number;
  underWay: number;
  paused: number;
  sentBytes: number;
  totalBytes: number;
}

export function countUploads(uploads: readonly Upload[]): UploadCounts {
  const counts =
    { total: uploads.length, done: 0, failed: 0, duplicates: 0, underWay: 0, paused: 0, sentBytes: 0, totalBytes: 0 };
  for (const upload of uploads) {
    if (upload.state === "done") ++counts.done;
    else if (upload.state === "failed") ++counts.failed;
    else if (upload.state === "duplicate") ++counts.duplicates;
    else if (upload.state === "paused") ++counts.paused;
    else ++counts.underWay;
    if (upload.state === "failed" || upload.state === "duplicate") continue;
    counts.totalBytes += upload.file.size;
    counts.sentBytes += upload.sentBytes;
  }
  return counts;
}
