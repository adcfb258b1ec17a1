import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AreaId, GateId, Holder, Instant } from "@menshen/domain";
import { loadSnapshot } from "@menshen/policy";
import { type CommandMessage, commandMessage, commandResult, uuidBytes } from "@menshen/wire";
import { afterEach, expect, test } from "vitest";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { makePortal } from "../door/portal.ts";
import type { JournalRecord } from "../store/journal.ts";
import { makeStateKeeper } from "../store/state-keeper.ts";
import { PORTAL, testDocument, testModel } from "../testing/test-site.ts";
import { openCommandDesk } from "./command-desk.ts";

const START_MS = 1_800_316_800_000;
const GATE = GateId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d21");
const ID = uuidBytes("c0c1c2c3-c4c5-46c7-88c9-cacbcccdcecf");
const RULED = AreaId("eeeeeeee-0000-4000-8000-000000000002");
const SCREEN = "dddddddd-0000-4000-8000-000000000009";
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const command = (changes: Partial<CommandMessage> = {}): Uint8Array =>
  commandMessage.encode({
    version: 1,
    gateId: GATE,
    commandId: ID,
    issuedAt: Instant(START_MS),
    expiresAt: Instant(START_MS + 10_000),
    kind: "unlock",
    subject: uuidBytes(PORTAL),
    ...changes,
  });

/** A gate with one door. What is stored outlives {@link start}; `doubtMs` is what it does not know of the time. */
async function rig(
  options: { doubtMs?: number; lockdown?: 0 | 3; latched?: boolean; hasRules?: boolean } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "menshen-commands-"));
  folders.push(folder);
  const driven = makeDrivenClock(START_MS, 0, "b");
  const clock = makeGateClock({
    source: driven.source,
    driftPpm: 0,
    saved: {
      bootId: "b",
      wallMs: START_MS,
      monotonicMs: 0,
      earliestMs: START_MS,
      latestMs: START_MS + (options.doubtMs ?? 0),
    },
  });
  const loaded = loadSnapshot(testDocument(testModel([]), 1, START_MS));
  if (!loaded.ok) throw new Error("expected a snapshot");
  const log: string[] = [];
  const said: unknown[] = [];
  const lock: { answers: boolean | undefined; hangs: boolean } = { answers: true, hangs: false };
  const disk = { fails: false, slow: false };
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
      append(record: JournalRecord) {
        if (record.kind === "portal") {
          log.push(`write ${record.body.event} ${record.body.command?.kind ?? ""}`.trim());
        }
        return Promise.resolve({ stored: true, sequence: 1 });
      },
      saveFireLatch: () => undefined,
    },
    drive: ({ kind }) => {
      log.push(`lock ${kind}`);
      return lock.hangs ? new Promise(() => undefined) : Promise.resolve(lock.answers);
    },
    snapshot: () => loaded.snapshot,
    mode: () => ({ mode: "normal", lockdown: options.lockdown ?? 0, generation: 1 }),
    fireLatched: options.latched ?? false,
    signal: (signal) => log.push(`signal ${signal}`),
    changed: () => undefined,
  });
  portal.refresh();
  portal.contact(false);
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  await settle();
  log.length = 0;
  const pass = async (ms: number) => {
    const to = driven.source.monotonicMs() + ms;
    await driven.moveTo(START_MS + to, to, settle);
    await settle();
  };
  const start = async () => {
    const keeper = makeStateKeeper(join(folder, "state.db"));
    const desk = await openCommandDesk({
      identity: { gateId: GATE },
      clock,
      state: {
        commands: async () => keeper.commands(),
        async saveCommand(record, endedMs) {
          if (disk.fails) throw new Error("disk");
          if (disk.slow) await pass(10_000);
          keeper.saveCommand(record, endedMs);
        },
      },
      portals: () => [portal],
      presence: {
        forgive: (holder) => options.hasRules !== false && log.push(`forgive ${holder}`) > 0,
        setCount: (areaId, persons) => areaId === RULED && log.push(`count ${persons}`) > 0,
      },
      atDoor: { holderOf: (sequence) => (sequence === 41 ? Holder("0909090909090909") : undefined) },
      callHeard: (readerId) => readerId === SCREEN,
    });
    return { ...desk, kill: () => keeper.close() };
  };
  const connect = (desk: Pick<Awaited<ReturnType<typeof start>>, "connected">) =>
    desk.connected(async (result) => {
      const { version: _, gateId: __, commandId: ___, ...rest } = commandResult.decode(result);
      said.push(rest);
    });
  return { start, connect, portal, log, said, lock, disk, settle, pass };
}

