import { Instant, REASON_TEXTS, type Reason } from "@menshen/domain";
import { expect, test } from "vitest";
import { remediesFor } from "./remedies.ts";

const FROM = Instant(1_790_000_000_000);

const cases: readonly (readonly [Reason, object])[] = [
  [{ code: "rule-allows", rule: 1 }, { code: "none-needed" }],
  [{ code: "portal-unlocked", cause: "schedule" }, { code: "none-needed" }],
  [{ code: "credential-unknown" }, { code: "enrol-credential" }],
  [{ code: "credential-blocked" }, { code: "unblock-credential" }],
  [
    { code: "credential-not-yet-valid", from: FROM },
    { code: "wait-until", at: FROM },
  ],
  [
    { code: "credential-expired", until: FROM },
    { code: "extend-credential", at: FROM },
  ],
  [{ code: "credential-kind-mismatch", enrolled: "desfire", presented: "uid" }, { code: "check-card" }],
  [{ code: "credential-downgraded", enrolled: "B", presented: "E" }, { code: "check-card" }],
  [{ code: "credential-not-authentic", detail: "wrong-key" }, { code: "check-card" }],
  [{ code: "credential-not-authentic", detail: "card-removed" }, { code: "present-again" }],
  [{ code: "no-rule-for-access-point" }, { code: "add-rule" }],
  [{ code: "outside-schedule" }, { code: "wait-until", ruleId: "r", scheduleId: "s" }],
  [
    { code: "means-not-allowed", kind: "uid" },
    { code: "use-other-means", means: ["desfire"], ruleId: "r" },
  ],
  [
    { code: "grade-too-low", grade: "E", minimum: "B" },
    { code: "use-better-credential", minimumGrade: "B" },
  ],
  [
    { code: "rule-not-yet-valid", from: FROM },
    { code: "wait-until", at: FROM, ruleId: "r" },
  ],
  [
    { code: "rule-expired", until: FROM },
    { code: "extend-rule", at: FROM, ruleId: "r" },
  ],
  [{ code: "portal-locked" }, { code: "end-locked-mode" }],
  [{ code: "lockdown", level: 2 }, { code: "end-lockdown" }],
  [{ code: "access-point-unknown" }, { code: "install-access-point" }],
  [{ code: "time-uncertain", spreadMs: 9 }, { code: "restore-gate-clock" }],
  [{ code: "no-snapshot" }, { code: "publish-snapshot" }],
  [{ code: "snapshot-outlived", until: FROM }, { code: "publish-snapshot" }],
  [{ code: "evaluation-failed" }, { code: "repair-gate" }],
  [{ code: "journal-unavailable" }, { code: "repair-gate" }],
  [{ code: "credential-not-in-log" }, { code: "present-again" }],
  [{ code: "pass-allows" }, { code: "none-needed" }],
  [{ code: "pass-not-accepted", detail: "unreadable" }, { code: "renew-pass" }],
  [{ code: "pass-not-here" }, { code: "renew-pass" }],
  [{ code: "pass-not-yet-valid" }, { code: "wait-until" }],
  [{ code: "pass-expired" }, { code: "renew-pass" }],
  [{ code: "pass-outside-hours" }, { code: "wait-until" }],
  [{ code: "pass-used" }, { code: "renew-pass" }],
  [{ code: "pass-outdated" }, { code: "renew-pass" }],
  [{ code: "pass-revoked" }, { code: "renew-pass" }],
  [{ code: "pass-beyond-delegation" }, { code: "renew-pass" }],
  [{ code: "pass-quota-spent" }, { code: "renew-pass" }],
  [{ code: "visits-off" }, { code: "use-other-means" }],
  [{ code: "anti-passback", kind: "hard" }, { code: "forgive-person" }],
  [{ code: "area-full", limit: 40 }, { code: "correct-count" }],
  [{ code: "interlock" }, { code: "close-other-door" }],
  [{ code: "second-person-awaited" }, { code: "go-in-together" }],
  [{ code: "first-person-missing" }, { code: "go-in-together" }],
  [{ code: "escort-missing" }, { code: "go-in-together" }],
  [{ code: "gates-apart" }, { code: "connect-gates" }],
  [{ code: "anti-passback-noted" }, { code: "none-needed" }],
  [{ code: "door-rule-waived", waived: "area-full" }, { code: "none-needed" }],
  [{ code: "person-left-alone" }, { code: "none-needed" }],
  [{ code: "second-factor-needed", missing: "pin" }, { code: "show-both" }],
  [{ code: "stopped-by-person" }, { code: "check-card" }],
  [{ code: "desk-asks" }, { code: "none-needed" }],
];

test.each(cases)("%o", (reason, remedy) => {
  expect(remediesFor([reason], { ruleId: "r", scheduleId: "s", means: ["desfire"] })).toEqual([remedy]);
});

test("every reason has a case here", () => {
  expect(new Set(cases.map(([reason]) => reason.code))).toEqual(new Set(Object.keys(REASON_TEXTS.en)));
});

test("the same remedy stands once", () => {
  expect(remediesFor([{ code: "evaluation-failed" }, { code: "journal-unavailable" }], {})).toEqual([
    { code: "repair-gate" },
  ]);
});
