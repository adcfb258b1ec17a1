import type { Logger } from "@menshen/service-kit";
import type { GateEntry } from "@menshen/wire";
import type { Findings } from "./findings.ts";
import type { GateIdentity } from "./keys/identity.ts";
import type { LinkListener } from "./link/community-link.ts";

/** A correction below this is everyday drift and not worth an entry. */
const NOTED_CORRECTION_MS = 1_000;

/** Turns what the link tells into findings, journal entries and logs. */
export function makeLinkListener(options: {
  readonly findings: Findings;
  readonly logger: Logger;
  readonly recordGate: (body: GateEntry["body"]) => void;
  readonly renewed: (identity: GateIdentity) => void;
  /** What the gate knows of the time is different now. */
  readonly timeChanged: () => void;
}): LinkListener {
  const { findings, logger, recordGate } = options;
  let isDown = false;
  return {
    connected() {
      isDown = false;
      findings.clear("link-down");
      logger.info({}, "connected to the community server");
    },
    disconnected(cause) {
      // Once for each time it goes down, not for each attempt.
      if (!isDown) logger.warn({ code: cause }, "no connection to the community server; doors decide alone");
      isDown = true;
      findings.raise("link-down");
    },
    received(outcome) {
      const { what, documentVersion } = outcome;
      if (what === "trail") {
        findings.set("custodians-not-endorsed", !outcome.ok && outcome.notEndorsed === true);
      }
      if (outcome.ok) {
        if (!outcome.changed) return;
        recordGate({ event: `${what}-applied`, documentVersion });
        logger.info({ what, documentVersion }, "document in force");
        return;
      }
      recordGate({ event: "snapshot-refused", documentVersion, cause: `${what}-${outcome.error}` });
      logger.warn({ what, documentVersion, code: outcome.error }, "document refused");
    },
    disciplined({ movedMs, disagreed, beforeJournal }) {
      findings.set("clock-before-journal", beforeJournal);
      findings.clear("clock-stepped");
      if (disagreed || Math.abs(movedMs) >= NOTED_CORRECTION_MS) {
        recordGate({
          event: "clock-disciplined",
          stepMs: movedMs,
          ...(disagreed ? { cause: "server-disagreed" } : {}),
        });
      }
      options.timeChanged();
    },
    resumed(outcome) {
      findings.set("journal-fork", outcome.kind === "fork");
      findings.set("journal-pruned", outcome.kind === "pruned");
      if (outcome.kind === "fork") logger.error({}, "the server holds another journal than this gate");
    },
    renewed(identity) {
      options.renewed(identity);
      findings.clear("certificate-expired");
      findings.clear("certificate-renewal-failed");
      recordGate({ event: "certificate-renewed" });
      logger.info({}, "certificate renewed");
    },
    renewalFailed(cause) {
      findings.raise("certificate-renewal-failed");
      logger.warn({ code: cause }, "the certificate could not be renewed");
    },
  };
}
