import { describe, expect, test } from "vitest";
import type { Reason, ReasonCode, ReasonFormat } from "./index.ts";
import { decisionText, Instant, REASON_TEXTS, reasonText } from "./index.ts";

const format: ReasonFormat = {
  instant: (at) => new Date(at).toISOString().slice(0, 16).replace("T", " "),
  ruleName: (rule) => (rule === 7 ? "Cleaners" : undefined),
};
const at = Instant(Date.UTC(2026, 10, 22, 8, 0));

/** One or more samples per code; `satisfies` makes a new code without a sample fail to compile. */
const SAMPLES = {
  "rule-allows": [{ code: "rule-allows", rule: 7 }, { code: "rule-allows" }],
  "portal-unlocked": [
    { code: "portal-unlocked", cause: "schedule" },
    { code: "portal-unlocked", cause: "held-open" },
    { code: "portal-unlocked", cause: "fire-release" },
  ],
  "credential-unknown": [{ code: "credential-unknown" }],
  "credential-blocked": [{ code: "credential-blocked" }, { code: "credential-blocked", astray: true }],
  "credential-not-yet-valid": [
    { code: "credential-not-yet-valid", from: at },
    { code: "credential-not-yet-valid" },
  ],
  "credential-expired": [{ code: "credential-expired", until: at }, { code: "credential-expired" }],
  "credential-kind-mismatch": [{ code: "credential-kind-mismatch", enrolled: "desfire", presented: "uid" }],
  "credential-downgraded": [{ code: "credential-downgraded", enrolled: "A", presented: "E" }],
  "credential-not-authentic": [
    { code: "credential-not-authentic", detail: "wrong-key" },
    { code: "credential-not-authentic", detail: "protocol-error" },
    { code: "credential-not-authentic", detail: "card-removed" },
    { code: "credential-not-authentic", detail: "replay" },
  ],
  "no-rule-for-access-point": [{ code: "no-rule-for-access-point" }],
  "outside-schedule": [{ code: "outside-schedule", nextOpening: at, rule: 7 }, { code: "outside-schedule" }],
  "means-not-allowed": [{ code: "means-not-allowed", kind: "face", rule: 7 }],
  "grade-too-low": [
    { code: "grade-too-low", grade: "E", minimum: "B" },
    { code: "grade-too-low", grade: "E" },
  ],
  "rule-not-yet-valid": [{ code: "rule-not-yet-valid", from: at }, { code: "rule-not-yet-valid" }],
  "rule-expired": [
    { code: "rule-expired", until: at, rule: 8 },
    { code: "rule-expired", rule: 7 },
  ],
  "portal-locked": [{ code: "portal-locked" }],
  lockdown: [
    { code: "lockdown", level: 1 },
    { code: "lockdown", level: 2 },
    { code: "lockdown", level: 3 },
  ],
  "access-point-unknown": [{ code: "access-point-unknown" }],
  "time-uncertain": [
    { code: "time-uncertain", spreadMs: 400 },
    { code: "time-uncertain", spreadMs: 90_000 },
    { code: "time-uncertain", spreadMs: 600_000 },
    { code: "time-uncertain", spreadMs: 7_200_000 },
    { code: "time-uncertain", spreadMs: 864_000_000 },
  ],
  "no-snapshot": [{ code: "no-snapshot" }],
  "credential-not-in-log": [{ code: "credential-not-in-log" }],
  "snapshot-outlived": [{ code: "snapshot-outlived", until: at }],
  "evaluation-failed": [{ code: "evaluation-failed" }],
  "journal-unavailable": [{ code: "journal-unavailable" }],
  "pass-allows": [{ code: "pass-allows" }],
  "pass-not-accepted": [
    { code: "pass-not-accepted", detail: "unreadable" },
    { code: "pass-not-accepted", detail: "other-community" },
    { code: "pass-not-accepted", detail: "unknown-signer" },
    { code: "pass-not-accepted", detail: "not-authentic" },
  ],
  "pass-not-here": [{ code: "pass-not-here" }],
  "pass-not-yet-valid": [{ code: "pass-not-yet-valid" }],
  "pass-expired": [{ code: "pass-expired" }],
  "pass-outside-hours": [{ code: "pass-outside-hours" }],
  "pass-used": [{ code: "pass-used" }, { code: "pass-used", uses: 3 }],
  "pass-outdated": [{ code: "pass-outdated" }],
  "pass-revoked": [{ code: "pass-revoked" }],
  "pass-beyond-delegation": [{ code: "pass-beyond-delegation" }],
  "pass-quota-spent": [{ code: "pass-quota-spent" }],
  "visits-off": [{ code: "visits-off" }],
  "anti-passback": [
    { code: "anti-passback", kind: "timed", until: at },
    { code: "anti-passback", kind: "hard" },
  ],
  "area-full": [
    { code: "area-full", limit: 1 },
    { code: "area-full", limit: 40 },
  ],
  interlock: [{ code: "interlock" }],
  "second-person-awaited": [{ code: "second-person-awaited", until: at }, { code: "second-person-awaited" }],
  "first-person-missing": [{ code: "first-person-missing" }],
  "escort-missing": [{ code: "escort-missing" }],
  "gates-apart": [{ code: "gates-apart" }],
  "anti-passback-noted": [{ code: "anti-passback-noted" }],
  "door-rule-waived": [
    { code: "door-rule-waived", waived: "anti-passback" },
    { code: "door-rule-waived", waived: "area-full" },
    { code: "door-rule-waived", waived: "first-person" },
    { code: "door-rule-waived", waived: "two-persons" },
  ],
  "person-left-alone": [{ code: "person-left-alone" }],
  "stopped-by-person": [{ code: "stopped-by-person" }],
  "desk-asks": [{ code: "desk-asks" }],
  "second-factor-needed": [
    { code: "second-factor-needed", missing: "pin" },
    { code: "second-factor-needed", missing: "other" },
    { code: "second-factor-needed", missing: "holder" },
    { code: "second-factor-needed", missing: "visitor" },
  ],
} satisfies { readonly [Code in ReasonCode]: readonly Extract<Reason, { code: Code }>[] };

