// What a person gives us to upload: files, and folders with whatever else lies in them.

import { Problem } from "../api/problem";

export const kPictureTypes = "image/*,.heic,.heif,.avif";

const kExtensions = /\.(jpe?g|jfif|png|webp|gif|heic|heif|avif|tiff?)$/i;
const kHashedBytesMax = 512 << 20; // larger ones are not read into memory for this

const isPicture = (file: File) =>
  (file.type.startsWith("image/") || kExtensions.test(file.name)) && !file.name.startsWith(".");

export interface GivenFiles {
  files: File[];
  leftOut: number; // what lies in a folder and is no picture
}

// Of a chosen folder: its pictures. What was chosen one by one is for the server to judge.
export function picturesOf(all: Iterable<File>): GivenFiles {
  const given = [...all];
  const files = given.filter(isPicture);
  return { files, leftOut: given.length - files.length };
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((found, lost) => (entry as FileSystemFileEntry).file(found, lost))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) { // a reader answers a hundred at a time
    const entries = await new Promise<FileSystemEntry[]>((found, lost) => reader.readEntries(found, lost));
    if (entries.length === 0) return files;
    for (const one of entries) files.push(...await filesIn(one));
  }
}

// Of a drop. The entries are to be taken before anything is waited for: the drop's data is gone after its event.
export async function droppedFiles(data: DataTransfer): Promise<GivenFiles> {
  const entries = [...data.items].map((item) => (item.kind === "file" ? item.webkitGetAsEntry() : null));
  if (entries.every((entry) => entry === null || entry.isFile)) return { files: [...data.files], leftOut: 0 };
  const all = await Promise.all(entries.filter((entry) => entry !== null).map(async (entry) => {
    const files = await filesIn(entry);
    return entry.isFile ? { files, leftOut: 0 } : picturesOf(files);
  }));
  return { files: all.flatMap(({ files }) => files), leftOut: all.reduce((sum, { leftOut }) => sum + leftOut, 0) };
}

// Of the clipboard: what is pasted has no name of its own.
export function pastedFiles(data: DataTransfer): File[] {
  const time = new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
  return [...data.files].map((file) =>
    file.name === "image.png" ? new File([file], `Pasted ${time}.png`, { type: file.type }) : file);
}

const kSignatures: readonly [type: string, at: number, text: string][] = [
  ["image/jpeg", 0, "\xff\xd8\xff"], ["image/png", 0, "\x89PNG"], ["image/gif", 0, "GIF8"], ["image/webp", 8, "WEBP"],
  ["image/tiff", 0, "II*\0"], ["image/tiff", 0, "MM\0*"], ["image/avif", 8, "avif"], ["image/heic", 8, "heic"],
  ["image/heic", 8, "heix"], ["image/heic", 8, "mif1"], ["image/heic", 8, "msf1"], ["image/heic", 8, "hevc"],
];

// By its first bytes: systems name types by the file's name, and know none for some.
export async function typeOf(file: File): Promise<string> {
  const head = String.fromCharCode(...new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  const found = kSignatures.find(([, at, text]) => head.startsWith(text, at));
  return found?.[0] ?? (file.type || "application/octet-stream");
}

async function read(blob: Blob): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer();
  } catch {
    throw new Problem(400, "The file cannot be read",
      { suggestion: "It was moved or changed. Please choose it again" });
  }
}

export async function checkReadable(file: File): Promise<void> {
  await read(file.slice(0, 1));
}

// In hex. Null where the browser does not hash (it does on HTTPS and on this machine alone) or the file is too large.
export async function sha256Of(file: File): Promise<string | null> {
  if (!globalThis.crypto.subtle || file.size > kHashedBytesMax) return null;
  const hash = await crypto.subtle.digest("SHA-256", await read(file));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
