import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { MAX_MOTION_MS, parseNamingStatement } from "./naming.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);
const AT = 1_795_334_400_000;

it("any text is read or is none, and never throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseNamingStatement(text)).toBeUndefined();
    }),
    { numRuns },
  );
});

it("whatever is read that names everyone has an end within a year", () => {
  const time = fc.oneof(fc.integer({ min: AT - 1e11, max: AT + 1e11 }), fc.constant(AT), fc.boolean());
  const fields = fc.record({ at: time, from: time, until: time }, { requiredKeys: [] });
  fc.assert(
    fc.property(fields, fc.constantFrom("staff", "everyone", "nobody"), (times, scope) => {
      const read = parseNamingStatement(canonicalJson({ topic: "naming-decided", scope, ...times }));
      if (read?.scope !== "everyone") return;
      const lengthMs = (read.untilMs ?? Number.POSITIVE_INFINITY) - read.fromMs;
      expect(lengthMs > 0 && lengthMs <= MAX_MOTION_MS).toBe(true);
    }),
    { numRuns },
  );
});
