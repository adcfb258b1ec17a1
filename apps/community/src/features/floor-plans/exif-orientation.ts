// Exif 2.32 §4.5, TIFF 6.0 §2: which side of a photograph is up.

const EXIF = Buffer.from("Exif\0\0", "latin1");
const ORIENTATION_TAG = 0x0112;
const SHORT = 3;
/** Behind the marker's name. */
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;

/** 1 to 8 as the standard numbers them; `undefined` if these bytes of an APP1 segment do not say. */
export function orientationOf(segment: Buffer): number | undefined {
  if (!segment.subarray(0, EXIF.length).equals(EXIF)) return undefined;
  const tiff = segment.subarray(EXIF.length);
  if (tiff.length < HEADER_BYTES + 2) return undefined;
  const order = tiff.toString("latin1", 0, 2);
  if (order !== "II" && order !== "MM") return undefined;
  const isLittle = order === "II";
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return undefined;
  const entries = short(directory);
  for (let index = 0; index < entries; index += 1) {
    const at = directory + 2 + index * ENTRY_BYTES;
    if (at + ENTRY_BYTES > tiff.length) return undefined;
    if (short(at) !== ORIENTATION_TAG) continue;
    const value = short(at + 8);
    return short(at + 2) === SHORT && value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** An APP1 segment that says nothing else. */
export function writeOrientation(orientation: number): Buffer {
  const tag = Buffer.from(`0112000300000001${orientation.toString(16).padStart(4, "0")}0000`, "hex");
  const body = Buffer.concat([
    EXIF,
    Buffer.from("4d4d002a00000008" + "0001", "hex"),
    tag,
    Buffer.from("00000000", "hex"),
  ]);
  const head = Buffer.from("ffe10000", "hex");
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}
