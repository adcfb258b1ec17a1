import { randomBytes } from "@menshen/crypto/node";
import { encodeJournalEntry } from "@menshen/wire";
import type { GateClock } from "../clock/gate-clock.ts";
import { GateError, type GateErrorCode } from "../errors.ts";
import { type JournalDraft, numberDraft } from "./journal-draft.ts";
import type {
  AppendRequest,
  JournalHead,
  JournalOpening,
  JournalSlice,
  ResumeOutcome,
} from "./journal-file.ts";
import type { JournalKeeper } from "./journal-keeper.ts";
import type { Remote } from "./store-thread.ts";

/** What is to be written; the journal adds the time. */
export type JournalRecord = {
  [K in JournalDraft["kind"]]: Omit<Extract<JournalDraft, { kind: K }>, "earliest" | "latest">;
}[JournalDraft["kind"]];

/** Whether an entry was on the disk when the answer was due. */
export type AppendOutcome =
  | { readonly stored: true; readonly sequence: number }
  /** Not in time, or not possible now. The entry waits in memory and is written as soon as it can be. */
  | { readonly stored: false; readonly cause: "late" | "full-memory" | GateErrorCode };

/** Entries that cannot be written, or that come late more than once: what a guard should hear of. */
export interface JournalTrouble {
  /** `often-late`: again and again within ten minutes; `kept-in-memory`: late for so long that a power cut would cost them. */
  readonly cause: "often-late" | "kept-in-memory" | "full-memory" | GateErrorCode;
  readonly sinceMonotonicMs: number;
  /** Entries that did not even fit into memory since then. */
  readonly lost: number;
}

export interface JournalListener {
  /** A write came late, once, and is complete: nothing was lost. Not called while the journal is degraded. */
  late(afterMs: number): void;
  /** Raised once, when entries cannot be written, wait for long, or came late again and again. */
  degraded(trouble: JournalTrouble): void;
  /** Everything that waited is written again; what came late often has been in time for a while. */
  restored(trouble: JournalTrouble): void;
  /** New entries are on the disk. */
  appended(head: JournalHead): void;
  /** Entries with somebody's identity are on the disk; false: one of them without what should be sealed. */
  sealed(complete: boolean): void;
  /** An entry does not fit the journal's format: a fault of this program, and the entry is lost. */
  malformed(fault: unknown): void;
}

export interface JournalOptions {
  readonly remote: Pick<
    Remote<JournalKeeper>,
    "append" | "read" | "acknowledge" | "resume" | "prune" | "saveCounter" | "saveFireLatch" | "saveClock"
  >;
  readonly opening: JournalOpening | undefined;
  readonly clock: GateClock;
  readonly listener: JournalListener;
  /** How long a door waits for the disk. */
  readonly boundMs?: number;
  /** Newest entries that stay here after they were acknowledged, unless they are too old. */
  readonly keepEntries?: number;
  /** Unix milliseconds before which nothing that was acknowledged stays; absent or `undefined`: nothing is too old. */
  readonly forgetBefore?: () => number | undefined;
  /** The machine's own timers; tests pass theirs. */
  readonly after?: (ms: number, run: () => void) => () => void;
  /** Upper part of draft ids, random for each start. */
  readonly draftEpoch?: number;
}

/** The gate's journal as the main thread uses it: bounded waits, nothing forgotten while memory lasts. */
export interface Journal {
  /** Stamps and stores an entry; resolves within the bound, in every case. Never rejects. */
  append(record: JournalRecord): Promise<AppendOutcome>;
  /** Stores the last counter of a card before its tap may count; false if that was not possible in time. */
  saveCounter(credentialKey: Uint8Array, counter: number): Promise<boolean>;
  saveFireLatch(portalId: string, latched: boolean): void;
  /** For the uploader. Rejects with `GateError`. */
  read(firstSequence: number, maxEntries: number, maxBytes: number): Promise<JournalSlice | undefined>;
  acknowledge(sequence: number): void;
  resume(nextSequence: number, hash: Uint8Array): Promise<ResumeOutcome>;
  head(): JournalHead;
  acknowledged(): number;
  /** Entries that are not on the disk yet. */
  waiting(): number;
  trouble(): JournalTrouble | undefined;
  /** Deletes what is acknowledged and too many or too old, step by step. For whenever time has passed. */
  forget(): void;
  /** Writes what still waits, as far as the disk lets it, and persists acknowledgement and clock. */
  flush(): Promise<void>;
}

