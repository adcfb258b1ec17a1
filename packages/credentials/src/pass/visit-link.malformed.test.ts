import * as primitives from "@menshen/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readVisitorPass, readVisitToken } from "./read-visitor-pass.ts";
import { readVisitFragment, writeVisitFragment } from "./visit-link.ts";

const base64url = (text: string) => Buffer.from(text).toString("base64url");
const good = { community: "a", timeZone: "UTC", doors: ["b"] };
const pass = "vAA";

test.each([
  ["", "nothing"],
  ["v", "no message"],
  ["mAA", "another kind"],
  [".x", "a note alone"],
  ["vAA.x.y", "two notes"],
  ["vAB", "fill bits"],
])("`%s` is no link: %s", (fragment) => expect(readVisitFragment(fragment)).toBeUndefined());

test.each([
  ["no base64url", "x+"],
  ["a length that base64 does not have", "xxxxx"],
  ["no JSON", base64url("{")],
  ["no UTF-8", Buffer.of(0x22, 0xff, 0x22).toString("base64url")],
  ["no object", base64url("7")],
  ["a name of two lines", base64url(JSON.stringify({ ...good, community: "a\nb" }))],
  ["a name that turns the text around", base64url(JSON.stringify({ ...good, doors: ["\u202egate"] }))],
  ["a long name", base64url(JSON.stringify({ ...good, community: "a".repeat(81) }))],
  ["a time zone that is none", base64url(JSON.stringify({ ...good, timeZone: "Mars/Olympus" }))],
  ["doors that are no list", base64url(JSON.stringify({ ...good, doors: "b" }))],
  ["too many doors", base64url(JSON.stringify({ ...good, doors: Array(65).fill("b") }))],
  ["a day that ends before it begins", base64url(JSON.stringify({ ...good, day: { from: 2, until: 1 } }))],
  ["a day beyond all dates", base64url(JSON.stringify({ ...good, day: { from: 2, until: 1e17 } }))],
  ["too long a text", "A".repeat(4_004)],
])("a note with %s is left out, and the pass stays", (_name, note) => {
  expect(readVisitFragment(`${pass}.${note}`)).toEqual({
    pass: { kind: "visitor-pass", message: Uint8Array.of(0) },
    note: undefined,
  });
});

test("never throws, whatever stands in a link or a message", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.base64String()),
      fc.uint8Array({ minLength: 1 }),
      (text, message) => {
        readVisitFragment(text);
        readVisitFragment(`${pass}.${text}`);
        readVisitorPass(primitives, message);
        readVisitToken(message);
        expect(readVisitFragment(writeVisitFragment("visitor-pass", message, good))?.pass.message).toEqual(
          message,
        );
      },
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 200) },
  );
});
