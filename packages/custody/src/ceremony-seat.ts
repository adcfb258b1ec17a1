import { concatBytes, ed25519Sign, ed25519Verify, type RistrettoElement } from "@menshen/crypto";
import { ascii, unsigned } from "./bytes.ts";
import type { CeremonySetup } from "./ceremony-setup.ts";
import { CustodyError } from "./errors.ts";

const MAGIC = "MENSHEN-CEREMONY-SEAT";
const VERSION = 1;

/** What a custodian sits down to, before the keys of the others are known. */
export type CeremonyCall = Pick<CeremonySetup, "id" | "threshold" | "firstEpoch" | "epochCount">;

/**
 * A custodian's word, under its identity key, that it brings this key to this ceremony.
 *
 * @param index its index in the set, from 1
 * @returns Ed25519, 64 bytes
 * @throws {CustodyError} `invalid-argument` for numbers out of range
 */
export function signSeat(
  secretKey: Uint8Array,
  call: CeremonyCall,
  index: number,
  publicKey: RistrettoElement,
): Uint8Array {
  return ed25519Sign(secretKey, seatMessage(call, index, publicKey));
}

/** Whether the holder of the identity key brought this key to this seat. Anything malformed gives `false`. */
export function verifySeat(
  identityKey: Uint8Array,
  call: CeremonyCall,
  index: number,
  publicKey: RistrettoElement,
  signature: Uint8Array,
): boolean {
  return ed25519Verify(identityKey, seatMessage(call, index, publicKey), signature);
}

function seatMessage(call: CeremonyCall, index: number, publicKey: RistrettoElement): Uint8Array {
  if (index < 1) throw new CustodyError("invalid-argument", `expected an index from 1, got ${index}`);
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    call.id,
    unsigned(call.threshold.k, 1),
    unsigned(call.threshold.n, 1),
    unsigned(call.firstEpoch, 4),
    unsigned(call.epochCount, 1),
    unsigned(index, 1),
    publicKey.toBytes(),
  );
}
