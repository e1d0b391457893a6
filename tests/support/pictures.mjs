// Pictures for tests, drawn here: no photo of others is part of the project.
import { randomFillSync } from "node:crypto";
import * as zlib from "node:zlib";

const kCrcTable = Int32Array.from({ length: 256 }, (_, crc) => {
  for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

// Node.js has one of its own since 22.2; Debian's is older.
const { deflateSync } = zlib;
const crc32 = zlib.crc32 ?? ((bytes) => {
  let crc = ~0;
  for (const byte of bytes) crc = (crc >>> 8) ^ kCrcTable[(crc ^ byte) & 255];
  return ~crc >>> 0;
});

function chunk(type, data) {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, "latin1");
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

// A PNG of `colour(x, y) -> [r, g, b] or [r, g, b, a]`, 0 to 255.
export function png(width, height, colour) {
  const channels = colour(0, 0).length;
  const rows = Buffer.alloc(height * (1 + width * channels));
  let at = 0;
  for (let y = 0; y < height; ++y) {
    rows[at++] = 0;
    for (let x = 0; x < width; ++x) for (const value of colour(x, y)) rows[at++] = value;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 4 ? 6 : 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

// Edges, a gradient and a texture; another seed is another picture.
export function scene(width = 64, height = 48, seed = 1) {
  return png(width, height, (x, y) => {
    const disc = (x - width / 3) ** 2 + (y - height / 2) ** 2 < (height / 4) ** 2;
    const wave = 127 + 100 * Math.sin((x * seed) / 5 + y / 7);
    return [disc ? 230 : (255 * x) / width, (wave + seed * 13) & 255, disc ? 40 : (255 * y) / height].map(Math.floor);
  });
}

// A PNG that does not compress, for uploads of some size: about width x height x 3 bytes.
export function noise(width, height) {
  const rows = randomFillSync(Buffer.allocUnsafe(height * (1 + width * 3)));
  for (let y = 0; y < height; ++y) rows[y * (1 + width * 3)] = 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 0 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
