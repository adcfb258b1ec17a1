import type { Primitives } from "@menshen/crypto";
import type { PresentationEvidence } from "@menshen/domain";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import { NativeCommand } from "../desfire/native-framing.ts";
import type { SecureSession } from "../ev2/secure-session.ts";
import {
  commitTransaction,
  type TransactionMac,
  verifyTransactionMac,
} from "../personalise/transaction-mac.ts";
import { CREDENTIAL_FILE_BYTES, desfireLayout, type KeyedCardKind } from "./card-layout.ts";

/** What a card's count adds to a presentation. */
export interface TapCount {
  readonly evidence: Pick<PresentationEvidence, "counter" | "counterMark">;
  /** Says which key the count was proved with, and nothing of the key. */
  readonly series?: Uint8Array;
}

/** How the file that was read stands in the code: as a gate reads it. */
const READ = { command: NativeCommand.readData, fileNumber: desfireLayout.fileNumber, offset: 0 } as const;

/**
 * Makes a DESFire that has proved itself count this tap, and checks what it says of it. Evidence only: whatever goes wrong
 * is marked, and the card stays proved. It may leave at any step; its count then is one further, or is not.
 *
 * @param read.fileContent of the credential file, all that was read since the application was selected
 * @throws {CredentialError} `integrity`, `malformed`, `exhausted`: somebody meddles with the session; `transport`, `closed`
 */
export async function countTap(
  channel: CardChannel,
  session: SecureSession,
  options: {
    readonly primitives: Pick<Primitives, "aesCmac" | "constantTimeEqual" | "sha256">;
    readonly transactionKeysFor?: (uid: Uint8Array) => readonly Uint8Array[];
    readonly readerId?: Uint8Array;
  },
  read: { readonly kind: KeyedCardKind; readonly uid: Uint8Array; readonly fileContent: Uint8Array },
): Promise<TapCount> {
  const { primitives, readerId } = options;
  const { uid, fileContent: data } = read;
  const keys = read.kind === "desfire" ? (options.transactionKeysFor?.(uid) ?? []) : [];
  if (keys.length === 0 || readerId === undefined) return { evidence: {} };
  let transaction: TransactionMac;
  try {
    transaction = await commitTransaction(channel, session, readerId);
  } catch (error) {
    const code = error instanceof CredentialError ? error.code : undefined;
    if (code === "card-removed" || code === "timeout") return { evidence: { counterMark: "torn" } };
    if (code === "card-status") return { evidence: { counterMark: "missing" } };
    throw error;
  }
  const steps = [{ ...READ, lengthBytes: CREDENTIAL_FILE_BYTES, data }];
  for (const key of keys) {
    if (!verifyTransactionMac(primitives, { key, uid, readerId, steps, transaction })) continue;
    return { evidence: { counter: transaction.counter }, series: primitives.sha256(key).slice(0, 8) };
  }
  return { evidence: { counterMark: "unverified" } };
}
