import { Instant } from "@menshen/domain";
import { expect, test } from "vitest";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { GateError } from "../errors.ts";
import { type Journal, type JournalTrouble, makeJournal } from "./journal.ts";
import type { AppendRequest } from "./journal-file.ts";

const START_MS = 1_800_000_000_000;

/** A store whose disk does what the test says, and timers that run when the test says. */
function rig() {
  const driven = makeDrivenClock(START_MS, 0, "b");
  const clock = makeGateClock({ source: driven.source, driftPpm: 100 });
  const stored: AppendRequest[] = [];
  const disk: { mode: "works" | "hangs" | "full" } = { mode: "works" };
  const held: (() => void)[] = [];
  const events: string[] = [];
  const timers: { ms: number; run: () => void; cancelled: boolean }[] = [];
  const commit = (requests: readonly AppendRequest[]) => {
    const known = new Set(stored.map(({ draftId }) => draftId));
    for (const request of requests) if (!known.has(request.draftId)) stored.push(request);
    const sequences = new Map(stored.map(({ draftId }, i) => [draftId, i + 1]));
    const head = { sequence: stored.length, hash: new Uint8Array(32) };
    return { sequences, head, sealed: undefined };
  };
  let acknowledgedOnDisk = 0;
  const pruned: (number | undefined)[][] = [];
  const tooOld: number[] = [];
  const journal: Journal = makeJournal({
    clock,
    opening: undefined,
    draftEpoch: 1,
    forgetBefore: () => START_MS - 5,
    after(ms, run) {
      const timer = { ms, run, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
    listener: {
      late: (afterMs: number) => events.push(`late by ${afterMs}`),
      degraded: (trouble: JournalTrouble) => events.push(`degraded ${trouble.cause}`),
      restored: (trouble: JournalTrouble) => events.push(`restored, lost ${trouble.lost}`),
      appended: ({ sequence }) => events.push(`appended ${sequence}`),
      sealed: (complete) => events.push(complete ? "sealed" : "not sealed"),
      malformed: () => events.push("malformed"),
    },
    remote: {
      append: (requests) => {
        if (disk.mode === "full") return Promise.reject(new GateError("disk-full", "no room"));
        if (disk.mode === "works") return Promise.resolve(commit(requests));
        return new Promise((resolve) => held.push(() => resolve(commit(requests))));
      },
      read: () => Promise.resolve(undefined),
      acknowledge: (sequence) => {
        acknowledgedOnDisk = sequence;
        return Promise.resolve();
      },
      resume: (nextSequence) =>
        Promise.resolve({
          outcome: { kind: "continues", acknowledged: nextSequence - 1 },
          head: { sequence: stored.length, hash: new Uint8Array(32) },
        }),
      prune: (keep, atMost, before) => {
        pruned.push([keep, atMost, before]);
        return Promise.resolve(tooOld.splice(0, atMost).length);
      },
      saveCounter: () => (disk.mode === "hangs" ? new Promise(() => undefined) : Promise.resolve()),
      saveFireLatch: () => Promise.resolve(),
      saveClock: () => Promise.resolve(),
    },
  });
  /** Runs timers set for exactly `ms`. */
  const elapse = (ms: number) => {
    for (const timer of timers.splice(0)) {
      if (timer.cancelled) continue;
      if (timer.ms === ms) timer.run();
      else timers.push(timer);
    }
  };
  return {
    journal,
    disk,
    stored,
    events,
    elapse,
    passes: (ms: number) => driven.setTo(driven.source.wallMs() + ms, driven.source.monotonicMs() + ms),
    pruned,
    tooOld,
    acknowledgedOnDisk: () => acknowledgedOnDisk,
    release: () => {
      for (const go of held.splice(0)) go();
    },
  };
}

const record = { kind: "gate", body: { event: "self-test", findings: [] } } as const;

test("an entry is answered when it is on the disk", async () => {
  const { journal, stored } = rig();
  expect(await journal.append(record)).toEqual({ stored: true, sequence: 1 });
  expect(await Promise.all([journal.append(record), journal.append(record)])).toEqual([
    { stored: true, sequence: 2 },
    { stored: true, sequence: 3 },
  ]);
  expect(stored.map(({ draft }) => draft.earliest)).toEqual([
    Instant(1_767_225_600_000),
    Instant(1_767_225_600_000),
    Instant(1_767_225_600_000),
  ]);
});

test("after 250 ms the door goes on without the disk; written in the end, it is a late write and no trouble", async () => {
  const { journal, disk, events, elapse, passes, release, stored } = rig();
  disk.mode = "hangs";
  const late = journal.append(record);
  const second = journal.append(record);
  passes(250);
  elapse(250);
  expect(await late).toEqual({ stored: false, cause: "late" });
  expect(await second).toEqual({ stored: false, cause: "late" });
  expect(journal.waiting()).toBe(2);
  passes(1_000);
  disk.mode = "works";
  release();
  await journal.flush();
  expect(stored.length).toBe(2);
  // However many waited, the disk was late once; the ten seconds are not waited for any more.
  elapse(10_000);
  expect(events).toEqual(["appended 1", "appended 2", "late by 1250"]);
  expect(journal.trouble()).toBeUndefined();
});

/** One write that the disk keeps for a second. */
async function writeLate({ journal, disk, elapse, passes, release }: ReturnType<typeof rig>): Promise<void> {
  disk.mode = "hangs";
  const late = journal.append(record);
  passes(250);
  elapse(250);
  expect(await late).toEqual({ stored: false, cause: "late" });
  passes(750);
  disk.mode = "works";
  release();
  await journal.flush();
}

test("three late writes within ten minutes are trouble, which ends after ten minutes in time", async () => {
  const made = rig();
  const { journal, events, elapse, passes } = made;
  for (const pauseMs of [0, 60_000, 60_000]) {
    passes(pauseMs);
    await writeLate(made);
  }
  const appended = (event: string) => !event.startsWith("appended");
  expect(events.filter(appended)).toEqual(["late by 1000", "late by 1000", "degraded often-late"]);
  expect(journal.trouble()).toMatchObject({ cause: "often-late" });
  // In time again, but not for long.
  passes(300_000);
  await journal.append(record);
  expect(journal.trouble()).toMatchObject({ cause: "often-late" });
  passes(300_000);
  elapse(299_250);
  expect(events.filter(appended).slice(3)).toEqual(["restored, lost 0"]);
  expect(journal.trouble()).toBeUndefined();
  // What was before does not count again.
  await writeLate(made);
  expect(events.filter(appended).slice(4)).toEqual(["late by 1000"]);
});

test("late writes that are far apart are each a note", async () => {
  const made = rig();
  for (let i = 0; i < 5; i++) {
    await writeLate(made);
    made.passes(5 * 60_000);
  }
  expect(made.events.filter((event) => !event.startsWith("appended"))).toEqual(
    Array.from({ length: 5 }, () => "late by 1000"),
  );
});

test("what is not written after ten seconds is trouble, until all of it is written", async () => {
  const { journal, disk, events, elapse, passes, release } = rig();
  disk.mode = "hangs";
  void journal.append(record);
  passes(250);
  elapse(250);
  passes(9_750);
  expect(events).toEqual([]);
  elapse(10_000);
  expect(events).toEqual(["degraded kept-in-memory"]);
  disk.mode = "works";
  release();
  await journal.flush();
  expect(events).toEqual(["degraded kept-in-memory", "appended 1", "restored, lost 0"]);
});

test("a full disk answers at once, later entries do not wait, and all are stored when there is room", async () => {
  const { journal, disk, events, elapse, stored } = rig();
  disk.mode = "full";
  expect(await journal.append(record)).toEqual({ stored: false, cause: "disk-full" });
  expect(await journal.append(record)).toEqual({ stored: false, cause: "disk-full" });
  expect(stored).toEqual([]);
  disk.mode = "works";
  elapse(1_000);
  await journal.flush();
  expect(stored.length).toBe(2);
  expect(events).toEqual(["degraded disk-full", "appended 2", "restored, lost 0"]);
});

test("what does not fit into memory is counted, never silent", async () => {
  const { journal, disk, events, elapse } = rig();
  disk.mode = "full";
  for (let i = 0; i < 20_000; i++) void journal.append(record);
  expect(await journal.append(record)).toEqual({ stored: false, cause: "full-memory" });
  expect(await journal.append(record)).toEqual({ stored: false, cause: "full-memory" });
  disk.mode = "works";
  for (let i = 0; i < 200; i++) {
    elapse(1_000);
    await journal.flush();
  }
  expect(events.at(-1)).toBe("restored, lost 2");
});

test("an entry that does not fit the format does not stand in the way of others", async () => {
  const { journal, events } = rig();
  const bad = journal.append({ kind: "gate", body: { event: "self-test", findings: ["Not A Code"] } });
  expect(await bad).toEqual({ stored: false, cause: "request-invalid" });
  expect(await journal.append(record)).toEqual({ stored: true, sequence: 1 });
  expect(events).toEqual(["malformed", "appended 1"]);
});

test("a counter that cannot be stored in time is reported", async () => {
  const { journal, disk, elapse } = rig();
  expect(await journal.saveCounter(new Uint8Array(16), 1)).toBe(true);
  disk.mode = "hangs";
  const saving = journal.saveCounter(new Uint8Array(16), 2);
  elapse(250);
  expect(await saving).toBe(false);
});

test("acknowledgements are persisted together, and at the latest on flush", async () => {
  const { journal, elapse, acknowledgedOnDisk } = rig();
  for (let i = 0; i < 5; i++) await journal.append(record);
  journal.acknowledge(2);
  journal.acknowledge(4);
  journal.acknowledge(3);
  expect(journal.acknowledged()).toBe(4);
  expect(acknowledgedOnDisk()).toBe(0);
  elapse(1_000);
  expect(acknowledgedOnDisk()).toBe(4);
  journal.acknowledge(5);
  await journal.flush();
  expect(acknowledgedOnDisk()).toBe(5);
  await journal.resume(3, new Uint8Array(32));
  expect(journal.acknowledged()).toBe(2);
});

test("what is too old is forgotten step by step, so that no door waits for all of it", async () => {
  const { journal, elapse, pruned, tooOld } = rig();
  tooOld.push(...Array.from({ length: 1_100 }, (_, i) => i));
  journal.forget();
  journal.forget();
  for (let step = 0; step < 4; step += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    elapse(250);
  }
  expect(tooOld).toEqual([]);
  expect(pruned).toEqual(Array.from({ length: 3 }, () => [1_000_000, 500, START_MS - 5]));
  journal.acknowledge(1);
  elapse(1_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(pruned).toHaveLength(4);
});
