import { fromHex } from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import { makePeripheralLine, parseScbk, type Scbk } from "@menshen/osdp";
import { makeLogger } from "@menshen/service-kit";
import {
  type Door,
  type LineDrop,
  makeDoor,
  makeTwoWireLine,
  makeVirtualIoUnit,
  makeVirtualReader,
  seededRandom,
  simulatedTimers,
  type VirtualIoUnit,
  type VirtualReader,
} from "@menshen/virtual-devices";
import { type CommandMessage, type SelfTestReport, uuidBytes } from "@menshen/wire";
import { beforeAll, describe, expect, test } from "vitest";
import type { ClockSource } from "../clock/clock-source.ts";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makePortal, type Portal } from "../door/portal.ts";
import { makeFindings } from "../findings.ts";
import { makeGateReaders } from "../gate-readers.ts";
import type { ReaderKeys } from "../keys/reader-keys.ts";
import { makeReaderStates } from "../readers/reader-state.ts";
import type { JournalRecord } from "../store/journal.ts";
import { makeTestAuthority, makeTestIdentity } from "../testing/test-authority.ts";
import { CONTACT_INPUT, configOf, EXIT_INPUT } from "../testing/test-config.ts";
import { PORTAL, READER, UNIT } from "../testing/test-site.ts";
import { carryOutForInstaller } from "./installer-commands.ts";
import { makeInstallerDesk, type WireTestStep } from "./installer-desk.ts";

const START_MS = Date.UTC(2026, 10, 20);
const DAY_MS = 86_400_000;
const KEY: Scbk = parseScbk(fromHex("6f1c0a93d47e25b8815d3cf0a2479be6"));
const OTHER_KEY: Scbk = parseScbk(fromHex("c2903d7f5ae1146b08d98237ef51ba4c"));

let certificate: Uint8Array;
beforeAll(async () => {
  const gateId = GateId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d21");
  ({ certificate } = await makeTestIdentity(await makeTestAuthority(), gateId, START_MS));
});

interface Seed {
  readonly readerKey?: Scbk;
  readonly installMode?: boolean;
  readonly contactInverted?: boolean;
  readonly withoutFireInput?: boolean;
  /** Where the sensor of a turnstile ends. */
  readonly passageInput?: number;
  readonly unitInputs?: number;
  /** What the machine's clock is ahead of the time. */
  readonly wallAheadMs?: number;
  readonly startMs?: number;
}

interface Site {
  readonly reader: LineDrop;
  readonly unit: VirtualIoUnit;
  readonly door: Door;
  readonly virtualReader: VirtualReader;
  /** Puts another device on the line, on a drop of its own. */
  put(address: number, serial: number): void;
  run(ms: number): Promise<void>;
  selfTest(): Promise<SelfTestReport>;
  desk: ReturnType<typeof makeInstallerDesk>;
  readonly log: string[];
}

