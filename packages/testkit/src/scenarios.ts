import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  type AccessPointId,
  type Decision,
  type DoorState,
  type GateId,
  type Instant,
  type Presentation,
  parseGrade,
  type Reason,
  TimeInterval,
} from "@menshen/domain";
import type { CommunityModel } from "@menshen/policy";
import { parse } from "yaml";
import {
  accessPointId,
  credentialKeyOf,
  instantOf,
  kindOf,
  listOf,
  readCommunity,
  type Section,
  sectionOf,
  textOf,
} from "./scenario-world.ts";

/** A community with the presentations tried in it. */
export interface ScenarioTable {
  /** The file's name without `.yaml`. */
  readonly name: string;
  readonly model: CommunityModel;
  /** When snapshots are compiled and until when they live. */
  readonly at: Instant;
  readonly until: Instant;
  readonly scenarios: readonly Scenario[];
}

/** One presentation with the answer that was written beforehand. */
export interface Scenario {
  readonly name: string;
  /** The gate to which the access point belongs. */
  readonly gateId: GateId;
  readonly accessPointId: AccessPointId;
  readonly presentation: Presentation;
  /** Another credential of the same person, presented shortly before. */
  readonly companion?: Presentation;
  readonly doorState: DoorState;
  readonly now: TimeInterval;
  /** Exactly these reasons in this order. */
  readonly expected: Decision;
}

/**
 * The scenario tables of `packages/policy/scenarios`, which policy package, gate and server all run. `world.yaml` holds
 * the community; each other file changes it by sections and lists presentations with their answers.
 */
export function loadScenarioTables(): readonly ScenarioTable[] {
  const world = createRequire(import.meta.url).resolve("@menshen/policy/scenarios/world.yaml");
  const folder = dirname(world);
  const base = sectionOf(parse(readFileSync(world, "utf8")));
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml") && file !== "world.yaml")
    .sort()
    .map((file) =>
      readTable(
        file.slice(0, -".yaml".length),
        base,
        sectionOf(parse(readFileSync(join(folder, file), "utf8"))),
      ),
    );
}

function readTable(name: string, base: Section, table: Section): ScenarioTable {
  const community = merged(sectionOf(base.community), sectionOf(table.community));
  const model = readCommunity(community);
  return {
    name,
    model,
    at: instantOf(table.at ?? base.at),
    until: instantOf(table.until ?? base.until),
    scenarios: listOf(table.rows).map((row) =>
      readRow(sectionOf(row), sectionOf(community.credentials), model),
    ),
  };
}

/** A section of the table adds to the section of the world, name by name; a value of null takes away. */
function merged(base: Section, changes: Section): Section {
  const sections = Object.entries(changes).map(([name, value]) =>
    typeof value === "object" && !Array.isArray(value)
      ? [name, { ...sectionOf(base[name]), ...sectionOf(value) }]
      : [name, value],
  );
  return { ...base, ...Object.fromEntries(sections) };
}

function readRow(row: Section, credentials: Section, model: CommunityModel): Scenario {
  const accessPoint = accessPointId(row.through);
  const portalId = model.accessPoints.find(({ id }) => id === accessPoint)?.portalId;
  const portal = model.portals.find(({ id }) => id === portalId) ?? model.portals[0];
  if (portal === undefined) throw new Error("scenario: the community has no portal");
  const isGranted = row.opens !== undefined;
  if (isGranted === (row.refused !== undefined)) {
    throw new Error(`scenario \`${String(row.name)}\`: expected either opens or refused`);
  }
  return {
    name: textOf(row.name),
    gateId: portal.gateId,
    accessPointId: accessPoint,
    presentation: readPresentation(row, credentials),
    ...(row.with === undefined ? {} : { companion: readPresentation({ who: row.with }, credentials) }),
    doorState: readDoor(sectionOf(row.door)),
    now: readNow(row.at),
    expected: { granted: isGranted, reasons: listOf(row.opens ?? row.refused).map(readReason) },
  };
}

/** As enrolled, unless `shows` says otherwise; a name that is no credential is a card nobody knows. */
function readPresentation(row: Section, credentials: Section): Presentation {
  const name = textOf(row.who);
  const enrolled = sectionOf(credentials[name]);
  const shows = sectionOf(row.shows);
  return {
    credentialKey: credentialKeyOf(name),
    kind: kindOf(shows.kind ?? enrolled.kind ?? "desfire"),
    grade: parseGrade(textOf(shows.grade ?? enrolled.grade ?? "A")),
    evidence: shows.downgraded === true ? { downgraded: true } : {},
  };
}

function readDoor({ mode = "normal", lockdown = 0, fire = false }: Section): DoorState {
  const modes = ["normal", "locked", "held-open"] as const;
  const levels = [0, 1, 2, 3] as const;
  const known = modes.find((candidate) => candidate === mode);
  const level = levels.find((candidate) => candidate === lockdown);
  if (known === undefined || level === undefined) throw new Error("scenario: no such door state");
  return { mode: known, lockdown: level, fireRelease: fire === true };
}

/** One instant, or `[earliest, latest]`. */
function readNow(value: unknown): TimeInterval {
  const [earliest, latest = earliest] = Array.isArray(value) ? value : [value];
  return TimeInterval(instantOf(earliest), instantOf(latest));
}

const INSTANTS = ["from", "until", "nextOpening"];

/** A bare code, or a code with its values; instants are written with their offset. */
function readReason(value: unknown): Reason {
  const fields = typeof value === "string" ? { code: value } : sectionOf(value);
  const entries = Object.entries(fields).map(([key, field]) => [
    key,
    INSTANTS.includes(key) ? instantOf(field) : field,
  ]);
  // A table may hold any text; whatever is no reason fails the comparison with the decision.
  return Object.fromEntries(entries) as Reason;
}
