import { describe, expect, it } from "vitest";
import { EXAMPLE_EMERGENCY, EXAMPLE_REQUEST } from "./opening-statement.fixture.ts";
import { checkOpeningStatement, encodeOpeningStatement, parseOpeningStatement } from "./opening-statement.ts";

const HOUR_MS = 3_600_000;
const DOORS = Array.from({ length: 21 }, (_, i) => `11111111-1111-4111-8111-${String(i).padStart(12, "0")}`);
const EXTENSION = { reason: "连环案件", documentSha256: "0".repeat(64) };

it("has one text", () => {
  const text = encodeOpeningStatement(EXAMPLE_REQUEST);
  expect(text).toBe(
    '{"accessPointIds":["11111111-1111-4111-8111-111111111111"],"at":1795334400000,"authority":"某区公安分局",' +
      '"deadline":1795507200000,"documentNumber":"调证〔2026〕0147号",' +
      '"documentSha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","entryCap":200,' +
      '"from":1795302000000,"path":"ordinary","purpose":"入室盗窃案",' +
      '"requestId":"6f6d3a52-2a0e-4a58-9c44-0a5f0f1f7e01","sealUntil":1803110400000,' +
      '"topic":"opening-requested","until":1795309200000}',
  );
  expect(parseOpeningStatement(text)).toEqual({ parsed: true, statement: EXAMPLE_REQUEST });
});

it("an extension stands in the text too", () => {
  const wide = { ...EXAMPLE_REQUEST, accessPointIds: DOORS.slice(0, 20), extension: EXTENSION };
  expect(parseOpeningStatement(encodeOpeningStatement(wide))).toEqual({ parsed: true, statement: wide });
});

describe("what is allowed at most", () => {
  const { at, from } = EXAMPLE_REQUEST;
  it.each<[string, object]>([
    ["five doors", { accessPointIds: DOORS.slice(0, 5) }],
    ["24 hours", { from: at - 24 * HOUR_MS, until: at }],
    ["20 doors with an extension", { accessPointIds: DOORS.slice(0, 20), extension: EXTENSION }],
    ["a week with an extension", { from: at - 168 * HOUR_MS, until: at, extension: EXTENSION }],
    ["one entry", { entryCap: 1 }],
    ["a seal that ends with the deadline", { sealUntil: EXAMPLE_REQUEST.deadline }],
    ["30 days to answer", { deadline: at + 720 * HOUR_MS }],
  ])("%s", (_what, changes) => {
    expect(checkOpeningStatement({ ...EXAMPLE_REQUEST, ...changes }).parsed).toBe(true);
  });

  it("an emergency: one door, two hours, no papers yet, or with them", () => {
    expect(checkOpeningStatement({ ...EXAMPLE_EMERGENCY, from, until: from + 2 * HOUR_MS }).parsed).toBe(
      true,
    );
    expect(
      checkOpeningStatement({ ...EXAMPLE_EMERGENCY, documentNumber: "1", documentSha256: "0".repeat(64) })
        .parsed,
    ).toBe(true);
  });
});
