import { coseVerify1, equalBytes, SIGNATURE_BYTES, sha256, type VerifyKey } from "@menshen/crypto/node";
import type { GateId, Instant } from "@menshen/domain";
import {
  externalAad,
  type JournalBatch,
  journalBatch,
  journalHashAfter,
  uuidBytes,
  WireError,
} from "@menshen/wire";
import { EventRows, eventTime } from "./event-row.ts";
import { readStoredEntry } from "./event-store.ts";
import { type Month, monthOf, monthStart } from "./partitions.ts";

/** A batch that its gate signed, with rows ready to be stored. */
export interface PreparedBatch {
  readonly gateId: GateId;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly receivedAt: Instant;
  readonly previousHash: Uint8Array;
  readonly lastHash: Uint8Array;
  readonly entryBytes: readonly Uint8Array[];
  /** Index of the last entry that this version cannot read; −1 if it reads all. */
  readonly lastUnreadable: number;
  readonly rows: EventRows;
  readonly months: ReadonlySet<Month>;
  /** The gate's over the batch; absent for one that came inside another signed message. */
  readonly signature?: Uint8Array;
}

export type BatchRefusal = "bad-signature" | "bad-batch";

/**
 * Checks signature, form and sequence numbers of a batch and computes its chain; where it continues is for the
 * database to say.
 */
export function prepareBatch(input: {
  readonly message: Uint8Array;
  readonly gateId: GateId;
  readonly deviceKey: VerifyKey;
  readonly receivedAt: Instant;
}): PreparedBatch | BatchRefusal {
  const verified = coseVerify1({
    message: input.message,
    key: input.deviceKey,
    externalAad: externalAad("journal"),
  });
  if (!verified.verified) return "bad-signature";
  const prepared = prepareSignedBatch({ ...input, payload: verified.payload });
  // RFC 9052 §4.2: the last item of the message, whose form was checked.
  const signature = input.message.slice(-SIGNATURE_BYTES);
  return prepared === "bad-batch" ? prepared : { ...prepared, signature };
}

/** The same for a batch that came inside a message whose signature by its gate was checked. */
export function prepareSignedBatch(input: {
  readonly payload: Uint8Array;
  readonly gateId: GateId;
  readonly receivedAt: Instant;
}): PreparedBatch | "bad-batch" {
  const batch = decodeBatch(input.payload);
  if (batch === undefined || batch.gateId !== input.gateId) return "bad-batch";

  const gateId = uuidBytes(input.gateId);
  const rows = new EventRows(batch.entries.length, totalLength(batch.entries));
  let lastUnreadable = -1;
  const months = new Set<Month>();
  let monthFrom = 0;
  let monthUntil = 0;
  for (const [index, bytes] of batch.entries.entries()) {
    const sequence = batch.firstSequence + index;
    const entry = readStoredEntry(bytes);
    if (entry === undefined) lastUnreadable = index;
    else if (entry.sequence !== sequence) return "bad-batch";
    rows.add({ gateId, sequence, receivedAt: input.receivedAt, entry, bytes });
    const at = eventTime(entry, input.receivedAt);
    if (at < monthFrom || at >= monthUntil) {
      const month = monthOf(at);
      monthFrom = monthStart(month);
      monthUntil = monthStart(month + 1);
      months.add(month);
    }
  }
  return {
    gateId: input.gateId,
    firstSequence: batch.firstSequence,
    lastSequence: batch.firstSequence + batch.entries.length - 1,
    receivedAt: input.receivedAt,
    previousHash: batch.previousHash,
    lastHash: journalHashAfter(sha256, batch.previousHash, batch.entries),
    entryBytes: batch.entries,
    lastUnreadable,
    rows,
    months,
  };
}

/** Whether the batch says the same as a journal that ends with `sequence` and `hash`, which lies inside the batch. */
export function agreesAt(batch: PreparedBatch, sequence: number, hash: Uint8Array): boolean {
  const before = batch.entryBytes.slice(0, sequence - batch.firstSequence + 1);
  return equalBytes(journalHashAfter(sha256, batch.previousHash, before), hash);
}

function decodeBatch(payload: Uint8Array): JournalBatch | undefined {
  try {
    return journalBatch.decode(payload);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function totalLength(entries: readonly Uint8Array[]): number {
  let length = 0;
  for (const entry of entries) length += entry.length;
  return length;
}
