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
