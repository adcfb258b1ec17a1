import { sha512, toHex } from "@menshen/crypto/node";
import {
  CustodyError,
  combinePartials,
  encodePartial,
  faultOfPartial,
  isSealedPartial,
  type PartialDecryption,
  parseHeldPartial,
  parsePartial,
  parseSealedEntry,
  type SealedEntry,
} from "@menshen/custody";
import type { Reader, Trx } from "../../database/database.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { KeyOfEpoch, KeyRing } from "../custody/index.ts";
import { type HeldAnswer, selectHeld, selectHeldPartials } from "./holds.store.ts";
import { heldPartialContext, partialContext } from "./opened-result.ts";
import { insertPartial, type OpeningRow, type ScopedEntry, selectEntries } from "./opening.store.ts";
import { giveTurn, type OpenableEntry, openableOf } from "./scope.ts";

/** A sealed answer that a request opens, with the entry it answers. `position` is that of the request. */
export interface HeldForm {
  readonly entry: OpenableEntry;
  readonly answer: HeldAnswer;
  readonly sealed: SealedEntry;
  readonly epoch: KeyOfEpoch;
}

/** Sealed answers name what they are sealed to by their ceremony. */
async function epochOf(db: Reader, keyRing: KeyRing, sealed: SealedEntry, ceremony: string) {
  const keys = await keyRing.keysOfEpoch(db, sealed.epoch);
  return keys.find((one) => one.ceremony === ceremony);
}

/** What the hold of a request kept of the request's own entries, by SHA-512 of its encoding in hexadecimal. */
export async function heldFormsOf(
  db: Reader,
  keyRing: KeyRing,
  row: Pick<OpeningRow, "id" | "held_by">,
): Promise<ReadonlyMap<string, HeldForm>> {
  const forms = new Map<string, HeldForm>();
  if (row.held_by === null) return forms;
  const inHold = new Map((await selectEntries(db, row.held_by)).map((entry) => [entry.position, entry]));
  const answers = await selectHeld(db, row.held_by);
  for (const entry of await openableOf(db, keyRing, await selectEntries(db, row.id))) {
    for (const answer of answers) {
      const held = inHold.get(answer.position);
      if (held?.gateId !== entry.scoped.gateId || held.sequence !== entry.scoped.sequence) continue;
      const sealed = parseSealedEntry(answer.held);
      const epoch = await epochOf(db, keyRing, sealed, answer.ceremony);
      if (epoch !== undefined) forms.set(toHex(sha512(answer.held)), { entry, answer, sealed, epoch });
    }
  }
  return forms;
}

/** The entries of a hold that a request may open, in their order. */
export async function entriesOfHold(
  db: Reader,
  holdId: string,
  isInScope: (entry: ScopedEntry) => boolean,
): Promise<readonly ScopedEntry[]> {
  const kept = new Set((await selectHeld(db, holdId)).map(({ position }) => position));
  const entries = (await selectEntries(db, holdId)).filter((one) => kept.has(one.position) && isInScope(one));
  return entries.map((entry, position) => ({ ...entry, position }));
}

/** The keys to which a hold's answers are sealed now. */
export async function epochsOfHold(
  db: Reader,
  keyRing: KeyRing,
  holdId: string,
): Promise<readonly KeyOfEpoch[]> {
  const found = new Map<string, KeyOfEpoch>();
  for (const { ceremony, held } of await selectHeld(db, holdId)) {
    const epoch = found.has(ceremony)
      ? undefined
      : await epochOf(db, keyRing, parseSealedEntry(held), ceremony);
    if (epoch !== undefined) found.set(ceremony, epoch);
  }
  return [...found.values()];
}

/**
 * What a custodian sealed again for one of the entries, if it is that: sealed to the epoch in which the hold ends, under the
 * label of an entry in scope.
 */
export async function readHeld(
  db: Reader,
  keyRing: KeyRing,
  bytes: Uint8Array,
  openable: readonly OpenableEntry[],
  lastingEpoch: number,
): Promise<
  { readonly entry: OpenableEntry; readonly ceremony: string } | "malformed" | "not-asked" | "invalid-proof"
> {
  const sealed = attempt(() => parseSealedEntry(bytes));
  if (sealed === undefined) return "malformed";
  const entry = openable.find(
    ({ sealed: { label } }) =>
      label.sequence === sealed.label.sequence && label.gate.join() === sealed.label.gate.join(),
  );
  if (entry === undefined || sealed.epoch !== lastingEpoch) return "not-asked";
  const keys = await keyRing.keysOfEpoch(db, lastingEpoch);
  const found = keys.find(({ key }) => isSealedPartial(key, entry.sealed, sealed));
  return found === undefined ? "invalid-proof" : { entry, ceremony: found.ceremony };
}

/**
 * Opens sealed answers that have k answers of their own, and puts what is in them in the place of ordinary answers, each
 * checked by its proof. A custodian who had sealed nonsense is found out here; its answer is left out.
 */
export async function releaseHeld(
  trx: Trx,
  storageKey: StorageKey,
  id: string,
  forms: Iterable<HeldForm>,
): Promise<void> {
  const stored = await selectHeldPartials(trx, id);
  for (const { entry, answer, sealed, epoch } of forms) {
    const { position } = entry.scoped;
    const partials = stored
      .filter((one) => one.position === position && one.heldCustodian === answer.custodian)
      .map((one) =>
        parsePartial(
          storageKey.open(one.sealed, heldPartialContext(id, position, answer.custodian, one.custodian)),
        ),
      );
    if (partials.length < epoch.key.threshold.k) continue;
    const opened = combinePartials({ key: epoch.key, entry: sealed, partials });
    const partial = opened.opened ? attempt(() => parseHeldPartial(opened.plaintext)) : undefined;
    if (partial !== undefined && isGood(entry, answer, partial)) {
      const context = partialContext(id, position, answer.custodian);
      const kept = storageKey.seal(encodePartial(partial), context);
      await insertPartial(trx, id, { position, custodian: answer.custodian, sealed: kept });
    }
    await giveTurn();
  }
}

function isGood({ epoch, sealed }: OpenableEntry, answer: HeldAnswer, partial: PartialDecryption): boolean {
  return partial.index === answer.custodian && faultOfPartial(epoch.key, sealed, partial) === undefined;
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}
