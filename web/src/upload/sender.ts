// Sends files in parts by Uppy. It comes as a file of its own with the first upload. Every upload is a resumed one to
// it: the session is begun before, so that what arrived of one that was cut off, paused or left with the page is not
// sent again.
import AwsS3 from "@uppy/aws-s3";
import Uppy, { type UppyFile } from "@uppy/core";
import { Problem } from "../api/problem";
import type { UploadSession } from "./upload";
import { completeSession, type SentPart, signPart } from "./upload_calls";

type Meta = Record<string, unknown>;
type Body = Record<string, never>;
type Sent = UppyFile<Meta, Body>;

const kRequestsMax = 4; // of all files together: a browser opens six to one host, and the pages need some
const kRetryMs = [0, 1_000, 3_000];

interface Sending {
  arrived: SentPart[];
  resolve: () => void;
  reject: (error: unknown) => void;
  onProgress: (bytes: number) => void;
}

// What the store says is XML or nothing, and no person wants to read it.
function problemOfPart(error: unknown): unknown {
  if (error instanceof Problem) return error;
  const { source } = error as { source?: { status?: number } };
  const status = source?.status ?? 0;
  return new Problem(status, status === 0 ? "The connection was lost" : `A part of the file was refused (${status})`);
}

export class Sender {
  private readonly uppy = new Uppy<Meta, Body>({ logger: { debug() {}, warn() {}, error() {} } });
  private readonly sending = new Map<string, Sending>();
  private readonly partSizes = new WeakMap<Blob, number>();

  constructor() {
    this.uppy.use(AwsS3<Meta, Body>, {
      limit: kRequestsMax,
      retryDelays: kRetryMs,
      shouldUseMultipart: true,
      getChunkSize: (data) => this.partSizes.get(data as File)!,
      createMultipartUpload: () => Promise.reject(new Error("The session is begun before")),
      listParts: async (file) =>
        (this.of(file)?.arrived ?? []).map(({ number, etag }) => ({ PartNumber: number, ETag: etag })),
      signPart: async (_, { uploadId, partNumber }) => ({ url: await signPart(uploadId, partNumber) }),
      completeMultipartUpload: async (_, { uploadId, parts }) => {
        await completeSession(uploadId, parts.map(({ PartNumber, ETag }) => ({ number: PartNumber!, etag: ETag! })));
        return {};
      },
      abortMultipartUpload: () => Promise.resolve(), // taken out of Uppy is not given up: the queue says which
    });
    this.uppy.on("upload-progress", (file, { bytesUploaded }) => this.of(file)?.onProgress(bytesUploaded ?? 0));
    this.uppy.on("upload-success", (file) => this.end(file, (one) => one.resolve()));
    this.uppy.on("upload-error", (file, error) => this.end(file, (one) => one.reject(problemOfPart(error))));
  }

  // Resolves when the server has taken the whole file, of which `arrived` is there. `signal` stops it; what has arrived
  // by then stays there.
  async send(file: File, session: UploadSession, arrived: SentPart[], signal: AbortSignal,
    onProgress: (bytes: number) => void): Promise<void> {
    signal.throwIfAborted();
    this.partSizes.set(file, session.partSizeBytes);
    const id = this.uppy.addFile({ name: session.id, type: file.type, data: file, meta: { session: session.id } });
    this.uppy.setFileState(id, { s3Multipart: { key: session.imageId, uploadId: session.id } } as Partial<Sent>);
    await new Promise<void>((resolve, reject) => {
      this.sending.set(id, { arrived, resolve, reject, onProgress });
      signal.addEventListener("abort", () => {
        this.sending.delete(id);
        if (this.uppy.getFile(id)) this.uppy.removeFile(id);
        reject(signal.reason);
      }, { once: true });
      this.uppy.upload().catch(reject);
    });
  }

  private of(file: Sent | undefined): Sending | undefined {
    return file && this.sending.get(file.id);
  }

  // Uppy forgets it at once: one that failed would else be tried again with the next.
  private end(file: Sent | undefined, settle: (one: Sending) => void): void {
    const one = this.of(file);
    if (!file || !one) return;
    this.sending.delete(file.id);
    settle(one);
    queueMicrotask(() => this.uppy.getFile(file.id) && this.uppy.removeFile(file.id));
  }
}