/** A gate's readers, lock and door on two real wires, all in simulated time, until everything talks. */
async function startSite(seed: Seed = {}): Promise<Site> {
  const { wallAheadMs = 0, startMs = START_MS } = seed;
  const timers = simulatedTimers();
  const line = makeTwoWireLine(timers);
  const random = seededRandom("site");
  const readerDrop = line.drop(9_600);
  const unitDrop = line.drop(9_600);
  const pds = (drop: LineDrop) =>
    makePeripheralLine({ transport: drop.stream, timers, random: random.branch("pd").bytes });
  const virtualReader = makeVirtualReader(pds(readerDrop), {
    address: 0,
    timers,
    key: seed.readerKey ?? KEY,
    ...(seed.installMode === undefined ? {} : { installMode: seed.installMode }),
  });
  const door = makeDoor(timers);
  const unit = makeVirtualIoUnit(pds(unitDrop), {
    address: 1,
    timers,
    inputCount: seed.unitInputs ?? 4,
    outputCount: 2,
    key: KEY,
    doors: [
      {
        door,
        strikeOutput: 0,
        contactInput: CONTACT_INPUT,
        exitInput: EXIT_INPUT,
        contactInverted: seed.contactInverted ?? false,
      },
    ],
  });

  const source: ClockSource = {
    wallMs: () => startMs + timers.now() + wallAheadMs,
    monotonicMs: () => timers.now(),
    bootId: "boot",
    wallSurvivesPowerOff: true,
    schedule: (atMs, run) => timers.set(Math.max(0, atMs - timers.now()), run),
  };
  const saved = { bootId: "boot", wallMs: startMs, monotonicMs: 0, earliestMs: startMs, latestMs: startMs };
  const clock = makeGateClock({ source, saved, driftPpm: 0 });
  const whole = configOf("/nowhere", { enrolUrl: "https://x", enrolmentCode: "x" });
  const config = {
    ...whole,
    portals: whole.portals.map((portal) => ({
      ...portal,
      ...(seed.withoutFireInput === true ? { fireInput: undefined } : {}),
      ...(seed.passageInput === undefined
        ? {}
        : { passage: { readerId: UNIT, input: seed.passageInput, normallyClosed: false } }),
    })),
  };
  const log: string[] = [];
  const journal = {
    append: (record: JournalRecord) => {
      if (record.kind !== "access") log.push(`${record.kind} ${record.body.event}`);
      return Promise.resolve({ stored: true as const, sequence: 1 });
    },
    saveFireLatch: () => undefined,
  };
  const keys: ReaderKeys = {
    of: () => ({ inForce: KEY, offered: undefined }),
    offer: () => KEY,
    confirm: () => undefined,
    adopt: () => undefined,
    ageMs: () => 0,
  };
  const states = makeReaderStates([READER, UNIT], () => undefined);
  let portals: readonly Portal[] = [];
  const absent = () => {
    throw new Error("expected no card in this test");
  };
  const readers = makeGateReaders({
    power: { inputs: () => undefined },
    floods: { admits: () => true, heldBack: () => undefined },
    config,
    keys,
    clock,
    journal,
    findings: makeFindings(() => undefined),
    states,
    snapshot: () => undefined,
    portals: () => portals,
    tapDesk: absent,
    floorsOf: () => [],
    pinPads: { pressed: absent, stop: () => undefined },
    logger: makeLogger({ app: "gate", level: "error" }),
    openLine: () => async (baudRate) => line.open(baudRate),
    timers,
  });
  portals = config.portals.map((portal) =>
    makePortal({
      config: portal,
      source,
      clock,
      journal,
      drive: readers.driverOf(portal),
      snapshot: () => undefined,
      mode: () => ({ mode: "normal", lockdown: 0, generation: 0 }),
      fireLatched: false,
      signal: () => undefined,
      changed: () => undefined,
    }),
  );
  const desk = makeInstallerDesk({
    config,
    readers,
    portals: () => portals,
    states,
    clock,
    identity: () => ({ certificate }),
    timers,
  });

  async function pass(isOver: () => boolean, mostMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < mostMs && !isOver(); passedMs += 5) {
      timers.advance(5);
      for (let task = 0; task < 24; task++) await Promise.resolve();
    }
  }
  const run = (ms: number) => pass(() => false, ms);
  await readers.start();
  await run(2_000);
  return {
    reader: readerDrop,
    unit,
    door,
    virtualReader,
    put: (address, serial) =>
      void makeVirtualReader(pds(line.drop(9_600)), { address, serial, timers, key: KEY }),
    run,
    desk,
    log,
    async selfTest() {
      let report: SelfTestReport | undefined;
      void desk.selfTest()?.then((found) => {
        report = found;
      });
      await pass(() => report !== undefined, 60_000);
      if (report === undefined) throw new Error("expected the self-test to end");
      return report;
    },
  };
}

