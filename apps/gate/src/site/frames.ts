import { SITE_FRAME_MAX_BYTES } from "@menshen/wire";
import { GateError } from "../errors.ts";

const LENGTH_BYTES = 4;

/** A frame as it travels: its length as 32 bits, big-endian, then its bytes. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES + payload.length);
  new DataView(bytes.buffer).setUint32(0, payload.length);
  bytes.set(payload, LENGTH_BYTES);
  return bytes;
}

/** Cuts what arrives into frames, however it was split on the way. */
export interface FrameReader {
  /**
   * The frames that are whole with this part.
   *
   * @throws {GateError} `request-invalid` for a frame that is empty or longer than {@link SITE_FRAME_MAX_BYTES}; the reader
   *   is of no use afterwards
   */
  push(part: Uint8Array): readonly Uint8Array[];
}

export function makeFrameReader(): FrameReader {
  let waiting = new Uint8Array();
  return {
    push(part) {
      const all = new Uint8Array(waiting.length + part.length);
      all.set(waiting);
      all.set(part, waiting.length);
      const view = new DataView(all.buffer);
      const frames: Uint8Array[] = [];
      let at = 0;
      while (all.length - at >= LENGTH_BYTES) {
        const length = view.getUint32(at);
        if (length === 0 || length > SITE_FRAME_MAX_BYTES) {
          throw new GateError("request-invalid", `expected a frame of 1 to ${SITE_FRAME_MAX_BYTES} bytes`);
        }
        if (all.length - at - LENGTH_BYTES < length) break;
        frames.push(all.slice(at + LENGTH_BYTES, at + LENGTH_BYTES + length));
        at += LENGTH_BYTES + length;
      }
      waiting = all.slice(at);
      return frames;
    },
  };
}