const GRANTS = [
  "rule-allows",
  "portal-unlocked",
  "pass-allows",
  "anti-passback-noted",
  "door-rule-waived",
  "person-left-alone",
  "desk-asks",
];
/** The door stays shut for now, without a refusal. */
const WAITS = ["second-person-awaited", "second-factor-needed"];

describe.each(["zh-CN", "en"] as const)("reason texts in %s", (locale) => {
  test("every code of the union has a template, and no template is left over", () => {
    expect(Object.keys(REASON_TEXTS[locale]).sort()).toEqual(Object.keys(SAMPLES).sort());
  });

  test.each(Object.entries(SAMPLES))("%s says what happened, why, and what to do", (code, samples) => {
    for (const reason of samples) {
      const { what, why, next } = reasonText(reason, locale, format);
      for (const part of [what, why, next ?? "。."]) {
        expect(part).not.toMatch(/undefined|NaN|\[object|\$\{/);
        expect(part).toMatch(locale === "en" ? /\.$/ : /。|\.$/);
      }
      if (WAITS.includes(code)) expect(what).toBe({ "zh-CN": "等待中。", en: "Waiting." }[locale]);
      else {
        expect(what).toBe(
          GRANTS.includes(code)
            ? { "zh-CN": "已开门。", en: "Opened." }[locale]
            : { "zh-CN": "未开门。", en: "Refused." }[locale],
        );
      }
      if (!GRANTS.includes(code)) expect(next, "a refusal says what to do").toBeTruthy();
      // Never a code in place of words.
      if (code.includes("-")) expect(why).not.toContain(code);
    }
  });

  test("samples of one code differ where their values differ", () => {
    for (const samples of Object.values(SAMPLES)) {
      const texts = samples.map((reason) => JSON.stringify(reasonText(reason, locale, format)));
      expect(new Set(texts).size).toBe(samples.length);
    }
  });
});

test("texts carry the values, in the reader's time and with the rule's name", () => {
  expect(reasonText({ code: "outside-schedule", nextOpening: at, rule: 7 }, "en", format)).toEqual({
    what: "Refused.",
    why: "The rule “Cleaners” holds again from 2026-11-22 08:00.",
    next: "Come back in its hours, or open by hand with a reason.",
  });
  expect(reasonText({ code: "outside-schedule", nextOpening: at, rule: 7 }, "zh-CN", format)).toEqual({
    what: "未开门。",
    why: "通行规则“Cleaners”从2026-11-22 08:00起再次适用。",
    next: "请在允许的时间再来，或由值班员写明原因后开门。",
  });
  expect(reasonText({ code: "rule-expired", until: at, rule: 8 }, "en", format).why).toBe(
    "The rule for this door let this holder through until 2026-11-22 08:00.",
  );
  expect(reasonText({ code: "time-uncertain", spreadMs: 90_000 }, "zh-CN", format).why).toBe(
    "控制器的时钟误差可达90 秒，不能判断有时间限制的许可。",
  );
});

test("a code that opens once was used, one that opens more often is used up", () => {
  const why = (uses?: number) =>
    (["zh-CN", "en"] as const).map(
      (locale) =>
        reasonText({ code: "pass-used", ...(uses === undefined ? {} : { uses }) }, locale, format).why,
    );
  expect(why()).toEqual(["此通行码已经用过。", "This pass has been used already."]);
  expect(why(3)).toEqual([
    "此通行码可用 3 次，已用满。",
    "This pass has been used 3 times, as often as it may be.",
  ]);
});

test("a decision reads as one line: what, every why in order, and the deciding reason's advice", () => {
  const decision = {
    granted: false,
    reasons: [{ code: "portal-locked" }, { code: "credential-blocked" }],
  } as const;
  expect(decisionText(decision, "en", format)).toBe(
    "Refused. This door was locked for everybody. This credential is blocked or was reported lost. " +
      "Use another door, or set this one back to normal.",
  );
  expect(decisionText(decision, "zh-CN", format)).toBe(
    "未开门。此门已对所有人锁闭。此凭证已停用或已挂失。请走其他门，或把此门恢复正常。",
  );
  expect(decisionText({ granted: false, reasons: [] }, "en", format)).toBe("");
});
