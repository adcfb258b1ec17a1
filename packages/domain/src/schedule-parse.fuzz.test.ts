import fc from "fast-check";
import { expect, test } from "vitest";
import { DomainError, parseAccessRule, parseHolidays, parseSchedule, parseValidity } from "./index.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

/** Values that look like what the parsers read, so that runs get past the first check. */
const nearly = fc.oneof(
  fc.anything({ maxDepth: 4 }),
  fc.record(
    {
      id: fc.oneof(fc.uuid(), fc.anything()),
      name: fc.oneof(fc.string(), fc.anything()),
      weekly: fc.array(
        fc.record({
          weekday: fc.integer({ min: -1, max: 9 }),
          startMinute: fc.integer({ min: -2, max: 1442 }),
          endMinute: fc.integer({ min: -2, max: 1442 }),
        }),
        { maxLength: 4 },
      ),
      holidays: fc.oneof(fc.constant([]), fc.anything()),
      exceptions: fc.array(
        fc.record({ date: fc.oneof(fc.string(), fc.constant("2027-02-28")), windows: fc.constant([]) }),
      ),
    },
    { requiredKeys: [] },
  ),
);

test.each([parseSchedule, parseHolidays, parseValidity, parseAccessRule])(
  "%o answers anything with a value or a DomainError",
  (parse) => {
    fc.assert(
      fc.property(nearly, (value) => {
        try {
          parse(value);
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
        }
      }),
      { numRuns },
    );
  },
);

test("what parseSchedule returns, it accepts unchanged", () => {
  fc.assert(
    fc.property(nearly, (value) => {
      let once: unknown;
      try {
        once = parseSchedule(value);
      } catch {
        return;
      }
      expect(parseSchedule(once)).toEqual(once);
    }),
    { numRuns },
  );
});
