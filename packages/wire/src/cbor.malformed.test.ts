import { expect, it } from "vitest";
import { decodeCbor } from "./cbor.ts";
import { fromHex } from "./gate-link/vectors.fixture.ts";

it.each([
  ["not-canonical", "a number in two bytes that fits one", "1817"],
  ["not-canonical", "a number in three bytes that fits two", "1900ff"],
  ["not-canonical", "a number in five bytes that fits three", "1a0000ffff"],
  ["not-canonical", "a number in nine bytes that fits five", "1b00000000ffffffff"],
  ["not-canonical", "a length that is not the shortest", "580100"],
  ["not-canonical", "indefinite bytes", "5f4101ff"],
  ["not-canonical", "indefinite text", "7f6161ff"],
  ["not-canonical", "an indefinite list", "9fff"],
  ["not-canonical", "an indefinite map", "bfff"],
  ["not-canonical", "keys in the wrong order", "a203000100"],
  ["not-canonical", "a key twice", "a201000100"],
  ["not-canonical", "a negative key before a positive one", "a220000100"],
  ["malformed", "nothing", ""],
  ["malformed", "two items", "0000"],
  ["malformed", "a cut length", "19ff"],
  ["malformed", "reserved lengths", "1c"],
  ["malformed", "reserved lengths", "5d"],
  ["malformed", "fewer bytes than announced", "420a"],
  ["malformed", "fewer items than announced", "8201"],
  ["malformed", "4 billion items", "9affffffff"],
  ["malformed", "2^53 items", "bb0020000000000000"],
  ["malformed", "a number beyond 2^53", "1b0020000000000000"],
  ["malformed", "a number below -2^53", "3b001fffffffffffff"],
  ["malformed", "bytes as a key", "a14000"],
  ["malformed", "a list as a key", "a18000"],
  ["malformed", "true as a key", "a1f500"],
  ["malformed", "a tag", "c100"],
  ["malformed", "null", "f6"],
  ["malformed", "undefined", "f7"],
  ["malformed", "a simple value", "f0"],
  ["malformed", "half a float", "f93c00"],
  ["malformed", "a float", "fb3ff8000000000000"],
  ["malformed", "a break", "ff"],
  ["malformed", "text that is not UTF-8", "62c328"],
  ["malformed", "half a surrogate pair", "63eda080"],
  ["malformed", "a hundred levels", `${"81".repeat(100)}00`],
  ["malformed", "a thousand open lists", "81".repeat(1_000)],
])("refuses as %s: %s", (code, _what, hex) => {
  expect(() => decodeCbor(fromHex(hex), 2_000)).toThrowError(
    expect.objectContaining({ name: "WireError", code }),
  );
});
