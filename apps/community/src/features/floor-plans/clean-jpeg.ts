import { isTooLarge } from "./clean-png.ts";
import { orientationOf, writeOrientation } from "./exif-orientation.ts";
import { countRemovals, faulty, type ImageOutcome } from "./image-outcome.ts";

// ITU-T T.81 Annex B.
const START = Buffer.from("ffd8", "hex");
const END = Buffer.from("ffd9", "hex");
const EOI = 0xd9;
const SOS = 0xda;
const APP0_JFIF = 0xe0;
const APP1_EXIF = 0xe1;
/** Says how colours are coded; without it some pictures are shown in false ones. */
const APP14_ADOBE = 0xee;
const COMMENT = 0xfe;
/** A progressive picture has some ten; each is a pass over all pixels. */
const MAX_SCANS = 60;

export const isJpeg = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/** Start of frame, of whatever kind but the lossless and arithmetic ones that no browser shows. */
const isFrame = (marker: number) => marker === 0xc0 || marker === 0xc1 || marker === 0xc2;

/**
 * The picture without what is not seen of it: no place and time of the camera, no comments, no thumbnail, nothing behind
 * its end. Of what a camera notes, only stays which side is up.
 */
export function cleanJpeg(bytes: Uint8Array): ImageOutcome {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const removals = countRemovals();
  const kept: Buffer[] = [];
  let size: { readonly width: number; readonly height: number } | undefined;
  let orientation = 1;
  let scans = 0;
  let offset = START.length;
  for (;;) {
    // B.1.1.2: any number of fill bytes may stand before a marker.
    while (view[offset] === 0xff && view[offset + 1] === 0xff) offset += 1;
    const marker = view[offset + 1];
    if (view[offset] !== 0xff || marker === undefined) return faulty("damaged");
    if (marker === EOI) break;
    if (offset + 4 > view.length) return faulty("damaged");
    const end = offset + 2 + view.readUInt16BE(offset + 2);
    if (end < offset + 4 || end > view.length) return faulty("damaged");
    const segment = view.subarray(offset, end);
    if (isFrame(marker)) {
      if (size !== undefined || segment.length < 10) return faulty("damaged");
      size = { height: segment.readUInt16BE(5), width: segment.readUInt16BE(7) };
      if (size.width === 0 || size.height === 0) return faulty("damaged");
      if (isTooLarge(size.width, size.height)) return faulty("too-many-pixels");
    } else if (marker === APP1_EXIF) orientation = orientationOf(segment.subarray(4)) ?? orientation;

    const isNote = (marker > APP0_JFIF && marker <= 0xef && marker !== APP14_ADOBE) || marker === COMMENT;
    if (isNote) removals.note("metadata");
    else kept.push(segment);
    offset = end;
    if (marker === SOS) {
      scans += 1;
      if (size === undefined || scans > MAX_SCANS) return faulty("damaged");
      const next = endOfScan(view, offset);
      if (next === undefined) return faulty("damaged");
      kept.push(view.subarray(offset, next));
      offset = next;
    }
  }
  if (size === undefined || scans === 0) return faulty("damaged");
  if (offset + END.length < view.length) removals.note("metadata");
  const upright = orientation === 1 ? [] : [writeOrientation(orientation)];
  // Five to eight lie on their side.
  const { height, width } = orientation < 5 ? size : { width: size.height, height: size.width };
  return {
    ok: true,
    image: {
      type: "image/jpeg",
      width,
      height,
      bytes: Buffer.concat([START, ...upright, ...kept, END]),
      removed: removals.list(),
    },
  };
}

/** Where the marker behind the coded pixels stands; stuffed zeros and restart markers belong to them. */
function endOfScan(view: Buffer, from: number): number | undefined {
  let offset = view.indexOf(0xff, from);
  while (offset >= 0 && offset + 1 < view.length) {
    const next = view[offset + 1] ?? 0;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return offset;
    offset = view.indexOf(0xff, next === 0xff ? offset + 1 : offset + 2);
  }
  return undefined;
}
