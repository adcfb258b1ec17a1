import type { Primitives } from "@menshen/crypto";
import { toHex } from "@menshen/crypto";
import {
  DomainError,
  epochAt,
  epochDeath,
  type OpeningStatement,
  parseCanonicalJson,
  parseOpeningStatement,
} from "@menshen/domain";
import {
  commitLeaf,
  encodeLeaf,
  meetsQuorum,
  type NoteVerification,
  parseVerifierKey,
  verifyLogProof,
  type WitnessPolicy,
} from "@menshen/evidence";
import type { PinnedLog, StoreContents } from "./store-contents.ts";

/** Clocks of two honest machines differ by no more than this. */
const CLOCK_TOLERANCE_MS = 300_000;

/** A request as a server shows it to a custodian's program. Nothing of it is believed before it is checked. */
export interface ShownRequest {
  /** Canonical JSON of the leaf `opening-requested`. */
  readonly statement: string;
  /** Opens the leaf, 32 bytes. */
  readonly salt: Uint8Array;
  /** C2SP tlog-proof, with the checkpoint and its cosignatures. */
  readonly proof: string;
}

/**
 * Why a custodian's program answers nothing to a request.
 *
 * - `not-a-request`: not the one text of a request within the limits of scope;
 * - `not-in-log`: salt, leaf, proof and checkpoint do not fit together under the pinned log key;
 * - `too-few-witnesses`: the checkpoint has not the cosignatures of enough pinned witnesses since the request;
 * - `log-forked`: the log contradicts what it showed before, or shows less; stays so until the person acknowledges it;
 * - `log-unproven`: the log did not prove that its tree begins with the one seen last, see `followShownLog`;
 * - `deadline-passed`; `not-yet`: made at a time that has not come by the program's own clock;
 * - `clock-went-back`: the program's clock stands before what it has seen; `clock-behind`: witnesses are ahead of it;
 * - `not-on-call`: an emergency for which others were called;
 * - `request-changed`: another text was answered under this id;
 * - `shares-gone`: no share is left for any epoch of the window;
 * - `keys-unusable`: the pinned log or witness keys cannot be used.
 */
export type RequestRefusal =
  | "not-a-request"
  | "not-in-log"
  | "too-few-witnesses"
  | "log-forked"
  | "log-unproven"
  | "deadline-passed"
  | "not-yet"
  | "clock-went-back"
  | "clock-behind"
  | "not-on-call"
  | "request-changed"
  | "shares-gone"
  | "keys-unusable";

/** A request that may be answered, if the custodian's person agrees; or the first thing that speaks against it. */
export type RequestChecked =
  | {
      readonly accepted: true;
      readonly statement: OpeningStatement;
      /** SHA-256 of the statement, lower-case hexadecimal. */
      readonly statementSha256: string;
      /** What the log showed, to be remembered. */
      readonly seen: { readonly size: number; readonly root: string };
    }
  | { readonly accepted: false; readonly refusal: RequestRefusal };

/** What is needed of `@menshen/crypto` to check a request. */
export type RequestChecking = NoteVerification &
  Pick<Primitives, "hmacSha256" | "hkdfSha256" | "constantTimeEqual">;

/**
 * Checks a request by what the program pinned and remembers, and by its own clock alone.
 *
 * @param index the program's place in the custodians, from 1
 * @param nowMs the program's own clock, Unix milliseconds
 */
export function checkRequest(
  crypto: RequestChecking,
  contents: StoreContents,
  request: ShownRequest,
  index: number,
  nowMs: number,
): RequestChecked {
  if (nowMs < contents.latestMs - CLOCK_TOLERANCE_MS) return refuse("clock-went-back");
  const statement = readStatement(request.statement);
  if (statement === undefined) return refuse("not-a-request");
  const logged = checkLog(crypto, contents, request, statement, nowMs);
  if ("refusal" in logged) return refuse(logged.refusal);
  const late = faultOfTime(statement, nowMs);
  if (late !== undefined) return refuse(late);
  if (statement.path === "emergency" && !(statement.onCall ?? []).includes(index))
    return refuse("not-on-call");
  const statementSha256 = toHex(crypto.sha256(new TextEncoder().encode(request.statement)));
  const earlier = contents.answered.find(({ requestId }) => requestId === statement.requestId);
  if (earlier !== undefined && earlier.statementSha256 !== statementSha256) return refuse("request-changed");
  if (!holdsShareFor(contents, statement, nowMs)) return refuse("shares-gone");
  return { accepted: true, statement, statementSha256, seen: logged.seen };
}

