/// <reference lib="webworker" />
import { ed25519Verify, sha256 } from "@menshen/crypto";
import {
  type AuditFinding,
  auditLog,
  auditNew,
  type CredentialCounts,
  countCredentials,
  EMPTY_EDGE,
  formatAuditState,
  logOverHttp,
  logVerifyKeysOf,
  parseAuditState,
  parseLeaf,
} from "@menshen/evidence";
import type { LogDescription } from "@menshen/wire";

export interface AuditJob {
  readonly log: LogDescription;
  /** What the last audit left; absent at the first. */
  readonly audit: string | undefined;
  /** Verify every entry again; what was seen of the log before is remembered all the same. */
  readonly fromTheFirst: boolean;
}

export interface AuditResult {
  readonly audit: string;
  readonly findings: readonly AuditFinding[];
  readonly isForked: boolean;
  readonly verified: number;
  readonly topics: Readonly<Record<string, number>>;
  /** Homes and credentials; only of an audit that began at the first entry. */
  readonly credentials?: CredentialCounts;
}

export type AuditReport =
  | { readonly report: "progress"; readonly verified: number }
  | { readonly report: "done"; readonly result: AuditResult }
  | { readonly report: "failed" };

self.onmessage = (event: MessageEvent<AuditJob>) => {
  audit(event.data).then(
    (result) => say({ report: "done", result }),
    () => say({ report: "failed" }),
  );
};

function say(report: AuditReport): void {
  self.postMessage(report);
}

async function audit(job: AuditJob): Promise<AuditResult> {
  const keys = logVerifyKeysOf({ sha256 }, job.log);
  if (keys === undefined) throw new Error("the log's key cannot be used");
  const crypto = { sha256, ed25519Verify };
  // What the server has now, not what this browser kept of it: that is what is to be verified.
  const reader = logOverHttp((url, init) => fetch(url, { ...init, cache: "no-store" }), "/log");
  const known = job.audit === undefined ? undefined : parseAuditState(crypto, job.audit, keys.identity);
  const before = known ?? auditNew(job.log.origin);
  const start = job.fromTheFirst ? { ...before, edge: EMPTY_EDGE } : before;
  const counter = start.edge.size === 0 ? countCredentials() : undefined;
  const audited = await auditLog(
    crypto,
    reader,
    keys.identity,
    keys.policy,
    start,
    (verified) => say({ report: "progress", verified }),
    (_index, entry) => {
      const parsed = counter === undefined ? undefined : parseLeaf(entry);
      if (parsed?.parsed) counter?.see(parsed.leaf);
    },
  );
  // Where a tile was refused, what was verified before stays verified.
  const hasStopped = job.fromTheFirst && audited.verified === 0;
  const state = hasStopped ? { ...audited.state, edge: before.edge } : audited.state;
  return {
    audit: formatAuditState(state),
    findings: audited.findings,
    isForked: audited.state.followed.state === "forked",
    verified: audited.verified,
    topics: Object.fromEntries(audited.topics),
    ...(counter === undefined || audited.verified === 0 ? {} : { credentials: counter.counts() }),
  };
}
