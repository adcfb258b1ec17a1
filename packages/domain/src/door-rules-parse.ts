import { ANTI_PASSBACK, type AreaRule, type LiftFloor, type PortalRule, WHEN_APART } from "./door-rules.ts";
import { DomainError } from "./errors.ts";
import { AreaId, PortalId, ScheduleId } from "./ids.ts";
import { readList, readRecord, readText, readWhole, readWord, refuse } from "./reading.ts";

const CODE = "invalid-value";
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MOST_FLOORS = 64;

export const DEFAULT_PRESENCE_MS = DAY_MS;

const AREA_FIELDS = [
  "areaId",
  "antiPassback",
  "timedMs",
  "occupancyLimit",
  "countsOnlyConfirmed",
  "whenApart",
  "firstPersonIn",
  "minimumPersons",
  "escort",
];

const PORTAL_FIELDS = [
  "portalId",
  "interlockGroup",
  "twoPersonRule",
  "doubleTapHold",
  "preAlarmMs",
  "turnstile",
  "floors",
  "plate",
];

/**
 * Parses the rule of an area. `timedMs` (10 s to 24 h) comes with `timed` and with nothing else; `occupancyLimit` is 1
 * to 100,000, at least 2 with `minimumPersons`; an escort's window 1 to 60 s. Fields that are missing or undefined are
 * not set; fields of another name are refused, since a misspelt rule would silently not hold.
 *
 * Throws `DomainError` `invalid-id` or `invalid-value`.
 */
export function parseAreaRule(value: unknown): AreaRule {
  const fields = readFields("area rule", value, AREA_FIELDS);
  const antiPassback = readWord(CODE, "anti-passback", fields.antiPassback, ANTI_PASSBACK);
  if ((antiPassback === "timed") !== (fields.timedMs !== undefined)) {
    throw new DomainError(CODE, "timed anti-passback: expected its time with `timed`, and only with it");
  }
  const rule: AreaRule = {
    areaId: AreaId(readText("invalid-id", "area id", fields.areaId, 36)),
    antiPassback,
    ...set("timedMs", fields.timedMs, (ms) =>
      readWhole(CODE, "timed anti-passback", ms, 10 * SECOND_MS, DAY_MS),
    ),
    ...set("occupancyLimit", fields.occupancyLimit, (limit) =>
      readWhole(CODE, "occupancy limit", limit, 1, 100_000),
    ),
    countsOnlyConfirmed: readFlag("confirmed moves", fields.countsOnlyConfirmed),
    whenApart: readWord(CODE, "when apart", fields.whenApart, WHEN_APART),
    ...set("firstPersonIn", fields.firstPersonIn, (who) =>
      readWord(CODE, "first person in", who, ["staff"] as const),
    ),
    ...set("minimumPersons", fields.minimumPersons, (least) => readTwo(least)),
    ...set("escort", fields.escort, (escort) => ({
      withinMs: readWindow("escort", readFields("escort", escort, ["withinMs"]).withinMs),
    })),
  };
  if (rule.minimumPersons !== undefined && (rule.occupancyLimit ?? 2) < 2) {
    throw new DomainError(CODE, "occupancy limit: expected at least two where nobody is to be alone, came 1");
  }
  return rule;
}

/**
 * Parses the rule of a portal. Windows of two-person rule and escort are 1 to 60 s, of a double tap 0.5 to 10 s, and it
 * holds the door for 1 min to 12 h; the pre-alarm is 1 s to 10 min; a lift has 1 to 64 floors. A portal with a two-person rule
 * has no double tap: the same card twice is one person. Fields of another name are refused.
 *
 * Throws `DomainError` `invalid-id` or `invalid-value`.
 */
