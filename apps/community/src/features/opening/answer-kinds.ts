import { fromHex, sha512, toHex } from "@menshen/crypto/node";
import {
  CustodyError,
  encodePartial,
  faultOfPartial,
  type PartialDecryption,
  parsePartial,
} from "@menshen/custody";
import { epochAt } from "@menshen/domain";
import type { PARTIAL_FAULTS } from "@menshen/wire";
import type { SignedInCustodian } from "../../authority/signed-in-custodian.ts";
import type { Reader, Trx } from "../../database/database.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { KeyRing } from "../custody/index.ts";
import { selectEpochGrid } from "../trail/index.ts";
import { heldFormsOf, readHeld } from "./holds.service.ts";
import { insertHeld, insertHeldPartial, selectHeld, selectHeldPartials } from "./holds.store.ts";
import { heldPartialContext, partialContext } from "./opened-result.ts";
import { insertPartial, type OpeningRow, selectEntries, selectPartials } from "./opening.store.ts";
import { openableOf } from "./scope.ts";

export type AnswerFault = (typeof PARTIAL_FAULTS)[number];

/** An answer that counts. */
export interface GoodAnswer {
  /** Set of custodians in which it was given. */
  readonly setVersion: number;
  /** No custodian answers twice for what this names. */
  readonly name: string;
  /** `false` if it is there already. */
  readonly store: (trx: Trx) => Promise<boolean>;
}

/** Judges one encoded answer of a custodian. */
export type AnswerJudge = (encoded: string) => Promise<GoodAnswer | { readonly fault: AnswerFault }>;

interface Judging {
  readonly db: Reader;
  readonly keyRing: KeyRing;
  readonly storageKey: StorageKey;
  readonly row: OpeningRow;
  readonly custodian: SignedInCustodian;
}

/** How answers to this request are judged: an opening's, a hold's, or those that open a hold. */
export async function judgeOf(
  judging: Judging,
): Promise<{ readonly judge: AnswerJudge; readonly given: Set<string> }> {
  const { row } = judging;
  if (row.hold_until !== null) return holdJudge(judging, row.hold_until);
  return row.held_by === null ? partialJudge(judging) : releaseJudge(judging);
}

async function partialJudge({ db, keyRing, storageKey, row, custodian }: Judging) {
  const openable = await openableOf(db, keyRing, await selectEntries(db, row.id));
  const byDigest = new Map(openable.map((entry) => [toHex(sha512(entry.sealedBytes)), entry]));
  const stored = await selectPartials(db, row.id);
  const given = new Set(stored.map(({ position, custodian: index }) => `${position}/${index}`));
  const judge: AnswerJudge = async (encoded) => {
    const partial = readPartial(encoded);
    if (partial === undefined) return { fault: "malformed" };
    const entry = byDigest.get(toHex(partial.entryDigest));
    if (entry === undefined) return { fault: "not-asked" };
    const { position } = entry.scoped;
    const setVersion = entry.epoch.set.version;
    if (!isSeatOf(custodian, setVersion, partial.index)) return { fault: "not-yours" };
    const name = `${position}/${partial.index}`;
    if (given.has(name)) return { fault: "twice" };
    const fault = faultOfPartial(entry.epoch.key, entry.sealed, partial);
    if (fault !== undefined) return { fault };
    const sealed = storageKey.seal(encodePartial(partial), partialContext(row.id, position, partial.index));
    const kept = { position, custodian: partial.index, sealed };
    return { setVersion, name, store: (trx) => insertPartial(trx, row.id, kept) };
  };
  return { judge, given };
}

async function holdJudge({ db, keyRing, row, custodian }: Judging, holdUntil: number) {
  const openable = await openableOf(db, keyRing, await selectEntries(db, row.id));
  const lasting = epochAt(await selectEpochGrid(db), holdUntil) ?? 0;
  const stored = await selectHeld(db, row.id);
  const given = new Set(stored.map(({ position, custodian: index }) => `${position}/${index}`));
  const judge: AnswerJudge = async (encoded) => {
    const held = fromHex(encoded);
    const read = await readHeld(db, keyRing, held, openable, lasting);
    if (typeof read === "string") return { fault: read };
    const { position } = read.entry.scoped;
    const setVersion = read.entry.epoch.set.version;
    const seat = custodian.seats.find(({ version }) => version === setVersion);
    if (seat === undefined) return { fault: "not-yours" };
    const name = `${position}/${seat.index}`;
    if (given.has(name)) return { fault: "twice" };
    const kept = { position, custodian: seat.index, ceremony: read.ceremony, held };
    return { setVersion, name, store: (trx) => insertHeld(trx, row.id, kept) };
  };
  return { judge, given };
}

async function releaseJudge({ db, keyRing, storageKey, row, custodian }: Judging) {
  const forms = await heldFormsOf(db, keyRing, row);
  const stored = await selectHeldPartials(db, row.id);
  const given = new Set(stored.map((one) => `${one.position}/${one.heldCustodian}/${one.custodian}`));
  const judge: AnswerJudge = async (encoded) => {
    const partial = readPartial(encoded);
    if (partial === undefined) return { fault: "malformed" };
    const form = forms.get(toHex(partial.entryDigest));
    if (form === undefined) return { fault: "not-asked" };
    const setVersion = form.epoch.set.version;
    if (!isSeatOf(custodian, setVersion, partial.index)) return { fault: "not-yours" };
    const { position } = form.entry.scoped;
    const heldCustodian = form.answer.custodian;
    const name = `${position}/${heldCustodian}/${partial.index}`;
    if (given.has(name)) return { fault: "twice" };
    const fault = faultOfPartial(form.epoch.key, form.sealed, partial);
    if (fault !== undefined) return { fault };
    const context = heldPartialContext(row.id, position, heldCustodian, partial.index);
    const sealed = storageKey.seal(encodePartial(partial), context);
    const kept = { position, heldCustodian, custodian: partial.index, sealed };
    return { setVersion, name, store: (trx) => insertHeldPartial(trx, row.id, kept) };
  };
  return { judge, given };
}

function isSeatOf({ seats }: SignedInCustodian, setVersion: number, index: number): boolean {
  return seats.some((seat) => seat.version === setVersion && seat.index === index);
}

function readPartial(encoded: string): PartialDecryption | undefined {
  try {
    return parsePartial(fromHex(encoded));
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}