/** 250 ms after which the door follows the decision without the disk. */
export const JOURNAL_BOUND_MS = 250;
/** Late so often within so long is no chance any more; and so long in time again is recovered. */
const OFTEN_LATE = 3;
export const LATE_WINDOW_MS = 10 * 60_000;
/** What is not on the disk by then would be lost with the power, as nobody may expect of a door. */
export const KEPT_IN_MEMORY_MS = 10_000;
const MAX_WAITING = 20_000;
const MAX_PER_COMMIT = 128;
const RETRY_MS = 1_000;
const ACKNOWLEDGE_EVERY_MS = 1_000;
/** An entry that a door waits for stands behind one step at most. */
const PRUNE_AT_MOST = 500;
const PRUNE_EVERY_MS = 250;
/** So many entries stay at the gate, acknowledged or not, as long as they are not too old. */
export const JOURNAL_KEEP_ENTRIES = 1_000_000;

interface Waiting extends AppendRequest {
  readonly settle: (outcome: AppendOutcome) => void;
}

function randomEpoch(): number {
  const [low = 0, middle = 0, high = 0] = randomBytes(3);
  return low + middle * 2 ** 8 + (high & 0x1f) * 2 ** 16;
}

function systemAfter(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  // Minutes are only ever waited for to say that all is well: no process stays for that.
  if (ms >= KEPT_IN_MEMORY_MS) timer.unref();
  return () => clearTimeout(timer);
}

