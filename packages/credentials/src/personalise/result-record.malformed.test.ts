import { fromHex, p256FromSecret } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import { parsePersonalisationRecord, verifyPersonalisationRecord } from "./result-record.ts";

const KEY = "c1".repeat(16);
const TIME = "081b000001a3185c5000";

test.each([
  ["nothing", ""],
  ["no map", "80"],
  ["a field missing", `a800010150${KEY}020003020481010506f407f4${TIME}`],
  ["another version", `a900020150${KEY}0200030204810105f406f407f4${TIME}`],
  ["a duplicate key", `a900010150${KEY}02000302030204810105f406f407f4${TIME}`],
  ["an unknown kind", `a900010150${KEY}0202030204810105f406f407f4${TIME}`],
  ["a version of 0", `a900010150${KEY}0200030004810105f406f407f4${TIME}`],
  ["groups out of order", `a900010150${KEY}020003020482020105f406f407f4${TIME}`],
  ["a group of 14", `a900010150${KEY}0200030204810e05f406f407f4${TIME}`],
  ["a number in more bytes than it needs", `a900010150${KEY}020003180204810105f406f407f4${TIME}`],
  ["a trailing byte", `a900010150${KEY}0200030204810105f406f407f4${TIME}00`],
  ["a shorter key", "a900010141c10200030204810105f406f407f4081b000001a3185c5000"],
])("%s is malformed", (_what, hex) => {
  expect(() => parsePersonalisationRecord(fromHex(hex))).toThrow(
    expect.objectContaining({ code: "malformed" }),
  );
  const key = p256FromSecret(new Uint8Array(32).fill(7));
  expect(verifyPersonalisationRecord(fromHex(hex), key)).toEqual({ verified: false, reason: "malformed" });
});

test("more than a record can be is not decoded", () => {
  expect(() => parsePersonalisationRecord(new Uint8Array(2_000).fill(0x80))).toThrow(
    expect.objectContaining({ code: "malformed" }),
  );
});
