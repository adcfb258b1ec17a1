import { createHash } from "node:crypto";
import {
  AccessPointId,
  AreaId,
  BuildingId,
  CommunityId,
  CREDENTIAL_KINDS,
  CredentialKey,
  type CredentialKind,
  DwellingId,
  GateId,
  Instant,
  PersonId,
  PortalId,
  parseAccessRule,
  parseGrade,
  parseHolidays,
  parseSchedule,
  parseValidity,
  RESIDENCY_ROLES,
  ResidencyId,
  ScheduleId,
  type Validity,
} from "@menshen/domain";
import type { CommunityModel, CredentialRecord } from "@menshen/policy";

/**
 * Builds a community out of the names that scenario tables use. Every name stands for one id: the same in every table,
 * every run and every program.
 */
export type Section = Readonly<Record<string, unknown>>;

/** A repeatable UUID for a name of a kind. */
export function idOf(kind: string, name: string): string {
  const hex = createHash("sha256").update(`menshen scenario/${kind}/${name}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The key under which a named credential is known. */
export function credentialKeyOf(name: string): CredentialKey {
  return CredentialKey(
    new Uint8Array(
      createHash("sha256").update(`menshen scenario credential/${name}`).digest().subarray(0, 16),
    ),
  );
}

/** An instant written with its offset from UTC: `2026-11-23T08:00+08:00`. */
export function instantOf(value: unknown): Instant {
  const text = textOf(value);
  if (!/T.*(Z|[+-]\d\d:\d\d)$/.test(text)) throw new Error(`scenario: \`${text}\` has no offset from UTC`);
  return Instant(Date.parse(text));
}

export function sectionOf(value: unknown): Section {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw new Error("scenario: expected names with values");
  return { ...value };
}

export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Error("scenario: expected a list");
  return value;
}

export function textOf(value: unknown): string {
  if (typeof value !== "string") throw new Error(`scenario: expected text, came ${JSON.stringify(value)}`);
  return value;
}

export function kindOf(value: unknown): CredentialKind {
  const kind = CREDENTIAL_KINDS.find((candidate) => candidate === value);
  if (kind === undefined) throw new Error(`scenario: no kind \`${String(value)}\``);
  return kind;
}

/** Reads the `community` of a scenario file. */
export function readCommunity(community: Section): CommunityModel {
  const entries = (name: string) =>
    Object.entries(sectionOf(community[name])).filter(([, value]) => value !== null);
  const read = <Entry>(name: string, make: (name: string, fields: Section) => Entry): Entry[] =>
    entries(name).map(([key, value]) => make(key, sectionOf(value)));
  return {
    communityId: CommunityId(idOf("community", textOf(community.name))),
    timeZone: textOf(community.timeZone),
    outsideAreaId: areaId(community.outside),
    areas: read("areas", (name, fields) => ({ id: areaId(name), staffOnly: fields.staffOnly === true })),
    buildings: entries("buildings").map(([name, area]) => ({ id: buildingId(name), areaId: areaId(area) })),
    dwellings: entries("dwellings").map(([name, building]) => ({
      id: dwellingId(name),
      buildingId: buildingId(building),
    })),
    portals: read("portals", (name, fields) => ({
      id: PortalId(idOf("portal", name)),
      gateId: GateId(idOf("gate", textOf(fields.gate))),
      unlockMs: 5_000,
      heldOpenLimitMs: 30_000,
      ...(fields.unlocked === undefined ? {} : { unlockScheduleId: scheduleId(fields.unlocked) }),
    })),
    accessPoints: read("accessPoints", (name, fields) => ({
      id: accessPointId(name),
      portalId: PortalId(idOf("portal", textOf(fields.portal))),
      name,
      fromAreaId: areaId(fields.from),
      toAreaId: areaId(fields.to),
      minimumGrade: parseGrade(textOf(fields.grade)),
      ...(fields.cardAndPin === true ? { cardAndPin: true } : {}),
    })),
    residencies: entries("people").flatMap(([name, homes]) =>
      listOf(homes).map((home, index) => readResidency(name, index, sectionOf(home))),
    ),
    credentials: read("credentials", readCredential),
    schedules: read("schedules", (name, fields) =>
      parseSchedule({
        id: scheduleId(name),
        name,
        weekly: Object.entries(sectionOf(fields.weekly)).flatMap(([days, windows]) =>
          weekdaysOf(days).flatMap((weekday) => windowsOf(windows).map((window) => ({ weekday, ...window }))),
        ),
        holidays: Object.entries(sectionOf(fields.holidays)).map(([kind, windows]) => ({
          kind,
          windows: windowsOf(windows),
        })),
        exceptions: Object.entries(sectionOf(fields.exceptions)).map(([date, windows]) => ({
          date,
          windows: windowsOf(windows),
        })),
      }),
    ),
    holidays: parseHolidays(entries("holidays").map(([date, kind]) => ({ date, kind, name: date }))),
    rules: read("rules", readRule),
    offers: entries("offers").map(([kind, grade]) => ({
      kind: kindOf(kind),
      grade: parseGrade(textOf(grade)),
    })),
    gradeCaps: listOf(community.gradeCaps).map((cap) => {
      const { kind, grade, from } = sectionOf(cap);
      return { kind: kindOf(kind), grade: parseGrade(textOf(grade)), from: instantOf(from) };
    }),
    modes: [],
  };
}

