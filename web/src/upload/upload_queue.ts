// The uploads of a page, in the order in which they came: a few at a time, each by the same steps. It outlives every
// page of the console.
import { newIdempotencyKey } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { checkReadable, sha256Of } from "./picture_files";
import type { Sender } from "./sender";
import { isUnderWay, type Upload } from "./upload";
import { abortSession, beginSession, findTwin, readProgress } from "./upload_calls";
import { UploadList } from "./upload_list";

const kFilesAtOnce = 3;
const kTriesMax = 5; // after a fault of the server; a lost connection is waited for without end
const kPauseMs = { least: 2_000, most: 30_000 };

export class UploadQueue {
  private readonly uploads = new UploadList();
  private readonly running = new Map<string, AbortController>();
  private readonly userId: string;
  private readonly onStored: () => void;
  private wakeTimer: ReturnType<typeof setTimeout> | undefined;
  private isHeld = true; // something that concerns all is in the way
  private sender: Promise<Sender> | null = null;
  private hashing: Promise<unknown> = Promise.resolve();

  constructor(userId: string, onStored: () => void) {
    this.userId = userId;
    this.onStored = onStored;
  }

  // From now on it works, first on what a page that is gone has left.
  open(): void {
    window.addEventListener("online", this.wake);
    this.uploads.open(this.userId, (uploads) => this.take(uploads));
    this.wake();
  }

  close(): void {
    window.removeEventListener("online", this.wake);
    clearTimeout(this.wakeTimer);
    this.isHeld = true;
    for (const id of [...this.running.keys()]) this.stop(id);
    this.uploads.close();
  }

  get subscribe() {
    return this.uploads.subscribe;
  }
  get snapshot() {
    return this.uploads.snapshot;
  }

  add(files: Iterable<File>, albumId: string | null = null): void {
    const uploads = [...files].map((file): Upload => ({
      id: newIdempotencyKey(), file, albumId, state: "waiting", sentBytes: 0, sha256: null, session: null,
      announceKey: newIdempotencyKey(), isWanted: false, tries: 0, problem: null, addedAt: Date.now(), imageId: null,
    }));
    this.uploads.keepNew(uploads);
    this.take(uploads);
  }

  pause(id: string): void {
    if (!this.isOf(id, isUnderWay)) return;
    this.stop(id);
    this.uploads.keep(id, { state: "paused", problem: null });
  }

  resume(id: string): void {
    if (!this.isOf(id, ({ state }) => state === "paused" || state === "failed" || state === "stalled")) return;
    this.uploads.keep(id, { state: "waiting", problem: null, tries: 0 });
    this.wake();
  }

  uploadAnyway(id: string): void {
    this.uploads.keep(id, { state: "waiting", isWanted: true, imageId: null });
    this.pump();
  }

  // Out of the list; what has arrived of it is deleted.
  remove(id: string): void {
    const upload = this.uploads.get(id);
    this.stop(id);
    this.uploads.remove(id);
    if (upload?.session && upload.state !== "done") void abortSession(upload.session.id).catch(() => undefined);
    this.pump();
  }

  pauseAll(): void {
    for (const { id } of this.uploads.all()) this.pause(id);
  }
  resumeAll(): void {
    for (const { id, state } of this.uploads.all()) if (state === "paused") this.resume(id);
  }
  retryAll(): void {
    for (const { id, state } of this.uploads.all()) if (state === "failed") this.resume(id);
  }
  removeAll(which: (upload: Upload) => boolean): void {
    for (const upload of this.uploads.all().filter(which)) this.remove(upload.id);
  }

  // What was in the way may have passed: the connection is back, somebody is signed in again.
  wake = (): void => {
    clearTimeout(this.wakeTimer);
    this.isHeld = false;
    const stalled = this.uploads.all().filter(({ state }) => state === "stalled");
    for (const { id } of stalled) this.uploads.change(id, { state: "waiting" });
    this.pump();
  };

  // ---- One upload

  private async run(id: string): Promise<void> {
    const controller = new AbortController();
    this.running.set(id, controller);
    try {
      if (await this.isNew(id, controller.signal)) await this.send(id, controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) this.fail(id, asProblem(error));
    } finally {
      if (this.running.get(id) === controller) this.running.delete(id);
      this.pump();
    }
  }

