import type { AuditFinding } from "@menshen/evidence";
import { useCallback, useEffect, useRef, useState } from "react";
import { addTopics } from "./add-topics.ts";
import type { LogMemory } from "./log-memory.ts";
import { runAudit } from "./run-audit.ts";
import type { LogState } from "./use-log.ts";

export interface AuditRun {
  readonly isRunning: boolean;
  /** Entries verified in this run so far. */
  readonly verified: number;
  /** Entries that were verified before this run. */
  readonly verifiedBefore: number;
  /** Of the last run; undefined before the first of this visit. */
  readonly findings: readonly AuditFinding[] | undefined;
  readonly hasFailed: boolean;
  /** Goes on where the last audit stopped, or starts from the first entry. */
  readonly start: (fromTheFirst: boolean) => void;
}

/**
 * Audits of this browser. At each visit it looks whether the log continues what it saw last time; what is new since then
 * is verified with it.
 */
export function useAudit({ memory, checkpoint, remember }: LogState): AuditRun {
  const [state, setState] = useState<Omit<AuditRun, "start">>({
    isRunning: false,
    verified: 0,
    verifiedBefore: 0,
    findings: undefined,
    hasFailed: false,
  });
  const hasFollowed = useRef(false);

  const run = useCallback(
    async (before: LogMemory, fromTheFirst: boolean) => {
      const { audit } = before;
      const topics = fromTheFirst || audit === undefined ? {} : before.topics;
      const verifiedBefore = countOf(topics);
      const start = { isRunning: true, verified: 0, verifiedBefore, findings: undefined, hasFailed: false };
      setState(start);
      try {
        const result = await runAudit({ log: before.log, audit, fromTheFirst }, (verified) =>
          setState((now) => ({ ...now, verified })),
        );
        // Where a tile was refused nothing was counted, and what was counted before still holds.
        const hasCounted = result.verified > 0;
        remember({
          ...before,
          audit: result.audit,
          topics: hasCounted ? addTopics(topics, result.topics) : before.topics,
          auditedAt: Date.now(),
          ...(result.credentials === undefined
            ? {}
            : { credentials: { counts: result.credentials, size: result.verified, at: Date.now() } }),
        });
        setState({ ...start, isRunning: false, verified: result.verified, findings: result.findings });
      } catch {
        setState({ ...start, isRunning: false, hasFailed: true });
      }
    },
    [remember],
  );

  useEffect(() => {
    if (hasFollowed.current || memory?.audit === undefined || checkpoint === undefined) return;
    hasFollowed.current = true;
    void run(memory, false);
  }, [memory, checkpoint, run]);

  const start = useCallback(
    (fromTheFirst: boolean) => {
      hasFollowed.current = true;
      if (memory !== undefined) void run(memory, fromTheFirst);
    },
    [memory, run],
  );
  return { ...state, start };
}

/** Entries counted, of whatever topic. */
export function countOf(topics: Readonly<Record<string, number>>): number {
  return Object.values(topics).reduce((sum, count) => sum + count, 0);
}
