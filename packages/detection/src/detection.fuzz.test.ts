import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AccessEvent,
  makeDetector,
  parseDoors,
  parseEvent,
  parseEventLine,
  readCsvHeader,
} from "./index.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const parsed = parseDoors({
  version: 1,
  gates: [{ id: "a" }, { id: "b" }],
  accessPoints: [
    { id: "a-in", gate: "a", from: "outside", to: "site" },
    { id: "a-out", gate: "a", from: "site", to: "outside" },
    { id: "b-in", gate: "b", from: "site", to: "house" },
  ],
  walks: [{ a: "a-in", b: "b-in", seconds: 120 }],
});
if (!parsed.ok) throw new Error("the doors of this test are faulty");
const { doors } = parsed;

test("whatever a line, a doors file or a CSV row holds, reading it ends with an answer", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.jsonValue(), (text, value) => {
      expect(typeof parseEventLine(text).ok).toBe("boolean");
      expect(typeof parseEvent(value).ok).toBe("boolean");
      expect(typeof parseDoors(value).ok).toBe("boolean");
      const header = readCsvHeader("time,door,card,result", 480);
      if (header.ok) expect(typeof header.reader.read(text).ok).toBe("boolean");
    }),
    { numRuns },
  );
});

const instant = fc.oneof(
  fc.integer({ min: 1_772_000_000_000, max: 1_772_200_000_000 }),
  fc.integer({ min: 0, max: 4_102_444_800_000 }),
);
const event = fc.record(
  {
    at: instant,
    receivedAt: instant,
    gate: fc.constantFrom("a", "b", "c"),
    accessPoint: fc.constantFrom("a-in", "a-out", "b-in", "z"),
    credential: fc.constantFrom("x", "y"),
    kind: fc.constantFrom("uid", "desfire", "other"),
    sequence: fc.nat(40),
    result: fc.constantFrom("granted" as const, "refused" as const),
    failure: fc.constantFrom("wrong-key" as const, "replay" as const, "unknown" as const),
    counter: fc.oneof(fc.nat(50), fc.constant(Number.MAX_SAFE_INTEGER)),
    torn: fc.boolean(),
    keyVersion: fc.nat(255),
    fingerprint: fc.nat(65_535),
    watched: fc.boolean(),
    unaccustomed: fc.boolean(),
  },
  { requiredKeys: ["at", "gate", "accessPoint", "credential", "kind", "result"] },
);

test("whatever comes in, every event is counted once and every case has numbers in it", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const detector = makeDetector({
        doors,
        onCase({ score, probability, signs }) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
          expect(signs.length).toBeLessThanOrEqual(12);
        },
      });
      for (const one of events) detector.take(one satisfies AccessEvent);
      detector.finish();
      const { taken, judged, duplicates, unknownDoors, tooLate, unconfirmed, withoutRoom, strangers } =
        detector.counts;
      expect(withoutRoom).toBe(0);
      expect(judged + duplicates + unknownDoors + tooLate + unconfirmed + strangers).toBe(taken);
    }),
    { numRuns },
  );
});
