import { credentialKeyOf } from "@menshen/credentials";
import { fromHex, primitives, sha256 } from "@menshen/crypto/node";
import {
  AccessPointId,
  AccessRuleId,
  AreaId,
  BuildingId,
  DwellingId,
  type Grade,
  PersonId,
  ReaderId,
  ResidencyId,
  ScheduleId,
} from "@menshen/domain";
import { makePeripheralLine, parseScbk, type Scbk } from "@menshen/osdp";
import { type CommunityModel, loadSnapshot } from "@menshen/policy";
import { makeLogger } from "@menshen/service-kit";
import {
  makeTwoWireLine,
  makeVirtualIoUnit,
  makeVirtualReader,
  seededRandom,
  simulatedTimers,
} from "@menshen/virtual-devices";
import type { AccessEntry } from "@menshen/wire";
import { expect, test } from "vitest";
import type { ClockSource } from "./clock/clock-source.ts";
import { makeGateClock } from "./clock/gate-clock.ts";
import { parseGateConfig } from "./config.ts";
import type { LiftFloor } from "./door/lift.ts";
import { makePortal, type Portal } from "./door/portal.ts";
import { makeFindings } from "./findings.ts";
import { makeGateReaders } from "./gate-readers.ts";
import type { ReaderKeys } from "./keys/reader-keys.ts";
import { makeReaderStates } from "./readers/reader-state.ts";
import type { JournalRecord } from "./store/journal.ts";
import { makeTapDesk } from "./tap/tap-desk.ts";
import { ACCESS_POINT, PORTAL, READER, testDocument, testModel, UNIT } from "./testing/test-site.ts";

/** Ten seconds before the office floor is free for anybody; a minute later it is no more. */
const START_MS = Date.parse("2026-11-23T07:59:50+08:00");
const UNTIL_FREE_MS = 10_000;
const HOURS_MS = 60_000;
const KEY: Scbk = parseScbk(fromHex("6f1c0a93d47e25b8815d3cf0a2479be6"));
const UNLOCK_MS = 3_000;
const STEP_MS = 10;
const WORKDAYS = [1, 2, 3, 4, 5] as const;
const id = (digit: string, number: number) =>
  `${digit.repeat(8)}-0000-4000-8000-${String(number).padStart(12, "0")}`;
const floorArea = (floor: number) => AreaId(id("7", floor));
const floorPoint = (floor: number) => AccessPointId(id("8", floor));
const OFFICE_HOURS = ScheduleId(id("9", 1));
const uidOf = (name: string) => sha256(new TextEncoder().encode(name)).slice(0, 4);
const cardKeyOf = (name: string) => credentialKeyOf(primitives, "uid", uidOf(name));

/** Floors 1 to 4 behind outputs 0 to 3; the fifth hangs nowhere. */
const FLOORS: readonly LiftFloor[] = [1, 2, 3, 4, 5].map((floor) => ({
  accessPointId: floorPoint(floor),
  output: floor === 5 ? 9 : floor - 1,
  ...(floor === 3 ? { scheduleId: OFFICE_HOURS } : {}),
}));

/** Twelve neighbours: all may go to floor 1, the first to floor 2 and to the one that hangs nowhere as well. */
function liftModel(): CommunityModel {
  const names = Array.from({ length: 12 }, (_, index) => `card-${index + 1}`);
  const plain = testModel(names.map((name) => ({ key: cardKeyOf(name), kind: "uid", grade: "E" })));
  const [point] = plain.accessPoints;
  if (point === undefined) throw new Error("expected an access point");
  const to = (...floors: number[]) => ({ accessPointIds: floors.map(floorPoint) });
  const grade: { minimumGrade: Grade; validity: object } = { minimumGrade: "E", validity: {} };
  return {
    ...plain,
    areas: [...plain.areas, ...[1, 2, 3, 4, 5].map((floor) => ({ id: floorArea(floor), staffOnly: false }))],
    buildings: [...plain.buildings, { id: BuildingId(id("f", 9)), areaId: floorArea(2) }],
    dwellings: [...plain.dwellings, { id: DwellingId(id("f", 8)), buildingId: BuildingId(id("f", 9)) }],
    portals: plain.portals.map((portal) => ({ ...portal, unlockMs: UNLOCK_MS })),
    accessPoints: [
      point,
      ...[1, 2, 3, 4, 5].map((floor) => ({
        ...point,
        id: floorPoint(floor),
        fromAreaId: point.toAreaId,
        toAreaId: floorArea(floor),
      })),
    ],
    residencies: [
      ...plain.residencies,
      {
        id: ResidencyId(id("2", 99)),
        personId: PersonId(id("3", 1)),
        role: "owner",
        dwellingId: DwellingId(id("f", 8)),
        validity: {},
      },
    ],
    schedules: [
      {
        id: OFFICE_HOURS,
        weekly: WORKDAYS.map((weekday) => ({ weekday, startMinute: 480, endMinute: 481 })),
        holidays: [],
        exceptions: [],
      },
    ],
    gateSchedules: plain.portals.map(({ gateId }) => ({ gateId, scheduleId: OFFICE_HOURS })),
    rules: [
      { id: AccessRuleId(id("4", 1)), number: 1, who: { roles: ["tenant"] }, where: to(1), ...grade },
      {
        id: AccessRuleId(id("4", 2)),
        number: 2,
        who: { dwellingIds: [DwellingId(id("f", 8))] },
        where: to(2, 5),
        ...grade,
      },
    ],
  };
}