test("unlocks through the door's own machine, journals first, and says what was seen", async () => {
  const { start, connect, portal, log, said, settle, pass } = await rig({ lockdown: 3 });
  const desk = await start();
  connect(desk);
  await desk.receive(command());
  // Nobody is granted anything under this lockdown; one guard may always release one door.
  expect(log).toEqual(["write commanded unlock", "lock release-for"]);
  expect(said).toEqual([{ outcome: "done", lock: "unlocked" }]);
  portal.contact(true);
  await settle();
  expect(said.at(-1)).toEqual({ outcome: "done", lock: "unlocked", opened: true });
  expect(log.at(-1)).toBe("write opened");
  await pass(10_000);
  expect(portal.status().lock).toBe("locked");
  desk.kill();
});

test("says that nobody went through when the release is over", async () => {
  const { start, connect, said, pass } = await rig();
  const desk = await start();
  connect(desk);
  await desk.receive(command({ unlockMs: 700 }));
  await pass(699);
  expect(said).toEqual([{ outcome: "done", lock: "unlocked" }]);
  await pass(1);
  expect(said.at(-1)).toEqual({ outcome: "done", lock: "unlocked", opened: false });
  desk.kill();
});

test("a lock that does not answer, or was never seen, is no effect", async () => {
  for (const answers of [false, undefined]) {
    const { start, connect, said, lock } = await rig();
    lock.answers = answers;
    const desk = await start();
    connect(desk);
    await desk.receive(command());
    expect(said).toEqual([{ outcome: "no-effect", lock: "fault" }]);
    desk.kill();
  }
});

test("a command that comes again is answered again and done once, after a restart too", async () => {
  const { start, connect, log, said } = await rig();
  const desk = await start();
  connect(desk);
  await Promise.all([desk.receive(command()), desk.receive(command())]);
  await desk.receive(command());
  desk.kill();
  const again = await start();
  connect(again);
  await again.receive(command());
  expect(log).toEqual(["write commanded unlock", "lock release-for"]);
  expect(new Set(said.map((result) => JSON.stringify(result)))).toEqual(
    new Set(['{"outcome":"done","lock":"unlocked"}']),
  );
  again.kill();
});

test("a gate that dies in the middle says so after its restart, and does it no second time", async () => {
  const { start, connect, log, said, lock, settle } = await rig();
  const desk = await start();
  connect(desk);
  lock.hangs = true;
  void desk.receive(command());
  await settle();
  expect(log).toEqual(["write commanded unlock", "lock release-for"]);
  desk.kill();
  lock.hangs = false;
  const again = await start();
  connect(again);
  await settle();
  expect(said).toEqual([{ outcome: "interrupted" }]);
  await again.receive(command());
  expect(log).toEqual(["write commanded unlock", "lock release-for"]);
  again.kill();
});

test("what was done while nobody heard is said at the next connect", async () => {
  const { start, connect, said, settle } = await rig();
  const desk = await start();
  await desk.receive(command());
  expect(said).toEqual([]);
  connect(desk);
  await settle();
  expect(said).toEqual([{ outcome: "done", lock: "unlocked" }]);
  desk.disconnected();
  connect(desk);
  await settle();
  expect(said).toHaveLength(1);
  desk.kill();
});

test("never late: over, too long, in doubt, or made late by a slow disk", async () => {
  const late = async (
    changes: Partial<CommandMessage>,
    options: { doubtMs?: number; passMs?: number; slow?: boolean; fails?: boolean } = {},
  ) => {
    const { start, connect, log, said, pass, disk } = await rig(options);
    const desk = await start();
    connect(desk);
    await pass(options.passMs ?? 0);
    Object.assign(disk, { slow: options.slow ?? false, fails: options.fails ?? false });
    await desk.receive(command(changes));
    disk.slow = false;
    expect(log).toEqual([]);
    desk.kill();
    return said.at(-1);
  };
  const doubt = { outcome: "refused", refusal: "clock-in-doubt" };
  expect(await late({}, { passMs: 10_000 })).toEqual({ outcome: "late" });
  expect(await late({ expiresAt: Instant(START_MS + 30_001) })).toEqual({ outcome: "late" });
  expect(await late({}, { slow: true })).toEqual({ outcome: "late" });
  expect(await late({}, { doubtMs: 10_000 })).toEqual(doubt);
  expect(await late({ expiresAt: Instant(START_MS + 30_000) }, { doubtMs: 15_001 })).toEqual(doubt);
  // A gate whose clock stands behind would carry it out long after its end.
  const ahead = { issuedAt: Instant(START_MS + 3_600_000), expiresAt: Instant(START_MS + 3_610_000) };
  expect(await late(ahead)).toEqual(doubt);
  expect(await late({}, { fails: true })).toEqual({ outcome: "refused", refusal: "cannot-store" });
});