describe("a self-test names each fault, and nothing else", () => {
  test("nothing at a door in order; readers, lock and door work on", async () => {
    const site = await startSite();
    expect(await site.selfTest()).toEqual({ isRunning: false, tested: 8, faults: [] });
    await site.run(1_000);
    expect([site.virtualReader.link.secure, site.unit.link.secure]).toEqual([true, true]);
    expect(site.door.released).toBe(false);
    expect(site.log).toContain("portal commanded");
    expect(site.log).not.toContain("portal lock-not-answering");
  });

  test("swapped pair", async () => {
    const site = await startSite();
    site.reader.swapped = true;
    await site.run(10_000);
    expect((await site.selfTest()).faults).toEqual([{ code: "pair-swapped", subject: READER }]);
  });

  test("duplicate address", async () => {
    const site = await startSite();
    site.put(0, 4711);
    await site.run(3_000);
    expect((await site.selfTest()).faults).toEqual([{ code: "address-twice", subject: READER, value: 2 }]);
  });

  test("wrong baud", async () => {
    const site = await startSite();
    site.reader.baudRate = 38_400;
    await site.run(10_000);
    expect((await site.selfTest()).faults).toEqual([{ code: "wrong-baud", subject: READER, value: 38_400 }]);
  });

  test("wrong key", async () => {
    const site = await startSite({ readerKey: OTHER_KEY });
    expect((await site.selfTest()).faults).toEqual([{ code: "wrong-key", subject: READER }]);
  });

  test("reader in install mode", async () => {
    const site = await startSite({ installMode: true });
    expect((await site.selfTest()).faults).toEqual([{ code: "reader-install-mode", subject: READER }]);
  });

  test("stuck relay, welded or dead", async () => {
    const site = await startSite();
    site.unit.setStuck(0, true);
    expect((await site.selfTest()).faults).toEqual([{ code: "relay-stuck", subject: PORTAL }]);
  });

  test("contact inverted, once the door was used; before, that it says open", async () => {
    const site = await startSite({ contactInverted: true });
    expect((await site.selfTest()).faults).toEqual([{ code: "contact-open", subject: PORTAL }]);
    site.door.leave();
    await site.run(8_000);
    expect(site.door.open).toBe(false);
    expect((await site.selfTest()).faults).toEqual([{ code: "contact-inverted", subject: PORTAL }]);
  });

  test("exit button shorted", async () => {
    const site = await startSite();
    site.unit.setInput(EXIT_INPUT, true);
    await site.run(500);
    expect((await site.selfTest()).faults).toEqual([{ code: "exit-shorted", subject: PORTAL }]);
  });

  test("no fire input: none configured, or none that the unit has", async () => {
    const none = await startSite({ withoutFireInput: true });
    expect((await none.selfTest()).faults).toEqual([{ code: "no-fire-input", subject: PORTAL }]);
    const missing = await startSite({ unitInputs: 2 });
    expect((await missing.selfTest()).faults).toEqual([{ code: "no-fire-input", subject: PORTAL }]);
  });

  test("passage sensor blocked, or at an input that the unit lacks", async () => {
    const site = await startSite({ passageInput: 3 });
    expect((await site.selfTest()).faults).toEqual([]);
    site.unit.setInput(3, true);
    await site.run(500);
    expect((await site.selfTest()).faults).toEqual([{ code: "passage-blocked", subject: PORTAL }]);
    const missing = await startSite({ passageInput: 7 });
    expect((await missing.selfTest()).faults).toEqual([{ code: "input-missing", subject: PORTAL }]);
  });

  test("clock wrong", async () => {
    const site = await startSite({ wallAheadMs: -90_000 });
    expect((await site.selfTest()).faults).toEqual([{ code: "clock-wrong", value: -90_000 }]);
  });

  test("certificate expired", async () => {
    const site = await startSite({ startMs: START_MS + 91 * DAY_MS });
    expect((await site.selfTest()).faults).toEqual([
      { code: "certificate-expired", value: START_MS + 90 * DAY_MS },
    ]);
  });

  test("cable cut", async () => {
    const site = await startSite();
    site.reader.cut = true;
    await site.run(10_000);
    expect((await site.selfTest()).faults).toEqual([{ code: "cable-cut", subject: READER }]);
  });
});

