// Unfinished uploads with their files, in IndexedDB, so that they go on after a reload. What cannot be kept (no room, a
// private window) is uploaded all the same, and is lost with the page.
import { newIdempotencyKey } from "../api/client";
import type { Upload, UploadSession } from "./upload";

interface KeptUpload {
  id: string;
  userId: string;
  tab: string; // whose page has it in hand
  albumId: string | null;
  sha256: string | null;
  session: UploadSession | null;
  announceKey: string;
  isWanted: boolean;
  isPaused: boolean;
  addedAt: number;
}

const kStates = "states";
const kFiles = "files"; // apart: a file is copied once, its state is written often
const lockOf = (tab: string) => `uploads of ${tab}`;

const done = <Value>(request: IDBRequest<Value>) => new Promise<Value>((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open("tintype-uploads", 1);
  request.onupgradeneeded = () => {
    for (const store of [kStates, kFiles]) request.result.createObjectStore(store);
  };
  return done(request);
}

export class KeptUploads {
  private readonly database = openDatabase();
  private readonly tab = newIdempotencyKey();
  private readonly userId: string;
  private readonly closing = new AbortController();
  private readonly forgotten = new Set<string>();
  private copying: Promise<void> = Promise.resolve();

  constructor(userId: string) {
    this.userId = userId;
    this.database.catch(() => undefined);
    if (!navigator.locks) return;
    const closed = new Promise<void>((end) => this.closing.signal.addEventListener("abort", () => end()));
    void navigator.locks.request(lockOf(this.tab), () => closed);
  }

  // Copies the file, one after another, so that hundreds of them do not keep the disk from what is being sent.
  keepFile(upload: Upload): void {
    this.copying = this.copying.then(async () => {
      if (this.forgotten.has(upload.id)) return;
      await this.write([kFiles], (store) => store(kFiles).put(upload.file, upload.id));
    });
  }

  keep({ id, albumId, sha256, session, announceKey, isWanted, addedAt, state }: Upload): void {
    const kept: KeptUpload = {
      id, albumId, sha256, session, announceKey, isWanted, addedAt,
      userId: this.userId, tab: this.tab, isPaused: state === "paused",
    };
    void this.write([kStates], (store) => store(kStates).put(kept, id));
  }

  forget(id: string): void {
    this.forgotten.add(id);
    void this.write([kStates, kFiles], (store) => {
      store(kFiles).delete(id);
      store(kStates).delete(id);
    });
  }

  // Takes over what pages that are gone have left: now, or when a page that is still open goes. A page holds a lock for
  // as long as it lives; without locks (on plain HTTP) nobody knows of the others.
  async adopt(take: (uploads: Upload[]) => void): Promise<void> {
    const tabs = new Set((await this.states()).map(({ tab }) => tab).filter((tab) => tab !== this.tab));
    for (const tab of tabs) {
      const adopt = async () => take(await this.takeOver(tab));
      if (!navigator.locks) await adopt();
      else void navigator.locks.request(lockOf(tab), { signal: this.closing.signal }, adopt).catch(() => undefined);
    }
  }

  close(): void {
    this.closing.abort();
  }

  private async takeOver(tab: string): Promise<Upload[]> {
    if (this.closing.signal.aborted) return [];
    const kept = (await this.states()).filter((one) => one.tab === tab).sort((a, b) => a.addedAt - b.addedAt);
    const uploads: Upload[] = [];
    for (const one of kept) {
      const file = await this.fileOf(one.id);
      if (!file) {
        this.forget(one.id);
        continue;
      }
      const { id, albumId, sha256, session, announceKey, isWanted, addedAt } = one;
      const upload: Upload = {
        id, file, albumId, sha256, session, announceKey, isWanted, addedAt,
        state: one.isPaused ? "paused" : "waiting", sentBytes: 0, tries: 0, problem: null, imageId: null,
      };
      this.keep(upload);
      uploads.push(upload);
    }
    return uploads;
  }

  private async states(): Promise<KeptUpload[]> {
    try {
      const store = (await this.database).transaction(kStates).objectStore(kStates);
      return (await done<KeptUpload[]>(store.getAll())).filter(({ userId }) => userId === this.userId);
    } catch {
      return [];
    }
  }

  private async fileOf(id: string): Promise<File | undefined> {
    const store = (await this.database).transaction(kFiles).objectStore(kFiles);
    return done<File | undefined>(store.get(id)).catch(() => undefined);
  }

  private async write(stores: string[], act: (store: (name: string) => IDBObjectStore) => void): Promise<void> {
    try {
      const transaction = (await this.database).transaction(stores, "readwrite");
      act((name) => transaction.objectStore(name));
      await new Promise<void>((end) => {
        transaction.oncomplete = () => end();
        transaction.onabort = () => end(); // not kept, then: there is no room
      });
    } catch {
      // A browser that keeps nothing.
    }
  }
}
