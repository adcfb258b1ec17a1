import { type AccessEvent, FAILURES } from "./event.ts";

/**
 * What an event says in yes and no, packed for the order buffer: marks, then failure, kind and key version. The first key
 * is one that no other object begins with: V8 would give up what it knows of this one when the other holds no small number.
 */
export const BIT = {
  /** A report that its copy was confirmed; that another community saw the same number. */
  copied: 1 << 27,
  elsewhere: 1 << 28,
  granted: 1,
  torn: 2,
  unaccustomed: 4,
  downgraded: 8,
  magic: 16,
  watched: 32,
  counter: 64,
  report: 128,
  /** Its gate's clock was ahead of the receipt. */
  ahead: 1 << 25,
  wentBack: 1 << 26,
} as const;

const FAILURE_SHIFT = 8;
const KIND_SHIFT = 12;
const VERSION_SHIFT = 16;

/** Kinds that prove themselves by a key at each use. Others are mere numbers, unless they count. */
const PROVING = new Set(["desfire", "ntag424", "phone", "pkoc", "phone-pass"]);
const KINDS_KEPT = 14;

/** Whether a card of this kind answers a challenge at each use. */
export function isProvingKind(kind: string): boolean {
  return PROVING.has(kind);
}

export const FAILURE_CODE = Object.fromEntries(FAILURES.map((failure, index) => [failure, index + 1]));

/** Gives kinds small numbers; those beyond the first fourteen share the last. */
export class KindNames {
  readonly #names: string[] = [];
  readonly #proving: boolean[] = [];

  codeOf(kind: string): number {
    const names = this.#names;
    for (let code = 0; code < names.length; code++) if (names[code] === kind) return code;
    if (this.#names.length > KINDS_KEPT) return KINDS_KEPT;
    this.#proving.push(isProvingKind(kind));
    return this.#names.push(kind) - 1;
  }

  nameOf(code: number): string {
    return this.#names[code] ?? "other";
  }

  isProving(code: number): boolean {
    return this.#proving[code] === true;
  }
}

export function packBits(event: AccessEvent, kindCode: number): number {
  let bits = event.result === "granted" ? BIT.granted : 0;
  if (event.torn === true) bits |= BIT.torn;
  if (event.unaccustomed === true) bits |= BIT.unaccustomed;
  if (event.wentBack === true) bits |= BIT.wentBack;
  if (event.downgraded === true) bits |= BIT.downgraded;
  if (event.magic === true) bits |= BIT.magic;
  if (event.watched === true) bits |= BIT.watched;
  if (event.counter !== undefined) bits |= BIT.counter;
  if (event.failure !== undefined) bits |= (FAILURE_CODE[event.failure] ?? 0) << FAILURE_SHIFT;
  const version = event.keyVersion === undefined ? 0 : event.keyVersion + 1;
  return (bits | (kindCode << KIND_SHIFT) | (version << VERSION_SHIFT)) >>> 0;
}

export const failureOf = (bits: number): number => (bits >>> FAILURE_SHIFT) & 15;
export const kindOf = (bits: number): number => (bits >>> KIND_SHIFT) & 15;
/** Key version plus one; 0 if unknown. */
export const versionOf = (bits: number): number => (bits >>> VERSION_SHIFT) & 0x1ff;
