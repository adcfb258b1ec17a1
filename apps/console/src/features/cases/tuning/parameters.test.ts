import { expect, test } from "vitest";
import { changedOnly, differences, shownNumber } from "./parameters.ts";

const DELIVERED = {
  ...{ prior: 0.005, lateHours: 26, fastestTimesWalk: 4.3, counterSlackMinutes: 60 },
  ...{ conflictAfterSeconds: 120, watchScore: 5, secondFactorScore: 14, caseDays: 7 },
};

test("only what is not as delivered is sent", () => {
  expect(changedOnly({ ...DELIVERED, watchScore: 4, caseDays: 7 }, DELIVERED)).toEqual({ watchScore: 4 });
  expect(changedOnly({}, DELIVERED)).toEqual({});
});

test("a difference says both numbers as they are read, also back to what was delivered", () => {
  expect(differences({ prior: 0.01 }, {}, DELIVERED)).toEqual([{ name: "prior", from: 1, to: 0.5 }]);
  expect(differences({ caseDays: 9 }, { caseDays: 9 }, DELIVERED)).toEqual([]);
});

test("a share is read in per cent without what floating point adds", () => {
  expect(shownNumber(0.07, 100)).toBe(7);
  expect(shownNumber(4.3, 1)).toBe(4.3);
});
