import { concatBytes } from "@menshen/crypto/node";
import { MAX_FRAME_BYTES } from "../codes.ts";
import type { SeenFrame } from "./line-monitor.ts";

/** No link type stands for OSDP; USER0 is free for private use (pcapng draft, LINKTYPE_USER0). */
const LINKTYPE_USER0 = 147;
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPT_COMMENT = 1;
const EPB_FLAGS = 2;
const INBOUND = 1;
const OUTBOUND = 2;

/** What a capture file begins with: its section and one line as interface, times in microseconds. */
export function captureHeader(lineName: string): Uint8Array {
  const section = concatBytes(u32(BYTE_ORDER_MAGIC), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff));
  const name = option(2, new TextEncoder().encode(lineName));
  const line = concatBytes(u16(LINKTYPE_USER0), u16(0), u32(MAX_FRAME_BYTES), name, u32(0));
  return concatBytes(block(SECTION_HEADER, section), block(INTERFACE_DESCRIPTION, line));
}

/** One frame, with its words as comment. @param atMs Unix milliseconds */
export function capturedFrame(seen: SeenFrame, atMs: number): Uint8Array {
  const micros = BigInt(Math.round(atMs * 1_000));
  return block(
    ENHANCED_PACKET,
    concatBytes(
      u32(0),
      u32(Number(micros >> 32n)),
      u32(Number(micros & 0xffffffffn)),
      u32(seen.bytes.length),
      u32(seen.sizeBytes),
      padded(seen.bytes),
      option(OPT_COMMENT, new TextEncoder().encode(seen.words)),
      option(EPB_FLAGS, u32(seen.frame.reply ? INBOUND : OUTBOUND)),
      u32(0),
    ),
  );
}

function block(type: number, body: Uint8Array): Uint8Array {
  const length = u32(body.length + 12);
  return concatBytes(u32(type), length, body, length);
}

function option(code: number, value: Uint8Array): Uint8Array {
  return concatBytes(u16(code), u16(value.length), padded(value));
}

function padded(bytes: Uint8Array): Uint8Array {
  return concatBytes(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}
