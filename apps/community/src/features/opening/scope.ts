import {
  CustodyError,
  labelOf,
  parseSealedEntry,
  type SealedEntry,
  type UnopenedReason,
  verifySealedEntry,
} from "@menshen/custody";
import type { AccessEntry } from "@menshen/wire";
import type { Reader } from "../../database/database.ts";
import { readStoredEntry } from "../../gate-link/index.ts";
import type { KeyOfEpoch, KeyRing } from "../custody/index.ts";
import { type ScopedEntry, selectEntriesOfDoors } from "./opening.store.ts";

/** Lets other requests have a turn: each entry takes milliseconds of computing, and there may be hundreds. */
export function giveTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The access entry in stored bytes; `undefined` for another kind or bytes that this version cannot read. */
export function accessEntryIn(bytes: Uint8Array): AccessEntry | undefined {
  const entry = readStoredEntry(bytes);
  return entry?.kind === "access" ? entry : undefined;
}

/** What an entry seals, if its form is right. */
export function sealedIn(entry: AccessEntry): SealedEntry | undefined {
  if (entry.body.sealed === undefined) return undefined;
  try {
    return parseSealedEntry(entry.body.sealed);
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}

/** An entry that can be opened, with the key it was sealed to. */
export interface OpenableEntry {
  readonly scoped: ScopedEntry;
  readonly sealed: SealedEntry;
  readonly sealedBytes: Uint8Array;
  readonly epoch: KeyOfEpoch;
}

/**
 * The entries of a request's doors and window that tell of a credential, each with the ceremony whose key it was sealed
 * to or why it cannot be opened.
 *
 * @returns `undefined` if there are more than `entryCap`
 */
export async function entriesInScope(
  db: Reader,
  keyRing: KeyRing,
  scope: {
    readonly accessPointIds: readonly string[];
    readonly from: number;
    readonly until: number;
    readonly entryCap: number;
  },
): Promise<readonly ScopedEntry[] | undefined> {
  // Entries without a credential are no answer to the question who it was; a few of them must not hide the others.
  const rows = await selectEntriesOfDoors(db, scope, scope.entryCap * 4 + 1);
  const found: ScopedEntry[] = [];
  for (const { gateId, sequence, entry: bytes } of rows) {
    const entry = accessEntryIn(bytes);
    if (entry === undefined || entry.earliest < scope.from || entry.earliest >= scope.until) continue;
    const { sealed, wrap, pseudonym, kind } = entry.body;
    if (sealed === undefined && wrap === undefined && pseudonym === undefined && kind === undefined) continue;
    if (found.length === scope.entryCap) return undefined;
    const sealedTo = await ceremonyOf(db, keyRing, gateId, entry);
    found.push({
      position: found.length,
      gateId,
      sequence,
      entry: bytes,
      ceremony: typeof sealedTo === "string" ? undefined : sealedTo.ceremony,
      unopened: typeof sealedTo === "string" ? sealedTo : undefined,
    });
    await giveTurn();
  }
  return rows.length > scope.entryCap * 4 ? undefined : found;
}

async function ceremonyOf(
  db: Reader,
  keyRing: KeyRing,
  gateId: string,
  entry: AccessEntry,
): Promise<KeyOfEpoch | UnopenedReason> {
  if (entry.body.sealed === undefined) return "not-sealed";
  const sealed = sealedIn(entry);
  if (sealed === undefined || !isLabelOf(sealed, gateId, entry)) return "invalid-entry";
  const keys = await keyRing.keysOfEpoch(db, sealed.epoch);
  if (keys.length === 0) return "no-key";
  return keys.find(({ key }) => verifySealedEntry(key, sealed)) ?? "invalid-entry";
}

function isLabelOf({ label }: SealedEntry, gateId: string, entry: AccessEntry): boolean {
  const expected = labelOf(gateId, entry);
  return (
    label.gate.join() === expected.gate.join() &&
    label.accessPoint.join() === expected.accessPoint.join() &&
    label.sequence === expected.sequence &&
    label.timeMs === expected.timeMs
  );
}

/** Those of the entries that custodians can open. */
export async function openableOf(
  db: Reader,
  keyRing: KeyRing,
  entries: readonly ScopedEntry[],
): Promise<readonly OpenableEntry[]> {
  const openable: OpenableEntry[] = [];
  for (const scoped of entries) {
    if (scoped.ceremony === undefined) continue;
    const entry = accessEntryIn(scoped.entry);
    const sealed = entry === undefined ? undefined : sealedIn(entry);
    if (entry?.body.sealed === undefined || sealed === undefined) continue;
    const keys = await keyRing.keysOfEpoch(db, sealed.epoch);
    const epoch = keys.find(({ ceremony }) => ceremony === scoped.ceremony);
    if (epoch !== undefined) openable.push({ scoped, sealed, sealedBytes: entry.body.sealed, epoch });
  }
  return openable;
}
