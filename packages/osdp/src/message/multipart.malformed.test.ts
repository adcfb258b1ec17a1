import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { isMultipart, makeAssembler } from "./multipart.ts";

const PIVDATAR = 0x80;
const MALFORMED = expect.objectContaining({ code: "malformed-message" });

describe("a reply in parts", () => {
  test("is whole after its last part", () => {
    const assembler = makeAssembler();
    expect(assembler.push(PIVDATAR, fromHex("070000000400" + "a1a2a3a4"))).toBeUndefined();
    expect(toHex(assembler.push(PIVDATAR, fromHex("070004000300" + "a5a6a7")) ?? new Uint8Array(0))).toBe(
      "a1a2a3a4a5a6a7",
    );
  });

  test("may be one part, and the next message begins anew", () => {
    const assembler = makeAssembler();
    expect(assembler.push(PIVDATAR, fromHex("020000000200" + "0102"))).toEqual(Uint8Array.of(1, 2));
    expect(assembler.push(PIVDATAR, fromHex("010000000100" + "03"))).toEqual(Uint8Array.of(3));
  });

  test("that begins again forgets its first try", () => {
    const assembler = makeAssembler();
    assembler.push(PIVDATAR, fromHex("040000000200" + "0102"));
    assembler.push(PIVDATAR, fromHex("040000000200" + "0304"));
    expect(assembler.push(PIVDATAR, fromHex("040002000200" + "0506"))).toEqual(Uint8Array.of(3, 4, 5, 6));
  });

  test.each([
    ["no header", "0400"],
    ["a fragment shorter than it says", "04000000020001"],
    ["a fragment longer than it says", "0400000001000102"],
    ["a first part that is not the first", "0400020002000102"],
    ["a fragment over the end", "0100000002000102"],
    ["an empty fragment", "040000000000"],
    ["a message of no bytes", "000000000000"],
  ])("%s is refused", (_, hex) => {
    expect(() => makeAssembler().push(PIVDATAR, fromHex(hex))).toThrow(MALFORMED);
  });

  test.each([
    ["a repeated part", PIVDATAR, "060002000200" + "0304"],
    ["a part that leaves a gap", PIVDATAR, "060005000100" + "06"],
    ["another total", PIVDATAR, "070004000200" + "0506"],
    ["another reply's part", 0x81, "060004000200" + "0506"],
  ])("%s is refused, and so is what would have come next", (_, code, hex) => {
    const assembler = makeAssembler();
    assembler.push(PIVDATAR, fromHex("060000000200" + "0102"));
    assembler.push(PIVDATAR, fromHex("060002000200" + "0304"));
    expect(() => assembler.push(code, fromHex(hex))).toThrow(MALFORMED);
    expect(() => assembler.push(PIVDATAR, fromHex("060004000200" + "0506"))).toThrow(MALFORMED);
  });

  test("only certain replies come in parts", () => {
    expect([0x80, 0x81, 0x82].every(isMultipart)).toBe(true);
    expect([0x40, 0x50, 0x90, 0xb1].some(isMultipart)).toBe(false);
  });
});
