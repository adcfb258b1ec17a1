import { crc32 } from "node:zlib";
import { FLOOR_PLAN_MAX_PIXELS, FLOOR_PLAN_MAX_SIDE_PX } from "@menshen/wire";
import { countRemovals, faulty, type ImageOutcome } from "./image-outcome.ts";

/** PNG (W3C, third edition) §5.2. */
const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
/** Chunks that decide what is seen. All others are texts, times, colour profiles with names, animations. */
const KEPT: ReadonlySet<string> = new Set([
  "IHDR",
  "PLTE",
  "tRNS",
  "gAMA",
  "cHRM",
  "sRGB",
  "sBIT",
  "IDAT",
  "IEND",
]);
/** Length, name and checksum around the data of a chunk. */
const AROUND_BYTES = 12;

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));

/** Whether two sides are more than a tablet holds in memory. */
export const isTooLarge = (width: number, height: number): boolean =>
  Math.max(width, height) > FLOOR_PLAN_MAX_SIDE_PX || width * height > FLOOR_PLAN_MAX_PIXELS;

/** The picture without what is not seen of it: only the chunks that draw it, none of them broken, nothing behind its end. */
export function cleanPng(bytes: Uint8Array): ImageOutcome {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const removals = countRemovals();
  const kept: Buffer[] = [SIGNATURE];
  let size: { readonly width: number; readonly height: number } | undefined;
  let hasPixels = false;
  let offset = SIGNATURE.length;
  for (;;) {
    if (offset + AROUND_BYTES > view.length) return faulty("damaged");
    const length = view.readUInt32BE(offset);
    const end = offset + AROUND_BYTES + length;
    if (end > view.length) return faulty("damaged");
    const name = view.toString("latin1", offset + 4, offset + 8);
    if (crc32(view.subarray(offset + 4, end - 4)) !== view.readUInt32BE(end - 4)) return faulty("damaged");
    // §5.6: the header comes first, and once.
    if ((size === undefined) !== (name === "IHDR")) return faulty("damaged");
    if (name === "IHDR") {
      if (length !== 13) return faulty("damaged");
      size = { width: view.readUInt32BE(offset + 8), height: view.readUInt32BE(offset + 12) };
      if (size.width === 0 || size.height === 0) return faulty("damaged");
      if (isTooLarge(size.width, size.height)) return faulty("too-many-pixels");
    }
    if (name === "IDAT") hasPixels = true;
    if (KEPT.has(name)) kept.push(view.subarray(offset, end));
    // An upper-case letter: a chunk without which the picture is not to be shown.
    else if (/^[A-Z]/.test(name)) return faulty("damaged");
    else removals.note("metadata");
    offset = end;
    if (name === "IEND") break;
  }
  if (size === undefined || !hasPixels) return faulty("damaged");
  if (offset < view.length) removals.note("metadata");
  return {
    ok: true,
    image: { type: "image/png", ...size, bytes: Buffer.concat(kept), removed: removals.list() },
  };
}
