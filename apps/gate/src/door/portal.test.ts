import { type Instant, PortalId } from "@menshen/domain";
import { loadSnapshot } from "@menshen/policy";
import { expect, test } from "vitest";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import type { ModeInForce } from "../held/portal-modes.ts";
import type { AppendOutcome, JournalRecord } from "../store/journal.ts";
import { PORTAL, testDocument, testModel } from "../testing/test-site.ts";
import { makePortal } from "./portal.ts";

const DAY_MS = 86_400_000;
/** A Tuesday, 00:00 UTC, 08:00 in Shanghai. */
const START_MS = 1_800_316_800_000;

/** A door whose disk, lock and time do what the test says; `log` is the order of what happened. */
function rig(options: { mode?: ModeInForce; latched?: boolean; schedule?: boolean } = {}) {
  const driven = makeDrivenClock(START_MS, 0, "b");
  const clock = makeGateClock({
    source: driven.source,
    driftPpm: 0,
    saved: { bootId: "b", wallMs: START_MS, monotonicMs: 0, earliestMs: START_MS, latestMs: START_MS },
  });
  const log: string[] = [];
  const disk: { late: boolean } = { late: false };
  const lock: { answers: boolean | undefined } = { answers: true };
  const held: (() => void)[] = [];
  let mode: ModeInForce = options.mode ?? { mode: "normal", lockdown: 0, generation: 0 };
  const week = [{ weekday: 2 as const, startMinute: 540, endMinute: 600 }];
  const loaded = loadSnapshot(
    testDocument(testModel([], options.schedule === true ? { unlockSchedule: week } : {}), 1, START_MS),
  );
  if (!loaded.ok) throw new Error("expected a snapshot");
  const portal = makePortal({
    config: {
      portalId: PORTAL,
      lock: { kind: "gpio", chip: "x", line: 1 },
      contact: { readerId: "dddddddd-0000-4000-8000-000000000002" as never, input: 0, normallyClosed: true },
      passage: undefined,
      exitButton: undefined,
      fireInput: undefined,
    },
    source: driven.source,
    clock,
    journal: {
      append(record: JournalRecord): Promise<AppendOutcome> {
        if (record.kind === "portal") log.push(`write ${record.body.event}`);
        if (!disk.late) return Promise.resolve({ stored: true, sequence: 1 });
        return new Promise((resolve) => held.push(() => resolve({ stored: false, cause: "late" })));
      },
      saveFireLatch: (_portalId, latched) => log.push(`latch ${latched}`),
    },
    drive: (command) => {
      log.push(`lock ${command.kind}`);
      return Promise.resolve(lock.answers);
    },
    snapshot: () => loaded.snapshot,
    mode: () => mode,
    fireLatched: options.latched ?? false,
    signal: (signal) => log.push(`signal ${signal}`),
    changed: () => undefined,
  });
  const settle = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return {
    portal,
    log,
    disk,
    lock,
    settle,
    release: () => held.splice(0).map((go) => go()),
    setMode: (next: ModeInForce) => {
      mode = next;
    },
    pass: async (ms: number) => {
      const to = driven.source.monotonicMs() + ms;
      await driven.moveTo(START_MS + to, to, settle);
      await settle();
    },
  };
}

test("a grant drives the lock, and time secures it", async () => {
  const { portal, log, settle, pass } = rig();
  portal.refresh();
  portal.contact(false);
  portal.granted();
  await settle();
  expect(log).toEqual(["lock release-for"]);
  expect(portal.status()).toMatchObject({ lock: "unlocked", contact: "closed", mode: "normal" });
  await pass(999);
  expect(log).toEqual(["lock release-for"]);
  await pass(1);
  expect(log).toEqual(["lock release-for", "lock secure"]);
  expect(portal.status().lock).toBe("locked");
});

test("a standing release waits for its entry, a securing does not", async () => {
  const { portal, log, disk, settle, release, setMode } = rig();
  portal.refresh();
  disk.late = true;
  setMode({ mode: "held-open", lockdown: 0, generation: 1 });
  portal.refresh();
  await settle();
  expect(log).toEqual(["write mode-changed", "write unlocked", "signal standing-open"]);
  release();
  await settle();
  expect(log.at(-1)).toBe("lock release");
  setMode({ mode: "normal", lockdown: 0, generation: 2 });
  portal.refresh();
  await settle();
  expect(log.slice(-4)).toEqual(["write mode-changed", "write locked", "signal locked", "lock secure"]);
});

test("a schedule opens and closes the door at its minute, by timers alone", async () => {
  const { portal, log, pass } = rig({ schedule: true });
  portal.refresh();
  await pass(60_000);
  // The lock is asked for a sign of life once after the start.
  expect(log.splice(0)).toEqual(["lock secure"]);
  await pass(3_540_000 - 1);
  expect(log).toEqual([]);
  await pass(2);
  expect(log).toEqual(["write unlocked", "signal standing-open", "lock release"]);
  await pass(3_600_000);
  expect(log.slice(3)).toEqual(["write locked", "signal locked", "lock secure"]);
  await pass(7 * DAY_MS);
  expect(log.length).toBe(12);
});

