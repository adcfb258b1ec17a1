import { expect, test } from "vitest";
import { parseShare, shareText, splitKey } from "./key-shares.ts";

const GOOD = await splitKey(
  new Uint8Array(16).fill(3),
  { reference: { name: "k", version: 1 }, use: "mac" },
  { threshold: 2, count: 2 },
).then(([share]) => (share === undefined ? "" : shareText(share)));

test.each([
  { what: "empty", line: "" },
  { what: "words", line: "open the door please" },
  { what: "a piece too few", line: GOOD.slice(0, GOOD.lastIndexOf(" ")) },
  { what: "a piece too many", line: `${GOOD} 00` },
  { what: "one sign changed", line: GOOD.replace(" k ", " j ") },
  { what: "another threshold", line: GOOD.replace("2-of-2", "2-of-3") },
  { what: "another use", line: GOOD.replace("mac", "sign") },
  { what: "a shorter share", line: GOOD.replace(/[0-9a-f]{2} ([0-9a-f]{8})$/, " $1") },
])("$what is malformed", ({ line }) => {
  expect(() => parseShare(line)).toThrow(expect.objectContaining({ code: "malformed" }));
});

test("another version is named as such, and a long line is not read", () => {
  expect(() => parseShare(GOOD.replace("share-1", "share-2"))).toThrow(
    expect.objectContaining({ code: "unknown-version" }),
  );
  expect(() => parseShare(`${GOOD}${" ".repeat(300)}`)).toThrow(
    expect.objectContaining({ code: "too-large" }),
  );
});
