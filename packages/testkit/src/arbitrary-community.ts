import {
  AccessPointId,
  AccessRuleId,
  AreaId,
  BuildingId,
  CommunityId,
  CREDENTIAL_KINDS,
  type DayWindow,
  DwellingId,
  GateId,
  GRADES,
  Instant,
  PersonId,
  PortalId,
  RESIDENCY_ROLES,
  ResidencyId,
  ScheduleId,
  type Validity,
} from "@menshen/domain";
import type { CommunityModel, NumberedRule } from "@menshen/policy";
import fc from "fast-check";
import { credentialKeyOf, idOf } from "./scenario-world.ts";

/**
 * Small communities of every shape, for property tests: one gate, six doors, up to six people, with schedules,
 * holidays, rules and dates that meet at the same instants, since mistakes live at edges.
 */
export const ARBITRARY_GATE = GateId(idOf("gate", "arbitrary"));
export const ARBITRARY_AT = Instant(Date.UTC(2027, 2, 20));
export const ARBITRARY_UNTIL = Instant(Date.UTC(2027, 3, 20));

const HOUR_MS = 3_600_000;
const AREAS = ["street", "yard", "lobby-1", "lobby-2", "gym", "office"] as const;
const DOORS = [
  ["gate-in", "gate", "street", "yard"],
  ["gate-out", "gate", "yard", "street"],
  ["side-in", "side", "street", "yard"],
  ["door-1", "door-1", "yard", "lobby-1"],
  ["door-2", "door-2", "yard", "lobby-2"],
  ["gym-in", "gym", "yard", "gym"],
  ["office-in", "office", "yard", "office"],
] as const;
const HOMES = ["1-101", "1-102", "2-201"] as const;
const PEOPLE = ["a", "b", "c", "d", "e", "f"] as const;
const SCHEDULES = ["s1", "s2", "s3"] as const;
const ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

const area = (name: string) => AreaId(idOf("area", name));
const building = (name: string) => BuildingId(idOf("building", name));
const dwelling = (name: string) => DwellingId(idOf("dwelling", name));
const person = (name: string) => PersonId(idOf("person", name));
const schedule = (name: string) => ScheduleId(idOf("schedule", name));
export const ARBITRARY_ACCESS_POINTS = DOORS.map(([name]) => AccessPointId(idOf("access point", name)));

/** Whole hours around the snapshot's life, weekends, the zones' changes of clock and its two ends included. */
export const arbitraryInstant: fc.Arbitrary<Instant> = fc
  .oneof(
    fc.integer({ min: -60, max: 60 + 31 * 24 }).map((hours) => ARBITRARY_AT + hours * HOUR_MS),
    fc.constantFrom<number>(
      ARBITRARY_AT,
      ARBITRARY_UNTIL,
      Date.UTC(2027, 2, 28, 1),
      Date.UTC(2027, 3, 3, 15),
    ),
  )
  .chain((at) => fc.constantFrom(0, 0, -1, 1, 30 * 60_000, 17_123).map((shift) => Instant(at + shift)));

const validity: fc.Arbitrary<Validity> = fc
  .tuple(
    fc.option(arbitraryInstant, { nil: undefined, freq: 2 }),
    fc.option(arbitraryInstant, { nil: undefined, freq: 2 }),
  )
  .map(([from, until]) => {
    const isReversed = from !== undefined && until !== undefined && from >= until;
    return {
      ...(from === undefined ? {} : { from }),
      ...(until === undefined || isReversed ? {} : { until }),
    };
  });

const dayWindows: fc.Arbitrary<DayWindow[]> = fc
  .uniqueArray(fc.constantFrom(0, 1, 90, 120, 150, 480, 719, 720, 1080, 1439, 1440), { maxLength: 4 })
  .map((edges) => {
    const sorted = edges.toSorted((a, b) => a - b);
    return sorted.flatMap((startMinute, index) => {
      const endMinute = sorted[index + 1];
      return index % 2 === 0 && endMinute !== undefined ? [{ startMinute, endMinute }] : [];
    });
  });

const localDate = fc
  .integer({ min: 15, max: 50 })
  .map((day) => new Date(Date.UTC(2027, 2, day)).toISOString().slice(0, 10));

function named<Name extends string, Entry>(
  names: readonly Name[],
  entry: (name: Name) => fc.Arbitrary<Entry>,
): fc.Arbitrary<Entry[]> {
  return fc.tuple(...names.map(entry)).map((entries) => [...entries]);
}

const schedules = named(SCHEDULES, (name) =>
  fc.record({
    id: fc.constant(schedule(name)),
    weekly: fc
      .tuple(
        ...([1, 2, 3, 4, 5, 6, 7] as const).map((weekday) =>
          dayWindows.map((windows) => ({ weekday, windows })),
        ),
      )
      .map((days) =>
        days.flatMap(({ weekday, windows }) => windows.map((window) => ({ weekday, ...window }))),
      ),
    holidays: fc.oneof(
      fc.constant([]),
      dayWindows.map((windows) => [{ kind: "public", windows }]),
    ),
    exceptions: fc.uniqueArray(fc.record({ date: localDate, windows: dayWindows }), {
      selector: ({ date }) => date,
      maxLength: 3,
    }),
  }),
);

const subset = <Entry>(entries: readonly Entry[]) => fc.subarray([...entries], { minLength: 1 });

