// The uploads of a page as they are known: what has become of them is shown as a snapshot that changes at most ten
// times a second, and what a reload must not lose is kept.
import { KeptUploads } from "./kept_uploads";
import type { Upload } from "./upload";

const kShownEveryMs = 100;

export class UploadList {
  private readonly uploads = new Map<string, Upload>();
  private readonly listeners = new Set<() => void>();
  private kept: KeptUploads | null = null;
  private shown: readonly Upload[] = [];
  private showTimer: ReturnType<typeof setTimeout> | undefined;

  // From now on it keeps them; `take` is given what a page that is gone has left.
  open(userId: string, take: (uploads: Upload[]) => void): void {
    this.kept = new KeptUploads(userId);
    void this.kept.adopt(take);
  }

  close(): void {
    this.kept?.close();
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = () => this.shown;

  get(id: string): Upload | undefined {
    return this.uploads.get(id);
  }

  // In the order in which they came, as they are now.
  all(): Upload[] {
    return [...this.uploads.values()];
  }

  add(uploads: readonly Upload[]): void {
    for (const upload of uploads) this.uploads.set(upload.id, upload);
    this.show();
  }

  // New ones, with their files.
  keepNew(uploads: readonly Upload[]): void {
    for (const upload of uploads) {
      this.kept?.keep(upload);
      this.kept?.keepFile(upload);
    }
  }

  change(id: string, change: Partial<Upload>): void {
    const upload = this.uploads.get(id);
    if (!upload) return;
    this.uploads.set(id, { ...upload, ...change });
    this.show();
  }

  // So that a reload finds it like that.
  keep(id: string, change: Partial<Upload>): void {
    this.change(id, change);
    const upload = this.uploads.get(id);
    if (upload) this.kept?.keep(upload);
  }

  // A reload does not bring it back.
  forget(id: string): void {
    this.kept?.forget(id);
  }

  remove(id: string): void {
    this.uploads.delete(id);
    this.forget(id);
    this.show();
  }

  private show(): void {
    this.showTimer ??= setTimeout(() => {
      this.showTimer = undefined;
      this.shown = this.all();
      for (const listener of this.listeners) listener();
    }, kShownEveryMs);
  }
}
