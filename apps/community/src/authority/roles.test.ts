import { DUTIES, PERMISSIONS, STAFF_ROLES } from "@menshen/wire";
import { expect, test } from "vitest";
import { commonDuty, dutiesWith, dutyOf, effectiveRoles, permissionsOf } from "./roles.ts";

test("every permission belongs to some role, and every role may do something", () => {
  const given = new Set(STAFF_ROLES.flatMap((role) => [...permissionsOf([role], dutyOf(role))]));
  expect([...given].sort()).toEqual([...PERMISSIONS].sort());
  for (const role of STAFF_ROLES) expect(permissionsOf([role], dutyOf(role)).size, role).toBeGreaterThan(0);
});

test("what hurts is separated: no duty both operates doors, appoints staff and reads the record (privacy row L6)", () => {
  expect(dutiesWith("credentials.write")).toEqual(["operate"]);
  expect(dutiesWith("rules.write")).toEqual(["operate"]);
  expect(dutiesWith("staff.write")).toEqual(["secure"]);
  expect(dutiesWith("gates.write")).toEqual(["secure"]);
  expect(dutiesWith("changes.read")).toEqual(["audit"]);
  expect(dutiesWith("homes.read")).toEqual(["operate"]);
  expect(dutiesWith("openings.write")).toEqual(["secure"]);
  expect(dutiesWith("openings.review")).toEqual(["audit"]);
});

test("a role gives nothing in another duty", () => {
  for (const role of STAFF_ROLES) {
    for (const duty of DUTIES) {
      if (duty !== dutyOf(role)) expect(permissionsOf([role], duty).size).toBe(0);
    }
  }
});

test("roles of several duties have none in common", () => {
  expect(commonDuty(["manager", "guard", "desk"])).toBe("operate");
  expect(commonDuty(["security", "installer", "records"])).toBe("secure");
  expect(commonDuty(["guard", "auditor"])).toBeUndefined();
  expect(commonDuty([])).toBeUndefined();
});

test("the first account stands in for what nobody else has", () => {
  const first = { roles: ["manager"], setUp: true } as const;
  expect(effectiveRoles(first, new Set())).toEqual(["manager", "security", "auditor"]);
  expect(effectiveRoles(first, new Set(["secure"]))).toEqual(["manager", "auditor"]);
  expect(effectiveRoles(first, new Set(["operate", "secure", "audit"]))).toEqual(["manager"]);
  expect(effectiveRoles({ roles: ["guard"], setUp: false }, new Set())).toEqual(["guard"]);
});
