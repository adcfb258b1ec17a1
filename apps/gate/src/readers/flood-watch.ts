import type { ReaderId } from "@menshen/domain";
import type { Cancel, ClockSource } from "../clock/clock-source.ts";
import type { Findings } from "../findings.ts";
import { makeTokenBucket, type TokenBucket } from "../tap/token-bucket.ts";

/**
 * Keeps a reader that reports more than persons can present from costing the other doors and the journal anything: one
 * entry when it begins, one with the count when it is over.
 */
export interface FloodWatch {
  /** Whether a report of this reader is taken. */
  admits(readerId: ReaderId): boolean;
  /** Something of this reader was not recorded, or not taken, because there was too much. */
  heldBack(readerId: ReaderId): void;
  stop(): void;
}

/** More than a crowd at a turnstile and a quick typist at a keypad bring together. */
const REPORT_BURST = 200;
const REPORTS_PER_SECOND = 15;
/** A flood is over when nothing was held back for so long. */
const QUIET_MS = 30_000;
/** The largest count that an entry carries. */
const MOST = 0xffff_ffff;

interface Flood {
  count: number;
  end: Cancel;
}

export function makeFloodWatch(options: {
  readonly source: Pick<ClockSource, "monotonicMs" | "schedule">;
  readonly findings: Pick<Findings, "raise" | "clear">;
  readonly record: (readerId: ReaderId, event: "flooded" | "flood-ended", count?: number) => void;
}): FloodWatch {
  const { source, findings, record } = options;
  const buckets = new Map<ReaderId, TokenBucket>();
  const floods = new Map<ReaderId, Flood>();

  function begin(readerId: ReaderId): Flood {
    findings.raise("reader-flooded", readerId);
    record(readerId, "flooded");
    const flood: Flood = { count: 0, end: () => undefined };
    floods.set(readerId, flood);
    return flood;
  }

  function heldBack(readerId: ReaderId): void {
    const flood = floods.get(readerId) ?? begin(readerId);
    flood.count = Math.min(MOST, flood.count + 1);
    flood.end();
    flood.end = source.schedule(source.monotonicMs() + QUIET_MS, () => {
      floods.delete(readerId);
      findings.clear("reader-flooded", readerId);
      record(readerId, "flood-ended", flood.count);
    });
  }

  return {
    admits(readerId) {
      const bucket = buckets.get(readerId) ?? makeTokenBucket(REPORT_BURST, REPORTS_PER_SECOND);
      buckets.set(readerId, bucket);
      const may = bucket.take(source.monotonicMs());
      if (!may) heldBack(readerId);
      return may;
    },
    heldBack,
    stop() {
      for (const { end } of floods.values()) end();
      floods.clear();
    },
  };
}
