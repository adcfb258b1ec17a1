import { toHex } from "@menshen/crypto/node";
import {
  AccessPointId,
  AreaId,
  BuildingId,
  CommunityId,
  CredentialKey,
  type CredentialKind,
  DwellingId,
  GateId,
  Instant,
  PersonId,
  PortalId,
  parseGrade,
  parseSchedule,
  RESIDENCY_ROLES,
  type Residency,
  ResidencyId,
  ScheduleId,
  type Validity,
} from "@menshen/domain";
import type { CommunityModel, CredentialRecord } from "@menshen/policy";
import type { CredentialState } from "@menshen/wire";
import type { Reader } from "../../database/database.ts";
import { MODEL_PARTS, type ModelPart } from "../../database/model-parts.ts";
import { ruleOf } from "../../database/rule-row.ts";
import { CommunityError } from "../../errors.ts";
import { selectCommunity } from "../community/index.ts";
import { parseKind, parseState, parseStoredGrade } from "../credentials/index.ts";
import { selectModes } from "../doors/index.ts";
import { selectNamedStaff } from "../naming/index.ts";
import { selectHolidays } from "../schedules/index.ts";

/** A credential as loaded: its record for the policy, and what the keyring needs. */
export interface LoadedCredential {
  readonly id: string;
  readonly keyHex: string;
  /** A record of a card's earlier life; counts only if the card has no later one. */
  readonly superseded: boolean;
  readonly record: CredentialRecord;
  readonly doorGroups: readonly number[];
  readonly sealedIdentifier: Uint8Array;
  /** Of the duress PIN that stands for this PIN. */
  readonly sealedDuressKey: Uint8Array | undefined;
  /** Of the keys that the card may carry, newest first: two or more while they are being renewed. */
  readonly keyVersions: readonly number[];
  readonly hidesUid: boolean;
  readonly countsTaps: boolean;
}

type Site = Pick<
  CommunityModel,
  | "communityId"
  | "timeZone"
  | "outsideAreaId"
  | "areas"
  | "buildings"
  | "dwellings"
  | "portals"
  | "accessPoints"
  | "offers"
  | "gradeCaps"
>;
type Rules = Pick<CommunityModel, "rules" | "schedules" | "holidays" | "gateSchedules">;

/** The policy model with the versions of its parts, so that the next reading takes only what changed. */
export interface ModelState {
  readonly versions: Readonly<Record<ModelPart, number>>;
  readonly site: Site;
  readonly residencies: readonly Residency[];
  readonly rules: Rules;
  readonly modes: CommunityModel["modes"];
  readonly credentials: ReadonlyMap<string, LoadedCredential>;
  /** X25519 public keys to which residents' own entries are wrapped, by person. */
  readonly trailKeys: ReadonlyMap<string, Uint8Array>;
  /** Staff who are named to the duty desk, by person. */
  readonly named: ReadonlySet<string>;
  readonly model: CommunityModel;
}

/**
 * Reads the policy model as the given connection or transaction sees it. Parts whose version is that of `base` are taken
 * from there, credentials row by row: a community has a hundred thousand of them, and a block concerns one.
 */
export async function readModel(db: Reader, base?: ModelState): Promise<ModelState> {
  const versions = await readVersions(db);
  const isSame = (part: ModelPart) => base !== undefined && base.versions[part] === versions[part];
  const site = base !== undefined && isSame("site") ? base.site : await readSite(db);
  const residencies = base !== undefined && isSame("persons") ? base.residencies : await readResidencies(db);
  const rules = base !== undefined && isSame("rules") ? base.rules : await readRules(db);
  const modes = base !== undefined && isSame("modes") && isSame("site") ? base.modes : await readModes(db);
  const credentials =
    base !== undefined && isSame("credentials")
      ? base.credentials
      : await readCredentials(db, base, isSame("persons"));
  const trailKeys = base !== undefined && isSame("credentials") ? base.trailKeys : await readTrailKeys(db);
  const named =
    base !== undefined && isSame("credentials") && isSame("persons")
      ? base.named
      : await selectNamedStaff(db);
  const same =
    base !== undefined &&
    site === base.site &&
    residencies === base.residencies &&
    rules === base.rules &&
    modes === base.modes &&
    credentials === base.credentials;
  const model = same ? base.model : assemble(site, residencies, rules, modes, credentials);
  return { versions, site, residencies, rules, modes, credentials, trailKeys, named, model };
}

