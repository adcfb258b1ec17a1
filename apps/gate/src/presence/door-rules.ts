import { type DoorRules, parseAreaRule, parsePortalRule } from "@menshen/domain";
import type { DoorRulesMessage } from "@menshen/wire";

const HOUR_MS = 3_600_000;

/** The rules that a document carries. @throws {DomainError} `invalid-value` for rules that say two things at once */
export function doorRulesOf(message: DoorRulesMessage): DoorRules {
  const { outsideAreaId, areas, portals, accessPoints, presenceHours } = message;
  return {
    outsideAreaId,
    areas: areas.map(parseAreaRule),
    portals: portals.map(({ plate, ...rule }) => parsePortalRule({ ...rule, ...(plate ? { plate } : {}) })),
    accessPoints,
    presenceMs: presenceHours * HOUR_MS,
  };
}