test("another gate's command is nobody's, an unknown door is refused", async () => {
  const { start, connect, log, said } = await rig();
  const desk = await start();
  connect(desk);
  await desk.receive(command({ gateId: GateId("4b0f1d2c-6a77-4e0a-8f1d-0a9b8c7d6e5f") }));
  expect(said).toEqual([]);
  await desk.receive(command({ subject: ID }));
  expect(said).toEqual([{ outcome: "refused", refusal: "unknown-subject" }]);
  expect(log).toEqual([]);
  await expect(desk.receive(new Uint8Array([0xa0]))).rejects.toThrow(/expected a value/);
  desk.kill();
});

test("ends sounds, tests a relay, and resets a fire whose input is off", async () => {
  const { start, connect, portal, log, said, pass } = await rig({ latched: true });
  const desk = await start();
  connect(desk);
  const next = (last: number, kind: CommandMessage["kind"]) =>
    desk.receive(command({ commandId: new Uint8Array(16).fill(last), kind }));
  await next(1, "silence");
  expect(log).toEqual(["write commanded silence", "signal quiet"]);
  portal.fireInput(true);
  await next(2, "fire-reset");
  expect(said.at(-1)).toEqual({ outcome: "refused", refusal: "input-still-on" });
  portal.fireInput(false);
  await next(3, "fire-reset");
  expect(said.at(-1)).toMatchObject({ outcome: "done" });
  expect(portal.status().fireRelease).toBe(false);
  await next(4, "fire-reset");
  expect(said.at(-1)).toEqual({ outcome: "refused", refusal: "nothing-to-do" });
  log.length = 0;
  await next(5, "relay-test");
  await pass(1_000);
  expect(log).toEqual(["write commanded relay-test", "lock release-for", "lock secure"]);
  desk.kill();
});

test("a guard forgives a person and sets a count, once, after a restart in the middle too", async () => {
  const { start, connect, log, said } = await rig();
  const desk = await start();
  connect(desk);
  const holder = new Uint8Array(8).fill(7);
  const forgive = command({ kind: "forgive", holder });
  await desk.receive(forgive);
  await desk.receive(forgive);
  const commandId = new Uint8Array(16).fill(9);
  const count = command({ commandId, kind: "set-count", subject: uuidBytes(RULED), count: 12 });
  await desk.receive(count);
  desk.kill();
  const again = await start();
  await again.receive(count);
  expect(log).toEqual(["forgive 0707070707070707", "count 12"]);
  expect(said).toEqual([{ outcome: "done" }, { outcome: "done" }, { outcome: "done" }]);
  again.kill();
});

test("whoever was just refused is forgiven by the number of the refusal, and nobody after it was forgotten", async () => {
  const { start, connect, log, said } = await rig();
  const desk = await start();
  connect(desk);
  await desk.receive(command({ kind: "forgive", sequence: 41 }));
  await desk.receive(command({ commandId: new Uint8Array(16).fill(9), kind: "forgive", sequence: 40 }));
  await desk.receive(command({ commandId: new Uint8Array(16).fill(10), kind: "forgive" }));
  expect(log).toEqual(["forgive 0909090909090909"]);
  expect(said).toEqual([
    { outcome: "done" },
    { outcome: "refused", refusal: "gone" },
    { outcome: "refused", refusal: "unknown-subject" },
  ]);
  desk.kill();
});

test("an area without a rule is not counted, and without door rules nobody is forgiven", async () => {
  const { start, connect, log, said } = await rig({ hasRules: false });
  const desk = await start();
  connect(desk);
  const next = (last: number, changes: Partial<CommandMessage>) =>
    desk.receive(command({ commandId: new Uint8Array(16).fill(last), ...changes }));
  await next(1, { kind: "forgive", holder: new Uint8Array(8) });
  await next(2, { kind: "forgive" });
  await next(3, { kind: "set-count", subject: uuidBytes(PORTAL), count: 1 });
  await next(4, { kind: "set-count", subject: uuidBytes(RULED) });
  expect(said).toEqual(
    ["nothing-to-do", "unknown-subject", "unknown-subject", "unknown-subject"].map((refusal) => ({
      outcome: "refused",
      refusal,
    })),
  );
  expect(log).toEqual([]);
  desk.kill();
});

test("a screen learns that its call was heard; where nobody called there is nothing to say", async () => {
  const { start, connect, log, said } = await rig();
  const desk = await start();
  connect(desk);
  const heard = (last: number, subject: string) =>
    desk.receive(
      command({
        commandId: new Uint8Array(16).fill(last),
        kind: "call-heard",
        subject: uuidBytes(subject),
      }),
    );
  await heard(1, SCREEN);
  await heard(2, PORTAL);
  expect(said).toEqual([{ outcome: "done" }, { outcome: "refused", refusal: "nothing-to-do" }]);
  expect(log).toEqual([]);
  desk.kill();
});
