// Uploading, for every page of who is signed in: what is under way goes on while one walks through the console.
import { useQueryClient } from "@tanstack/react-query";
import {
  createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useEffect, useMemo, useRef, useState,
  useSyncExternalStore,
} from "react";
import { useToast } from "../components/toast";
import { formatCount } from "../format";
import { useMe, useSession } from "../session/session";
import { DropZone } from "./drop_zone";
import type { GivenFiles } from "./picture_files";
import { isUnderWay, type Upload } from "./upload";
import { UploadQueue } from "./upload_queue";

const UploadPanel = lazy(() => import("./upload_panel"));

// Where files go that are dropped or pasted on the page: into the library, or where the page says.
export interface DropTarget {
  label: string;
  take: (files: File[]) => void;
}

interface Uploads {
  queue: UploadQueue;
  // Into the library, and into the album where one is named.
  upload: (given: GivenFiles, albumId?: string | null) => void;
  setTarget: (target: DropTarget | null) => void;
}

const UploadContext = createContext<Uploads | null>(null);
const kRefreshMs = 1_000;
const kLists = [["get", "/v1/images"], ["get", "/v1/search/images"], ["get", "/v1/albums/{id}/images"]];

export function UploadProvider({ children }: { children: ReactNode }) {
  const me = useMe();
  return <OfUser key={me.id} userId={me.id}>{children}</OfUser>;
}

function OfUser({ userId, children }: { userId: string; children: ReactNode }) {
  const refresh = useRefresh();
  const show = useToast();
  const { isExpired } = useSession();
  const [queue] = useState(() => new UploadQueue(userId, refresh));
  const [target, setTarget] = useState<DropTarget | null>(null);
  useEffect(() => {
    queue.open();
    return () => queue.close();
  }, [queue]);
  useEffect(() => {
    if (!isExpired) queue.wake();
  }, [queue, isExpired]);

  const upload = useCallback(({ files, leftOut }: GivenFiles, albumId: string | null = null) => {
    queue.add(files, albumId);
    const were = leftOut === 1 ? "is no picture and was" : "are no pictures and were";
    if (leftOut > 0) show(`${formatCount(leftOut, "file")} in that folder ${were} left out`);
  }, [queue, show]);
  const uploads = useMemo(() => ({ queue, upload, setTarget }), [queue, upload]);
  const take = useCallback((given: GivenFiles) => {
    if (target) target.take(given.files);
    else upload(given);
  }, [target, upload]);
  return (
    <UploadContext.Provider value={uploads}>
      {children}
      <DropZone label={target?.label ?? "Drop to add to your library"} onFiles={take} />
      <ShownUploads queue={queue} />
    </UploadContext.Provider>
  );
}

function ShownUploads({ queue }: { queue: UploadQueue }) {
  const uploads = useUploadList(queue);
  const isBusy = uploads.some(isUnderWay);
  useEffect(() => {
    if (!isBusy) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isBusy]);
  return uploads.length > 0 && <Suspense><UploadPanel queue={queue} uploads={uploads} /></Suspense>;
}

const useUploadList = (queue: UploadQueue): readonly Upload[] => useSyncExternalStore(queue.subscribe, queue.snapshot);

// The lists of pictures are read anew at most once a second, however many arrive.
function useRefresh(): () => void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      for (const queryKey of kLists) void client.invalidateQueries({ queryKey });
    }, kRefreshMs);
  }, [client]);
}

export function useUploads(): Uploads {
  const uploads = useContext(UploadContext);
  if (!uploads) throw new Error("useUploads outside of UploadProvider");
  return uploads;
}

// While the page is shown, what is dropped or pasted is its own. Null leaves it to the library.
export function useDropTarget(label: string | null, take: (files: File[]) => void): void {
  const { setTarget } = useUploads();
  const taking = useRef(take);
  taking.current = take;
  useEffect(() => {
    if (label === null) return undefined;
    setTarget({ label, take: (files) => taking.current(files) });
    return () => setTarget(null);
  }, [label, setTarget]);
}
