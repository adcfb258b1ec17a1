import { concatBytes, ed25519Sign, ed25519Verify } from "@menshen/crypto";
import { ascii, unsigned } from "./bytes.ts";

const MAGIC = "MENSHEN-SHARE-DESTROYED";
const VERSION = 1;

/** That a custodian's program destroyed its share of an epoch's key. It cannot say that nobody copied it before. */
export interface DestructionReceipt {
  /** Of the epoch's key, 32 bytes. */
  readonly keyId: Uint8Array;
  readonly epoch: number;
  /** The custodian's index in the ceremony, from 1. */
  readonly index: number;
  /** Unix milliseconds by the program's clock. */
  readonly destroyedAtMs: number;
}

/**
 * Signs a receipt with the custodian's identity key.
 *
 * @returns Ed25519, 64 bytes
 * @throws {CustodyError} `invalid-argument` for numbers out of range
 */
export function signReceipt(secretKey: Uint8Array, receipt: DestructionReceipt): Uint8Array {
  return ed25519Sign(secretKey, receiptMessage(receipt));
}

/** Whether the holder of the identity key signed the receipt. */
export function verifyReceipt(
  identityKey: Uint8Array,
  receipt: DestructionReceipt,
  signature: Uint8Array,
): boolean {
  return ed25519Verify(identityKey, receiptMessage(receipt), signature);
}

function receiptMessage({ keyId, epoch, index, destroyedAtMs }: DestructionReceipt): Uint8Array {
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    keyId,
    unsigned(epoch, 4),
    unsigned(index, 1),
    unsigned(destroyedAtMs, 8),
  );
}
