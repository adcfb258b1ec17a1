import fc from "fast-check";
import { expect, it } from "vitest";
import { EXAMPLE_REQUEST } from "./opening-statement.fixture.ts";
import {
  checkOpeningStatement,
  encodeOpeningStatement,
  OPENING_LIMITS,
  parseOpeningStatement,
} from "./opening-statement.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 1_000);
const text = encodeOpeningStatement(EXAMPLE_REQUEST);

it("any text is refused as a value, or is the one text of a request within its limits", () => {
  const near = fc
    .tuple(fc.nat(text.length - 1), fc.string({ unit: "binary", maxLength: 3 }), fc.nat(3))
    .map(([at, put, drop]) => text.slice(0, at) + put + text.slice(at + drop));
  fc.assert(
    fc.property(fc.oneof(near, fc.json(), fc.string({ unit: "binary" })), (changed) => {
      const result = parseOpeningStatement(changed);
      if (result.parsed) expect(encodeOpeningStatement(result.statement)).toBe(changed);
    }),
    { numRuns },
  );
});

it("no combination of fields gets beyond the limits", () => {
  const time = fc.oneof(
    fc.integer({ min: EXAMPLE_REQUEST.from - 1e9, max: EXAMPLE_REQUEST.at + 1e9 }),
    fc.constantFrom(EXAMPLE_REQUEST.at, EXAMPLE_REQUEST.from, EXAMPLE_REQUEST.until),
  );
  const changes = fc.record(
    {
      at: time,
      from: time,
      until: time,
      deadline: time,
      sealUntil: time,
      path: fc.constantFrom("ordinary", "emergency"),
      entryCap: fc.oneof(fc.integer(), fc.nat(6_000)),
      accessPointIds: fc.uniqueArray(fc.uuid(), { maxLength: 22 }),
      extension: fc.constant({ reason: "r", documentSha256: "0".repeat(64) }),
      documentNumber: fc.oneof(fc.string(), fc.constant(undefined)),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(changes, (some) => {
      const result = checkOpeningStatement({ ...EXAMPLE_REQUEST, ...some });
      if (!result.parsed) return;
      const { statement } = result;
      expect(statement.until).toBeLessThanOrEqual(statement.at);
      expect(statement.until - statement.from).toBeLessThanOrEqual(OPENING_LIMITS.extendedWindowMs);
      expect(statement.accessPointIds.length).toBeLessThanOrEqual(OPENING_LIMITS.extendedAccessPoints);
      expect(statement.entryCap).toBeLessThanOrEqual(OPENING_LIMITS.entries);
      if (statement.path === "emergency") expect(statement.accessPointIds).toHaveLength(1);
    }),
    { numRuns },
  );
});
