import {
  type AccessPointId,
  type AreaId,
  type DwellingId,
  type PersonId,
  type PortalId,
  parseDayWindows,
  parseLocalDate,
  parseWeeklyWindows,
  RESIDENT_ROLES,
  type Residency,
  type ScheduleId,
} from "@menshen/domain";
import { PolicyError } from "./errors.ts";
import type { CommunityModel, CredentialRecord, NumberedRule } from "./model.ts";

export type ModelAccessPoint = CommunityModel["accessPoints"][number];
export type ModelPortal = CommunityModel["portals"][number];
export type ModelSchedule = CommunityModel["schedules"][number];

/** A checked model with its look-ups. */
export interface ModelIndex {
  readonly model: CommunityModel;
  /** Rules by number, rising. */
  readonly rules: readonly NumberedRule[];
  readonly portals: ReadonlyMap<PortalId, ModelPortal>;
  readonly accessPoints: ReadonlyMap<AccessPointId, ModelAccessPoint>;
  readonly staffOnlyAreas: ReadonlySet<AreaId>;
  readonly areaOfDwelling: ReadonlyMap<DwellingId, AreaId>;
  readonly buildingOfDwelling: ReadonlyMap<DwellingId, CommunityModel["buildings"][number]["id"]>;
  readonly residenciesOf: ReadonlyMap<PersonId, readonly Residency[]>;
  /** Residencies of those who live there. */
  readonly residentsOf: ReadonlyMap<DwellingId, readonly Residency[]>;
  readonly credentialsOf: ReadonlyMap<PersonId, readonly CredentialRecord[]>;
  readonly schedules: ReadonlyMap<ScheduleId, ModelSchedule>;
}

/**
 * Checks that a model hangs together and indexes it. Rules may name persons, dwellings and places that are gone: they
 * select nobody and nothing.
 *
 * @throws {PolicyError} `invalid-model`
 */
export function indexModel(model: CommunityModel): ModelIndex {
  const portals = uniqueMap("portal", model.portals, (portal) => portal.id);
  const accessPoints = uniqueMap("access point", model.accessPoints, (accessPoint) => accessPoint.id);
  const areas = uniqueMap("area", model.areas, (area) => area.id);
  const buildings = uniqueMap("building", model.buildings, (building) => building.id);
  const dwellings = uniqueMap("dwelling", model.dwellings, (dwelling) => dwelling.id);
  const schedules = uniqueMap("schedule", model.schedules, (schedule) => schedule.id);
  uniqueMap("residency", model.residencies, (residency) => residency.id);
  uniqueMap("credential", model.credentials, (credential) => keyText(credential.key));
  uniqueMap("holiday", model.holidays, (holiday) => parsed(() => parseLocalDate(holiday.date)));

  const need = (present: boolean, what: string) => {
    if (!present) throw new PolicyError("invalid-model", `${what} is not in the model`);
  };
  need(areas.has(model.outsideAreaId), "outside area");
  for (const building of model.buildings) need(areas.has(building.areaId), "area of a building");
  for (const dwelling of model.dwellings) need(buildings.has(dwelling.buildingId), "building of a dwelling");
  for (const accessPoint of model.accessPoints) {
    need(portals.has(accessPoint.portalId), "portal of an access point");
    need(areas.has(accessPoint.fromAreaId) && areas.has(accessPoint.toAreaId), "area of an access point");
  }
  for (const portal of model.portals) {
    need(portal.unlockScheduleId === undefined || schedules.has(portal.unlockScheduleId), "unlock schedule");
  }
  for (const { scheduleId } of model.gateSchedules ?? [])
    need(schedules.has(scheduleId), "schedule of a gate");
  for (const schedule of model.schedules) checkSchedule(schedule);
  for (const residency of model.residencies) {
    need(
      residency.dwellingId === undefined || dwellings.has(residency.dwellingId),
      "dwelling of a residency",
    );
  }

  const areaOfBuilding = new Map(model.buildings.map(({ id, areaId }) => [id, areaId]));
  return {
    model,
    rules: indexRules(model, schedules),
    portals,
    accessPoints,
    schedules,
    staffOnlyAreas: new Set(model.areas.filter((area) => area.staffOnly).map((area) => area.id)),
    areaOfDwelling: new Map(
      model.dwellings.flatMap(({ id, buildingId }) => {
        const areaId = areaOfBuilding.get(buildingId);
        return areaId === undefined ? [] : [[id, areaId] as const];
      }),
    ),
    buildingOfDwelling: new Map(model.dwellings.map(({ id, buildingId }) => [id, buildingId])),
    residenciesOf: Map.groupBy(model.residencies, (residency) => residency.personId),
    residentsOf: residentsByDwelling(model.residencies),
    credentialsOf: Map.groupBy(model.credentials, (credential) => credential.personId),
  };
}