export function parsePortalRule(value: unknown): PortalRule {
  const fields = readFields("portal rule", value, PORTAL_FIELDS);
  const rule: PortalRule = {
    portalId: PortalId(readText("invalid-id", "portal id", fields.portalId, 36)),
    ...set("interlockGroup", fields.interlockGroup, (group) =>
      readWhole(CODE, "interlock group", group, 1, 15),
    ),
    ...set("twoPersonRule", fields.twoPersonRule, (two) => ({
      withinMs: readWindow("two-person rule", readFields("two-person rule", two, ["withinMs"]).withinMs),
    })),
    ...set("doubleTapHold", fields.doubleTapHold, (hold) => {
      const { withinMs, forMs } = readFields("double tap", hold, ["withinMs", "forMs"]);
      return {
        withinMs: readWhole(CODE, "double tap", withinMs, SECOND_MS / 2, 10 * SECOND_MS),
        forMs: readWhole(CODE, "hold after a double tap", forMs, MINUTE_MS, 12 * HOUR_MS),
      };
    }),
    ...set("preAlarmMs", fields.preAlarmMs, (ms) =>
      readWhole(CODE, "pre-alarm", ms, SECOND_MS, 10 * MINUTE_MS),
    ),
    ...set("turnstile", fields.turnstile, (turnstile) => ({
      confirm: readWord(
        CODE,
        "turnstile confirmation",
        readFields("turnstile", turnstile, ["confirm"]).confirm,
        ["contact"] as const,
      ),
    })),
    ...set("floors", fields.floors, readFloors),
    ...set("plate", fields.plate, readTrue),
  };
  if (rule.twoPersonRule !== undefined && rule.doubleTapHold !== undefined) {
    throw new DomainError(CODE, "portal rule: expected either a two-person rule or a double tap, came both");
  }
  return rule;
}

/** Parses how long a person counts as being where they were last seen, 1 h to 7 days. Throws `invalid-value`. */
export function parsePresenceMs(value: unknown): number {
  return readWhole(CODE, "presence", value, HOUR_MS, 7 * DAY_MS);
}

function readFloors(value: unknown): readonly LiftFloor[] {
  const floors = readList(CODE, "floors", value, MOST_FLOORS).map((entry) => {
    const { output, areaId, scheduleId } = readFields("floor", entry, ["output", "areaId", "scheduleId"]);
    return {
      output: readWhole(CODE, "output of a floor", output, 0, 63),
      areaId: AreaId(readText("invalid-id", "area of a floor", areaId, 36)),
      ...set("scheduleId", scheduleId, (id) =>
        ScheduleId(readText("invalid-id", "schedule of a floor", id, 36)),
      ),
    };
  });
  if (floors.length === 0) throw new DomainError(CODE, "floors: expected at least one, came none");
  if (new Set(floors.map(({ output }) => output)).size !== floors.length) {
    throw new DomainError(CODE, "floors: expected each output once");
  }
  if (new Set(floors.map(({ areaId }) => areaId)).size !== floors.length) {
    throw new DomainError(CODE, "floors: expected each area once");
  }
  return floors;
}

function readFields(what: string, value: unknown, names: readonly string[]): Record<string, unknown> {
  const fields = readRecord(CODE, what, value);
  const other = Object.keys(fields).find((name) => !names.includes(name));
  if (other !== undefined) {
    throw new DomainError(
      CODE,
      `${what}: expected one of ${names.join(", ")}, came \`${other.slice(0, 64)}\``,
    );
  }
  return fields;
}

function readWindow(what: string, value: unknown): number {
  return readWhole(CODE, what, value, SECOND_MS, MINUTE_MS);
}

function readFlag(what: string, value: unknown): boolean {
  return typeof value === "boolean" ? value : refuse(CODE, what, "true or false", value);
}

function readTrue(value: unknown): true {
  return value === true ? value : refuse(CODE, "number plates", "true", value);
}

function readTwo(value: unknown): 2 {
  return value === 2 ? value : refuse(CODE, "minimum of persons", "2", value);
}

function set<Name extends string, Field>(
  name: Name,
  value: unknown,
  parse: (value: unknown) => Field,
): { readonly [key in Name]?: Field } {
  if (value === undefined) return {};
  const field: { [key in Name]?: Field } = {};
  field[name] = parse(value);
  return field;
}