const areaId = (name: unknown) => AreaId(idOf("area", textOf(name)));
const buildingId = (name: unknown) => BuildingId(idOf("building", textOf(name)));
const dwellingId = (name: unknown) => DwellingId(idOf("dwelling", textOf(name)));
const personId = (name: unknown) => PersonId(idOf("person", textOf(name)));
const scheduleId = (name: unknown) => ScheduleId(idOf("schedule", textOf(name)));

export function accessPointId(name: unknown): AccessPointId {
  return AccessPointId(idOf("access point", textOf(name)));
}

function readResidency(
  person: string,
  index: number,
  fields: Section,
): CommunityModel["residencies"][number] {
  const role = RESIDENCY_ROLES.find((candidate) => candidate === fields.role);
  if (role === undefined) throw new Error(`scenario: no role \`${String(fields.role)}\``);
  return {
    id: ResidencyId(idOf("residency", `${person} ${index}`)),
    personId: personId(person),
    role,
    ...(fields.home === undefined ? {} : { dwellingId: dwellingId(fields.home) }),
    validity: validityOf(fields),
  };
}

function readCredential(name: string, fields: Section): CredentialRecord {
  const status = (["active", "blocked", "lost"] as const).find(
    (candidate) => candidate === (fields.status ?? "active"),
  );
  if (status === undefined) throw new Error(`scenario: no status \`${String(fields.status)}\``);
  return {
    key: credentialKeyOf(name),
    kind: kindOf(fields.kind),
    grade: parseGrade(textOf(fields.grade)),
    personId: personId(fields.person),
    status,
    validity: validityOf(fields),
  };
}

function readRule(number: string, fields: Section): CommunityModel["rules"][number] {
  const { who, where } = fields;
  const [people, places] = [sectionOf(who), sectionOf(where)];
  const ids = (key: string, names: unknown, make: (name: unknown) => string) =>
    names === undefined ? {} : { [key]: listOf(names).map(make) };
  const rule = parseAccessRule({
    id: idOf("rule", number),
    name: number,
    who: {
      ...(people.roles === undefined ? {} : { roles: people.roles }),
      ...ids("personIds", people.people, personId),
      ...ids("dwellingIds", people.dwellings, dwellingId),
      ...ids("buildingIds", people.buildings, buildingId),
    },
    where: {
      ...ids("accessPointIds", places.accessPoints, accessPointId),
      ...ids("areaIds", places.areas, areaId),
    },
    ...(fields.schedule === undefined ? {} : { scheduleId: scheduleId(fields.schedule) }),
    ...(fields.means === undefined ? {} : { means: fields.means }),
    minimumGrade: fields.grade,
    validity: validityOf(fields),
    ...(fields.overridesLockdown === undefined ? {} : { overridesLockdown: fields.overridesLockdown }),
  });
  return { ...rule, number: Number(number) };
}

function validityOf({ from, until }: Section): Validity {
  return parseValidity({
    from: from === undefined ? undefined : instantOf(from),
    until: until === undefined ? undefined : instantOf(until),
  });
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** `mon`, or `mon-fri` with both ends. */
function weekdaysOf(text: string): number[] {
  const [first = "", last = first] = text.split("-");
  const [from, to] = [DAYS.indexOf(first) + 1, DAYS.indexOf(last) + 1];
  if (from === 0 || to < from) throw new Error(`scenario: no weekdays \`${text}\``);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** `["08:00-12:00", …]`; `24:00` is the end of the day. */
function windowsOf(value: unknown): { startMinute: number; endMinute: number }[] {
  return listOf(value).map((window) => {
    const [, h1, m1, h2, m2] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(textOf(window)) ?? [];
    return { startMinute: Number(h1) * 60 + Number(m1), endMinute: Number(h2) * 60 + Number(m2) };
  });
}
