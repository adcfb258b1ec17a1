import { expect, test } from "vitest";
import { DomainError, parsePlate } from "./index.ts";

test.each([
  ["nothing", ""],
  ["separators only", " - · "],
  ["one character", "A"],
  ["letters alone", "PRIVATE"],
  ["too short behind the province", "沪A123"],
  ["too long behind the province", "沪A1234567"],
  ["a province without an office", "沪12345"],
  ["two provinces", "沪京12345"],
  ["six characters and a suffix", "沪A123456挂"],
  ["too many characters", "A1".repeat(7)],
  ["a text that is much too long", "1".repeat(10_000)],
  ["a control character", "AB\u0000123"],
  ["a sign that joins", "A1\u200d2"],
  ["markup", "<b>A1</b>"],
  ["half a surrogate pair", "A1\ud800"],
])("refused: %s", (_name, text) => {
  expect(() => parsePlate(text)).toThrow(DomainError);
});