/** A rule that may select anybody and anything; `number` is given. */
export function arbitraryRule(number: number): fc.Arbitrary<NumberedRule> {
  const optional = <Entry>(entries: readonly Entry[]) =>
    fc.option(subset(entries), { nil: undefined, freq: 2 });
  return fc
    .record({
      roles: optional(RESIDENCY_ROLES),
      personIds: fc.option(subset(PEOPLE.map(person)), { nil: undefined, freq: 1 }),
      dwellingIds: optional(HOMES.map(dwelling)),
      buildingIds: optional(["1", "2"].map(building)),
      accessPointIds: optional(ARBITRARY_ACCESS_POINTS),
      areaIds: optional(AREAS.map(area)),
      scheduleId: optional(SCHEDULES.map(schedule)),
      means: optional(CREDENTIAL_KINDS),
      minimumGrade: fc.constantFrom(...GRADES, "E" as const, "E" as const),
      validity: fc.oneof(fc.constant({}), validity),
      overridesLockdown: fc.constantFrom(undefined, undefined, true, false),
    })
    .map(
      ({
        roles,
        personIds,
        dwellingIds,
        buildingIds,
        accessPointIds,
        areaIds,
        scheduleId,
        means,
        ...rest
      }) => ({
        id: AccessRuleId(idOf("rule", `${number}`)),
        number,
        who: present({ roles, personIds, dwellingIds, buildingIds }),
        where: present({ accessPointIds, areaIds }),
        ...present({ scheduleId: scheduleId?.[0], means, overridesLockdown: rest.overridesLockdown }),
        minimumGrade: rest.minimumGrade,
        validity: rest.validity,
      }),
    );
}

type Present<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

/** Leaves out what is undefined. */
function present<Fields extends object>(fields: Fields): Present<Fields> {
  const kept: Present<Fields> = { ...fields };
  for (const key in kept) if (kept[key] === undefined) delete kept[key];
  return kept;
}

const residencies = fc
  .array(
    fc.record({
      personId: fc.constantFrom(...PEOPLE.map(person)),
      role: fc.constantFrom(...RESIDENCY_ROLES),
      home: fc.constantFrom(...HOMES.map(dwelling)),
      validity: fc.oneof(fc.constant({}), validity),
    }),
    { maxLength: 9 },
  )
  .map((entries) =>
    entries.map(({ personId, role, home, validity: dates }, index) => ({
      id: ResidencyId(idOf("residency", `${index}`)),
      personId,
      role,
      ...(role === "staff" ? {} : { dwellingId: home }),
      validity: dates,
    })),
  );

const credentials = fc
  .array(
    fc.record({
      personId: fc.constantFrom(...PEOPLE.map(person)),
      kind: fc.constantFrom(...CREDENTIAL_KINDS, "desfire" as const, "pin" as const),
      grade: fc.constantFrom(...GRADES),
      status: fc.constantFrom(
        "active" as const,
        "active" as const,
        "active" as const,
        "blocked" as const,
        "lost" as const,
      ),
      validity: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: validity }),
    }),
    { maxLength: 10 },
  )
  .map((entries) =>
    entries.map((entry, index) => ({ ...entry, key: credentialKeyOf(`arbitrary ${index}`) })),
  );

const portals = fc
  .tuple(
    ...DOORS.map(() => fc.option(fc.constantFrom(...SCHEDULES.map(schedule)), { nil: undefined, freq: 1 })),
  )
  .map((unlocks) => {
    const names = [...new Set(DOORS.map(([, portal]) => portal))];
    return names.map((name, index) => ({
      id: PortalId(idOf("portal", name)),
      gateId: ARBITRARY_GATE,
      unlockMs: 5_000,
      heldOpenLimitMs: 30_000,
      ...present({ unlockScheduleId: index % 3 === 0 ? unlocks[index] : undefined }),
    }));
  });

export const arbitraryCommunity: fc.Arbitrary<CommunityModel> = fc
  .record({
    timeZone: fc.constantFrom(...ZONES),
    portals,
    grades: fc.tuple(
      ...DOORS.map(() => fc.constantFrom(...GRADES, "E" as const, "E" as const, "E" as const)),
    ),
    cardAndPins: fc.tuple(...DOORS.map(() => fc.constantFrom(true, false, false, false))),
    residencies,
    credentials,
    schedules,
    holidays: fc
      .uniqueArray(localDate, { maxLength: 4 })
      .map((dates) => dates.map((date) => ({ date, kind: "public" }))),
    rules: fc
      .integer({ min: 0, max: 7 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => arbitraryRule(i + 1)))),
    gradeCaps: fc.array(
      fc.record({
        kind: fc.constantFrom(...CREDENTIAL_KINDS),
        grade: fc.constantFrom(...GRADES),
        from: arbitraryInstant,
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ grades, cardAndPins, ...parts }) => ({
    ...parts,
    communityId: CommunityId(idOf("community", "arbitrary")),
    outsideAreaId: area("street"),
    areas: AREAS.map((name) => ({ id: area(name), staffOnly: name === "office" })),
    buildings: ["1", "2"].map((name) => ({ id: building(name), areaId: area(`lobby-${name}`) })),
    dwellings: HOMES.map((name) => ({ id: dwelling(name), buildingId: building(name.slice(0, 1)) })),
    accessPoints: DOORS.map(([, portal, from, to], index) => ({
      id: ARBITRARY_ACCESS_POINTS[index] ?? AccessPointId(""),
      portalId: PortalId(idOf("portal", portal)),
      fromAreaId: area(from),
      toAreaId: area(to),
      minimumGrade: grades[index] ?? "E",
      ...(cardAndPins[index] === true ? { cardAndPin: true } : {}),
    })),
    offers: [{ kind: "desfire" as const, grade: "A" as const }],
    modes: [],
  }));
