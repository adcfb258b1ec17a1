import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instant } from "@menshen/domain";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JournalKeeper } from "./journal-keeper.ts";
import type { StateKeeper } from "./state-keeper.ts";
import { startStoreThread } from "./store-thread.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gate-thread-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const clock = { bootId: "b", wallMs: 1, monotonicMs: 1, earliestMs: 1, latestMs: 1 };
const request = (draftId: number) => ({
  draftId,
  draft: {
    kind: "gate" as const,
    earliest: Instant(draftId),
    latest: Instant(draftId),
    body: { event: "started" as const },
  },
});

test("the journal answers from its own thread and is there for the next one", async () => {
  const path = join(folder, "journal.db");
  const first = startStoreThread<JournalKeeper>("journal", path);
  expect((await first.remote.opening()).head.sequence).toBe(0);
  const appended = await first.remote.append([request(1), request(2)], 0, clock);
  expect(appended.head.sequence).toBe(2);
  expect(appended.sequences.get(2)).toBe(2);
  await first.close();
  await expect(first.remote.opening()).rejects.toMatchObject({ code: "store-stalled" });

  const second = startStoreThread<JournalKeeper>("journal", path);
  const opening = await second.remote.opening();
  expect(opening.head.sequence).toBe(2);
  expect(opening.head.hash).toEqual(appended.head.hash);
  await second.close();
});

test("a fault arrives with its code", async () => {
  const thread = startStoreThread<JournalKeeper>("journal", join(folder, "missing", "journal.db"));
  await expect(thread.remote.opening()).rejects.toMatchObject({ code: "disk-failed" });
  await thread.close();
});

test("documents are kept on a thread of their own", async () => {
  const thread = startStoreThread<StateKeeper>("state", join(folder, "state.db"));
  await thread.remote.save({ kind: "snapshot", version: 4, bytes: Uint8Array.of(1, 2) });
  expect(await thread.remote.documents()).toEqual([
    { kind: "snapshot", version: 4, bytes: Uint8Array.of(1, 2) },
  ]);
  await thread.close();
});