/** True if the person lives in a dwelling by this residency, as opposed to working here. */
export function isResident(residency: Residency): boolean {
  return residency.dwellingId !== undefined && RESIDENT_ROLES.includes(residency.role);
}

/** True for a door between places that residents share; staff rooms have doors of their own kind. */
export function isShared(index: ModelIndex, accessPoint: ModelAccessPoint): boolean {
  const { fromAreaId, toAreaId } = accessPoint;
  return !index.staffOnlyAreas.has(fromAreaId) && !index.staffOnlyAreas.has(toAreaId);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A credential key as text, for maps and for sorting. */
export function keyText(key: Uint8Array): string {
  let text = "";
  for (const byte of key) text += HEX[byte];
  return text;
}

function residentsByDwelling(residencies: readonly Residency[]): Map<DwellingId, Residency[]> {
  const residents = new Map<DwellingId, Residency[]>();
  for (const residency of residencies) {
    if (residency.dwellingId === undefined || !isResident(residency)) continue;
    const known = residents.get(residency.dwellingId);
    if (known === undefined) residents.set(residency.dwellingId, [residency]);
    else known.push(residency);
  }
  return residents;
}

function indexRules(
  model: CommunityModel,
  schedules: ReadonlyMap<ScheduleId, ModelSchedule>,
): readonly NumberedRule[] {
  uniqueMap("rule number", model.rules, (rule) => rule.number);
  uniqueMap("rule", model.rules, (rule) => rule.id);
  for (const rule of model.rules) {
    if (!Number.isInteger(rule.number) || rule.number < 1 || rule.number > 0xffff_ffff) {
      throw new PolicyError("invalid-model", `rule number: expected 1 to 2^32 - 1, came \`${rule.number}\``);
    }
    if (rule.scheduleId !== undefined && !schedules.has(rule.scheduleId)) {
      throw new PolicyError("invalid-model", `schedule of rule \`${rule.number}\` is not in the model`);
    }
  }
  return model.rules.toSorted((a, b) => a.number - b.number);
}

function checkSchedule(schedule: ModelSchedule): void {
  parsed(() => {
    parseWeeklyWindows(schedule.weekly);
    for (const rule of schedule.holidays) parseDayWindows(rule.windows);
    for (const exception of schedule.exceptions) {
      parseLocalDate(exception.date);
      parseDayWindows(exception.windows);
    }
  });
  uniqueMap("holiday kind", schedule.holidays, (rule) => rule.kind);
  uniqueMap("exception", schedule.exceptions, (exception) => exception.date);
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new PolicyError("invalid-model", "expected valid windows and dates", { cause });
  }
}

function uniqueMap<Key, Entry>(
  what: string,
  entries: readonly Entry[],
  keyOf: (entry: Entry) => Key,
): ReadonlyMap<Key, Entry> {
  const map = new Map(entries.map((entry) => [keyOf(entry), entry]));
  if (map.size !== entries.length)
    throw new PolicyError("invalid-model", `${what} stands twice in the model`);
  return map;
}