describe("wires, one by one", () => {
  const given = { commandId: new Uint8Array(16), kind: "wire-test" } as const;
  const states = (steps: readonly WireTestStep[]) =>
    steps.map((step) => (step.kind === "state" ? step.state : step.kind));

  async function tried(
    site: Site,
    wire: Parameters<Site["desk"]["testWire"]>[0],
    subject: string,
    act: () => void = () => undefined,
    ms = 8_000,
  ): Promise<string[]> {
    const steps: WireTestStep[] = [];
    void site.desk.testWire(wire, subject, given, (step) => steps.push(step));
    await site.run(300);
    act();
    await site.run(ms);
    return states(steps);
  }

  test("lamp, sound, lock, contact, exit and tamper", async () => {
    const site = await startSite();
    expect(await tried(site, "led", READER, undefined, 500)).toEqual(["told"]);
    expect(await tried(site, "sound", READER, undefined, 500)).toEqual(["told"]);
    expect(await tried(site, "lock", PORTAL, undefined, 3_000)).toEqual(["followed"]);
    expect(await tried(site, "contact", PORTAL, () => site.door.leave())).toEqual(["watching", "seen"]);
    expect(await tried(site, "exit", PORTAL, () => site.door.leave())).toEqual(["watching", "seen"]);
    const lift = () => {
      site.virtualReader.setTamper(true);
    };
    const steps = tried(site, "tamper", READER, lift, 1_000);
    await steps;
    site.virtualReader.setTamper(false);
    await site.run(1_000);
    expect(await steps).toEqual(["watching"]);
    expect(await tried(site, "lock", READER, undefined, 100)).toEqual(["refused"]);
  });

  test("a contact the wrong way round, and a button that nobody presses", async () => {
    const site = await startSite({ contactInverted: true });
    expect(await tried(site, "contact", PORTAL, () => site.door.leave())).toEqual(["watching", "wrong-way"]);
    expect(await tried(site, "exit", PORTAL, undefined, 61_000)).toEqual(["watching", "not-seen"]);
  });

  test("find, and the install window that the configuration allows", async () => {
    const site = await startSite();
    const found = site.desk.find(READER);
    await site.run(500);
    expect(await found).toBe(true);
    expect(await site.desk.find(UNIT)).toBeUndefined();
    expect(site.desk.openInstallWindow(READER, 60_000)).toBeUndefined();
    expect(site.log).toContain("reader install-window-opened");
    expect(site.desk.openInstallWindow(PORTAL, 60_000)).toBe("unknown-subject");
  });
});

describe("an installer's commands", () => {
  async function answered(site: Site, changes: Partial<CommandMessage>, ms: number): Promise<unknown[]> {
    const said: unknown[] = [];
    const command: CommandMessage = {
      version: 1,
      gateId: GateId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d21"),
      commandId: new Uint8Array(16).fill(7),
      issuedAt: Instant(START_MS),
      expiresAt: Instant(START_MS + 10_000),
      kind: "self-test",
      ...changes,
    };
    void carryOutForInstaller(command, site.desk, async (outcome) => void said.push(outcome));
    await site.run(ms);
    return said;
  }

  test("a self-test says that it runs, then what it found; another one has to wait", async () => {
    const site = await startSite();
    site.unit.setInput(EXIT_INPUT, true);
    await site.run(500);
    const first = answered(site, {}, 0);
    expect(await answered(site, {}, 10_000)).toEqual([{ outcome: "refused", refusal: "busy" }]);
    expect(await first).toEqual([
      { outcome: "done", report: { isRunning: true, tested: 0, faults: [] } },
      {
        outcome: "done",
        report: {
          isRunning: false,
          tested: 8,
          faults: [{ code: "exit-shorted", subject: uuidBytes(PORTAL) }],
        },
      },
    ]);
  });

  test("find, wires and install windows, with what is refused", async () => {
    const site = await startSite();
    expect(await answered(site, { kind: "find" }, 500)).toEqual([{ outcome: "done" }]);
    expect(await answered(site, { kind: "find", subject: uuidBytes(PORTAL) }, 500)).toEqual([
      { outcome: "refused", refusal: "unknown-subject" },
    ]);
    const lock = { kind: "wire-test", wire: "lock", subject: uuidBytes(PORTAL) } as const;
    expect(await answered(site, lock, 3_000)).toEqual([{ outcome: "done", wire: "followed" }]);
    const window = { kind: "install-window", subject: uuidBytes(UNIT), forMs: 60_000 } as const;
    expect(await answered(site, window, 100)).toEqual([{ outcome: "done" }]);
  });
});
