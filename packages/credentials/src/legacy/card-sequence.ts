import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import type { CounterMark } from "@menshen/domain";
import { encodeCommand, parseResponse, StatusWord } from "../apdu/apdu.ts";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import { type ClassicSector, openCardMemory } from "./card-memory.ts";

// A card that is a mere number, but can be written, carries a number that each tap raises. A copy and its original go on
// from the same number, so one of them falls behind at the first gate that meets both. Whoever copies a card at every tap
// is not seen, and nothing here is secret: it detects, and refuses nobody.

/** What a card holds, and what a gate remembers of it. */
export interface SequenceStamp {
  /** 1 to 2^32 - 1. */
  readonly counter: number;
  /** 0 to 65535, drawn for each tap: tells two chips apart that have counted equally far. */
  readonly draw: number;
}

/** What came of one tap. */
export interface SequenceReading {
  /** What the card held; absent for a card that held none, or could not be read. */
  readonly counter?: number;
  readonly mark?: CounterMark;
  /** What the card holds from now on, if it took it: what the gate is to remember. */
  readonly written?: SequenceStamp;
}

export interface CountOnCardOptions {
  readonly primitives: Pick<Primitives, "sha256" | "constantTimeEqual">;
  readonly random: Primitives["randomBytes"];
  /** The card's identifier: a number copied from another card says nothing. */
  readonly uid: Uint8Array;
  /** What this gate wrote or saw last, if it knows the card. */
  readonly last?: SequenceStamp | undefined;
  /** Where on a MIFARE Classic, and with which key. */
  readonly classicSector?: ClassicSector;
}

const RECORD_BYTES = 16;
/** `MSQ1` */
const MAGIC = Uint8Array.of(0x4d, 0x53, 0x51, 0x31);
const LABEL = new TextEncoder().encode("menshen card sequence v1\0");
const MAX_COUNTER = 0xffff_ffff;

type Slot =
  | { readonly state: "ours"; readonly stamp: SequenceStamp }
  | { readonly state: "blank" }
  /** Ours, but not written to its end; beside one of ours, anything else is that too. */
  | { readonly state: "broken" }
  | { readonly state: "foreign" };

/**
 * Reads the number of a card in the field and raises it. Two places are written in turn, so that a card which leaves at any
 * step still holds its number before. A card that holds somebody else's data there is left as it is.
 *
 * Whoever calls this has made sure that the card is one of the community's.
 *
 * @returns `undefined` for a card that holds no number and of which the gate knows none. Never throws for what card or
 *   reader do: a card that left is marked `torn`
 */
export async function countOnCard(
  channel: CardChannel,
  options: CountOnCardOptions,
): Promise<SequenceReading | undefined> {
  const progress: { found?: SequenceReading } = {};
  try {
    return await count(channel, options, progress);
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    return { ...progress.found, mark: progress.found?.mark ?? "torn" };
  }
}

async function count(
  channel: CardChannel,
  options: CountOnCardOptions,
  progress: { found?: SequenceReading },
): Promise<SequenceReading | undefined> {
  const { last, random } = options;
  const absent: SequenceReading | undefined = last === undefined ? undefined : { mark: "missing" };
  const memory = await openCardMemory(exchangeOver(channel), channel.atr, options.classicSector);
  if (memory === undefined) return absent;
  const slots: Slot[] = [];
  for (const index of [0, 1] as const) {
    const bytes = await memory.read(index);
    if (bytes === undefined) return absent;
    slots.push(parseRecord(bytes, options));
  }
  const [present, at] = newest(slots);
  const isBroken = slots.some(({ state }) => state === "broken");
  if (present === undefined) {
    if (slots.some(({ state }) => state === "foreign") || last !== undefined) return absent;
    if (isBroken) progress.found = { mark: "torn" };
  } else {
    const isTorn = isBroken || slots.some(({ state }) => state === "foreign");
    const mark = goesBack(present, last) ? "went-back" : isTorn ? "torn" : undefined;
    progress.found = { counter: present.counter, ...(mark === undefined ? {} : { mark }) };
  }
  const counter = (present?.counter ?? 0) + 1;
  if (counter > MAX_COUNTER) return progress.found;
  const [high = 0, low = 0] = random(2);
  const written = { counter, draw: high * 256 + low };
  const isWritten = await memory.write(at === 0 ? 1 : 0, formRecord(written, options));
  return isWritten ? { ...progress.found, written } : progress.found;
}

function goesBack(present: SequenceStamp, last: SequenceStamp | undefined): boolean {
  if (last === undefined || present.counter > last.counter) return false;
  return present.counter < last.counter || present.draw !== last.draw;
}

function newest(slots: readonly Slot[]): readonly [SequenceStamp | undefined, number | undefined] {
  let found: SequenceStamp | undefined;
  let at: number | undefined;
  for (const [index, slot] of slots.entries()) {
    if (slot.state !== "ours" || (found !== undefined && slot.stamp.counter <= found.counter)) continue;
    found = slot.stamp;
    at = index;
  }
  return [found, at];
}

/** Magic, counter (4, big-endian), draw (2), zeros (2), and a check over them and the identifier (4). */
function formRecord(stamp: SequenceStamp, options: Pick<CountOnCardOptions, "primitives" | "uid">) {
  const record = new Uint8Array(RECORD_BYTES);
  const view = new DataView(record.buffer);
  record.set(MAGIC);
  view.setUint32(4, stamp.counter);
  view.setUint16(8, stamp.draw);
  record.set(checkOf(record.subarray(0, 12), options), 12);
  return record;
}

function parseRecord(bytes: Uint8Array, options: Pick<CountOnCardOptions, "primitives" | "uid">): Slot {
  if (bytes.every((byte) => byte === 0)) return { state: "blank" };
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) return { state: "foreign" };
  const check = checkOf(bytes.subarray(0, 12), options);
  if (!options.primitives.constantTimeEqual(check, bytes.subarray(12))) return { state: "broken" };
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { state: "ours", stamp: { counter: view.getUint32(4), draw: view.getUint16(8) } };
}

function checkOf(head: Uint8Array, { primitives, uid }: Pick<CountOnCardOptions, "primitives" | "uid">) {
  return primitives.sha256(concatBytes(LABEL, Uint8Array.of(uid.length), uid, head)).slice(0, 4);
}

/** One pseudo command to the reader; `undefined` for a refusal. */
function exchangeOver(channel: CardChannel) {
  return async (ins: number, p2: number, data: Uint8Array, le?: number) => {
    const command = encodeCommand({
      cla: 0xff,
      ins,
      p1: 0,
      p2,
      data,
      ...(le === undefined ? {} : { le }),
    });
    const answer = parseResponse(await channel.transceive(command));
    return answer.sw === StatusWord.ok ? answer.data : undefined;
  };
}
