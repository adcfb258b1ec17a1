import type { DoorRuleFault, PolicyVerdict, WayViolation } from "@menshen/policy";
import type { HealthFinding } from "@menshen/wire";

/** The policy check's alarms as findings: what no single gate is behind. */
export function policyFindings(verdict: PolicyVerdict): HealthFinding[] {
  return verdict.alarms.map((alarm) => {
    if (alarm.code === "grade-fall-waived") {
      return {
        code: alarm.code,
        severity: "warning",
        values: { persons: alarm.waiver.personIds.length, kinds: alarm.waiver.kinds.join(" ") },
      };
    }
    const { violation } = alarm;
    return {
      code: "way-missing",
      severity: violation.problem === "no-way" ? "fault" : "warning",
      since: violation.from,
      values: valuesOf(violation),
    };
  });
}

/** Door rules that could keep residents out where they have no other way, or that count people who leave unseen. */
export function doorRuleFindings(faults: readonly DoorRuleFault[]): HealthFinding[] {
  return faults.map((fault) =>
    fault.code === "only-path"
      ? {
          code: "door-rule-only-path",
          severity: "fault",
          since: fault.violation.from,
          values: valuesOf(fault.violation),
        }
      : { code: "door-rule-exit-unseen", severity: "warning", values: { areaId: fault.areaId } },
  );
}

function valuesOf({ problem, direction, personIds, buildingId, ways }: WayViolation) {
  return { problem, direction, persons: personIds.length, buildingId, ways: ways.join(" ") };
}
