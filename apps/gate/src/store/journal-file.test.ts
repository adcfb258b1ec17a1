import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Instant } from "@menshen/domain";
import { decodeJournalEntry } from "@menshen/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SavedClock } from "../clock/gate-clock.ts";
import type { JournalDraft } from "./journal-draft.ts";
import { openJournalFile } from "./journal-file.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gate-journal-"));
  path = join(folder, "journal.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

const clock: SavedClock = {
  bootId: "boot-1",
  wallMs: 1_800_000_000_000,
  monotonicMs: 5_000,
  earliestMs: 1_800_000_000_000,
  latestMs: 1_800_000_000_010,
};

function draft(number: number): JournalDraft {
  return {
    kind: "gate",
    earliest: Instant(1_800_000_000_000 + number),
    latest: Instant(1_800_000_000_010 + number),
    body: { event: "self-test", findings: [] },
  };
}

const requests = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ draftId: from + i, draft: draft(from + i) }));

test("numbers entries from 1 without gaps and chains them", () => {
  const journal = openJournalFile(path);
  const { sequences } = journal.append(requests(100, 3), 0, clock);
  expect([...sequences]).toEqual([
    [100, 1],
    [101, 2],
    [102, 3],
  ]);
  const slice = journal.read(1, 10, 100_000);
  expect(slice?.previousHash).toEqual(new Uint8Array(32));
  expect(slice?.entries.map((entry) => decodeJournalEntry(entry).sequence)).toEqual([1, 2, 3]);
  expect(journal.verify(1, 10)).toEqual({ next: 4, broken: undefined });
  expect(journal.head().sequence).toBe(3);
  journal.close();
});

test("goes on after reopening, with clock, counters and latches", () => {
  const first = openJournalFile(path);
  first.append(requests(1, 2), 0, clock);
  first.saveCounter(new Uint8Array(16).fill(7), 41);
  first.saveFireLatch("11111111-1111-4111-8111-111111111111", true);
  first.saveFireLatch("22222222-2222-4222-8222-222222222222", true);
  first.saveFireLatch("22222222-2222-4222-8222-222222222222", false);
  first.acknowledge(1);
  first.close();
  const opening = openJournalFile(path).opening();
  expect(opening.head.sequence).toBe(2);
  expect(opening.acknowledged).toBe(1);
  expect(opening.clock).toEqual(clock);
  expect(opening.lastEarliestMs).toBe(1_800_000_000_002);
  expect(opening.counters).toEqual([[new Uint8Array(16).fill(7), 41]]);
  expect(opening.fireLatches).toEqual(["11111111-1111-4111-8111-111111111111"]);
});

test("does not store twice what an earlier attempt stored without answering", () => {
  const journal = openJournalFile(path);
  journal.append(requests(1, 2), 0, clock);
  const { sequences: again } = journal.append(requests(1, 3), 0, clock);
  expect(again.get(1)).toBe(1);
  expect(again.get(3)).toBe(3);
  expect(journal.head().sequence).toBe(3);
  journal.close();
});

test("cuts a slice at its limits but always gives one entry", () => {
  const journal = openJournalFile(path);
  journal.append(requests(1, 5), 0, clock);
  expect(journal.read(2, 2, 100_000)?.entries.length).toBe(2);
  expect(journal.read(2, 5, 1)?.entries.length).toBe(1);
  expect(journal.read(6, 5, 1_000)).toBeUndefined();
  expect(journal.read(9, 5, 1_000)).toBeUndefined();
  journal.close();
});

test("prunes acknowledged entries only, and keeps the hash before the oldest", () => {
  const journal = openJournalFile(path);
  journal.append(requests(1, 10), 0, clock);
  const hashAfter4 = journal.read(5, 1, 1_000)?.previousHash;
  expect(journal.prune(0, 100)).toBe(0);
  journal.acknowledge(4);
  expect(journal.prune(8, 100)).toBe(2);
  expect(journal.prune(0, 100)).toBe(2);
  expect(journal.prune(0, 100)).toBe(0);
  expect(journal.read(4, 1, 1_000)).toBeUndefined();
  expect(journal.read(5, 1, 1_000)?.previousHash).toEqual(hashAfter4);
  journal.close();
  const raw = new DatabaseSync(path);
  expect(() => raw.exec("DELETE FROM journal WHERE sequence = 5")).toThrow("entry is not acknowledged");
  expect(() => raw.exec("UPDATE journal SET draft = 1")).toThrow("journal is append-only");
  raw.close();
});

