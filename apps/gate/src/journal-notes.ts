import type { Logger } from "@menshen/service-kit";
import type { GateEntry } from "@menshen/wire";
import type { Cancel, ClockSource } from "./clock/clock-source.ts";
import type { Findings } from "./findings.ts";
import type { JournalListener } from "./store/journal.ts";

/** So long an installer sees that a write came late. */
export const LATE_NOTE_MS = 24 * 3_600_000;

/**
 * What people hear of the journal: one late write that lost nothing is a note for the installer and an entry; what lasts,
 * comes back or loses something is a fault, for which the server rings.
 */
export function makeJournalNotes(parts: {
  readonly source: Pick<ClockSource, "monotonicMs" | "schedule">;
  readonly findings: Pick<Findings, "raise" | "clear">;
  readonly recordGate: (body: GateEntry["body"]) => void;
  readonly logger: Pick<Logger, "error" | "warn">;
}): Pick<JournalListener, "late" | "degraded" | "restored" | "malformed"> & { stop(): void } {
  const { source, findings, recordGate, logger } = parts;
  let cancelNote: Cancel | undefined;
  return {
    late(afterMs) {
      logger.warn({ durationMs: afterMs }, "a write of the journal came late and is complete");
      findings.raise("journal-late");
      cancelNote?.();
      cancelNote = source.schedule(source.monotonicMs() + LATE_NOTE_MS, () => findings.clear("journal-late"));
      recordGate({ event: "journal-late", cause: `after-${Math.round(afterMs)}-ms` });
    },
    degraded({ cause }) {
      logger.error({ code: cause }, "the journal cannot be written in time; doors follow their decisions");
      findings.raise("journal-degraded");
      recordGate({ event: "journal-degraded", cause });
    },
    restored({ lost }) {
      logger.warn({ count: lost }, "the journal is written again");
      findings.clear("journal-degraded");
      recordGate({ event: "journal-restored", ...(lost === 0 ? {} : { cause: `lost-${lost}-entries` }) });
    },
    malformed: (fault) => logger.error({ error: fault }, "an entry does not fit the journal"),
    stop: () => cancelNote?.(),
  };
}
