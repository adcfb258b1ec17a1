import {
  AccessPointId,
  AccessRuleId,
  AreaId,
  CommunityId,
  CredentialKey,
  GateId,
  Instant,
  PersonId,
  PortalId,
  type Reason,
} from "@menshen/domain";
import { expect, test } from "vitest";
import {
  type CommunityModel,
  compileSnapshot,
  loadSnapshot,
  openReasons,
  type Snapshot,
  singlesOut,
} from "./index.ts";

const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const gateId = GateId(uuid(1));
const point = AccessPointId(uuid(2));
const at = Instant(Date.parse("2026-11-22T00:00+08:00"));

const people = (count: number) => Array.from({ length: count }, (_, index) => PersonId(uuid(100 + index)));
const RULES = { all: 1, nine: 2, one: 3 };

/** One door, twelve persons with two cards each. Rule 1 lets all of them in, rule 2 nine, rule 3 one. */
function snapshot(): Snapshot {
  const rule = (number: number, personIds: readonly PersonId[]) => ({
    id: AccessRuleId(uuid(10 + number)),
    number,
    who: { personIds },
    where: { accessPointIds: [point] },
    minimumGrade: "D" as const,
    validity: {},
  });
  const model: CommunityModel = {
    communityId: CommunityId(uuid(3)),
    timeZone: "Asia/Shanghai",
    outsideAreaId: AreaId(uuid(4)),
    areas: [uuid(4), uuid(5)].map((id) => ({ id: AreaId(id), staffOnly: false })),
    buildings: [],
    dwellings: [],
    portals: [{ id: PortalId(uuid(6)), gateId, unlockMs: 5_000, heldOpenLimitMs: 30_000 }],
    accessPoints: [
      {
        id: point,
        portalId: PortalId(uuid(6)),
        fromAreaId: AreaId(uuid(4)),
        toAreaId: AreaId(uuid(5)),
        minimumGrade: "D",
      },
    ],
    residencies: [],
    credentials: people(12).flatMap((personId, index) =>
      [0, 1].map((card) => ({
        key: CredentialKey(new Uint8Array(16).fill(index * 2 + card)),
        kind: "uid" as const,
        grade: "D" as const,
        personId,
        status: "active" as const,
        validity: {},
      })),
    ),
    schedules: [],
    holidays: [],
    rules: [rule(RULES.all, people(12)), rule(RULES.nine, people(9)), rule(RULES.one, people(1))],
    offers: [],
    gradeCaps: [],
    modes: [],
  };
  const { document } = compileSnapshot(model, {
    gateId,
    version: 1,
    at,
    until: Instant(Date.parse("2027-11-22T00:00+08:00")),
  });
  const loaded = loadSnapshot(document);
  if (!loaded.ok) throw new Error(loaded.error.where);
  return loaded.snapshot;
}

const loaded = snapshot();

test.each<[Reason, Reason]>([
  [
    { code: "rule-allows", rule: RULES.all },
    { code: "rule-allows", rule: RULES.all },
  ],
  // Eighteen cards, but nine persons.
  [{ code: "rule-allows", rule: RULES.nine }, { code: "rule-allows" }],
  [{ code: "rule-allows", rule: RULES.one }, { code: "rule-allows" }],
  [{ code: "rule-allows", rule: 99 }, { code: "rule-allows" }],
  [
    { code: "outside-schedule", rule: RULES.all, nextOpening: at },
    { code: "outside-schedule", rule: RULES.all, nextOpening: at },
  ],
  [{ code: "outside-schedule", rule: RULES.one, nextOpening: at }, { code: "outside-schedule" }],
  [{ code: "outside-schedule", nextOpening: at }, { code: "outside-schedule" }],
  [
    { code: "means-not-allowed", kind: "uid", rule: RULES.all },
    { code: "means-not-allowed", kind: "uid", rule: RULES.all },
  ],
  [
    { code: "means-not-allowed", kind: "uid", rule: RULES.one },
    { code: "means-not-allowed", kind: "uid" },
  ],
  [
    { code: "grade-too-low", grade: "D", minimum: "B", rule: RULES.all },
    { code: "grade-too-low", grade: "D", minimum: "B", rule: RULES.all },
  ],
  [
    { code: "grade-too-low", grade: "D", minimum: "A", rule: RULES.one },
    { code: "grade-too-low", grade: "D" },
  ],
  // When somebody's rights begin and end is theirs alone, whatever the rule.
  [
    { code: "rule-expired", until: at, rule: RULES.all },
    { code: "rule-expired", rule: RULES.all },
  ],
  [{ code: "rule-expired", until: at, rule: RULES.one }, { code: "rule-expired" }],
  [
    { code: "rule-not-yet-valid", from: at, rule: RULES.all },
    { code: "rule-not-yet-valid", rule: RULES.all },
  ],
  [{ code: "credential-expired", until: at }, { code: "credential-expired" }],
  [{ code: "credential-not-yet-valid", from: at }, { code: "credential-not-yet-valid" }],
  [
    { code: "lockdown", level: 2 },
    { code: "lockdown", level: 2 },
  ],
  [
    { code: "portal-unlocked", cause: "schedule" },
    { code: "portal-unlocked", cause: "schedule" },
  ],
])("%o stands as %o", (reason, open) => {
  expect(openReasons(loaded, [reason])).toEqual([open]);
});

test("without a snapshot no rule is common", () => {
  expect(openReasons(undefined, [{ code: "rule-allows", rule: RULES.all }])).toEqual([
    { code: "rule-allows" },
  ]);
});

test("reasons keep their order", () => {
  expect(
    openReasons(loaded, [
      { code: "portal-locked" },
      { code: "credential-expired", until: at },
      { code: "rule-allows", rule: RULES.all },
    ]),
  ).toEqual([
    { code: "portal-locked" },
    { code: "credential-expired" },
    { code: "rule-allows", rule: RULES.all },
  ]);
});

test.each<[boolean, Reason[]]>([
  [false, [{ code: "rule-allows", rule: 1 }]],
  [false, [{ code: "outside-schedule" }]],
  [false, [{ code: "credential-downgraded", enrolled: "B", presented: "E" }]],
  [true, [{ code: "credential-unknown" }]],
  [true, [{ code: "portal-locked" }, { code: "credential-blocked" }]],
  [true, [{ code: "credential-blocked", astray: true }]],
  [true, [{ code: "rule-expired" }]],
  [false, [{ code: "pass-allows" }]],
  [true, [{ code: "pass-expired" }]],
  [true, [{ code: "pass-revoked" }]],
])("singles out: %s for %o", (expected, reasons) => {
  expect(singlesOut(reasons)).toBe(expected);
});
