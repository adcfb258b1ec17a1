import { type SoftwareCard, StatusWord } from "@menshen/credentials";
import { readCommand, respond } from "./apdu.ts";

/** A card in software. It answers bytes with bytes; the reader in front of it does not matter. */
export interface VirtualCard extends SoftwareCard {
  readonly kind: CardKind;
  readonly uid: Uint8Array;
  /** Answers one command APDU, at once. Never throws on any bytes. */
  readonly transceive: (command: Uint8Array) => Uint8Array;
}

export const CARD_KINDS = ["desfire", "ntag424", "uid"] as const;
export type CardKind = (typeof CARD_KINDS)[number];

/**
 * What the reader sees at anticollision: the card's own identifier, or with random identifiers switched on a single-size
 * one that begins with 08 (ISO/IEC 14443-3 §6.5.4), new at each power-up.
 */
export function anticollisionUid(
  state: { readonly uid: Uint8Array; readonly randomUid?: boolean },
  random: (lengthBytes: number) => Uint8Array,
): Uint8Array {
  return state.randomUid === true ? Uint8Array.of(0x08, ...random(3)) : state.uid;
}

/**
 * What a PC/SC reader answers itself, without asking the card: GET DATA for UID and historical bytes
 * (PC/SC part 3 §3.2.2.1.3). Undefined for every other command.
 */
export function answerLikeReader(
  command: Uint8Array,
  uid: Uint8Array,
  historicalBytes: Uint8Array,
): Uint8Array | undefined {
  if (command[0] !== 0xff) return undefined;
  const apdu = readCommand(command);
  if (apdu === undefined) return respond(StatusWord.wrongLength);
  if (apdu.ins !== 0xca || apdu.p2 !== 0x00) return respond(StatusWord.functionNotSupported);
  if (apdu.p1 === 0x00) return limited(uid, apdu.le);
  if (apdu.p1 === 0x01) return limited(historicalBytes, apdu.le);
  return respond(StatusWord.functionNotSupported);
}

function limited(bytes: Uint8Array, expected: number | undefined): Uint8Array {
  // `6Cxx`: the length asked for is wrong, xx is right (PC/SC part 3, table 3-8).
  if (expected !== undefined && expected < bytes.length) return respond(0x6c00 | bytes.length);
  return respond(StatusWord.ok, bytes);
}

/** ATR of a contactless card with an ISO/IEC 14443-4 interface: its historical bytes behind `3B 8n 80 01`. */
export function contactlessAtr(historicalBytes: Uint8Array): Uint8Array {
  const atr = Uint8Array.of(0x3b, 0x80 | historicalBytes.length, 0x80, 0x01, ...historicalBytes, 0);
  let check = 0;
  for (const byte of atr.subarray(1)) check ^= byte;
  atr[atr.length - 1] = check;
  return atr;
}
