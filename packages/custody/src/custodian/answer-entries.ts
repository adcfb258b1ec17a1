import { type RandomBytes, sha256, toHex } from "@menshen/crypto";
import { epochAt, epochDeath, type OpeningStatement } from "@menshen/domain";
import { CustodyError } from "../errors.ts";
import { sealPartial } from "../hold.ts";
import { encodePartial, makePartial } from "../opening.ts";
import { parseSealedEntry, type SealedEntry } from "../sealed-entry.ts";
import type { RequestChecked } from "./check-request.ts";
import type { AnsweredRequest, RefusedRequest, StoreContents } from "./store-contents.ts";

/** Refusals that a program remembers; older ones make room. */
const MAX_REMEMBERED = 200;

/**
 * Why a custodian's program gives no partial decryption for one entry of a request.
 *
 * - `malformed`: no sealed entry;
 * - `outside-doors`, `outside-window`: its label is not in the request's scope;
 * - `other-epoch`: it was not sealed in the epoch of its time;
 * - `share-destroyed`: the epoch is over and its share is gone, or never was here;
 * - `forged`: the entry's own proof does not verify: re-labelled, re-randomised or changed;
 * - `no-key-to-hold`: no share of the epoch in which the hold would end;
 * - `cap-reached`: more entries than the request may open.
 */
export type EntryRefusal =
  | "malformed"
  | "outside-doors"
  | "outside-window"
  | "other-epoch"
  | "share-destroyed"
  | "forged"
  | "no-key-to-hold"
  | "cap-reached";

/** What answering came to. The contents are written before any partial leaves the program. */
export interface Answered {
  readonly contents: StoreContents;
  /** Encoded, in the order of the entries that are answered. */
  readonly partials: readonly Uint8Array[];
  /** Position in the list that was given, from 0. */
  readonly refused: readonly { readonly position: number; readonly refusal: EntryRefusal }[];
}

/**
 * Makes the partial decryptions of a request that {@link RequestChecked} accepted and the custodian's person agreed to.
 * Each entry is judged by its own label; an entry that was answered before is answered again and counts once.
 *
 * @param sealed encoded sealed entries
 * @param random the operating system's generator
 * @param nowMs the program's own clock, Unix milliseconds
 */
export function answerEntries(input: {
  readonly contents: StoreContents;
  readonly request: Extract<RequestChecked, { readonly accepted: true }>;
  readonly sealed: readonly Uint8Array[];
  readonly random: RandomBytes;
  readonly nowMs: number;
}): Answered {
  const { contents, request, sealed, random, nowMs } = input;
  const { statement, statementSha256, seen } = request;
  const earlier = contents.answered.find(({ requestId }) => requestId === statement.requestId);
  const counted = new Set(earlier?.entries ?? []);
  // A hold keeps each entry once for every custodian who sealed it again.
  const forms =
    statement.heldBy === undefined ? 1 : Math.max(1, ...contents.shares.map(({ key }) => key.threshold.n));
  const partials: Uint8Array[] = [];
  const refused: { position: number; refusal: EntryRefusal; digest: string }[] = [];
  for (const [position, bytes] of sealed.entries()) {
    const digest = toHex(sha256(bytes));
    const partial =
      counted.size >= statement.entryCap * forms && !counted.has(digest)
        ? "cap-reached"
        : answerEntry(contents, statement, bytes, random, nowMs);
    if (typeof partial === "string") refused.push({ position, refusal: partial, digest });
    else {
      counted.add(digest);
      partials.push(partial);
    }
  }
  const record: AnsweredRequest = {
    requestId: statement.requestId,
    statementSha256,
    entries: [...counted],
  };
  const others = contents.answered.filter(({ requestId }) => requestId !== statement.requestId);
  const remembered = rememberRefused(
    contents,
    refused.map(({ refusal, digest }) => ({
      requestId: statement.requestId,
      refusal,
      atMs: nowMs,
      entry: digest,
    })),
  );
  return {
    contents: {
      ...remembered,
      answered: [...others, record],
      latestMs: Math.max(contents.latestMs, nowMs),
      seen: contents.seen ?? seen,
    },
    partials,
    refused: refused.map(({ position, refusal }) => ({ position, refusal })),
  };
}

/**
 * Keeps what was refused, to be shown to whoever asks later. The same refusal of the same thing stands there once, when
 * it came last.
 */
export function rememberRefused(contents: StoreContents, refused: readonly RefusedRequest[]): StoreContents {
  if (refused.length === 0) return contents;
  const nameOf = ({ requestId, refusal, entry }: RefusedRequest) => `${requestId} ${refusal} ${entry ?? ""}`;
  const all = new Map<string, RefusedRequest>();
  for (const one of [...(contents.refused ?? []), ...refused]) {
    all.delete(nameOf(one));
    all.set(nameOf(one), one);
  }
  return { ...contents, refused: [...all.values()].slice(-MAX_REMEMBERED) };
}

function answerEntry(
  contents: StoreContents,
  statement: OpeningStatement,
  bytes: Uint8Array,
  random: RandomBytes,
  nowMs: number,
): Uint8Array | EntryRefusal {
  const entry = readEntry(bytes);
  if (entry === undefined) return "malformed";
  const { label, epoch } = entry;
  if (!statement.accessPointIds.includes(uuidText(label.accessPoint))) return "outside-doors";
  if (label.timeMs < statement.from || label.timeMs >= statement.until) return "outside-window";
  const { grid, retentionDays, shares } = contents;
  const own = epochAt(grid, label.timeMs);
  // What a hold kept was sealed again to a later epoch, and nothing else of the window was.
  const expected = statement.heldBy === undefined ? own === epoch : own !== undefined && epoch > own;
  if (!expected) return "other-epoch";
  const held = shares.filter(({ key }) => key.epoch === epoch);
  if (held.length === 0 || epochDeath(grid, epoch, retentionDays) <= nowMs) return "share-destroyed";
  // Two ceremonies made keys of one epoch when the custodians changed: the entry's proof tells which it is.
  for (const { key, index, secret } of held) {
    const result = makePartial({ key, share: { epoch, index, secret }, label, entry, random });
    if (!result.made) continue;
    const { partial } = result;
    if (statement.holdUntil === undefined) return encodePartial(partial);
    const lasting = epochAt(grid, statement.holdUntil);
    const caseShare = shares.findLast((share) => share.key.epoch === lasting);
    return caseShare === undefined
      ? "no-key-to-hold"
      : sealPartial({ key: caseShare.key, entry, partial, random });
  }
  return "forged";
}

function readEntry(bytes: Uint8Array): SealedEntry | undefined {
  try {
    return parseSealedEntry(bytes);
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}

function uuidText(bytes: Uint8Array): string {
  const hex = toHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
