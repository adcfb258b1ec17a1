import { fromBase64, toBase64 } from "../base64.ts";
import { HASH_BYTES, isSize } from "../checks.ts";
import type { NoteVerification } from "../note/note-key.ts";
import { fromUtf8, utf8 } from "../note/note-text.ts";
import { TILE_WIDTH } from "../tiles/tile.ts";
import type { TreeEdge } from "../tiles/tree-edge.ts";
import type { AuditState } from "./audit-log.ts";
import type { FollowedLog, ForkEvidence } from "./follow-log.ts";
import { isForkProven } from "./fork-evidence.ts";
import type { LogIdentity, SignedCheckpoint } from "./open-checkpoint.ts";
import { openCheckpoint } from "./open-checkpoint.ts";

const VERSION = 1;

/** An auditor's memory as JSON text. The notes in it are as the log signed them: it is evidence for others too. */
export function formatAuditState({ followed, edge }: AuditState): string {
  const record = {
    version: VERSION,
    origin: followed.origin,
    ...(followed.state === "following" ? { head: noteText(followed.head) } : {}),
    ...(followed.state === "forked" ? { fork: forkRecord(followed.evidence) } : {}),
    verified: { size: edge.size, levels: edge.levels.map(toBase64) },
  };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/**
 * Reads {@link formatAuditState}'s text. Nothing in it is believed that the log did not sign: notes are verified again,
 * and a fork is proven again.
 *
 * @returns `undefined` for anything else, also for the state of another log
 * @throws {EvidenceError} as `openCheckpoint`, for keys that cannot be used
 */
export function parseAuditState(
  crypto: NoteVerification,
  text: string,
  log: Omit<LogIdentity, "witnessKeys">,
): AuditState | undefined {
  const record = parseObject(text);
  if (record === undefined || record.version !== VERSION || record.origin !== log.origin) return undefined;
  const open = (note: unknown): SignedCheckpoint | undefined => {
    if (typeof note !== "string") return undefined;
    const opened = openCheckpoint(crypto, utf8(note), { ...log, witnessKeys: [] });
    return opened.opened ? opened.signed : undefined;
  };
  const followed = followedIn(crypto, record, log, open);
  const edge = edgeIn(record.verified);
  if (followed === undefined || edge === undefined) return undefined;
  const size = followed.state === "following" ? followed.head.checkpoint.size : 0;
  return followed.state !== "forked" && edge.size > size ? undefined : { followed, edge };
}

function followedIn(
  crypto: NoteVerification,
  record: Readonly<Record<string, unknown>>,
  log: Omit<LogIdentity, "witnessKeys">,
  open: (note: unknown) => SignedCheckpoint | undefined,
): FollowedLog | undefined {
  const { origin } = log;
  if (record.fork !== undefined) {
    const evidence = evidenceIn(record.fork, open);
    const proven = evidence !== undefined && isForkProven(crypto, { ...log, witnessKeys: [] }, evidence);
    return proven ? { state: "forked", origin, evidence } : undefined;
  }
  if (record.head === undefined) return { state: "new", origin };
  const head = open(record.head);
  return head === undefined ? undefined : { state: "following", origin, head };
}

function forkRecord(evidence: ForkEvidence): object {
  switch (evidence.kind) {
    case "impossible-root":
      return { kind: evidence.kind, signed: noteText(evidence.signed) };
    case "two-roots":
      return { kind: evidence.kind, one: noteText(evidence.one), other: noteText(evidence.other) };
    case "other-history": {
      const { smaller, larger, history } = evidence;
      return {
        kind: evidence.kind,
        smaller: noteText(smaller),
        larger: noteText(larger),
        history: history.map(toBase64),
      };
    }
  }
}

function evidenceIn(
  value: unknown,
  open: (note: unknown) => SignedCheckpoint | undefined,
): ForkEvidence | undefined {
  if (!isRecord(value)) return undefined;
  const { kind } = value;
  if (kind === "impossible-root") {
    const signed = open(value.signed);
    return signed === undefined ? undefined : { kind, signed };
  }
  if (kind === "two-roots") {
    const [one, other] = [open(value.one), open(value.other)];
    return one === undefined || other === undefined ? undefined : { kind, one, other };
  }
  const [smaller, larger, history] = [open(value.smaller), open(value.larger), bytesList(value.history)];
  if (kind !== "other-history" || !smaller || !larger || !history) return undefined;
  return { kind, smaller, larger, history };
}

function edgeIn(value: unknown): TreeEdge | undefined {
  if (!isRecord(value)) return undefined;
  const { size } = value;
  const levels = bytesList(value.levels);
  if (typeof size !== "number" || !isSize(size) || levels === undefined) return undefined;
  let hashCount = size;
  for (const bytes of levels) {
    if (bytes.length !== (hashCount % TILE_WIDTH) * HASH_BYTES) return undefined;
    hashCount = Math.floor(hashCount / TILE_WIDTH);
  }
  return hashCount === 0 ? { size, levels } : undefined;
}

function bytesList(value: unknown): Uint8Array[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list: Uint8Array[] = [];
  for (const text of value) {
    const bytes = typeof text === "string" ? fromBase64(text) : undefined;
    if (bytes === undefined) return undefined;
    list.push(bytes);
  }
  return list;
}

function noteText({ note }: SignedCheckpoint): string {
  // A note that was opened is UTF-8.
  return fromUtf8(note) ?? "";
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
