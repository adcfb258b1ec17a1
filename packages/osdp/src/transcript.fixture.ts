import { readFileSync } from "node:fs";
import { fromHex } from "@menshen/crypto/node";
import { decodeFrame, type Frame } from "./frame/frame.ts";

/** One captured frame; hexadecimal as in the vector file. */
export interface CapturedFrame {
  readonly dir: "cp>pd" | "pd>cp";
  readonly code: string;
  readonly frame: string;
  /** data of an enciphered frame, deciphered when it was captured */
  readonly plain?: string;
}

/** A command and its answer. */
export interface CapturedExchange {
  readonly command: CapturedFrame;
  readonly reply: CapturedFrame;
}

export function readTranscript(name: "scbk" | "install-keyset"): readonly CapturedExchange[] {
  const url = new URL(`../vectors/osdp-transcript-${name}.json`, import.meta.url);
  const { frames }: { frames: CapturedFrame[] } = JSON.parse(readFileSync(url, "utf8"));
  const exchanges: CapturedExchange[] = [];
  for (let i = 0; i + 1 < frames.length; i += 2) {
    const [command, reply] = [frames[i], frames[i + 1]];
    if (command?.dir !== "cp>pd" || reply?.dir !== "pd>cp")
      throw new Error(`frame ${i} does not begin an exchange`);
    exchanges.push({ command, reply });
  }
  return exchanges;
}

export function frameOf(captured: CapturedFrame): Frame {
  const frame = decodeFrame(fromHex(captured.frame), false);
  if (typeof frame === "string") throw new Error(`captured frame is ${frame}`);
  return frame;
}

/** Code and deciphered data of a captured frame. */
export function messageOf(captured: CapturedFrame): { readonly code: number; readonly data: Uint8Array } {
  const frame = frameOf(captured);
  return { code: frame.code, data: captured.plain === undefined ? frame.payload : fromHex(captured.plain) };
}

/** A generator that hands out exactly these values, and fails on any other request. */
export function scriptedRandom(values: readonly Uint8Array[]): (lengthBytes: number) => Uint8Array {
  const left = [...values];
  return (lengthBytes) => {
    const next = left.shift();
    if (next?.length !== lengthBytes)
      throw new Error(`no scripted random value of ${lengthBytes} bytes left`);
    return next;
  };
}