function assemble(
  site: Site,
  residencies: readonly Residency[],
  rules: Rules,
  modes: CommunityModel["modes"],
  credentials: ReadonlyMap<string, LoadedCredential>,
): CommunityModel {
  const dwellings = new Set(site.dwellings.map((dwelling) => dwelling.id));
  const portals = new Set(site.portals.map((portal) => portal.id));
  return {
    ...site,
    ...rules,
    residencies: residencies.filter(
      ({ dwellingId }) => dwellingId === undefined || dwellings.has(dwellingId),
    ),
    modes: modes.filter((mode) => portals.has(mode.portalId)),
    credentials: recordsOf(credentials),
  };
}

/** One record per key: a card's present life before its earlier ones. */
function recordsOf(credentials: ReadonlyMap<string, LoadedCredential>): CredentialRecord[] {
  const records: CredentialRecord[] = [];
  const superseded: LoadedCredential[] = [];
  for (const credential of credentials.values()) {
    if (credential.superseded) superseded.push(credential);
    else records.push(credential.record);
  }
  if (superseded.length === 0) return records;
  const present = new Set<string>();
  for (const credential of credentials.values()) if (!credential.superseded) present.add(credential.keyHex);
  for (const credential of superseded) {
    if (present.has(credential.keyHex)) continue;
    present.add(credential.keyHex);
    records.push(credential.record);
  }
  return records;
}

async function readVersions(db: Reader): Promise<Record<ModelPart, number>> {
  const rows = await db.selectFrom("model_part").selectAll().execute();
  const found = new Map(rows.map((row) => [row.part, row.version]));
  const version = (part: ModelPart) => {
    const value = found.get(part);
    if (value === undefined) throw new CommunityError("internal", `model part \`${part}\` has no row`);
    return value;
  };
  const [site, persons, rules, modes, credentials] = MODEL_PARTS.map(version);
  return {
    site: site ?? 0,
    persons: persons ?? 0,
    rules: rules ?? 0,
    modes: modes ?? 0,
    credentials: credentials ?? 0,
  };
}

async function readSite(db: Reader): Promise<Site> {
  const community = await selectCommunity(db);
  if (community === undefined) throw new CommunityError("internal", "the community is not set up");
  const areas = await db.selectFrom("area").selectAll().where("removed_at", "is", null).execute();
  const buildings = await db.selectFrom("building").selectAll().where("removed_at", "is", null).execute();
  const dwellings = await db.selectFrom("dwelling").selectAll().where("removed_at", "is", null).execute();
  const portals = await db.selectFrom("portal").selectAll().where("removed_at", "is", null).execute();
  const points = await db.selectFrom("access_point").selectAll().where("removed_at", "is", null).execute();
  return {
    communityId: CommunityId(community.id),
    timeZone: community.timeZone,
    outsideAreaId: AreaId(community.outsideAreaId),
    offers: community.offers,
    gradeCaps: community.gradeCaps.map((cap) => ({ ...cap, from: Instant(cap.from) })),
    areas: areas.map((row) => ({ id: AreaId(row.id), staffOnly: row.staff_only })),
    buildings: buildings.map((row) => ({ id: BuildingId(row.id), areaId: AreaId(row.area_id) })),
    dwellings: dwellings.map((row) => ({ id: DwellingId(row.id), buildingId: BuildingId(row.building_id) })),
    portals: portals.map((row) => ({
      id: PortalId(row.id),
      gateId: GateId(row.gate_id),
      unlockMs: row.unlock_ms,
      heldOpenLimitMs: row.held_open_limit_ms,
      ...(row.building_id === null ? {} : { buildingId: BuildingId(row.building_id) }),
      ...(row.unlock_schedule_id === null ? {} : { unlockScheduleId: ScheduleId(row.unlock_schedule_id) }),
    })),
    accessPoints: points.map((row) => ({
      id: AccessPointId(row.id),
      portalId: PortalId(row.portal_id),
      fromAreaId: AreaId(row.from_area_id),
      toAreaId: AreaId(row.to_area_id),
      minimumGrade: parseGrade(row.minimum_grade),
      ...(row.card_and_pin ? { cardAndPin: true } : {}),
    })),
  };
}