function refuse(refusal: RequestRefusal): Extract<RequestChecked, { readonly accepted: false }> {
  return { accepted: false, refusal };
}

function readStatement(text: string): OpeningStatement | undefined {
  try {
    const result = parseOpeningStatement(parseCanonicalJson(text));
    return result.parsed ? result.statement : undefined;
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

/** That the request's leaf stands in the pinned log, witnessed since the request was made. */
function checkLog(
  crypto: RequestChecking,
  contents: StoreContents,
  { statement: text, salt, proof }: ShownRequest,
  statement: OpeningStatement,
  nowMs: number,
):
  | { readonly seen: { readonly size: number; readonly root: string } }
  | { readonly refusal: RequestRefusal } {
  const pinned = readPinned(crypto, contents.log);
  if (pinned === undefined) return { refusal: "keys-unusable" };
  const { logKeys, policy } = pinned;
  if (salt.length !== 32) return { refusal: "not-in-log" };
  const leaf = commitLeaf(crypto, salt, statement.topic, new TextEncoder().encode(text));
  const log = { origin: contents.log.origin, logKeys };
  const verified = verifyLogProof(crypto, proof, log, policy, encodeLeaf(leaf));
  if (!verified.verified) {
    return { refusal: verified.refusal === "too-few-witnesses" ? "too-few-witnesses" : "not-in-log" };
  }
  const { cosignatures, signed } = verified;
  // A cosignature from before the request cannot have covered it.
  const since = Math.floor((statement.at - CLOCK_TOLERANCE_MS) / 1_000);
  if (!meetsQuorum(policy, cosignatures, since)) return { refusal: "too-few-witnesses" };
  // Witnesses live in the present: one who signed in this program's future shows that its clock was set back.
  const ahead = Math.floor((nowMs + CLOCK_TOLERANCE_MS) / 1_000) + 1;
  if (policy.quorum > 0 && meetsQuorum(policy, cosignatures, ahead)) return { refusal: "clock-behind" };
  const seen = { size: signed.checkpoint.size, root: toHex(signed.checkpoint.root) };
  if (contents.logFault !== undefined) return { refusal: "log-forked" };
  if (contents.seen === undefined) return { seen };
  if (contents.seen.size !== seen.size) return { refusal: "log-unproven" };
  return contents.seen.root === seen.root ? { seen } : { refusal: "log-forked" };
}

/** The pinned keys, ready for use; `undefined` if one of them is no key of its kind. */
export function readPinned(
  crypto: RequestChecking,
  log: PinnedLog,
): { readonly logKeys: readonly [PinnedKey]; readonly policy: WitnessPolicy } | undefined {
  const logKey = parseVerifierKey(crypto.sha256, log.logKey);
  if (!logKey.parsed || logKey.key.type !== "ed25519") return undefined;
  const witnesses = log.witnesses.flatMap(({ body, key: text }) => {
    const witness = parseVerifierKey(crypto.sha256, text);
    return witness.parsed && witness.key.type === "ed25519-cosignature" ? [{ body, key: witness.key }] : [];
  });
  if (witnesses.length < log.witnesses.length) return undefined;
  return { logKeys: [logKey.key], policy: { witnesses, quorum: log.quorum } };
}

type PinnedKey = Extract<ReturnType<typeof parseVerifierKey>, { readonly parsed: true }>["key"];

function faultOfTime(statement: OpeningStatement, nowMs: number): RequestRefusal | undefined {
  if (statement.at > nowMs + CLOCK_TOLERANCE_MS) return "not-yet";
  return nowMs > statement.deadline ? "deadline-passed" : undefined;
}

function holdsShareFor(
  { grid, shares, retentionDays }: StoreContents,
  statement: OpeningStatement,
  nowMs: number,
) {
  if (statement.heldBy !== undefined) {
    // Which epoch the hold lasts to shows in its entries.
    return shares.some(({ key: { epoch } }) => epochDeath(grid, epoch, retentionDays) > nowMs);
  }
  const first = epochAt(grid, statement.from) ?? 1;
  const last = epochAt(grid, statement.until - 1) ?? 0;
  return shares.some(
    ({ key: { epoch } }) => epoch >= first && epoch <= last && epochDeath(grid, epoch, retentionDays) > nowMs,
  );
}
