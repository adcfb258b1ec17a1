import { fromHex } from "@menshen/crypto";
import { expect, it } from "vitest";
import { parseCommand, parseResponse } from "./apdu.ts";

const malformed = expect.objectContaining({ code: "malformed" });

it.each([
  ["nothing", ""],
  ["three bytes", "00a404"],
  ["Lc beyond the end", "00a404000700"],
  ["Lc one short of the data", "00a4040001aabbcc"],
  ["Lc without data", "00a4040002aa"],
  ["the extended form with data", "00a404000000020102"],
  ["the extended form without data", "00b00000000100"],
  ["two bytes behind Le", "00a4040001aa0000"],
])("a command of %s is malformed", (_name, hex) => {
  expect(() => parseCommand(fromHex(hex))).toThrow(malformed);
});

it.each([
  ["nothing", new Uint8Array()],
  ["one byte", new Uint8Array(1)],
  ["more than an extended response", new Uint8Array(65_539)],
])("a response of %s is malformed", (_name, bytes) => {
  expect(() => parseResponse(bytes)).toThrow(malformed);
});
