import { cleanJpeg, isJpeg } from "./clean-jpeg.ts";
import { cleanPng, isPng } from "./clean-png.ts";
import { cleanSvg } from "./clean-svg.ts";
import { faulty, type ImageOutcome } from "./image-outcome.ts";

/** Encodings that drawing programs write, beside UTF-8, which needs no word. */
const ENCODINGS: Readonly<Record<string, string>> = {
  "utf-8": "utf-8",
  gb2312: "gb18030",
  gbk: "gb18030",
  gb18030: "gb18030",
};

/**
 * The file as it may be stored and shown: what it is stands in its first bytes, never in its name.
 *
 * @returns why it is not taken, otherwise
 */
export function cleanImage(bytes: Uint8Array): ImageOutcome {
  const outcome = cleanByType(bytes);
  if (!outcome.ok || outcome.image.type === "image/svg+xml") return outcome;
  const { height, width } = outcome.image;
  return width > height * 20 || height > width * 20 ? faulty("odd-shape") : outcome;
}

function cleanByType(bytes: Uint8Array): ImageOutcome {
  if (isPng(bytes)) return cleanPng(bytes);
  if (isJpeg(bytes)) return cleanJpeg(bytes);
  if (!looksLikeText(bytes)) return faulty("unknown-type");
  const text = decode(bytes);
  return text === undefined ? faulty("damaged") : cleanSvg(text);
}

/** A tag is the first thing in it, perhaps behind a mark of its encoding. */
function looksLikeText(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 256)).toString("latin1").replaceAll("\0", "");
  return /^(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?\s*</.test(start);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch (error) {
    // What a decoder says to bytes that are none of its letters, and to a name it does not know.
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const start = Buffer.from(bytes.subarray(0, 200)).toString("latin1");
  const named = /^[^<]*<\?xml[^>]*encoding\s*=\s*["']([\w.-]{1,40})["']/.exec(start)?.[1];
  return ENCODINGS[(named ?? "utf-8").toLowerCase()] ?? "unknown";
}
