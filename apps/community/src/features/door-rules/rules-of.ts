import { type AreaRule, DomainError, type PortalRule, parseAreaRule, parsePortalRule } from "@menshen/domain";
import type { AreaRules, PortalRules } from "@menshen/wire";
import { refusal } from "../../errors.ts";

/** What a gate is to ask of an area; `undefined` if nothing is set and nobody is counted. Throws `invalid-request`. */
export function areaRuleOf(rules: Omit<AreaRules, "areaName" | "revision">): AreaRule | undefined {
  const { areaId, antiPassback, timedMs, occupancyLimit, countsOnlyConfirmed, whenApart, escort } = rules;
  const { counted, staffFirst, twoPersons } = rules;
  const isSet =
    counted ||
    antiPassback !== "off" ||
    timedMs !== undefined ||
    occupancyLimit !== undefined ||
    staffFirst ||
    twoPersons ||
    escort !== undefined;
  if (!isSet) return undefined;
  return parsed(() =>
    parseAreaRule({
      areaId,
      antiPassback,
      timedMs,
      occupancyLimit,
      countsOnlyConfirmed,
      whenApart,
      ...(staffFirst ? { firstPersonIn: "staff" } : {}),
      ...(twoPersons ? { minimumPersons: 2 } : {}),
      escort,
    }),
  );
}

/** What a gate is to ask at a door. Throws `invalid-request`. */
export function portalRuleOf(rules: Omit<PortalRules, "portalName" | "gateId" | "revision">): PortalRule {
  const { portalId, interlockGroup, twoPersonWithinMs, doubleTapHold, preAlarmMs, floors } = rules;
  return parsed(() =>
    parsePortalRule({
      portalId,
      interlockGroup,
      ...(twoPersonWithinMs === undefined ? {} : { twoPersonRule: { withinMs: twoPersonWithinMs } }),
      doubleTapHold,
      preAlarmMs,
      ...(rules.turnstile ? { turnstile: { confirm: "contact" } } : {}),
      floors,
      ...(rules.plate ? { plate: true } : {}),
    }),
  );
}

function parsed<Rule>(parse: () => Rule): Rule {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DomainError) throw refusal("invalid-request", error.message);
    throw error;
  }
}
