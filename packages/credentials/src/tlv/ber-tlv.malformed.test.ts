import { fromHex, toHex } from "@menshen/crypto";
import { expect, it } from "vitest";
import { encodeTlv, optionalValue, readTlvMap, readTlvs, requiredValue } from "./ber-tlv.ts";

it("reads and writes one- and two-byte tags and every length form", () => {
  expect(toHex(encodeTlv(0x5c, fromHex("0100")))).toBe("5c020100");
  expect(toHex(encodeTlv(0x7f63, encodeTlv(0x5c, fromHex("0200"))))).toBe("7f63045c020200");
  expect(toHex(encodeTlv(0x53, new Uint8Array(0x80)).subarray(0, 3))).toBe("538180");
  expect(toHex(encodeTlv(0x53, new Uint8Array(0x100)).subarray(0, 4))).toBe("53820100");
  const [first, second] = readTlvs(fromHex("5c0201005f2901aa"));
  expect(first).toMatchObject({ tag: 0x5c, value: fromHex("0100"), encoded: fromHex("5c020100") });
  expect(second).toMatchObject({ tag: 0x5f29, value: fromHex("aa") });
  expect(readTlvs(fromHex("5f01aa"), "one-byte")).toMatchObject([{ tag: 0x5f, value: fromHex("aa") }]);
  expect(requiredValue(readTlvMap(fromHex("5c020100")), 0x5c, 2)).toEqual(fromHex("0100"));
  expect(() => encodeTlv(0x1_0000)).toThrow(expect.objectContaining({ code: "bad-argument" }));
  expect(() => encodeTlv(0x53, new Uint8Array(65_536))).toThrow(
    expect.objectContaining({ code: "bad-argument" }),
  );
});

it.each([
  ["a tag alone", "5c"],
  ["half a tag", "7f"],
  ["a tag of three bytes", "7f808001aa"],
  ["a value that is cut", "5c0201"],
  ["a length that is cut", "5c82ff"],
  ["the indefinite length", "5c80"],
  ["a length of three bytes", "5c8300000100"],
  ["a long form of a short length", "5c810100"],
  ["a long form of a middle length", `5c820080${"00".repeat(128)}`],
  ["a tag of two bytes where one would do", "5f0100"],
  ["more objects than any message has", "5c00".repeat(65)],
])("%s is malformed", (_name, hex) => {
  expect(() => readTlvs(fromHex(hex))).toThrow(expect.objectContaining({ code: "malformed" }));
});

it("a tag that stands twice is malformed where each has one meaning", () => {
  expect(readTlvs(fromHex("5c01005c0101"))).toHaveLength(2);
  expect(() => readTlvMap(fromHex("5c01005c0101"))).toThrow(expect.objectContaining({ code: "malformed" }));
});

it("a value that is missing or of another length is malformed", () => {
  const objects = readTlvMap(fromHex("5c020100"));
  expect(() => requiredValue(objects, 0x5d)).toThrow(expect.objectContaining({ code: "malformed" }));
  expect(() => requiredValue(objects, 0x5c, 3)).toThrow(expect.objectContaining({ code: "malformed" }));
  expect(() => optionalValue(objects, 0x5c, 3)).toThrow(expect.objectContaining({ code: "malformed" }));
  expect(optionalValue(objects, 0x5d, 3)).toBeUndefined();
});
