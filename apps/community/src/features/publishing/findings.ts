import type { PolicyVerdict } from "@menshen/policy";
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
      values: {
        problem: violation.problem,
        direction: violation.direction,
        persons: violation.personIds.length,
        buildingId: violation.buildingId,
        ways: violation.ways.join(" "),
      },
    };
  });
}
