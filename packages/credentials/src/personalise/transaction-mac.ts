import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import { u24Bytes } from "../desfire/access-rights.ts";
import { exchangeNative, NativeCommand, requireNativeOk } from "../desfire/native-framing.ts";
import { type SecureSession, truncateMac } from "../ev2/secure-session.ts";

// A DESFire with a transaction MAC file counts its transactions and leaves a code over each. Session keys and what enters
// the code after MF2DL(H)x0 §10.3.2 and §10.3.4: reads alone make a transaction, so nothing is written at a tap. No
// published vector is known.

/** Number of the transaction MAC file in our application. */
export const TRANSACTION_MAC_FILE = 15;

const READER_ID_BYTES = 16;

/** What a card gave for one transaction. */
export interface TransactionMac {
  /** Counts up by one with each transaction of this card, at most 2^32 - 1. */
  readonly counter: number;
  /** 8 bytes. */
  readonly code: Uint8Array;
  /** 16 bytes: who was named in the transaction before, enciphered for the holder of the key. */
  readonly encryptedPreviousReader: Uint8Array;
}

/** A read or a write inside a transaction, as it enters the code. */
export interface TransactionStep {
  readonly command: number;
  readonly fileNumber: number;
  readonly offset: number;
  readonly lengthBytes: number;
  /** What was read or written. */
  readonly data: Uint8Array;
}

/**
 * Names the reader to the card and ends the transaction.
 *
 * @param readerId 16 bytes
 * @throws {CredentialError} the channel's; `card-status` for a card without the file; `integrity`, `malformed`
 */
export async function commitTransaction(
  channel: CardChannel,
  session: SecureSession,
  readerId: Uint8Array,
): Promise<TransactionMac> {
  if (readerId.length !== READER_ID_BYTES) {
    throw new CredentialError("bad-argument", `expected a reader's name of ${READER_ID_BYTES} bytes`);
  }
  const command = async (code: number, header: Uint8Array, data: Uint8Array, lengthBytes: number) => {
    const payload = session.wrapCommand({ command: code, header, data, mode: "mac" });
    const response = await exchangeNative(channel, code, payload);
    requireNativeOk(response.status);
    const answer = session.unwrapResponse(response.status, response.data, "mac");
    if (answer.length !== lengthBytes) {
      throw new CredentialError("malformed", `expected ${lengthBytes} bytes, got ${answer.length}`);
    }
    return answer;
  };
  const nothing = new Uint8Array();
  const encryptedPreviousReader = await command(
    NativeCommand.commitReaderId,
    nothing,
    readerId,
    READER_ID_BYTES,
  );
  const answer = await command(NativeCommand.commitTransaction, Uint8Array.of(0x01), nothing, 12);
  const counter = new DataView(answer.buffer, answer.byteOffset).getUint32(0, true);
  return { counter, code: answer.slice(4), encryptedPreviousReader };
}

/**
 * Whether the holder of the card's transaction key made the code over exactly these steps and this reader.
 *
 * @param input.key 16 bytes, the card's transaction key
 * @param input.steps in their order, those of the whole transaction
 * @returns `false` also for codes of another length; whether the counter is higher than the last one is the caller's
 */
export function verifyTransactionMac(
  primitives: Pick<Primitives, "aesCmac" | "constantTimeEqual">,
  input: {
    readonly key: Uint8Array;
    readonly uid: Uint8Array;
    readonly readerId: Uint8Array;
    readonly steps: readonly TransactionStep[];
    readonly transaction: TransactionMac;
  },
): boolean {
  const { key, uid, readerId, steps, transaction } = input;
  const { macKey } = transactionSessionKeys(primitives, key, { counter: transaction.counter, uid });
  const covered = concatBytes(
    ...steps.flatMap(({ command, fileNumber, offset, lengthBytes, data }) => [
      wholeBlocks(Uint8Array.of(command, fileNumber, ...u24Bytes(offset), ...u24Bytes(lengthBytes))),
      wholeBlocks(data),
    ]),
    wholeBlocks(
      concatBytes(Uint8Array.of(NativeCommand.commitReaderId), readerId, transaction.encryptedPreviousReader),
    ),
  );
  return primitives.constantTimeEqual(truncateMac(primitives.aesCmac(macKey, covered)), transaction.code);
}

/**
 * Keys of one transaction: CMAC over label, the counter after it, and UID.
 *
 * @returns 16 bytes each
 */
export function transactionSessionKeys(
  primitives: Pick<Primitives, "aesCmac">,
  key: Uint8Array,
  { counter, uid }: { readonly counter: number; readonly uid: Uint8Array },
): { readonly encryptionKey: Uint8Array; readonly macKey: Uint8Array } {
  const derive = (label: number) => {
    const input = new Uint8Array(16);
    input.set([label, 0x00, 0x01, 0x00, 0x80]);
    new DataView(input.buffer).setUint32(5, counter, true);
    input.set(uid, 9);
    return primitives.aesCmac(key, input);
  };
  return { encryptionKey: derive(0xa5), macKey: derive(0x5a) };
}

function wholeBlocks(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(bytes.length / 16) * 16);
  padded.set(bytes);
  return padded;
}
