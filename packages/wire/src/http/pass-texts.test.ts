import { expect, test } from "vitest";
import { passTexts } from "./passes.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const ID = "0197a1b2-0000-7000-8000-0000000000ff";

test("what a phone signs to enrol its key: use, person and key", () => {
  expect(hex(passTexts.enrol(ID, new Uint8Array(65).fill(4)))).toBe(
    `${Buffer.from("menshen/phone-pass-enrol/v1").toString("hex")}00` +
      `0197a1b20000700080000000000000ff${"04".repeat(65)}`,
  );
});

test("what a phone signs to take a visitor pass back: use, community, pass and end", () => {
  expect(hex(passTexts.revoke(ID, new Uint8Array(8).fill(7), 1_800_000_000_123))).toBe(
    `${Buffer.from("menshen/visitor-revoke/v1").toString("hex")}00` +
      `0197a1b20000700080000000000000ff${"07".repeat(8)}000001a3185c507b`,
  );
});
