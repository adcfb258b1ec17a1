import { createHash } from "node:crypto";
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
  type Weekday,
} from "@menshen/domain";
import type { CommunityModel } from "@menshen/policy";

export const GROUPS = 20;
export const DOORS = 100;
export const SCHEDULES = 8;
export const START = Instant(Date.UTC(2026, 0, 1));
export const END = Instant(Date.UTC(2027, 0, 1));
/** 2026-10-01 in Shanghai: closed for every schedule. */
export const HOLIDAY = "2026-10-01";
const HOLIDAY_DAY = Date.UTC(2026, 9, 1) / 86_400_000;

/** A repeatable UUID for the `index`-th thing of a kind. */
function uuid(kind: string, index: number): string {
  const hex = createHash("sha256").update(`${kind}/${index}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Numbers from 0 to 1, the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Holder {
  readonly key: CredentialKey;
  readonly groups: readonly [number, number];
  readonly active: boolean;
  readonly from: number;
  readonly until: number;
}

export interface Site {
  readonly gateId: GateId;
  readonly doors: readonly AccessPointId[];
  readonly holders: readonly Holder[];
  /** `scheduleOf[group][door]`, -1 for no access. */
  readonly scheduleOf: readonly (readonly number[])[];
  /** Minutes of the week (Monday first) in which a schedule holds: `[start, end)` on each of its days. */
  readonly schedules: readonly {
    readonly days: readonly Weekday[];
    readonly start: number;
    readonly end: number;
  }[];
  readonly model: CommunityModel;
}

/**
 * A site as in the published comparisons: 100 doors, 20 groups of which each person is in two, 8 weekly schedules with
 * a holiday, validity and status for each credential.
 */
export function makeSite(credentialCount: number): Site {
  const random = seeded(7);
  const gateId = GateId(uuid("gate", 0));
  const outside = AreaId(uuid("area", 0));
  const inside = AreaId(uuid("area", 1));
  const doors = Array.from({ length: DOORS }, (_, index) => AccessPointId(uuid("access-point", index)));
  const buildings = Array.from({ length: GROUPS }, (_, index) => BuildingId(uuid("building", index)));
  const schedules = Array.from({ length: SCHEDULES }, (_, index) => ({
    days: ([1, 2, 3, 4, 5, 6, 7] as const).filter((day) => day <= 4 + (index % 4)),
    start: 300 + 30 * index,
    end: 1_020 + 45 * index,
  }));
  const scheduleOf = buildings.map((_, group) =>
    doors.map((_, door) => ((door * 13 + group * 29) % 10 < 4 ? (group * 3 + door) % SCHEDULES : -1)),
  );
  const holders = Array.from({ length: credentialCount }, (_, index): Holder => {
    const first = Math.floor(random() * GROUPS);
    return {
      key: CredentialKey(
        new Uint8Array(createHash("sha256").update(`credential/${index}`).digest().subarray(0, 16)),
      ),
      groups: [first, (first + 1 + Math.floor(random() * (GROUPS - 1))) % GROUPS],
      active: random() > 0.03,
      from: START + Math.floor(random() * 20) * 86_400_000,
      until: END - Math.floor(random() * 100) * 86_400_000,
    };
  });
  const rules = buildings.flatMap((buildingId, group) =>
    schedules.map((_, schedule) => ({
      id: AccessRuleId(uuid("rule", group * SCHEDULES + schedule)),
      number: group * SCHEDULES + schedule + 1,
      who: { buildingIds: [buildingId] },
      where: { accessPointIds: doors.filter((_, door) => scheduleOf[group]?.[door] === schedule) },
      scheduleId: ScheduleId(uuid("schedule", schedule)),
      minimumGrade: "C" as const,
      validity: {},
    })),
  );
  const model: CommunityModel = {
    communityId: CommunityId(uuid("community", 0)),
    timeZone: "Asia/Shanghai",
    outsideAreaId: outside,
    areas: [
      { id: outside, staffOnly: false },
      { id: inside, staffOnly: true },
    ],
    buildings: buildings.map((id) => ({ id, areaId: outside })),
    dwellings: buildings.map((buildingId, index) => ({
      id: DwellingId(uuid("dwelling", index)),
      buildingId,
    })),
    portals: doors.map((_, index) => ({
      id: PortalId(uuid("portal", index)),
      gateId,
      unlockMs: 5_000,
      heldOpenLimitMs: 30_000,
    })),
    accessPoints: doors.map((id, index) => ({
      id,
      portalId: PortalId(uuid("portal", index)),
      fromAreaId: outside,
      toAreaId: inside,
      minimumGrade: "C",
    })),
    residencies: holders.flatMap((holder, index) =>
      holder.groups.map((group, place) => ({
        id: ResidencyId(uuid("residency", index * 2 + place)),
        personId: PersonId(uuid("person", index)),
        role: "tenant" as const,
        dwellingId: DwellingId(uuid("dwelling", group)),
        validity: {},
      })),
    ),
    credentials: holders.map((holder, index) => ({
      key: holder.key,
      kind: "desfire",
      grade: "B",
      personId: PersonId(uuid("person", index)),
      status: holder.active ? "active" : "blocked",
      validity: { from: Instant(holder.from), until: Instant(holder.until) },
    })),
    schedules: schedules.map((schedule, index) => ({
      id: ScheduleId(uuid("schedule", index)),
      weekly: schedule.days.map((weekday) => ({
        weekday,
        startMinute: schedule.start,
        endMinute: schedule.end,
      })),
      holidays: [{ kind: "public", windows: [] }],
      exceptions: [],
    })),
    holidays: [{ date: HOLIDAY, kind: "public" }],
    rules,
    offers: [],
    gradeCaps: [],
    modes: [],
  };
  return { gateId, doors, holders, scheduleOf, schedules, model };
}

export interface Request {
  readonly holder: number;
  readonly door: number;
  readonly at: number;
}

export function makeRequests(site: Site, count: number): Request[] {
  const random = seeded(11);
  return Array.from({ length: count }, () => ({
    holder: Math.floor(random() * site.holders.length),
    door: Math.floor(random() * DOORS),
    at: START + Math.floor(random() * 330 * 86_400) * 1_000,
  }));
}

const DAY_MS = 86_400_000;
const SHANGHAI_MS = 8 * 3_600_000;

/** Which schedules hold at an instant, as bits; what every rival is given, computed within its measured time. */
export function openSchedules(site: Site, at: number): number {
  const local = at + SHANGHAI_MS;
  if (Math.floor(local / DAY_MS) === HOLIDAY_DAY) return 0;
  const weekday = ((Math.floor(local / DAY_MS) + 3) % 7) + 1;
  const minute = Math.floor((local % DAY_MS) / 60_000);
  let open = 0;
  for (const [index, schedule] of site.schedules.entries()) {
    if (schedule.start <= minute && minute < schedule.end && schedule.days.some((day) => day === weekday)) {
      open |= 1 << index;
    }
  }
  return open;
}

/** The answer by plain reading of the tables: what every engine, ours included, must say. */
export function expected(site: Site, request: Request): boolean {
  const holder = site.holders[request.holder];
  if (holder === undefined || !holder.active || request.at < holder.from || request.at >= holder.until)
    return false;
  const open = openSchedules(site, request.at);
  return holder.groups.some((group) => {
    const schedule = site.scheduleOf[group]?.[request.door] ?? -1;
    return schedule >= 0 && (open & (1 << schedule)) !== 0;
  });
}
