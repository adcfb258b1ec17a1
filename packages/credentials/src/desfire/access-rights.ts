import type { CommunicationMode } from "../ev2/secure-session.ts";

/** Access condition: 0 to 13 names a key, `free` asks for none, `never` is never met (nibbles E and F). */
export type AccessCondition = number | "free" | "never";

/** Who may do what with a file; one set of a DESFire or NTAG 424. */
export interface AccessRights {
  readonly read: AccessCondition;
  readonly write: AccessCondition;
  readonly readWrite: AccessCondition;
  readonly change: AccessCondition;
}

/** Two bytes as commands carry them: read-write and change, then read and write (AN12196 §5.8). */
export function encodeAccessRights(rights: AccessRights): Uint8Array {
  return Uint8Array.of(
    (accessNibble(rights.readWrite) << 4) | accessNibble(rights.change),
    (accessNibble(rights.read) << 4) | accessNibble(rights.write),
  );
}

/** Inverse of {@link encodeAccessRights}. */
export function decodeAccessRights(low: number, high: number): AccessRights {
  return {
    read: accessCondition(high >> 4),
    write: accessCondition(high & 0xf),
    readWrite: accessCondition(low >> 4),
    change: accessCondition(low & 0xf),
  };
}

/** The four bits of one condition. */
export function accessNibble(condition: AccessCondition): number {
  if (condition === "free") return 0xe;
  return condition === "never" ? 0xf : condition;
}

/** Bits 0 and 1 of a file's option byte. */
export function encodeCommMode(mode: CommunicationMode): number {
  if (mode === "full") return 3;
  return mode === "mac" ? 1 : 0;
}

/** Inverse of {@link encodeCommMode}; 2 counts as plain like 0. */
export function decodeCommMode(option: number): CommunicationMode {
  if ((option & 3) === 3) return "full";
  return (option & 3) === 1 ? "mac" : "plain";
}

/** Three bytes, least significant first. */
export function u24Bytes(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff);
}

function accessCondition(nibble: number): AccessCondition {
  if (nibble === 0xe) return "free";
  return nibble === 0xf ? "never" : nibble;
}
