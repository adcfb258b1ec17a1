import {
  AccessPointId,
  AccessRuleId,
  AreaId,
  BuildingId,
  CommunityId,
  CredentialKey,
  DwellingId,
  GateId,
  Instant,
  PersonId,
  PortalId,
  ResidencyId,
  ScheduleId,
} from "@menshen/domain";
import { expect, test } from "vitest";
import {
  type CommunityModel,
  checkPolicy,
  compileSnapshot,
  diffSnapshots,
  loadSnapshot,
  snapshotBytes,
} from "./index.ts";

/** A UUID of a kind (one hexadecimal digit) and a number. */
const uuid = (kind: number, index: number) =>
  `${kind.toString(16)}0000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
const gateId = GateId(uuid(1, 0));
const at = Instant(Date.parse("2026-11-22T00:00+08:00"));
const until = Instant(at + 400 * 86_400_000);

/** Spreads numbers over keys as a hash does (a multiplicative mix; the keys need no secrecy here). */
function keyOf(index: number): CredentialKey {
  const view = new DataView(new ArrayBuffer(16));
  for (let word = 0; word < 4; word++)
    view.setUint32(word * 4, Math.imul(index + 1, 0x9e3779b1 + word * 2) ^ (index << 7));
  view.setUint32(12, index);
  return CredentialKey(new Uint8Array(view.buffer));
}

/**
 * A community of many homes: street and yard with two gates, `buildingCount` buildings with a door each, a garage by
 * hours, tenants with dates of their own, and `cardsEach` credentials for each of three persons a home.
 */
function largeCommunity(buildingCount: number, homeCount: number, cardsEach: number): CommunityModel {
  const [street, yard, garage] = [0, 1, 2].map((index) => AreaId(uuid(2, index)));
  if (street === undefined || yard === undefined || garage === undefined) throw new Error("no areas");
  const buildings = Array.from({ length: buildingCount }, (_, index) => index);
  const lobby = (index: number) => AreaId(uuid(2, 100 + index));
  const door = (index: number) => AccessPointId(uuid(4, index));
  const portalIds = Array.from({ length: buildingCount + 3 }, (_, index) => PortalId(uuid(3, index)));
  const persons = Array.from({ length: homeCount * 3 }, (_, index) => index);
  const day = ScheduleId(uuid(9, 0));
  const accessPoint = (index: number, from: AreaId, to: AreaId) => ({
    id: door(index),
    portalId: portalIds[index] ?? PortalId(""),
    fromAreaId: from,
    toAreaId: to,
    minimumGrade: "D" as const,
  });
  const rule = (
    number: number,
    where: AccessPointId[],
    changes: Partial<CommunityModel["rules"][number]> = {},
  ) => ({
    id: AccessRuleId(uuid(8, number)),
    number,
    who: { roles: ["owner" as const] },
    where: { accessPointIds: where },
    minimumGrade: "D" as const,
    validity: {},
    ...changes,
  });
  return {
    communityId: CommunityId(uuid(1, 1)),
    timeZone: "Europe/Berlin",
    outsideAreaId: street,
    areas: [street, yard, garage, ...buildings.map(lobby)].map((id) => ({ id, staffOnly: false })),
    buildings: buildings.map((index) => ({ id: BuildingId(uuid(5, index)), areaId: lobby(index) })),
    dwellings: Array.from({ length: homeCount }, (_, index) => ({
      id: DwellingId(uuid(6, index)),
      buildingId: BuildingId(uuid(5, index % buildingCount)),
    })),
    portals: portalIds.map((id) => ({ id, gateId, unlockMs: 5_000, heldOpenLimitMs: 30_000 })),
    accessPoints: [
      ...buildings.map((index) => accessPoint(index, yard, lobby(index))),
      accessPoint(buildingCount, street, yard),
      accessPoint(buildingCount + 1, street, yard),
      accessPoint(buildingCount + 2, yard, garage),
    ],
    residencies: persons.map((index) => ({
      id: ResidencyId(uuid(7, index)),
      personId: PersonId(uuid(10, index)),
      role: index % 3 === 0 ? ("owner" as const) : ("tenant" as const),
      dwellingId: DwellingId(uuid(6, Math.floor(index / 3))),
      validity:
        index % 3 === 0
          ? {}
          : { from: Instant(at - index * 60_000), until: Instant(at + (index + 1) * 3_600_000) },
    })),
    credentials: persons.flatMap((index) =>
      Array.from({ length: cardsEach }, (_, card) => ({
        key: keyOf(index * cardsEach + card),
        kind: "desfire" as const,
        grade: "A" as const,
        personId: PersonId(uuid(10, index)),
        status: "active" as const,
        validity: card === 0 ? {} : { until: Instant(at + (index + 1) * 60_000) },
      })),
    ),
    schedules: [
      {
        id: day,
        weekly: ([1, 2, 3, 4, 5, 6, 7] as const).map((weekday) => ({
          weekday,
          startMinute: 360,
          endMinute: 1320,
        })),
        holidays: [],
        exceptions: [],
      },
    ],
    holidays: [],
    rules: [
      rule(1, [door(buildingCount), door(buildingCount + 1)]),
      ...buildings.map((index) =>
        rule(10 + index, [door(index)], { who: { buildingIds: [BuildingId(uuid(5, index))] } }),
      ),
      rule(2, [door(buildingCount + 2)], { scheduleId: day }),
    ],
    offers: [
      { kind: "desfire", grade: "A" },
      { kind: "phone", grade: "B" },
    ],
    gradeCaps: [],
    modes: [],
  };
}

test("100,000 credentials, each with dates of its own, take at most 64 bytes each (complaints 12 and 13)", () => {
  const model = largeCommunity(30, 16_667, 2);
  const verdict = { accepted: true, violations: [], alarms: [], model, waivers: [] };
  const { document } = compileSnapshot(model, { gateId, version: 1, at, until, verdict });
  const loaded = loadSnapshot(document);
  if (!loaded.ok) throw new Error(`${loaded.error.code} at ${loaded.error.where}`);
  expect(loaded.snapshot.credentialCount).toBe(100_002);
  expect(snapshotBytes(loaded.snapshot) / loaded.snapshot.credentialCount).toBeLessThanOrEqual(64);

  // One card lost: the delta does not grow with the community.
  const lost = {
    ...model,
    credentials: model.credentials.map((each, i) => (i === 7 ? { ...each, status: "lost" as const } : each)),
  };
  const next = compileSnapshot(lost, { gateId, version: 2, at, until, verdict: { ...verdict, model: lost } });
  const { credentialsChanged, profilesAdded, changed } = diffSnapshots(document, next.document);
  expect(Reflect.get(Object(credentialsChanged), "keys")).toHaveLength(16);
  expect([profilesAdded, changed]).toEqual([[], {}]);
}, 60_000);

test("3,000 homes are checked at every change of their schedules and dates, within seconds", () => {
  const model = largeCommunity(40, 3_000, 1);
  const hours = {
    ...model,
    rules: model.rules.map((rule) =>
      rule.number === 10 ? { ...rule, scheduleId: ScheduleId(uuid(9, 0)) } : rule,
    ),
  };
  // Processor time of this process, so that a busy machine does not fail it.
  const begin = process.cpuUsage();
  const fine = checkPolicy(model, { at, until });
  const refused = checkPolicy(hours, { at, until, previous: model });
  const { user, system } = process.cpuUsage(begin);
  expect(fine.accepted).toBe(true);
  expect(refused.accepted).toBe(false);
  expect(refused.violations).toHaveLength(1);
  // 75 homes of three; the tenants of the first have left, two and three hours from now, before the first night.
  expect(refused.violations[0]?.personIds.length).toBe(223);
  expect((user + system) / 1_000_000).toBeLessThan(8);
}, 60_000);
