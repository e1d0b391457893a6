// JPEG files taken apart and put together by their segments (ITU T.81, annex B).
const kStartOfScan = 0xda;

// [{marker, payload}] up to the first scan.
export function segments(jpeg) {
  const found = [];
  for (let at = 2; jpeg[at] === 0xff && jpeg[at + 1] !== kStartOfScan; at += 2 + jpeg.readUInt16BE(at + 2)) {
    found.push({ marker: jpeg[at + 1], payload: jpeg.subarray(at + 4, at + 2 + jpeg.readUInt16BE(at + 2)) });
  }
  return found;
}

function segment(marker, payload) {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}

// An Exif block (CIPA DC-008, little-endian) that says an orientation, a description and a place on Earth.
function exifOfAPlace(orientation, description) {
  const text = Buffer.from(`${description}\0`, "latin1");
  const gpsAt = 8 + 2 + 3 * 12 + 4;
  const textAt = gpsAt + 2 + 2 * 12 + 4 + 24;
  const block = Buffer.alloc(textAt + text.length);
  block.write("II*\0", 0, "latin1");
  block.writeUInt32LE(8, 4);
  let at = 8;
  const entry = (tag, type, count, value) => {
    block.writeUInt16LE(tag, at);
    block.writeUInt16LE(type, at + 2);
    block.writeUInt32LE(count, at + 4);
    block.writeUInt32LE(value, at + 8);
    at += 12;
  };
  block.writeUInt16LE(3, at);
  at += 2;
  entry(0x010e, 2, text.length, textAt); // ImageDescription
  entry(0x0112, 3, 1, orientation); // Orientation
  entry(0x8825, 4, 1, gpsAt); // GPSInfo
  at = gpsAt;
  block.writeUInt16LE(2, at);
  at += 2;
  entry(1, 2, 2, "N".charCodeAt(0)); // GPSLatitudeRef
  entry(2, 5, 3, gpsAt + 2 + 2 * 12 + 4); // GPSLatitude
  [52, 1, 31, 1, 12, 1].forEach((number, index) => block.writeUInt32LE(number, gpsAt + 30 + 4 * index));
  text.copy(block, textAt);
  return Buffer.concat([Buffer.from("Exif\0\0", "latin1"), block]);
}

// The same picture as a camera with a bad memory for secrets would have written it.
export function withPlace(jpeg, orientation, secret) {
  const xmp = `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/">${secret}</x:xmpmeta>`;
  return Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xe1, exifOfAPlace(orientation, secret)),
    segment(0xe1, Buffer.from(xmp, "latin1")),
    segment(0xfe, Buffer.from(secret, "latin1")),
    jpeg.subarray(2),
    Buffer.from(secret, "latin1"),
  ]);
}

// A grey picture of 8 x 8 pixels: one block, whose codes say nothing but "no difference" and "end".
export function greyJpeg() {
  const code = (table) => segment(0xc4, Buffer.from([table, 1, ...Array(15).fill(0), 0]));
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, Buffer.from([0, ...Array(64).fill(1)])),
    segment(0xc0, Buffer.from([8, 0, 8, 0, 8, 1, 1, 0x11, 0])),
    code(0x00),
    code(0x10),
    segment(kStartOfScan, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([0x3f, 0xff, 0xd9]),
  ]);
}

const kAscii = 2;
const kShort = 3;
const kLong = 4;
const kRational = 5;
const typeOf = (value) =>
  typeof value === "string" ? kAscii : Array.isArray(value) ? kRational : value > 0xffff ? kLong : kShort;

function bytesOfTag(value) {
  if (typeof value === "string") return Buffer.from(`${value}\0`);
  const numbers = [value].flat(2);
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, at) => bytes.writeUInt32LE(number, at * 4));
  return bytes;
}

// {tag: value} as a directory at `start`: text, a number, or [[numerator, denominator], ...].
function directory(tags, start) {
  const entries = Object.entries(tags).map(([tag, value]) => [Number(tag), value]).sort(([a], [b]) => a - b);
  const head = Buffer.alloc(2 + entries.length * 12 + 4);
  head.writeUInt16LE(entries.length, 0);
  const behind = [];
  let end = start + head.length;
  entries.forEach(([tag, value], index) => {
    const at = 2 + index * 12;
    const bytes = bytesOfTag(value);
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(typeOf(value), at + 2);
    head.writeUInt32LE(typeof value === "string" ? bytes.length : [value].flat().length, at + 4);
    if (bytes.length <= 4) return bytes.copy(head, at + 8);
    head.writeUInt32LE(end, at + 8);
    behind.push(bytes);
    end += bytes.length;
  });
  return Buffer.concat([head, ...behind]);
}

// The same picture with Exif tags by their numbers: of the image, of how it was taken, and of where.
export function withExif(jpeg, { image = {}, photo = {}, place = {} }) {
  const kHead = 8;
  const at = kHead + directory({ ...image, 0x8769: 0x10000, 0x8825: 0x10000 }, kHead).length;
  const taken = directory(photo, at);
  const pointers = { 0x8769: at, 0x8825: at + taken.length };
  const head = Buffer.from("II*\0\x08\0\0\0", "latin1");
  const first = directory({ ...image, ...pointers }, kHead);
  const where = directory(place, at + taken.length);
  const exif = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), head, first, taken, where]);
  return Buffer.concat([jpeg.subarray(0, 2), segment(0xe1, exif), jpeg.subarray(2)]);
}