/** A lift's car on a real line: its reader, and a unit with four relays, in simulated time. */
async function startLift({ outputCount = 4 } = {}) {
  const timers = simulatedTimers();
  const line = makeTwoWireLine(timers);
  const random = seededRandom("lift");
  const pds = () =>
    makePeripheralLine({ transport: line.drop(9_600).stream, timers, random: random.branch("pd").bytes });
  makeVirtualReader(pds(), { address: 0, timers, key: KEY });
  const unit = makeVirtualIoUnit(pds(), { address: 1, timers, inputCount: 2, outputCount, key: KEY });
  const source: ClockSource = {
    wallMs: () => START_MS + timers.now(),
    monotonicMs: () => timers.now(),
    bootId: "boot",
    wallSurvivesPowerOff: true,
    schedule: (atMs, run) => timers.set(Math.max(0, atMs - timers.now()), run),
  };
  const saved = {
    bootId: "boot",
    wallMs: START_MS,
    monotonicMs: 0,
    earliestMs: START_MS,
    latestMs: START_MS,
  };
  const clock = makeGateClock({ source, saved, driftPpm: 0 });
  const config = parseGateConfig({
    stateDir: "/nowhere",
    community: { enrolUrl: "https://x", enrolmentCode: "x" },
    statusPage: { host: "127.0.0.1", port: 0 },
    doorGroup: 1,
    buses: [
      {
        id: "bus-0",
        transport: "unix:/nowhere",
        readers: [
          {
            readerId: READER,
            address: 0,
            role: "reader",
            accessPointId: ACCESS_POINT,
            secureChannel: "required",
          },
          { readerId: UNIT, address: 1, role: "io", secureChannel: "required" },
        ],
      },
    ],
    portals: [
      {
        portalId: PORTAL,
        lock: { kind: "lift", units: [{ readerId: UNIT, outputs: 4 }] },
        fireInput: { kind: "osdp-input", readerId: UNIT, input: 0, normallyClosed: false },
      },
    ],
  });
  const loaded = loadSnapshot(testDocument(liftModel(), 7, START_MS));
  if (!loaded.ok) throw new Error("expected a snapshot");
  const { snapshot } = loaded;
  const entries: AccessEntry["body"][] = [];
  const journal = {
    append: (record: JournalRecord) => {
      if (record.kind === "access") entries.push(record.body);
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
  const findings = makeFindings(() => undefined);
  const logger = makeLogger({ app: "gate", level: "error" });
  const lockdown: { level: 0 | 1 | 2 | 3 } = { level: 0 };
  let portals: readonly Portal[] = [];
  const absent = () => {
    throw new Error("expected no card on the line in this test");
  };
  const readers = makeGateReaders({
    power: { inputs: () => undefined },
    floods: { admits: () => true, heldBack: () => undefined },
    config,
    keys,
    clock,
    journal,
    findings,
    states: makeReaderStates([READER, UNIT], () => undefined),
    snapshot: () => snapshot,
    portals: () => portals,
    tapDesk: absent,
    floorsOf: () => FLOORS,
    pinPads: { pressed: absent, stop: () => undefined },
    logger,
    openLine: () => async (baudRate) => line.open(baudRate),
    timers,
  });
  portals = config.portals.map((portal) =>
    makePortal({
      config: portal,
      source,
      clock,
      journal,
      drive: readers.liftOf(portal)?.drive ?? readers.driverOf(portal),
      lift: readers.liftOf(portal),
      snapshot: () => snapshot,
      mode: () => ({ mode: "normal", lockdown: lockdown.level, generation: lockdown.level }),
      fireLatched: false,
      signal: () => undefined,
      changed: () => undefined,
    }),
  );
  const [portal] = portals;
  if (portal === undefined) throw new Error("expected the lift");
  portal.refresh();
  const desk = makeTapDesk({
    clock,
    journal,
    snapshot: () => snapshot,
    cardKeys: () => undefined,
    counterGuard: () => Promise.resolve(undefined),
    inPublicLog: () => Promise.resolve(true),
    placeOf: readers.placeOf,
    indicate: () => undefined,
    floods: { heldBack: () => undefined },
    logger,
  });
  async function run(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
      timers.advance(STEP_MS);
      for (let task = 0; task < 24; task++) await Promise.resolve();
    }
  }
  await readers.start();
  await run(2_000);
  return {
    unit,
    portal,
    findings,
    entries,
    run,
    lockdown,
    /** Which relays are drawn. */
    freed: () => unit.outputs.flatMap((isOn, output) => (isOn ? [output] : [])),
    async tap(name: string) {
      const tapped = desk.number(ReaderId(READER), { reader: 0, format: 0, bitCount: 32, bits: uidOf(name) });
      await run(300);
      await tapped;
      return entries.at(-1);
    },
  };
}

test("a card frees exactly the floors that rules allow, for the time of the door", async () => {
  const { tap, freed, run } = await startLift();
  expect(await tap("card-2")).toMatchObject({ granted: true, lockDriven: true, floors: [floorPoint(1)] });
  expect(freed()).toEqual([0]);
  await run(UNLOCK_MS - 600);
  expect(freed()).toEqual([0]);
  await run(700);
  expect(freed()).toEqual([]);
});

test("the journal names floors that many may go to, and only counts the others", async () => {
  const { tap, freed } = await startLift();
  const entry = await tap("card-1");
  expect(entry).toMatchObject({ granted: true, floors: [floorPoint(1)], otherFloors: 2 });
  expect(freed()).toEqual([0, 1]);
});

test("one person's floors are not another's, and end in their own time", async () => {
  const { tap, freed, run } = await startLift();
  await tap("card-1");
  await run(2_000);
  await tap("card-2");
  expect(freed()).toEqual([0, 1]);
  await run(1_000);
  // The first one's time is over; the second may still press.
  expect(freed()).toEqual([0]);
});

test("who may go nowhere is refused, and no relay is touched", async () => {
  const { tap, freed } = await startLift();
  expect(await tap("stranger")).toMatchObject({
    granted: false,
    lockDriven: false,
    reasons: [{ code: "credential-unknown" }],
  });
  expect(freed()).toEqual([]);
});

test("a floor is free at its hours, through everybody's time, and not in a lockdown", async () => {
  const { tap, freed, run, lockdown, portal } = await startLift();
  expect(freed()).toEqual([]);
  await run(UNTIL_FREE_MS);
  expect(freed()).toEqual([2]);
  await tap("card-2");
  expect(freed()).toEqual([0, 2]);
  await run(UNLOCK_MS);
  expect(freed()).toEqual([2]);
  lockdown.level = 1;
  portal.refresh();
  await run(500);
  expect(freed()).toEqual([]);
  lockdown.level = 0;
  portal.refresh();
  await run(500);
  expect(freed()).toEqual([2]);
});

test("in a fire nothing is freed and nothing secured until a person resets it", async () => {
  const { tap, freed, run, unit, portal } = await startLift();
  await run(UNTIL_FREE_MS);
  unit.setInput(0, true);
  await run(500);
  expect(portal.status().fireRelease).toBe(true);
  expect(freed()).toEqual([2]);
  expect(await tap("card-2")).toMatchObject({
    granted: true,
    lockDriven: false,
    reasons: [{ code: "portal-unlocked", cause: "fire-release" }],
  });
  expect(freed()).toEqual([2]);
  // The hours of the floor are over meanwhile.
  await run(HOURS_MS);
  expect(freed()).toEqual([2]);
  unit.setInput(0, false);
  await run(500);
  expect(portal.resetFire()).toBe(true);
  await run(500);
  expect(freed()).toEqual([]);
});

test("a relay that is nowhere, or refuses, is named and keeps nobody from the other floors", async () => {
  const { tap, freed, findings } = await startLift({ outputCount: 1 });
  await tap("card-1");
  expect(freed()).toEqual([0]);
  expect(findings.list()).toEqual(
    expect.arrayContaining([
      { code: "lift-floor-failed", severity: "fault", subject: floorPoint(2) },
      { code: "lift-floor-unknown", severity: "fault", subject: floorPoint(5) },
    ]),
  );
});

test("a unit that was away is told what is free when it comes back", async () => {
  const { freed, run, unit, portal } = await startLift();
  await run(UNTIL_FREE_MS);
  unit.setPulled(true);
  await run(12_000);
  expect(portal.status().lock).toBe("fault");
  unit.setPulled(false);
  await run(12_000);
  expect(freed()).toEqual([2]);
});