async function readResidencies(db: Reader): Promise<Residency[]> {
  const rows = await db
    .selectFrom("residency")
    .innerJoin("person", "person.id", "residency.person_id")
    .selectAll("residency")
    .where("residency.removed_at", "is", null)
    .where("person.removed_at", "is", null)
    .execute();
  return rows.map((row) => {
    const role = RESIDENCY_ROLES.find((candidate) => candidate === row.role);
    if (role === undefined) throw new CommunityError("internal", "stored residency role is unknown");
    return {
      id: ResidencyId(row.id),
      personId: PersonId(row.person_id),
      role,
      ...(row.dwelling_id === null ? {} : { dwellingId: DwellingId(row.dwelling_id) }),
      validity: validityOf(row.valid_from, row.valid_until),
    };
  });
}

function validityOf(from: number | null, until: number | null): Validity {
  return {
    ...(from === null ? {} : { from: Instant(from) }),
    ...(until === null ? {} : { until: Instant(until) }),
  };
}

async function readRules(db: Reader): Promise<Rules> {
  const rules = await db.selectFrom("access_rule").selectAll().where("removed_at", "is", null).execute();
  const schedules = await db.selectFrom("schedule").selectAll().where("removed_at", "is", null).execute();
  return {
    rules: rules.map((row) => {
      const { name: _, ...rule } = ruleOf(row);
      return { ...rule, number: row.number };
    }),
    schedules: schedules.map((row) => {
      const { id, weekly, holidays, exceptions } = parseSchedule(row);
      return { id, weekly, holidays, exceptions };
    }),
    holidays: (await selectHolidays(db)).map(({ date, kind }) => ({ date, kind })),
    gateSchedules: await readGateSchedules(db, new Set(schedules.map(({ id }) => id))),
  };
}

/** Floors of lifts that are free at hours; they change with the door rules, which touch the rules. */
async function readGateSchedules(db: Reader, present: ReadonlySet<string>) {
  const rows = await db
    .selectFrom("portal_rule")
    .innerJoin("portal", "portal.id", "portal_rule.portal_id")
    .select(["portal.gate_id", "portal_rule.floors"])
    .where("portal.removed_at", "is", null)
    .where("portal_rule.floors", "is not", null)
    .execute();
  return rows.flatMap(({ gate_id, floors }) =>
    (floors ?? []).flatMap(({ scheduleId }) =>
      scheduleId === undefined || !present.has(scheduleId)
        ? []
        : [{ gateId: GateId(gate_id), scheduleId: ScheduleId(scheduleId) }],
    ),
  );
}

async function readModes(db: Reader): Promise<CommunityModel["modes"]> {
  return (await selectModes(db)).map((mode) => ({
    portalId: PortalId(mode.portalId),
    mode: mode.mode,
    lockdown: mode.lockdown,
    generation: mode.generation,
    ...(mode.until === undefined ? {} : { until: Instant(mode.until) }),
  }));
}

