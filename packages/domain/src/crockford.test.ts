import { expect, test } from "vitest";
import { decodeCrockford, encodeCrockford, groupCrockford, tidyCrockford } from "./index.ts";

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

// RFC 4648 §10's inputs with Crockford's alphabet in the place of A-Z2-7, filling characters left out.
test.each([
  ["", ""],
  ["f", "CR"],
  ["fo", "CSQG"],
  ["foo", "CSQPY"],
  ["foob", "CSQPYRG"],
  ["fooba", "CSQPYRK1"],
  ["foobar", "CSQPYRK1E8"],
])("`%s` is `%s`", (plain, encoded) => {
  expect(encodeCrockford(ascii(plain))).toBe(encoded);
  expect(decodeCrockford(encoded, plain.length)).toEqual(ascii(plain));
});

test("what people type instead is understood", () => {
  expect(decodeCrockford(" csqp-yrk1 e8", 6)).toEqual(ascii("foobar"));
  expect(decodeCrockford("csqpyrkle8", 6)).toEqual(ascii("foobar"));
  expect(decodeCrockford("ＣＳＱＰ–ＹＲＫＩＥ８", 6)).toEqual(ascii("foobar"));
  expect(tidyCrockford("oO0")).toBe("000");
});

test("codes are written in groups of four", () => {
  expect(groupCrockford("CSQPYRK1E8")).toBe("CSQP-YRK1-E8");
  expect(groupCrockford("")).toBe("");
});
