import { type AccessEvent, FAILURES, type Failure } from "@menshen/detection";
import type { Reason } from "@menshen/domain";
import { isAstray } from "@menshen/policy";
import type { JournalEntry } from "@menshen/wire";

/** One tap, and whose name of an epoch it carries. */
export interface DetectionTap {
  readonly event: AccessEvent;
  readonly epoch: number;
}

/** The format's largest key version; a higher one is told by its last byte. */
const VERSION_MASK = 0xff;
const TIMED_KINDS: ReadonlySet<string> = new Set(["uid", "desfire", "ntag424"]);
const MOST_RESPONSE_MICROS = 1_000_000;
/** An event that says it was received later says nothing of a clock, only that its gate was offline. */
const LATENESS_MARGIN_MS = 3_600_000;

/**
 * What the engine is told of a journal entry; `undefined` if the entry is about no card that has a name. Pure: what is
 * stored says all of it, so that judging again gives the same.
 *
 * @param lateMs how long the engine waits. A receipt further behind is told as just within it: the engine then takes the
 *   gate as offline, as it was, and not the whole community as far ahead.
 */
export function detectionTap(
  gateId: string,
  entry: JournalEntry | undefined,
  receivedAt: number,
  lateMs: number,
): DetectionTap | undefined {
  if (entry?.kind !== "access") return undefined;
  const { body, earliest, sequence } = entry;
  const { pseudonym, pseudonymKeyId, epoch, kind } = body;
  if (pseudonym === undefined || pseudonymKeyId === undefined || epoch === undefined || kind === undefined) {
    return undefined;
  }
  const evidence = body.evidence ?? {};
  const failure = body.granted ? undefined : failureOf(body.reasons);
  const latest = earliest + Math.max(0, lateMs - LATENESS_MARGIN_MS);
  const { counterMark, keyVersion } = evidence;
  return {
    epoch,
    // All fields, of every event: see `AccessEvent`.
    event: {
      at: earliest,
      receivedAt: Math.min(receivedAt, latest),
      gate: gateId,
      accessPoint: body.accessPointId,
      credential: keyNameOf(pseudonymKeyId) + hex(pseudonym),
      kind,
      sequence,
      result: body.granted ? "granted" : "refused",
      failure,
      counter: evidence.counter,
      torn: counterMark === "torn" || undefined,
      wentBack: counterMark === "went-back" || undefined,
      keyVersion: keyVersion === undefined ? undefined : keyVersion & VERSION_MASK,
      downgraded: evidence.downgraded,
      unaccustomed: evidence.unaccustomed,
      watched: evidence.watched,
      fingerprint: evidence.fingerprint,
      magic: undefined,
      responseMicros: responseOf(kind, evidence.dialogueMs),
      batch: undefined,
    },
  };
}

let lastKeyId = new Uint8Array();
let lastKeyName = "";

/** The same for nearly all entries of an epoch. */
function keyNameOf(keyId: Uint8Array): string {
  if (Buffer.compare(keyId, lastKeyId) !== 0) {
    lastKeyId = keyId.slice();
    lastKeyName = hex(keyId);
  }
  return lastKeyName;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** How long a chip took, where no person has a hand in it: a telephone waits for its owner. */
function responseOf(kind: string, dialogueMs: number | undefined): number | undefined {
  if (dialogueMs === undefined || dialogueMs <= 0 || !TIMED_KINDS.has(kind)) return undefined;
  return Math.min(MOST_RESPONSE_MICROS, dialogueMs * 1_000);
}

/** What of a refusal speaks about the card; a refusal by a rule speaks about nothing. */
function failureOf(reasons: readonly Reason[]): Failure | undefined {
  if (isAstray(reasons)) return "ended";
  const [reason] = reasons;
  switch (reason?.code) {
    case "credential-not-authentic":
      return FAILURES.find((failure) => failure === reason.detail) ?? "other";
    case "credential-downgraded":
    case "credential-kind-mismatch":
      return "other";
    default:
      return undefined;
  }
}
