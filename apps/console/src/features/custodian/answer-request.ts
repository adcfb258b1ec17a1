import {
  constantTimeEqual,
  ed25519Verify,
  fromHex,
  hkdfSha256,
  hmacSha256,
  randomBytes,
  sha256,
  toHex,
} from "@menshen/crypto";
import {
  answerEntries,
  checkRequest,
  type EntryRefusal,
  followShownLog,
  type RequestChecked,
  type StoreContents,
} from "@menshen/custody";
import { logOverHttp } from "@menshen/evidence";
import {
  type CustodianOpening,
  custodianOpeningEndpoints,
  decodeJournalEntry,
  WireError,
} from "@menshen/wire";
import type { Desk } from "./desk.ts";

const CHECKING = { sha256, ed25519Verify, hmacSha256, hkdfSha256, constantTimeEqual };
/** Each takes some milliseconds: between two steps the page may draw. */
const ENTRIES_PER_STEP = 20;

/**
 * Reads a request, and follows the log to the checkpoint that it came with. Rejects if the server or the log's tiles
 * are not reached.
 */
export async function readRequest(desk: Desk, id: string, signal?: AbortSignal): Promise<CustodianOpening> {
  const known = desk.contents().seen;
  const opening = await desk.call(custodianOpeningEndpoints.get, {
    params: { id },
    ...(signal === undefined ? {} : { signal }),
  });
  const tiles = logOverHttp((url, init) => fetch(url, init), new URL("/log", location.origin).href).tile;
  await followShownLog({
    crypto: CHECKING,
    place: desk,
    request: opening,
    known,
    tiles,
    nowMs: Date.now(),
  });
  return opening;
}

/** Judges a request by what this browser pinned and remembers, and by its own clock. */
export function judge(
  contents: StoreContents,
  opening: CustodianOpening,
  index: number,
  nowMs: number,
): RequestChecked {
  const { statement, salt, proof } = opening;
  return checkRequest(CHECKING, contents, { statement, salt: fromHex(salt), proof }, index, nowMs);
}

/** What saying yes came to. */
export interface YesSaid {
  /** Answers that the server counted. */
  readonly counted: number;
  /** Answers that it did not count. */
  readonly rejected: number;
  /** Entries that this program did not answer, and why. */
  readonly refused: readonly EntryRefusal[];
}

/**
 * Says yes: checks the request again, makes the partial decryptions in this page, writes down what was answered, and only
 * then sends them.
 *
 * @returns the program's own refusal instead, if the request no longer holds
 */
export async function sayYes(
  desk: Desk,
  id: string,
  index: number,
): Promise<YesSaid | Extract<RequestChecked, { accepted: false }>> {
  const params = { id };
  const opening = await readRequest(desk, id);
  const request = judge(desk.contents(), opening, index, Date.now());
  if (!request.accepted) return request;
  const sealed = [
    ...opening.entries.flatMap(({ entry }) => sealedIn(fromHex(entry)) ?? []),
    ...(opening.held ?? []).map(fromHex),
  ];
  const partials: Uint8Array[] = [];
  const refused: EntryRefusal[] = [];
  for (let start = 0; start < sealed.length; start += ENTRIES_PER_STEP) {
    const part = sealed.slice(start, start + ENTRIES_PER_STEP);
    await desk.change((contents) => {
      const answered = answerEntries({
        contents,
        request,
        sealed: part,
        random: randomBytes,
        nowMs: Date.now(),
      });
      partials.push(...answered.partials);
      refused.push(...answered.refused.map(({ refusal }) => refusal));
      return answered.contents;
    });
    await new Promise((resolve) => setTimeout(resolve));
  }
  if (partials.length === 0) return { counted: 0, rejected: 0, refused };
  const answer = await desk.call(custodianOpeningEndpoints.answer, {
    params,
    body: { partials: partials.map(toHex) },
  });
  return { counted: answer.counted, rejected: answer.rejected.length, refused };
}

/** The sealed identity in a journal entry; `undefined` where none is, or for bytes that are no entry. */
export function sealedIn(journalEntry: Uint8Array): Uint8Array | undefined {
  try {
    const entry = decodeJournalEntry(journalEntry);
    return entry.kind === "access" ? entry.body.sealed : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
