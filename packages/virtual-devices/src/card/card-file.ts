import type { AccessCondition, AccessRights } from "@menshen/credentials";
import type { CommMode } from "./native-status.ts";

/** Whom some of the rights are given to: the file's own set and, on a DESFire EV2, its additional ones. */
export function conditionsOf(
  file: { readonly rights: AccessRights; readonly additionalRights?: readonly AccessRights[] },
  ...wanted: readonly (keyof AccessRights)[]
): readonly AccessCondition[] {
  return [file.rights, ...(file.additionalRights ?? [])].flatMap((set) => wanted.map((right) => set[right]));
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
