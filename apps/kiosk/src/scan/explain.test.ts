import { Instant, REASON_TEXTS, type Reason } from "@menshen/domain";
import { expect, test } from "vitest";
import { explain } from "./explain.ts";

test("says when to come back, in the community's time", () => {
  const reason: Reason = {
    code: "outside-schedule",
    nextOpening: Instant(Date.parse("2026-11-23T00:00:00Z")),
  };
  expect(explain(reason, "zh-CN", "Asia/Shanghai")).toEqual({
    why: "此门的通行规则从11月23日 08:00起再次适用。",
    next: { step: "later" },
  });
  expect(explain(reason, "en", "Asia/Shanghai").why).toBe(
    "The rule for this door holds again from 23 November at 08:00.",
  );
});

test("leaves the words to a reason that speaks to whoever shows a pass", () => {
  expect(explain({ code: "pass-used" }, "en", undefined)).toEqual({
    why: "This pass has been used already.",
    next: "Show a new one; whoever did not use it should tell whoever sent it.",
  });
});

test("asks nobody at a door to open by hand or to mend a gate", () => {
  for (const language of ["zh-CN", "en"] as const) {
    for (const code of Object.keys(REASON_TEXTS[language])) {
      const reason: Reason = JSON.parse(
        JSON.stringify({ code, detail: "replay", cause: "schedule", level: 1, missing: "pin" }),
      );
      const said = code === "pass-not-accepted" ? undefined : explain(reason, language, "Asia/Shanghai");
      expect(JSON.stringify(said?.next ?? ""), code).not.toMatch(/by hand|online|人工开门|写明原因/);
    }
  }
});

test("a reason of a newer gate is no reason to fail", () => {
  const reason: Reason = JSON.parse('{"code":"moon-is-full"}');
  expect(explain(reason, "en", undefined)).toEqual({ why: undefined, next: { step: "ask" } });
  expect(explain(undefined, "en", undefined)).toEqual({ why: undefined, next: { step: "ask" } });
});
