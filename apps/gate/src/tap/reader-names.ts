import { concatBytes, primitives } from "@menshen/crypto/node";
import type { AccessPointId } from "@menshen/domain";
import { uuidBytes } from "@menshen/wire";

const TRANSACTION_READER_BYTES = 16;

/** What a PKOC card is told of where it is: a name that says nothing to strangers and never changes. */
export function pkocReaderOf(accessPointId: AccessPointId): Uint8Array {
  return named("menshen pkoc reader v1\u0000", accessPointId);
}

/** What a card that counts its taps is told of where it is, 16 bytes. */
export function transactionReaderOf(accessPointId: AccessPointId): Uint8Array {
  return named("menshen transaction reader v1\u0000", accessPointId).slice(0, TRANSACTION_READER_BYTES);
}

function named(label: string, accessPointId: AccessPointId): Uint8Array {
  return primitives.sha256(concatBytes(new TextEncoder().encode(label), uuidBytes(accessPointId)));
}
