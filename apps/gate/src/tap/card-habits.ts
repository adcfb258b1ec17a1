import { concatBytes, fromHex, sha256, toHex } from "@menshen/crypto/node";
import {
  type AccessPointId,
  type CredentialKey,
  type CredentialKind,
  type EpochGrid,
  epochAt,
  type Presentation,
  type TimeInterval,
} from "@menshen/domain";

/**
 * What a gate remembers of cards over the ends of epochs (docs/decisions/0017): half hours of the day and doors, coarsely.
 * It never leaves the gate; what does is one bit, where hour or door are new for a card that is well known here.
 */
export interface CardHabits {
  /** Takes note of a tap that opened, and says so in its evidence if it was unlike those before. */
  noted(presentation: Presentation, accessPointId: AccessPointId, now: TimeInterval): Presentation;
  /** Those whom nobody may remember any more; answers how many there were. */
  forget(credentialKeys: readonly Uint8Array[]): number;
  /** What is to be kept, or undefined if nothing changed since. */
  takeKept(): Uint8Array | undefined;
}

const HALF_HOUR_MS = 1_800_000;
const HALF_HOURS = 48;
const DAY_MS = 86_400_000;
const MOST_COUNT = 15;
const MOST_TAPS = 0xffff;
const NAME_BYTES = 16;
/** Two half hours in each of 24 bytes, a bit for each of 32 doors, the epoch and all taps in two bytes each. */
const DOORS_AT = 24;
const EPOCH_AT = 28;
const TAPS_AT = 30;
const RECORD_BYTES = 32;
const ROW_BYTES = NAME_BYTES + RECORD_BYTES;
/** A card of whom this gate has seen less is not judged. */
const WELL_KNOWN = 60;
const MOST_CARDS = 100_000;
/** What somebody holds. Secrets, plates, codes and faces are not remembered. */
const KINDS: ReadonlySet<CredentialKind> = new Set<CredentialKind>([
  "uid",
  "desfire",
  "ntag424",
  "pkoc",
  "phone",
]);

/**
 * @param options.kept what was kept last; anything else than whole rows counts as nothing
 * @param options.nameOf what stands for a credential key in it
 * @param options.grid absent while nobody has said when epochs end: then nothing is remembered
 */
export function makeCardHabits(options: {
  readonly kept: Uint8Array | undefined;
  readonly nameOf: (credentialKey: CredentialKey | Uint8Array) => Uint8Array;
  readonly grid: () => EpochGrid | undefined;
}): CardHabits {
  const { nameOf, grid } = options;
  const cards = readRows(options.kept);
  let isChanged = false;

  return {
    noted(presentation, accessPointId, { earliest }) {
      const known = grid();
      const epoch = known && epochAt(known, earliest);
      if (epoch === undefined || !KINDS.has(presentation.kind)) return presentation;
      const name = toHex(nameOf(presentation.credentialKey));
      let record = cards.get(name);
      if (record === undefined) {
        if (cards.size >= MOST_CARDS) return presentation;
        record = new Uint8Array(RECORD_BYTES);
        viewOf(record).setUint16(EPOCH_AT, epoch);
        cards.set(name, record);
      }
      age(record, epoch);
      const halfHour = Math.floor((earliest % DAY_MS) / HALF_HOUR_MS);
      const door = doorBit(accessPointId);
      const isUnlike = tapsOf(record) > WELL_KNOWN && !(hasDoor(record, door) && hasHour(record, halfHour));
      note(record, halfHour, door);
      isChanged = true;
      if (!isUnlike) return presentation;
      return { ...presentation, evidence: { ...presentation.evidence, unaccustomed: true } };
    },
    forget(credentialKeys) {
      const gone = credentialKeys.filter((key) => cards.delete(toHex(nameOf(key)))).length;
      if (gone > 0) isChanged = true;
      return gone;
    },
    takeKept() {
      if (!isChanged) return undefined;
      isChanged = false;
      return concatBytes(...[...cards].flatMap(([name, record]) => [fromHex(name), record]));
    },
  };
}

function readRows(kept: Uint8Array | undefined): Map<string, Uint8Array> {
  const cards = new Map<string, Uint8Array>();
  if (kept === undefined || kept.length % ROW_BYTES !== 0) return cards;
  for (let at = 0; at < kept.length && cards.size < MOST_CARDS; at += ROW_BYTES) {
    const record = kept.slice(at + NAME_BYTES, at + ROW_BYTES);
    // Halved to nothing: the card was not here for epochs.
    if (tapsOf(record) > 0) cards.set(toHex(kept.subarray(at, at + NAME_BYTES)), record);
  }
  return cards;
}

function hourCount(record: Uint8Array, halfHour: number): number {
  const byte = record[halfHour >>> 1] ?? 0;
  return halfHour % 2 === 0 ? byte & 15 : byte >>> 4;
}

function setHourCount(record: Uint8Array, halfHour: number, count: number): void {
  const byte = record[halfHour >>> 1] ?? 0;
  record[halfHour >>> 1] = halfHour % 2 === 0 ? (byte & 0xf0) | count : (byte & 15) | (count << 4);
}

/** Half hours are full soon where somebody is punctual: all taps are counted apart. */
const tapsOf = (record: Uint8Array) => viewOf(record).getUint16(TAPS_AT);

const viewOf = (record: Uint8Array) => new DataView(record.buffer, record.byteOffset, record.length);

/** A little earlier or later is no other hour. */
function hasHour(record: Uint8Array, halfHour: number): boolean {
  return [HALF_HOURS - 1, 0, 1].some((apart) => hourCount(record, (halfHour + apart) % HALF_HOURS) > 0);
}

function hasDoor(record: Uint8Array, door: number): boolean {
  return (((record[DOORS_AT + (door >>> 3)] ?? 0) >>> (door & 7)) & 1) === 1;
}

function note(record: Uint8Array, halfHour: number, door: number): void {
  setHourCount(record, halfHour, Math.min(MOST_COUNT, hourCount(record, halfHour) + 1));
  viewOf(record).setUint16(TAPS_AT, Math.min(MOST_TAPS, tapsOf(record) + 1));
  record[DOORS_AT + (door >>> 3)] = (record[DOORS_AT + (door >>> 3)] ?? 0) | (1 << (door & 7));
}

/** Halves all counts for each epoch that ended since. */
function age(record: Uint8Array, epoch: number): void {
  const view = viewOf(record);
  const ended = Math.min(16, epoch - view.getUint16(EPOCH_AT));
  if (ended <= 0) return;
  for (let halfHour = 0; halfHour < HALF_HOURS; halfHour++) {
    setHourCount(record, halfHour, hourCount(record, halfHour) >>> ended);
  }
  view.setUint16(TAPS_AT, tapsOf(record) >>> ended);
  view.setUint16(EPOCH_AT, epoch);
}

/** Two doors of one gate that share a place make the gate notice less, never more. */
function doorBit(accessPointId: AccessPointId): number {
  return (sha256(new TextEncoder().encode(accessPointId))[0] ?? 0) & 31;
}
