import { concatBytes, ed25519Sign, ed25519Verify, RistrettoElement } from "@menshen/crypto";
import { ascii, ByteReader, unsigned } from "./bytes.ts";
import { type CeremonyCall, verifySeat } from "./ceremony-seat.ts";
import type { CustodianSet } from "./custodian-set.ts";
import { CustodyError } from "./errors.ts";

const MAGIC = "MENSHEN-SEAT-OBJECTION";
const VERSION = 1;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const MOST_SEATS = 32;
const MAX_BYTES = 2 + MOST_SEATS * (2 + KEY_BYTES + SIGNATURE_BYTES) + SIGNATURE_BYTES;

/** A seat as a board showed it; without key and signature where it showed none, or something of another length. */
export interface ShownSeat {
  /** Whose it is to be, from 1. */
  readonly place: number;
  /** 32 and 64 bytes. */
  readonly seat?: { readonly publicKey: Uint8Array; readonly signature: Uint8Array };
}

/**
 * A custodian's word, under its identity key, that the board showed these seats, which the custodians they are to belong to
 * did not sign:
 *
 *     u8 version=1 ‖ u8 count ‖ count × (u8 place ‖ u8 shown ‖ [key (32) ‖ signature (64)]) ‖ Ed25519 (64)
 *
 * @param objector its index in the set, from 1
 * @throws {CustodyError} `invalid-argument` for numbers out of range, no seat or too many
 */
export function objectToSeats(
  secretKey: Uint8Array,
  call: CeremonyCall,
  objector: number,
  shown: readonly ShownSeat[],
): Uint8Array {
  if (shown.length === 0 || shown.length > MOST_SEATS) {
    throw new CustodyError("invalid-argument", `expected 1 to ${MOST_SEATS} seats, got ${shown.length}`);
  }
  const body = concatBytes(
    unsigned(VERSION, 1),
    unsigned(shown.length, 1),
    ...shown.flatMap(({ place, seat }) =>
      seat?.publicKey.length === KEY_BYTES && seat.signature.length === SIGNATURE_BYTES
        ? [unsigned(place, 1), unsigned(1, 1), seat.publicKey, seat.signature]
        : [unsigned(place, 1), unsigned(0, 1)],
    ),
  );
  return concatBytes(body, ed25519Sign(secretKey, signedText(call, objector, body)));
}

/**
 * The places that an objection names, or nothing if it does not stand: its signature is not that custodian's for this ceremony,
 * it is malformed, or a seat that it shows is one that its custodian did sign. A custodian alone can say of its own seat that
 * it is another one.
 */
export function objectedSeats(
  objection: Uint8Array,
  call: CeremonyCall,
  set: CustodianSet,
  objector: number,
): readonly number[] | undefined {
  const identityKey = set.members[objector - 1]?.identityKey;
  if (identityKey === undefined) return undefined;
  try {
    const reader = new ByteReader(objection, MAX_BYTES);
    reader.header("", VERSION);
    const count = reader.unsigned(1);
    const shown = Array.from({ length: count }, (): ShownSeat => {
      const place = reader.unsigned(1);
      const isShown = reader.unsigned(1);
      if (isShown > 1) throw new CustodyError("malformed", "neither a seat nor none");
      if (isShown === 0) return { place };
      return { place, seat: { publicKey: reader.take(KEY_BYTES), signature: reader.take(SIGNATURE_BYTES) } };
    });
    const body = objection.subarray(0, objection.length - SIGNATURE_BYTES);
    const signature = reader.take(SIGNATURE_BYTES);
    reader.end();
    const places = shown.map(({ place }) => place);
    const isOrdered = places.every(
      (place, at) => place > (places[at - 1] ?? 0) && place <= set.members.length,
    );
    if (count === 0 || !isOrdered) return undefined;
    if (!ed25519Verify(identityKey, signedText(call, objector, body), signature)) return undefined;
    return shown.every((one) => one.place === objector || !isSigned(one, call, set)) ? places : undefined;
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}

function isSigned({ place, seat }: ShownSeat, call: CeremonyCall, set: CustodianSet): boolean {
  const member = set.members[place - 1];
  const key = seat === undefined ? undefined : RistrettoElement.parse(seat.publicKey);
  if (seat === undefined || member === undefined || key === undefined) return false;
  return verifySeat(member.identityKey, call, place, key, seat.signature);
}

function signedText(call: CeremonyCall, objector: number, body: Uint8Array): Uint8Array {
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    call.id,
    unsigned(call.threshold.k, 1),
    unsigned(call.threshold.n, 1),
    unsigned(call.firstEpoch, 4),
    unsigned(call.epochCount, 1),
    unsigned(objector, 1),
    body,
  );
}
