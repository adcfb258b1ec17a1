import { JOURNAL_BATCH_MAX_BYTES, JOURNAL_BATCH_MAX_ENTRIES, type JournalBatch } from "@menshen/wire";
import { GateError } from "../errors.ts";
import type { Journal } from "../store/journal.ts";

/** Room that a batch's own fields and its entries' length marks take. */
export const BATCH_OVERHEAD_BYTES = 8 * 1024;
/** Batches on their way at once. */
const WINDOW = 4;

export interface UploaderOptions {
  readonly journal: Pick<Journal, "read" | "acknowledge" | "acknowledged" | "head">;
  /** Signs and sends a batch; resolves when the server has stored it. */
  readonly send: (batch: Omit<JournalBatch, "version" | "gateId">) => Promise<void>;
  /** A batch was not acknowledged, or could not be read: the connection must begin anew. */
  readonly failed: (fault: unknown) => void;
}

/**
 * Sends the journal in order, from the first entry that the server has not acknowledged, with several batches on
 * their way. An acknowledgement counts only when every batch before it is acknowledged.
 */
export interface Uploader {
  /** There may be something to send. */
  wake(): void;
  /** Answers that come later no longer count. */
  stop(): void;
}

export function startUploader({ journal, send, failed }: UploaderOptions): Uploader {
  let stopped = false;
  let nextSequence = journal.acknowledged() + 1;
  let reading = false;
  const onTheirWay: { readonly last: number; acknowledged: boolean }[] = [];

  function settle(): void {
    for (let first = onTheirWay[0]; first?.acknowledged === true; first = onTheirWay[0]) {
      onTheirWay.shift();
      journal.acknowledge(first.last);
    }
  }

  async function sendNext(): Promise<void> {
    const slice = await journal.read(
      nextSequence,
      JOURNAL_BATCH_MAX_ENTRIES,
      JOURNAL_BATCH_MAX_BYTES - BATCH_OVERHEAD_BYTES,
    );
    if (stopped) return;
    if (slice === undefined) {
      throw new GateError("database-corrupt", `expected entry ${nextSequence} in the journal`);
    }
    const { firstSequence, previousHash, entries } = slice;
    const batch = { last: firstSequence + entries.length - 1, acknowledged: false };
    nextSequence = batch.last + 1;
    onTheirWay.push(batch);
    send({ firstSequence, previousHash, entries }).then(
      () => {
        if (stopped) return;
        batch.acknowledged = true;
        settle();
        pump();
      },
      (fault: unknown) => {
        if (!stopped) failed(fault);
      },
    );
  }

  function pump(): void {
    if (stopped || reading || onTheirWay.length >= WINDOW || nextSequence > journal.head().sequence) return;
    reading = true;
    sendNext().then(
      () => {
        reading = false;
        pump();
      },
      (fault: unknown) => {
        reading = false;
        if (!stopped) failed(fault);
      },
    );
  }

  pump();
  return {
    wake: pump,
    stop() {
      stopped = true;
    },
  };
}
