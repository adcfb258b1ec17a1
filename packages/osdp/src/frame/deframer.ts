import { MAX_FRAME_BYTES } from "../codes.ts";
import { announcedLength, decodeFrame, type Frame, MARK, MIN_FRAME_BYTES, SOM } from "./frame.ts";

/** What a deframer has met so far; only ever grows. */
export interface LineStatistics {
  readonly frames: number;
  /** announced and complete, but the CRC or checksum was wrong, or the security block was none */
  readonly damagedFrames: number;
  /** bytes that belonged to no frame, mark bytes not counted */
  readonly discardedBytes: number;
}

/** Cuts a byte stream into frames. */
export interface Deframer {
  /** Takes the next bytes and returns every frame they complete, in order. Frames own their bytes. */
  push(chunk: Uint8Array): Frame[];
  /**
   * Gives up the frame that is being waited for and looks for another start behind it: what began it may have been
   * noise that looked like a header. Call it when the line has been silent for too long.
   *
   * @returns frames that had been hidden behind the false start
   */
  expire(): Frame[];
  /** Whether a frame has begun and its end has not come. */
  readonly partial: boolean;
  readonly statistics: LineStatistics;
}

/** Bytes that may be checked a second time for each byte received, and how many at most can be saved up. */
const RECHECK_FACTOR = 4;
const RECHECK_LIMIT_BYTES = 16 * MAX_FRAME_BYTES;

/**
 * Resynchronises after any noise: whenever a start turns out wrong (impossible length, bad check), only its first byte
 * is given up and the rest is read again. Memory is bounded by one longest frame plus the chunk being pushed, work by a
 * few checks a byte: a flood made of false starts is skipped frame by frame instead.
 */
export function makeDeframer(maxFrameBytes = MAX_FRAME_BYTES): Deframer {
  // INVARIANT: pending is empty or begins with SOM, and is shorter than the frame it announces.
  let pending = new Uint8Array(0);
  let marked = false;
  let recheckBytes = RECHECK_LIMIT_BYTES;
  const count = { frames: 0, damagedFrames: 0, discardedBytes: 0 };

  function scan(bytes: Uint8Array<ArrayBuffer>, markBefore: boolean): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    let mark = markBefore;
    while (at < bytes.length) {
      if (bytes[at] !== SOM) {
        mark = bytes[at] === MARK;
        if (!mark) count.discardedBytes += 1;
        at += 1;
        continue;
      }
      const lengthBytes = announcedLength(bytes.subarray(at));
      if (lengthBytes === undefined) break;
      if (lengthBytes < MIN_FRAME_BYTES || lengthBytes > maxFrameBytes) {
        count.discardedBytes += 1;
        mark = false;
        at += 1;
        continue;
      }
      if (bytes.length - at < lengthBytes) break;
      const frame = decodeFrame(bytes.slice(at, at + lengthBytes), mark);
      mark = false;
      if (typeof frame === "string") {
        const skipBytes = recheckBytes >= lengthBytes ? 1 : lengthBytes;
        if (skipBytes === 1) recheckBytes -= lengthBytes;
        count.damagedFrames += 1;
        count.discardedBytes += skipBytes;
        at += skipBytes;
        continue;
      }
      count.frames += 1;
      frames.push(frame);
      at += lengthBytes;
    }
    pending = bytes.slice(at);
    marked = mark;
    return frames;
  }

  return {
    push(chunk) {
      const bytes = new Uint8Array(pending.length + chunk.length);
      bytes.set(pending);
      bytes.set(chunk, pending.length);
      recheckBytes = Math.min(recheckBytes + chunk.length * RECHECK_FACTOR, RECHECK_LIMIT_BYTES);
      return scan(bytes, marked);
    },
    expire() {
      if (pending.length === 0) return [];
      count.discardedBytes += 1;
      return scan(pending.slice(1), false);
    },
    get partial() {
      return pending.length > 0;
    },
    get statistics() {
      return { ...count };
    },
  };
}