export function makeJournal(options: JournalOptions): Journal {
  const { remote, clock, listener } = options;
  const boundMs = options.boundMs ?? JOURNAL_BOUND_MS;
  const after = options.after ?? systemAfter;
  // 21 random bits above 32 counted ones: unique among the entries that a crash can leave in doubt.
  const draftEpoch = options.draftEpoch ?? randomEpoch();
  const queue: Waiting[] = [];
  let drafts = 0;
  let head: JournalHead = options.opening?.head ?? { sequence: 0, hash: new Uint8Array(32) };
  let acknowledged = options.opening?.acknowledged ?? 0;
  let persistedAcknowledged = acknowledged;
  let writing: Promise<void> | undefined;
  let cancelRetry: (() => void) | undefined;
  let retryCause: GateErrorCode = "disk-failed";
  let acknowledging = false;
  let forgetting = false;
  let trouble: JournalTrouble | undefined;
  /** Since when the disk is late; until all that waited is written. */
  let lateSinceMs: number | undefined;
  /** When it was late, within the window. */
  let lateAtMs: number[] = [];
  let cancelKept: (() => void) | undefined;
  let cancelCalm: (() => void) | undefined;

  function raise(cause: JournalTrouble["cause"]): void {
    if (trouble !== undefined) return;
    trouble = { cause, sinceMonotonicMs: clock.monotonicMs(), lost: 0 };
    listener.degraded(trouble);
  }

  /** One spell, however many entries wait in it. */
  function noteLate(): void {
    if (lateSinceMs !== undefined) return;
    const nowMs = clock.monotonicMs();
    lateSinceMs = nowMs - boundMs;
    lateAtMs = [...lateAtMs.filter((atMs) => nowMs - atMs < LATE_WINDOW_MS), nowMs];
    if (lateAtMs.length >= OFTEN_LATE) raise("often-late");
    cancelKept = after(KEPT_IN_MEMORY_MS, () => raise("kept-in-memory"));
  }

  /** Nothing waits any more. */
  function calm(): void {
    cancelKept?.();
    cancelKept = undefined;
    cancelCalm?.();
    cancelCalm = undefined;
    const nowMs = clock.monotonicMs();
    if (trouble === undefined) {
      const sinceMs = lateSinceMs;
      lateSinceMs = undefined;
      if (sinceMs !== undefined) listener.late(nowMs - sinceMs);
      return;
    }
    lateSinceMs = undefined;
    const lastMs = lateAtMs.at(-1);
    if (trouble.cause === "often-late" && lastMs !== undefined && nowMs - lastMs < LATE_WINDOW_MS) {
      cancelCalm = after(lastMs + LATE_WINDOW_MS - nowMs, () => {
        if (queue.length === 0) calm();
      });
      return;
    }
    const over = trouble;
    trouble = undefined;
    listener.restored(over);
  }

  function pump(): void {
    if (writing !== undefined || cancelRetry !== undefined || queue.length === 0) return;
    writing = write(queue.slice(0, MAX_PER_COMMIT)).finally(() => {
      writing = undefined;
      pump();
    });
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    const requests = batch.map(({ draftId, draft }) => ({ draftId, draft }));
    try {
      const appended = await remote.append(requests, head.sequence, clock.saved());
      head = appended.head;
      queue.splice(0, batch.length);
      for (const { draftId, settle } of batch) {
        settle({ stored: true, sequence: appended.sequences.get(draftId) ?? head.sequence });
      }
      listener.appended(head);
      if (appended.sealed !== undefined) listener.sealed(appended.sealed);
      if (queue.length === 0 && (trouble !== undefined || lateSinceMs !== undefined)) calm();
    } catch (fault) {
      const cause = fault instanceof GateError ? fault.code : "disk-failed";
      raise(cause);
      retryCause = cause;
      for (const { settle } of queue) settle({ stored: false, cause });
      cancelRetry = after(RETRY_MS, () => {
        cancelRetry = undefined;
        pump();
      });
    }
  }

  function bounded<T>(work: Promise<T>, late: () => T): Promise<T> {
    return new Promise((resolve) => {
      const cancel = after(boundMs, () => resolve(late()));
      work.then(
        (value) => {
          cancel();
          resolve(value);
        },
        () => {
          cancel();
          resolve(late());
        },
      );
    });
  }

  function persistAcknowledged(): Promise<void> {
    const sequence = acknowledged;
    return remote.acknowledge(sequence).then(
      () => {
        persistedAcknowledged = sequence;
      },
      // Sent again after a restart; the server stores each sequence once.
      () => undefined,
    );
  }

  /** One step after the other while there is more to delete; a fault of the disk leaves the rest for the next time. */
  function forget(): void {
    if (forgetting) return;
    forgetting = true;
    remote.prune(options.keepEntries ?? JOURNAL_KEEP_ENTRIES, PRUNE_AT_MOST, options.forgetBefore?.()).then(
      (count) => {
        forgetting = false;
        if (count === PRUNE_AT_MOST) after(PRUNE_EVERY_MS, forget);
      },
      () => {
        forgetting = false;
      },
    );
  }

  return {
    append(record) {
      const now = clock.now();
      clock.raiseFloor(now.earliest);
      const times = { earliest: now.earliest, latest: now.latest };
      const draft: JournalDraft = { ...record, ...times };
      try {
        // On the store's thread it would stand in the way of every entry behind it.
        encodeJournalEntry(numberDraft(draft, Number.MAX_SAFE_INTEGER));
      } catch (fault) {
        listener.malformed(fault);
        return Promise.resolve({ stored: false, cause: "request-invalid" });
      }
      if (queue.length >= MAX_WAITING) {
        raise("full-memory");
        if (trouble !== undefined) trouble = { ...trouble, lost: trouble.lost + 1 };
        return Promise.resolve({ stored: false, cause: "full-memory" });
      }
      const draftId = draftEpoch * 2 ** 32 + drafts++;
      return new Promise((resolve) => {
        let settled = false;
        let cancel: () => void = () => undefined;
        const settle = (outcome: AppendOutcome): void => {
          if (settled) return;
          settled = true;
          cancel();
          resolve(outcome);
        };
        queue.push({ draftId, draft, settle });
        // While the disk is known to fail, nobody waits for it.
        if (cancelRetry !== undefined) settle({ stored: false, cause: retryCause });
        else {
          cancel = after(boundMs, () => {
            noteLate();
            settle({ stored: false, cause: "late" });
          });
        }
        pump();
      });
    },

    saveCounter: (credentialKey, counter) =>
      bounded(
        remote.saveCounter(credentialKey, counter).then(() => true),
        () => false,
      ),

    saveFireLatch(portalId, latched) {
      // The latch in memory rules; a latch that could not be stored is lost by a restart only, and the input is read anew.
      remote.saveFireLatch(portalId, latched).catch(() => raise("disk-failed"));
    },

    read: (firstSequence, maxEntries, maxBytes) => remote.read(firstSequence, maxEntries, maxBytes),

    acknowledge(sequence) {
      if (sequence <= acknowledged) return;
      acknowledged = sequence;
      if (acknowledging) return;
      acknowledging = true;
      after(ACKNOWLEDGE_EVERY_MS, () => {
        acknowledging = false;
        void persistAcknowledged().then(forget);
      });
    },

    async resume(nextSequence, hash) {
      const resumed = await remote.resume(nextSequence, hash);
      head = resumed.head;
      if (resumed.outcome.kind === "continues" || resumed.outcome.kind === "anchored") {
        acknowledged = resumed.outcome.acknowledged;
        persistedAcknowledged = acknowledged;
      }
      return resumed.outcome;
    },

    head: () => head,
    acknowledged: () => acknowledged,
    waiting: () => queue.length,
    forget,
    trouble: () => trouble,

    async flush() {
      while (writing !== undefined) await writing;
      if (acknowledged !== persistedAcknowledged) await persistAcknowledged();
      await remote.saveClock(clock.saved()).catch(() => undefined);
    },
  };
}
