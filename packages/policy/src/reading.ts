import type { DocumentFault } from "./snapshot.ts";

/**
 * Readers of decoded CBOR that nobody vouches for. Inside this package a refusal travels as `Refused`; the public
 * functions turn it into a value by `refusable`.
 */
export class Refused extends Error {
  readonly fault: DocumentFault;

  constructor(code: DocumentFault["code"], where: string) {
    super(`${where}: ${code}`);
    this.fault = { code, where };
  }
}

/** Runs a reader and answers its refusal as a value; any other fault on hostile input is `malformed` too. */
export function refusable<T>(read: () => T): { ok: true; value: T } | { ok: false; error: DocumentFault } {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    // Objects with throwing getters or proxies can fail anywhere; they are no documents.
    return {
      ok: false,
      error: error instanceof Refused ? error.fault : { code: "malformed", where: "document" },
    };
  }
}

/** The own fields of a plain object. */
export function readObject(value: unknown, where: string): Readonly<Record<string, unknown>> {
  const isPlain =
    typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
  if (!isPlain) throw new Refused("malformed", where);
  return { ...value };
}

export function readArray(value: unknown, most: number, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Refused("malformed", where);
  if (value.length > most) throw new Refused("too-large", where);
  return value;
}

export function readInteger(value: unknown, least: number, most: number, where: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw new Refused("malformed", where);
  }
  // −0 would compare equal and encode differently.
  return value === 0 ? 0 : value;
}

export function readBytes(value: unknown, length: number, where: string): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== length) throw new Refused("malformed", where);
  return value;
}

export function readText(value: unknown, most: number, where: string): string {
  if (typeof value !== "string" || value.length === 0 || value.length > most)
    throw new Refused("malformed", where);
  return value;
}

/** Unix milliseconds as the domain allows them. */
export function readInstant(value: unknown, where: string): number {
  return readInteger(value, -8.64e15, 8.64e15, where);
}

/** An index into a list of `length`, or −1 if the field is absent. */
export function readOptionalIndex(value: unknown, length: number, where: string): number {
  return value === undefined ? -1 : readInteger(value, 0, length - 1, where);
}

/** Fails unless every entry is greater than the one before. */
export function requireRising<Entry>(
  entries: readonly Entry[],
  compare: (a: Entry, b: Entry) => number,
  where: string,
): void {
  for (let i = 1; i < entries.length; i++) {
    const [before, entry] = [entries[i - 1], entries[i]];
    if (before !== undefined && entry !== undefined && compare(before, entry) >= 0) {
      throw new Refused("inconsistent", where);
    }
  }
}