test("prunes by age what was acknowledged and is surely older, from the oldest on", () => {
  const journal = openJournalFile(path);
  journal.append(requests(1, 10), 0, clock);
  const entries = journal.read(1, 10, 100_000)?.entries ?? [];
  const latestOf = (sequence: number) => decodeJournalEntry(entries[sequence - 1] ?? new Uint8Array()).latest;
  expect(journal.prune(100, 100, latestOf(10) + 1)).toBe(0);
  journal.acknowledge(6);
  // The fourth is not surely older than its own latest moment.
  expect(journal.prune(100, 2, latestOf(4))).toBe(2);
  expect(journal.prune(100, 2, latestOf(4))).toBe(1);
  expect(journal.prune(100, 2, latestOf(4))).toBe(0);
  expect(journal.prune(100, 100, latestOf(10) + 1)).toBe(3);
  expect(journal.read(6, 1, 1_000)).toBeUndefined();
  expect(journal.verify(1, 100)).toEqual({ next: 11, broken: undefined });
  journal.close();
  const again = openJournalFile(path);
  expect(again.verify(1, 100)).toEqual({ next: 11, broken: undefined });
  expect(again.prune(0, 100, latestOf(10) + 1)).toBe(0);
  again.close();
});

test("an entry that knew no time is forgotten with the next one that did", () => {
  const journal = openJournalFile(path);
  const [first, second, third] = requests(1, 3);
  if (first === undefined || second === undefined || third === undefined) throw new Error("three");
  const unsure = { ...first, draft: { ...first.draft, latest: Instant(4_000_000_000_000) } };
  journal.append([unsure, second, third], 0, clock);
  journal.acknowledge(3);
  expect(journal.prune(100, 1, second.draft.latest + 1)).toBe(0);
  expect(journal.prune(100, 100, second.draft.latest + 1)).toBe(2);
  expect(journal.verify(1, 10)).toEqual({ next: 4, broken: undefined });
  journal.close();
});

test("refuses a file whose end does not follow its chain", () => {
  const journal = openJournalFile(path);
  journal.append(requests(1, 3), 0, clock);
  journal.close();
  const raw = new DatabaseSync(path);
  raw.exec("DROP TRIGGER journal_append_only");
  raw.prepare("UPDATE journal SET hash = ? WHERE sequence = 2").run(new Uint8Array(32).fill(1));
  raw.close();
  expect(() => openJournalFile(path)).toThrow(expect.objectContaining({ code: "database-corrupt" }));
});

test("refuses a file of a newer program", () => {
  openJournalFile(path).close();
  const raw = new DatabaseSync(path);
  raw.exec("PRAGMA user_version = 99");
  raw.close();
  expect(() => openJournalFile(path)).toThrow(expect.objectContaining({ code: "database-newer" }));
});

test("resumes where the server stands, and sees a fork", () => {
  const journal = openJournalFile(path);
  journal.append(requests(1, 5), 0, clock);
  const hashAfter3 = journal.read(4, 1, 1_000)?.previousHash ?? new Uint8Array(32);
  journal.acknowledge(5);
  expect(journal.resume(4, hashAfter3)).toEqual({ kind: "continues", acknowledged: 3 });
  expect(journal.opening().acknowledged).toBe(3);
  expect(journal.resume(4, new Uint8Array(32).fill(9))).toEqual({ kind: "fork" });
  expect(journal.resume(900, new Uint8Array(32).fill(9))).toEqual({ kind: "fork" });
  journal.acknowledge(5);
  journal.prune(0, 100);
  expect(journal.resume(2, new Uint8Array(32))).toEqual({ kind: "pruned", oldest: 6 });
  journal.close();
});

test("a journal begun anew takes its numbers from the server, once", () => {
  const journal = openJournalFile(path, undefined, true);
  journal.append(requests(1, 2), 0, clock);
  const serverHash = new Uint8Array(32).fill(3);
  expect(journal.resume(501, serverHash)).toEqual({ kind: "anchored", acknowledged: 500 });
  const slice = journal.read(501, 10, 10_000);
  expect(slice?.previousHash).toEqual(serverHash);
  expect(slice?.entries.map((entry) => decodeJournalEntry(entry).sequence)).toEqual([501, 502]);
  expect(journal.verify(501, 10).broken).toBeUndefined();
  expect(journal.resume(901, serverHash)).toEqual({ kind: "fork" });
  journal.append(requests(3, 1), 502, clock);
  expect(journal.head().sequence).toBe(503);
  journal.close();
});