async function readTrailKeys(db: Reader): Promise<ReadonlyMap<string, Uint8Array>> {
  const rows = await db.selectFrom("resident_account").select(["person_id", "trail_key"]).execute();
  return new Map(rows.map((row) => [row.person_id, new Uint8Array(row.trail_key)]));
}

/** A PIN that somebody mistypes, and whose vehicle passes by, are no sign of a lost one. */
const NEVER_LOST: ReadonlySet<CredentialKind> = new Set<CredentialKind>(["pin", "plate"]);

/** How gates hear of a credential's state: what opens, what was lost or left with its holder, and all else. */
function statusOf(
  kind: CredentialKind,
  state: CredentialState,
  isAstray: boolean,
  isHolderRemoved: boolean,
): CredentialRecord["status"] {
  if (state === "active" && !isHolderRemoved) return "active";
  const isGone =
    state === "lost" || isAstray || (isHolderRemoved && (state === "active" || state === "blocked"));
  return isGone && !NEVER_LOST.has(kind) ? "lost" : "blocked";
}

async function readCredentials(
  db: Reader,
  base: ModelState | undefined,
  samePersons: boolean,
): Promise<ReadonlyMap<string, LoadedCredential>> {
  // Credentials go for good only with their person: then all are read anew.
  const known = samePersons ? base : await unlessGone(db, base);
  let select = db
    .selectFrom("credential")
    .innerJoin("person", "person.id", "credential.person_id")
    .leftJoin("duress_pin", "duress_pin.credential_id", "credential.id")
    .select([
      "credential.id",
      "credential.key",
      "credential.kind",
      "credential.grade",
      "credential.person_id",
      "credential.state",
      "credential.valid_from",
      "credential.valid_until",
      "credential.door_groups",
      "credential.sealed_identifier",
      "credential.key_version",
      "credential.next_key_version",
      "credential.passed_key_versions",
      "credential.hides_uid",
      "credential.astray",
      "credential.counts_taps",
      "person.removed_at as person_removed_at",
      "duress_pin.sealed_key as sealed_duress_key",
    ]);
  // An order has no card, and none had one that was called off.
  select = select.where((eb) =>
    eb.not(
      eb.or([
        eb("credential.state", "=", "ordered"),
        eb.and([eb("credential.state", "=", "destroyed"), eb("credential.label", "=", "")]),
      ]),
    ),
  );
  if (known !== undefined) select = select.where("credential.model_version", ">", known.versions.credentials);
  const rows = await select.execute();
  const credentials = new Map(known?.credentials);
  for (const row of rows) {
    const state = parseState(row.state);
    const kind = parseKind(row.kind);
    credentials.set(row.id, {
      id: row.id,
      keyHex: toHex(row.key),
      superseded: state === "replaced",
      doorGroups: row.door_groups,
      sealedIdentifier: row.sealed_identifier,
      sealedDuressKey: row.sealed_duress_key ?? undefined,
      keyVersions:
        row.next_key_version === null
          ? [row.key_version]
          : [row.next_key_version, ...row.passed_key_versions.toReversed(), row.key_version],
      hidesUid: row.hides_uid,
      countsTaps: row.counts_taps,
      record: {
        key: CredentialKey(new Uint8Array(row.key)),
        kind,
        grade: parseStoredGrade(row.grade),
        personId: PersonId(row.person_id),
        status: statusOf(kind, state, row.astray, row.person_removed_at !== null),
        validity: validityOf(row.valid_from, row.valid_until),
      },
    });
  }
  return credentials;
}

/** What is known, unless a credential of it is gone. */
async function unlessGone(db: Reader, base: ModelState | undefined): Promise<ModelState | undefined> {
  if (base === undefined) return undefined;
  const rows = await db.selectFrom("credential").select("id").execute();
  const isThere = new Set(rows.map(({ id }) => id));
  return [...base.credentials.keys()].every((id) => isThere.has(id)) ? base : undefined;
}
