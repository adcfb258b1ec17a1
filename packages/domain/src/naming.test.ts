import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { namingStart, parseNamingStatement } from "./naming.ts";

const AT = 1_795_334_400_000;
const WEEK_MS = 604_800_000;
const staff = { topic: "naming-decided", at: AT, scope: "staff", from: AT, days: 7, notice: "…" };
const everyone = { ...staff, scope: "everyone", from: AT + WEEK_MS, until: AT + 5 * WEEK_MS };

test("a decision says whom it names and when", () => {
  expect(parseNamingStatement(canonicalJson(staff))).toEqual({ scope: "staff", atMs: AT, fromMs: AT });
  expect(parseNamingStatement(canonicalJson(everyone))).toEqual({
    scope: "everyone",
    atMs: AT,
    fromMs: AT + WEEK_MS,
    untilMs: AT + 5 * WEEK_MS,
  });
});

test("everyone is named a week after the announcement at the earliest, staff never before it", () => {
  const parsed = (value: typeof staff) => {
    const statement = parseNamingStatement(canonicalJson(value));
    if (statement === undefined) throw new Error("expected a statement");
    return statement;
  };
  expect(namingStart(parsed(everyone), AT)).toBe(AT + WEEK_MS);
  expect(namingStart(parsed(everyone), AT - 9_000)).toBe(AT + WEEK_MS);
  expect(namingStart(parsed(everyone), AT + 9_000)).toBe(AT + WEEK_MS + 9_000);
  expect(namingStart(parsed(staff), AT + 9_000)).toBe(AT + 9_000);
  expect(namingStart(parsed({ ...staff, from: AT + 50_000 }), AT + 9_000)).toBe(AT + 50_000);
});
