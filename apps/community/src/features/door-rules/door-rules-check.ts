import { Duration, Instant } from "@menshen/domain";
import { type CommunityModel, checkDoorRules, type DoorRuleFault } from "@menshen/policy";
import type { Reader } from "../../database/database.ts";
import { type CommunityError, refusal } from "../../errors.ts";
import { describeViolations } from "../directory/index.ts";
import { selectAreaRules, selectPortalRules } from "./door-rules.store.ts";
import { areaRuleOf, portalRuleOf } from "./rules-of.ts";

/** Ways in are counted this far ahead, as for access rules. */
const AHEAD = Duration.days(400);

/** Why the stored door rules do not fit a community; none if they do. */
export async function faultsOfDoorRules(
  db: Reader,
  model: CommunityModel,
  at: Instant,
): Promise<readonly DoorRuleFault[]> {
  const areas = (await selectAreaRules(db)).flatMap((rules) => areaRuleOf(rules) ?? []);
  const portals = (await selectPortalRules(db)).map(portalRuleOf);
  return checkDoorRules(model, { areas, portals, at, until: Instant(at + AHEAD) });
}

/** Faults that were not there before: what was let pass once, time or a revocation, holds up no other change. */
export function newFaults(
  faults: readonly DoorRuleFault[],
  before: readonly DoorRuleFault[],
): readonly DoorRuleFault[] {
  return faults.filter((fault) => !before.some((earlier) => covers(earlier, fault)));
}

function covers(earlier: DoorRuleFault, fault: DoorRuleFault): boolean {
  if (earlier.code === "only-path" && fault.code === "only-path") {
    const [one, other] = [earlier.violation, fault.violation];
    return (
      one.buildingId === other.buildingId &&
      one.direction === other.direction &&
      one.problem === other.problem &&
      other.personIds.every((id) => one.personIds.includes(id))
    );
  }
  if (earlier.code === "exit-unseen" && fault.code === "exit-unseen") {
    return (
      earlier.areaId === fault.areaId &&
      fault.accessPointIds.every((id) => earlier.accessPointIds.includes(id))
    );
  }
  return earlier.code === fault.code;
}

/** The refusal of a change that leads to these faults, naming the place; there must be one. */
export async function refusalOfFaults(
  db: Reader,
  faults: readonly DoorRuleFault[],
  showNames: boolean,
): Promise<CommunityError> {
  const unseen = faults.find((fault) => fault.code === "exit-unseen");
  if (unseen !== undefined) {
    const area = await db
      .selectFrom("area")
      .select("name")
      .where("id", "=", unseen.areaId)
      .executeTakeFirst();
    const doors = await db
      .selectFrom("access_point")
      .innerJoin("portal", "portal.id", "access_point.portal_id")
      .select("portal.name")
      .distinct()
      .where("access_point.id", "in", [...unseen.accessPointIds])
      .orderBy("portal.name")
      .execute();
    return refusal(
      "conflict",
      `${area?.name ?? ""}: nobody is seen to leave by ${doors.map(({ name }) => name).join(", ")}: this takes a reader on the way out there`,
    );
  }
  const violations = faults.flatMap((fault) => (fault.code === "only-path" ? [fault.violation] : []));
  if (violations.length === 0) return refusal("invalid-request", "the street has no rule: nobody enters it");
  const facts = await describeViolations(db, violations, showNames);
  const places = new Set(
    facts.violations.flatMap(({ accessPoints }) => accessPoints.map(({ portalName }) => portalName)),
  );
  return refusal("only-path", `residents have no other way: ${[...places].join(", ")}`, facts);
}
