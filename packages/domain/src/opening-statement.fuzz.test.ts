import fc from "fast-check";
import { expect, it } from "vitest";
import { OPENING_LIMITS } from "./opening-request.ts";
import { parseOpeningStatement } from "./opening-statement.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);
const AT = 1_795_334_400_000;

const statement = {
  topic: "opening-requested",
  at: AT,
  requestId: "6f6d3a52-2a0e-4a58-9c44-0a5f0f1f7e01",
  path: "ordinary",
  authority: "某区公安分局",
  documentNumber: "调证〔2026〕0147号",
  documentSha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  accessPointIds: ["11111111-1111-4111-8111-111111111111"],
  from: AT - 10_000_000,
  until: AT - 5_000_000,
  purpose: "crime-investigation",
  deadline: AT + 100_000_000,
  sealUntil: AT + 200_000_000,
  entryCap: 200,
};

it("any value is refused as a value", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.anything()), (value) => {
      expect(parseOpeningStatement(value).parsed).toBe(false);
    }),
    { numRuns },
  );
});

it("no combination of fields gets beyond the limits", () => {
  const time = fc.oneof(
    fc.integer({ min: AT - 1e9, max: AT + 1e9 }),
    fc.constantFrom(AT, statement.from, statement.until),
  );
  const changes = fc.record(
    {
      at: time,
      from: time,
      until: time,
      deadline: time,
      sealUntil: time,
      path: fc.constantFrom("ordinary", "emergency"),
      purpose: fc.constantFrom("danger-to-life", "crime-investigation"),
      entryCap: fc.oneof(fc.integer(), fc.nat(600)),
      accessPointIds: fc.uniqueArray(fc.uuid(), { maxLength: 22 }),
      extension: fc.constant({ reason: "r", documentSha256: "0".repeat(64) }),
      onCall: fc.array(fc.nat(4), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(changes, (some) => {
      const result = parseOpeningStatement({ ...statement, ...some });
      if (!result.parsed) return;
      const { at, from, until, accessPointIds, entryCap, path, onCall } = result.statement;
      expect(until).toBeLessThanOrEqual(at);
      expect(until - from).toBeLessThanOrEqual(OPENING_LIMITS.extendedWindowMs);
      expect(accessPointIds.length).toBeLessThanOrEqual(OPENING_LIMITS.extendedDoors);
      expect(entryCap).toBeLessThanOrEqual(OPENING_LIMITS.entries);
      expect(path === "emergency" ? [accessPointIds.length, onCall?.length] : []).toEqual(
        path === "emergency" ? [1, 2] : [],
      );
    }),
    { numRuns },
  );
});
