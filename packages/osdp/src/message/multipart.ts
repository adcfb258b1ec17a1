import { ReplyCode } from "../codes.ts";
import { OsdpError } from "../osdp-error.ts";
import { makeByteReader } from "./byte-reader.ts";

/** Replies that may come in parts (SIA OSDP v2.2 §5.10); everything this package reads itself fits one message. */
const MULTIPART: ReadonlySet<number> = new Set([ReplyCode.pivdatar, ReplyCode.genauthr, ReplyCode.crauthr]);

export function isMultipart(code: number): boolean {
  return MULTIPART.has(code);
}

/** Puts the parts of one message together. */
export interface Assembler {
  /**
   * Takes the next part: total size, offset and fragment size as 16-bit little-endian numbers, then the fragment
   * (layout as in OSDP.Net `DataFragmentResponse.cs`). Parts must come in order; a part with offset 0 begins anew.
   *
   * @returns the whole message when it is complete, at most 65535 bytes
   * @throws {OsdpError} `malformed-message` when the part does not fit what came before; what came before is dropped
   */
  push(code: number, part: Uint8Array): Uint8Array | undefined;
}

export function makeAssembler(): Assembler {
  let code: number | undefined;
  let whole = new Uint8Array(0);
  let filledBytes = 0;

  function fit(nextCode: number, part: Uint8Array): Uint8Array | undefined {
    const reader = makeByteReader("multi-part reply", part);
    const [totalBytes, offset, fragmentBytes] = [reader.u16le(), reader.u16le(), reader.u16le()];
    const fragment = reader.bytes(fragmentBytes);
    reader.end();
    if (offset === 0) {
      code = nextCode;
      whole = new Uint8Array(totalBytes);
      filledBytes = 0;
    }
    const fits =
      code === nextCode &&
      whole.length === totalBytes &&
      offset === filledBytes &&
      offset + fragmentBytes <= totalBytes &&
      fragmentBytes > 0;
    if (!fits)
      throw new OsdpError("malformed-message", "multi-part reply: expected the next part, came another");
    whole.set(fragment, offset);
    filledBytes += fragmentBytes;
    if (filledBytes < totalBytes) return undefined;
    code = undefined;
    return whole;
  }

  return {
    push(nextCode, part) {
      try {
        return fit(nextCode, part);
      } catch (error) {
        code = undefined;
        throw error;
      }
    },
  };
}
