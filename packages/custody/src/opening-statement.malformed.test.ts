import { describe, expect, it } from "vitest";
import { EXAMPLE_EMERGENCY, EXAMPLE_REQUEST } from "./opening-statement.fixture.ts";
import { checkOpeningStatement, encodeOpeningStatement, parseOpeningStatement } from "./opening-statement.ts";

const HOUR_MS = 3_600_000;
const { at, from, until, deadline } = EXAMPLE_REQUEST;
const DOORS = Array.from({ length: 21 }, (_, i) => `11111111-1111-4111-8111-${String(i).padStart(12, "0")}`);
const EXTENSION = { reason: "连环案件", documentSha256: "0".repeat(64) };

/** The example with other fields; one that is `undefined` is left out. */
function but(changes: object, example: object = EXAMPLE_REQUEST): unknown {
  return Object.fromEntries(Object.entries({ ...example, ...changes }).filter(([, v]) => v !== undefined));
}

describe("a text that is no request", () => {
  const text = encodeOpeningStatement(EXAMPLE_REQUEST);
  it.each([
    ["empty", ""],
    ["cut off", text.slice(0, -1)],
    ["with something behind", `${text} `],
    ["with another order of names", text.replace(/^\{(.*),("until":\d+)\}$/, "{$2,$1}")],
    ["a list", `[${text}]`],
    ["a name twice", text.replace("{", '{"at":1,')],
    ["too long", JSON.stringify("x".repeat(9_000))],
  ])("%s", (_what, changed) => {
    expect(parseOpeningStatement(changed)).toEqual({ parsed: false, refusal: "malformed" });
  });
});

it.each(["at", "requestId", "authority", "documentNumber", "documentSha256", "accessPointIds"])(
  "without `%s` it is refused",
  (field) => {
    expect(checkOpeningStatement(but({ [field]: undefined }))).toEqual({
      parsed: false,
      refusal: "missing-field",
      field,
    });
  },
);

it.each(["from", "until", "purpose", "deadline", "path", "sealUntil", "entryCap", "topic"])(
  "an open end, or any `%s` left out, is refused",
  (field) => {
    expect(checkOpeningStatement(but({ [field]: undefined }))).toMatchObject({
      refusal: "missing-field",
      field,
    });
  },
);

it.each<[string, object, string, string]>([
  ["any door", { accessPointIds: ["*"] }, "wildcard", "accessPointIds"],
  ["all doors", { accessPointIds: "all" }, "wildcard", "accessPointIds"],
  ["no door", { accessPointIds: [] }, "wildcard", "accessPointIds"],
  ["a pattern among doors", { accessPointIds: [DOORS[0], "1%"] }, "wildcard", "accessPointIds"],
  ["a door twice", { accessPointIds: [DOORS[0], DOORS[0]] }, "invalid-field", "accessPointIds"],
  [
    "a door in capitals",
    { accessPointIds: ["ABCDEF00-0000-4000-8000-000000000000"] },
    "invalid-field",
    "accessPointIds",
  ],
  ["six doors", { accessPointIds: DOORS.slice(0, 6) }, "needs-extension", "accessPointIds"],
  ["21 doors", { accessPointIds: DOORS, extension: EXTENSION }, "too-wide", "accessPointIds"],
  ["a millisecond above 24 hours", { from: until - 24 * HOUR_MS - 1 }, "needs-extension", "until"],
  ["more than a week", { from: until - 169 * HOUR_MS, extension: EXTENSION }, "too-wide", "until"],
  ["an extension without its document", { extension: { reason: "x" } }, "invalid-field", "extension"],
  ["an extension that says more", { extension: { ...EXTENSION, more: 1 } }, "invalid-field", "extension"],
  ["a window without length", { until: from }, "window-empty", "until"],
  ["a window that goes backwards", { until: from - 1 }, "window-empty", "until"],
  ["a watch on what is to come", { until: at + 1 }, "window-not-past", "until"],
  ["no time to answer", { deadline: at }, "deadline-out-of-range", "deadline"],
  ["31 days to answer", { deadline: at + 744 * HOUR_MS }, "deadline-out-of-range", "deadline"],
  ["disclosure before the deadline", { sealUntil: deadline - 1 }, "seal-out-of-range", "sealUntil"],
  ["a seal of two years", { sealUntil: at + 17_520 * HOUR_MS }, "seal-out-of-range", "sealUntil"],
  ["no entry", { entryCap: 0 }, "cap-out-of-range", "entryCap"],
  ["5,001 entries", { entryCap: 5_001 }, "cap-out-of-range", "entryCap"],
  ["a time as text", { from: "1795302000000" }, "invalid-field", "from"],
  ["a fraction of a millisecond", { from: from + 0.5 }, "invalid-field", "from"],
  ["a time before all times", { from: -1 }, "invalid-field", "from"],
  ["nobody who asks", { authority: " " }, "invalid-field", "authority"],
  ["letters that cannot be seen", { authority: "A\u202eB" }, "invalid-field", "authority"],
  ["a line break", { purpose: "a\nb" }, "invalid-field", "purpose"],
  ["a long purpose", { purpose: "x".repeat(501) }, "invalid-field", "purpose"],
  ["half a hash", { documentSha256: "00" }, "invalid-field", "documentSha256"],
  ["another path", { path: "express" }, "invalid-field", "path"],
  ["another topic", { topic: "hold-placed" }, "invalid-field", "topic"],
  ["a schedule", { every: "day" }, "unknown-field", "every"],
])("%s is refused", (_what, changes, refusal, field) => {
  expect(checkOpeningStatement(but(changes))).toEqual({ parsed: false, refusal, field });
});

it.each<[string, object, string, string]>([
  ["two doors", { accessPointIds: DOORS.slice(0, 2) }, "emergency-too-wide", "accessPointIds"],
  ["more than two hours", { from: from - 1 }, "emergency-too-wide", "until"],
  ["more than a day to answer", { deadline: at + 25 * HOUR_MS }, "emergency-too-wide", "deadline"],
  ["an extension", { extension: EXTENSION }, "emergency-too-wide", "extension"],
  ["a number without the document", { documentNumber: "1" }, "missing-field", "documentSha256"],
  ["a document without its number", { documentSha256: "0".repeat(64) }, "missing-field", "documentNumber"],
])("an emergency with %s is refused", (_what, changes, refusal, field) => {
  expect(checkOpeningStatement(but(changes, EXAMPLE_EMERGENCY))).toEqual({ parsed: false, refusal, field });
});

it.each([undefined, null, 1, "x", [], true])("%s is no request", (value) => {
  expect(checkOpeningStatement(value)).toEqual({ parsed: false, refusal: "malformed" });
});
