import { fromHex } from "@menshen/crypto";
import { expect, it } from "vitest";
import vectors from "../../vectors/pkoc-osdp.json" with { type: "json" };
import { OsdpError } from "../osdp-error.ts";
import { decodePkocMessage, makePkocAssembler, pkocParts } from "./pkoc.ts";

const malformed = expect.objectContaining({ code: "malformed-message" });
const tid = "4c10000102030405060708090a0b0c0d0e0f";

it.each([
  ["nothing", ""],
  ["an unknown code", "e5"],
  ["a refresh with a byte behind it", "e400"],
  ["card-present without its object", "e05c020100"],
  ["card-present without length", "e0fc"],
  ["card-present without versions", "e0fc02fd03"],
  ["card-present with half a version", "e0fc055c03010001"],
  ["card-present with two errors", "e0fc08fb02fb025c020100"],
  ["card-present with an error that lacks the status", "e0fc02fb01"],
  ["a request with other parameters", `e100025c0201004d20${"00".repeat(32)}${tid}`],
  ["a request with a short reader identifier", `e100015c0201004d1f${"00".repeat(31)}${tid}`],
  ["a request without transaction", `e100015c0201004d20${"00".repeat(32)}`],
  ["a request with a long transaction", `e100015c0201004d20${"00".repeat(32)}4c42${"00".repeat(66)}`],
  ["a transaction twice", `e3${tid}${tid}`],
  ["a transaction that is cut", "e34c100001"],
  ["an error without code", "fe"],
  ["an error with a byte behind it", "fe0200"],
])("%s is malformed", (_name, hex) => {
  expect(() => decodePkocMessage(fromHex(hex))).toThrow(malformed);
});

it("every cut of every message is malformed, or another whole message", () => {
  for (const { hex } of vectors.messages) {
    const bytes = fromHex(hex);
    for (let length = 0; length < bytes.length; length += 1) {
      try {
        decodePkocMessage(bytes.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(OsdpError);
        expect(error).toMatchObject({ code: "malformed-message" });
      }
    }
  }
});

it("parts that do not fit each other are dropped", () => {
  const hex = vectors.messages.find(({ type }) => type === "AuthResponse")?.hex ?? "";
  const response = decodePkocMessage(fromHex(hex));
  if (response.kind !== "auth-response") throw new Error("no answer");
  const [first, second, third] = pkocParts(response, 80);
  if (first === undefined || second === undefined || third === undefined)
    throw new Error("expected three parts");
  for (const order of [[second], [first, third], [first, second, second], [first, second.subarray(0, 20)]]) {
    const assembler = makePkocAssembler();
    expect(() => order.map((part) => assembler.push(part))).toThrow(malformed);
    expect(() => assembler.push(third)).toThrow(malformed);
    // What comes whole behind it is read again.
    expect([first, second, third].map((part) => assembler.push(part)).at(-1)).toEqual(response);
  }
});
