import fc from "fast-check";
import { expect, test } from "vitest";
import { readNumber, readNumbers } from "./card-numbers.ts";

test("numbers are read as readers, apps and stickers write them, each once", () => {
  expect(readNumbers("04 A1 B2 C3\n04:a1:b2:c3\n\n04-A1-B2-C3-D4-E5-F6\n")).toEqual({
    numbers: ["04a1b2c3", "04a1b2c3d4e5f6"],
    bad: [],
  });
});

test("lines that hold none are named", () => {
  expect(readNumbers("04a1b2c3\nhello\n04a1b2\n04a1b2c3d\n")).toEqual({
    numbers: ["04a1b2c3"],
    bad: [2, 3, 4],
  });
});

test("anything at all is a number or none", () => {
  fc.assert(
    fc.property(fc.string(), (typed) => {
      const number = readNumber(typed);
      if (number !== undefined) expect(number).toMatch(/^([0-9a-f]{2}){4,10}$/);
    }),
  );
});