  // Whether there is no such picture yet, as far as can be told, or it is wanted once more.
  private async isNew(id: string, signal: AbortSignal): Promise<boolean> {
    const { file, session, isWanted, sha256: known } = this.uploads.get(id)!;
    if (session || isWanted) return true;
    this.uploads.change(id, { state: "checking" });
    const hash = this.hashing.then(() => known ?? sha256Of(file)); // one after another: each is in memory
    this.hashing = hash.catch(() => undefined);
    const sha256 = await hash;
    signal.throwIfAborted();
    if (!sha256) return true;
    this.uploads.change(id, { sha256 });
    const twin =
      this.uploads.all().find((one) => one.id !== id && one.sha256 === sha256 && one.session !== null);
    const imageId = twin ? twin.imageId : await findTwin(sha256);
    signal.throwIfAborted();
    if (!twin && !imageId) return true;
    this.uploads.change(id, { state: "duplicate", imageId });
    return false;
  }

  private async send(id: string, signal: AbortSignal): Promise<void> {
    this.uploads.change(id, { state: "sending", problem: null });
    await checkReadable(this.uploads.get(id)!.file);
    const sender = await this.loadSender();
    const before = this.uploads.get(id)!.session;
    const session = before ?? await beginSession(this.uploads.get(id)!);
    if (!this.uploads.get(id)) return void abortSession(session.id).catch(() => undefined); // removed meanwhile
    if (!before) this.uploads.keep(id, { session });
    signal.throwIfAborted();
    const { isComplete, parts } = before ? await readProgress(session.id) : { isComplete: false, parts: [] };
    signal.throwIfAborted();
    const { file } = this.uploads.get(id)!;
    if (!isComplete) {
      await sender.send(file, session, parts, signal, (sentBytes) => this.uploads.change(id, { sentBytes, tries: 0 }));
    }
    this.uploads.change(id, { state: "done", sentBytes: file.size, imageId: session.imageId });
    this.uploads.forget(id);
    this.onStored();
  }

  private fail(id: string, problem: Problem): void {
    const { session, tries } = this.uploads.get(id)!;
    const message = [problem.message, problem.suggestion].filter(Boolean).join(". ");
    if (problem.kind === "missing" && session && tries < kTriesMax) {
      // It took longer than a session lives: from the beginning, then.
      return this.uploads.keep(id,
        { state: "waiting", session: null, announceKey: newIdempotencyKey(), sentBytes: 0, tries: tries + 1 });
    }
    const isPassing = ["offline", "busy", "signed-out"].includes(problem.kind) ||
      (problem.kind === "broken" && tries < kTriesMax);
    if (isPassing) {
      this.uploads.change(id, { state: "stalled", problem: message, tries: tries + 1 });
      return this.hold(problem, tries);
    }
    if (problem.kind === "broken") return this.uploads.change(id, { state: "failed", problem: message });
    // It will not be taken as it is: another try begins anew.
    if (session) void abortSession(session.id).catch(() => undefined);
    this.uploads.change(id,
      { state: "failed", problem: message, session: null, announceKey: newIdempotencyKey(), sentBytes: 0 });
    this.uploads.forget(id);
  }

  private loadSender(): Promise<Sender> {
    this.sender ??= import("./sender").then(({ Sender }) => new Sender());
    this.sender.catch(() => {
      this.sender = null;
    });
    return this.sender;
  }

  // ---- All of them

  private take(uploads: Upload[]): void {
    this.uploads.add(uploads);
    this.pump();
  }

  private pump(): void {
    if (this.isHeld) return;
    for (const { id, state } of this.uploads.all()) {
      if (this.running.size >= kFilesAtOnce) return;
      if (state === "waiting" && !this.running.has(id)) void this.run(id);
    }
  }

  // No other is begun before this has passed: it would meet with the same.
  private hold(problem: Problem, tries: number): void {
    this.isHeld = true;
    clearTimeout(this.wakeTimer);
    if (problem.kind === "signed-out") return;
    const pauseMs = Math.min(kPauseMs.least * 2 ** tries, kPauseMs.most);
    this.wakeTimer = setTimeout(this.wake, Math.max(problem.retryAt ? problem.retryAt - Date.now() : pauseMs, 500));
  }

  private stop(id: string): void {
    this.running.get(id)?.abort();
    this.running.delete(id);
  }

  private isOf(id: string, which: (upload: Upload) => boolean): boolean {
    const upload = this.uploads.get(id);
    return upload !== undefined && which(upload);
  }
}