test("a mode ends by the clock, without anybody telling", async () => {
  const until = (START_MS + 600_000) as Instant;
  const { portal, log, pass, setMode } = rig();
  setMode({ mode: "held-open", lockdown: 0, generation: 1, until });
  portal.refresh();
  await pass(1);
  expect(portal.isStanding()).toBe(true);
  // What `modeInForce` says once the end has come.
  setMode({ mode: "normal", lockdown: 0, generation: 1 });
  await pass(600_001);
  expect(portal.isStanding()).toBe(false);
  expect(log.at(-1)).toBe("lock secure");
});

test("fire releases above any lockdown, survives in storage, and a person resets it", async () => {
  const { portal, log, settle } = rig({ mode: { mode: "locked", lockdown: 3, generation: 1 } });
  portal.refresh();
  portal.fireInput(true);
  await settle();
  expect(log).toEqual([
    "write fire-on",
    "latch true",
    "write unlocked",
    "signal standing-open",
    "lock release",
  ]);
  expect(portal.doorState()).toEqual({ mode: "locked", lockdown: 3, fireRelease: true });
  expect(portal.resetFire()).toBe(false);
  portal.fireInput(false);
  expect(portal.isStanding()).toBe(true);
  expect(portal.resetFire()).toBe(true);
  await settle();
  expect(log.slice(5)).toEqual([
    "write fire-reset",
    "latch false",
    "write locked",
    "signal locked",
    "lock secure",
  ]);
});

test("a latch that survived a restart stands open from the start", async () => {
  const { portal, log, settle } = rig({ latched: true });
  portal.refresh();
  await settle();
  expect(log).toEqual(["write unlocked", "signal standing-open", "lock release"]);
});

test("a silent lock is a fault until it answers, and is told what holds when it comes back", async () => {
  const { portal, log, lock, settle } = rig();
  portal.refresh();
  lock.answers = undefined;
  portal.granted();
  await settle();
  expect(portal.status().lock).toBe("unlocked");
  lock.answers = false;
  portal.granted();
  await settle();
  expect(portal.status().lock).toBe("fault");
  expect(log).toEqual(["lock release-for", "lock release-for", "write lock-not-answering"]);
  lock.answers = true;
  portal.lockAvailable();
  await settle();
  expect(log.at(-1)).toBe("lock release-for");
  expect(portal.status().lock).toBe("unlocked");
});

test("a lock whose unit is not seen a minute after the start is a fault", async () => {
  const { portal, log, lock, pass } = rig();
  lock.answers = undefined;
  await pass(59_000);
  expect(log).toEqual([]);
  expect(portal.status().lock).toBe("locked");
  await pass(1_000);
  expect(log).toEqual(["lock secure", "write lock-not-answering"]);
  expect(portal.status().lock).toBe("fault");
  lock.answers = true;
  portal.lockAvailable();
  await pass(0);
  expect(portal.status().lock).toBe("locked");
});

test("a contact that flickers makes one entry of its own; its door is not secure, and a grant goes as without a contact", async () => {
  const { portal, log, pass } = rig();
  portal.refresh();
  portal.contact(false);
  portal.granted();
  portal.contact(true);
  await pass(0);
  log.length = 0;
  expect(portal.hasContact).toBe(true);
  for (let change = 0; change < 400; change++) {
    portal.contact(change % 2 === 1);
    await pass(200);
  }
  expect(log.filter((line) => line === "write contact-chatter")).toHaveLength(1);
  expect(log.filter((line) => /^write (opened|closed|forced)$/.test(line)).length).toBeLessThanOrEqual(6);
  expect(portal.isContactChattering()).toBe(true);
  // Interlock and anti-passback: nothing that it says is believed.
  expect(portal.isSecure()).toBe(false);
  expect(portal.hasContact).toBe(false);
  log.length = 0;
  portal.contact(false);
  await pass(5_000);
  expect(log.filter((line) => line.startsWith("write"))).toEqual(["write contact-steady"]);
  expect(portal.isSecure()).toBe(true);
  expect(portal.hasContact).toBe(true);
  // A break-in behind it is one.
  portal.contact(true);
  await pass(0);
  expect(log.at(-2)).toBe("write forced");
});

test("after a stop nothing moves", async () => {
  const { portal, log, pass } = rig({ schedule: true });
  portal.refresh();
  portal.stop();
  portal.granted();
  await pass(2 * 3_600_000);
  expect(log).toEqual([]);
  expect(portal.portalId).toBe(PortalId("bbbbbbbb-0000-4000-8000-000000000001"));
});
