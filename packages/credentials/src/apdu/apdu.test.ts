import { fromHex, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { encodeCommand, encodeResponse, parseCommand, parseResponse } from "./apdu.ts";

const none = new Uint8Array();

describe("command APDUs", () => {
  it.each([
    ["case 1", { cla: 0, ins: 0xb0, p1: 1, p2: 2, data: none }, "00b00102"],
    ["case 2", { cla: 0x90, ins: 0x60, p1: 0, p2: 0, data: none, le: 256 }, "9060000000"],
    ["case 2, one byte", { cla: 0, ins: 0xb0, p1: 0, p2: 0, data: none, le: 1 }, "00b0000001"],
    ["case 3", { cla: 0, ins: 0xd6, p1: 0, p2: 0, data: fromHex("aabb") }, "00d6000002aabb"],
    [
      "case 4",
      { cla: 0, ins: 0xa4, p1: 4, p2: 0, data: fromHex("d2760000850101"), le: 256 },
      "00a4040007d276000085010100",
    ],
  ])("are written and read: %s", (_name, command, hex) => {
    expect(toHex(encodeCommand(command))).toBe(hex);
    expect(parseCommand(fromHex(hex))).toEqual(command);
  });

  it("hold up to 255 bytes", () => {
    const data = new Uint8Array(255).fill(7);
    const bytes = encodeCommand({ cla: 0x90, ins: 0x8d, p1: 0, p2: 0, data, le: 256 });
    expect(bytes).toHaveLength(261);
    expect(parseCommand(bytes).data).toEqual(data);
  });

  it.each([
    ["256 data bytes", { cla: 0, ins: 0, p1: 0, p2: 0, data: new Uint8Array(256) }],
    ["Le 0", { cla: 0, ins: 0, p1: 0, p2: 0, data: none, le: 0 }],
    ["Le 257", { cla: 0, ins: 0, p1: 0, p2: 0, data: none, le: 257 }],
    ["a header byte of 256", { cla: 256, ins: 0, p1: 0, p2: 0, data: none }],
    ["a header byte of -1", { cla: 0, ins: -1, p1: 0, p2: 0, data: none }],
    ["a header byte of 0.5", { cla: 0, ins: 0, p1: 0.5, p2: 0, data: none }],
  ])("are not written with %s", (_name, command) => {
    expect(() => encodeCommand(command)).toThrow(expect.objectContaining({ code: "bad-argument" }));
  });
});

describe("response APDUs", () => {
  it("are written and read", () => {
    expect(toHex(encodeResponse({ data: fromHex("0102"), sw: 0x91af }))).toBe("010291af");
    expect(parseResponse(fromHex("010291af"))).toEqual({ data: fromHex("0102"), sw: 0x91af });
    expect(parseResponse(fromHex("6a82"))).toEqual({ data: none, sw: 0x6a82 });
    expect(() => encodeResponse({ data: none, sw: 0x10000 })).toThrow(
      expect.objectContaining({ code: "bad-argument" }),
    );
  });
});
