import { sha256 } from "@menshen/crypto";
import { decodeCrockford, encodeCrockford, groupCrockford, tidyCrockford } from "@menshen/domain";
import { SEED_BYTES } from "./resident-key.ts";

/** Characters of the seed, and two more that show a slip of the pen. */
const SEED_CHARACTERS = 52;
const CHECK_CHARACTERS = 2;

/** The seed in letters and digits, in groups of four: 52 of the seed and two that check it. */
export function recoveryCodeOf(seed: Uint8Array): string {
  return groupCrockford(encodeCrockford(seed) + checkOf(seed));
}

/** A typed recovery code, or what is wrong with it. */
export type RecoveryCodeRead =
  | { readonly read: true; readonly seed: Uint8Array }
  | { readonly read: false; readonly fault: "wrong-length" | "wrong-character" | "wrong-check" };

/** Reads {@link recoveryCodeOf}'s text, in any spelling that people use. One wrong character in 1024 goes unnoticed. */
export function readRecoveryCode(text: string): RecoveryCodeRead {
  const tidy = tidyCrockford(text);
  if (tidy === undefined) return { read: false, fault: "wrong-character" };
  if (tidy.length !== SEED_CHARACTERS + CHECK_CHARACTERS) return { read: false, fault: "wrong-length" };
  const seed = decodeCrockford(tidy.slice(0, SEED_CHARACTERS), SEED_BYTES);
  if (seed === undefined || tidy.slice(SEED_CHARACTERS) !== checkOf(seed)) {
    return { read: false, fault: "wrong-check" };
  }
  return { read: true, seed };
}

/** Groups of a code, for printing and for asking whether it was written down. */
export function recoveryGroups(seed: Uint8Array): readonly string[] {
  return recoveryCodeOf(seed).split("-");
}

function checkOf(seed: Uint8Array): string {
  const label = new TextEncoder().encode("menshen/resident-recovery/v1");
  return encodeCrockford(sha256(Uint8Array.from([...label, ...seed])).subarray(0, 2)).slice(
    0,
    CHECK_CHARACTERS,
  );
}
