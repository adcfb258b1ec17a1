import { expect, test } from "vitest";
import { decodeCrockford, tidyCrockford } from "./index.ts";

test.each([
  ["a letter that is none", "CSQPYRK1EU", 6],
  ["a sign", "CSQPYRK1E*", 6],
  ["too short", "CSQPYRK1E", 6],
  ["too long", "CSQPYRK1E80", 6],
  ["fill bits", "CT", 1],
  ["fill bits at the end", "CSQPYRK1E9", 6],
  ["nothing", "", 6],
  ["a letter of another script", "СSQPYRK1E8", 6],
])("refused: %s", (_name, text, lengthBytes) => {
  expect(decodeCrockford(text, lengthBytes)).toBeUndefined();
});

test("nothing is left over silently", () => {
  expect(tidyCrockford("AB\u0000")).toBeUndefined();
  expect(tidyCrockford("门神")).toBeUndefined();
});
