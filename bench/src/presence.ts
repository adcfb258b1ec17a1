import { AccessPointId, AreaId, type DoorRules, GateId, Holder, PortalId } from "@menshen/domain";
import { compileDoorPlan, makePresence, type PresenceTap } from "@menshen/policy";
import { contender, latencyOf, ratesSideBySide } from "./measure.ts";
import { type Result, rounded } from "./result.ts";

const COURTS = 20;
const BUILDINGS_PER_COURT = 5;
const PERSONS = 8_000;
const TAPS = 4_000;
const NOW_MS = Date.UTC(2026, 4, 13, 4);
const TARGET_US = 50;

const uuid = (kind: number, index: number) =>
  `0197a1b2-0000-7000-8${String(kind).padStart(3, "0")}-${String(index).padStart(12, "0")}`;
const street = AreaId(uuid(0, 0));
const court = (index: number) => AreaId(uuid(1, index));
const building = (index: number) => AreaId(uuid(2, index));
const gate = (index: number) => GateId(uuid(3, index));
const wayIn = (index: number) => AccessPointId(uuid(4, index));
const wayOut = (index: number) => AccessPointId(uuid(5, index));
const holder = (index: number) => Holder(index.toString(16).padStart(16, "0"));

/** 3,000 households: one door to each court, one to each building behind it; a gate per court; every rule in force. */
function rulesOfASite(): DoorRules {
  const courts = Array.from({ length: COURTS }, (_, index) => index);
  const buildings = Array.from({ length: COURTS * BUILDINGS_PER_COURT }, (_, index) => index);
  const doors = [
    ...courts.map((index) => ({ from: street, to: court(index), gateId: gate(index) })),
    ...buildings.map((index) => {
      const at = index % COURTS;
      return { from: court(at), to: building(index), gateId: gate(at) };
    }),
  ];
  return {
    outsideAreaId: street,
    areas: [...courts.map(court), ...buildings.map(building)].map((areaId) => ({
      areaId,
      antiPassback: "hard" as const,
      occupancyLimit: 5_000,
      countsOnlyConfirmed: false,
      whenApart: "admit" as const,
    })),
    portals: [],
    accessPoints: doors.flatMap(({ from, to, gateId }, index) => {
      const portalId = PortalId(uuid(6, index));
      return [
        { id: wayIn(index), portalId, gateId, fromAreaId: from, toAreaId: to },
        { id: wayOut(index), portalId, gateId, fromAreaId: to, toAreaId: from },
      ];
    }),
    presenceMs: 86_400_000,
  };
}

/** What the door rules add to a decision: who is where, among the persons of a community that are all inside. */
export async function benchPresence(): Promise<Result[]> {
  const presence = makePresence({ gateId: gate(0), plan: compileDoorPlan(rulesOfASite()), nowMs: NOW_MS });
  const site = { gateId: gate(0), silentGates: new Set<GateId>(), isSecure: () => true };
  const tapOf = (person: number, accessPointId: AccessPointId): PresenceTap => ({
    accessPointId,
    holder: holder(person),
    isStaff: false,
    needsEscort: false,
  });
  for (let person = 0; person < PERSONS; person++) {
    presence.pass(tapOf(person, wayIn(person % COURTS)), NOW_MS);
    if (person % 2 === 0) presence.pass(tapOf(person, wayIn(COURTS + (person % COURTS))), NOW_MS);
  }
  const taps = Array.from({ length: TAPS }, (_, index) => {
    const person = (index * 7) % PERSONS;
    const door = person % COURTS;
    // Half come in again without having left, which is refused; half leave.
    return tapOf(person, index % 2 === 0 ? wayIn(door) : wayOut(door));
  });
  let refused = 0;
  const judge = (tap: PresenceTap) => {
    if (presence.judge(tap, site, NOW_MS + 1).verdict === "refuse") refused++;
  };
  const { p99Us } = latencyOf(taps, judge);
  if (refused !== TAPS) throw new Error(`expected half of two rounds to be refused, came ${refused}`);
  const [perS] = await ratesSideBySide([contender(taps, judge)]);
  const note = `${PERSONS} persons, ${COURTS + COURTS * BUILDINGS_PER_COURT} areas with hard anti-passback and limits; half refused`;
  return [
    {
      id: "presence.judge_us",
      value: rounded(p99Us),
      unit: "µs, p99",
      better: "lower",
      target: TARGET_US,
      note,
    },
    {
      id: "presence.judge_per_s",
      value: rounded(perS ?? Number.NaN),
      unit: "1/s of processor time",
      better: "higher",
      note,
    },
  ];
}
