import type { CommMode } from "./native-status.ts";

/** Access condition 0–13 names a key, `free` asks for none, `never` is never met (nibbles E and F). */
export type AccessCondition = number | "free" | "never";

export interface AccessRights {
  readonly read: AccessCondition;
  readonly write: AccessCondition;
  readonly readWrite: AccessCondition;
  readonly change: AccessCondition;
}

/** Two bytes as commands carry them: read-write and change, then read and write (AN12196 §5.8). */
export function encodeAccessRights(rights: AccessRights): Uint8Array {
  const nibble = (condition: AccessCondition) =>
    condition === "free" ? 0xe : condition === "never" ? 0xf : condition;
  return Uint8Array.of(
    (nibble(rights.readWrite) << 4) | nibble(rights.change),
    (nibble(rights.read) << 4) | nibble(rights.write),
  );
}

export function decodeAccessRights(low: number, high: number): AccessRights {
  const condition = (nibble: number): AccessCondition =>
    nibble === 0xe ? "free" : nibble === 0xf ? "never" : nibble;
  return {
    read: condition(high >> 4),
    write: condition(high & 0xf),
    readWrite: condition(low >> 4),
    change: condition(low & 0xf),
  };
}

/** Whom some of the rights are given to: the file's own set and, on a DESFire EV2, its additional ones. */
export function conditionsOf(
  file: { readonly rights: AccessRights; readonly additionalRights?: readonly AccessRights[] },
  ...wanted: readonly (keyof AccessRights)[]
): readonly AccessCondition[] {
  return [file.rights, ...(file.additionalRights ?? [])].flatMap((set) => wanted.map((right) => set[right]));
}

/** Bits 0–1 of a file's option byte; 2 counts as plain like 0. */
export function decodeCommMode(option: number): CommMode {
  return (option & 3) === 3 ? "full" : (option & 3) === 1 ? "mac" : "plain";
}

export function encodeCommMode(mode: CommMode): number {
  return mode === "full" ? 3 : mode === "mac" ? 1 : 0;
}

/**
 * How an access to a file has to travel: as the file says if the authenticated key is one of `conditions`, plain if
 * one of them is free, undefined if the access is denied (NT4H2421Gx §8.2.3.3).
 */
export function accessMode(
  conditions: readonly AccessCondition[],
  keyNumber: number | undefined,
  fileMode: CommMode,
): CommMode | undefined {
  if (keyNumber !== undefined && conditions.includes(keyNumber)) return fileMode;
  return conditions.includes("free") ? "plain" : undefined;
}

/** Three bytes, least significant first, from `offset`. */
export function u24(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8) | ((bytes[offset + 2] ?? 0) << 16);
}

export function u24Bytes(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff);
}
