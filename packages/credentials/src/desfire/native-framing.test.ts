import { fromHex, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { encodeResponse, parseCommand } from "../apdu/apdu.ts";
import { scriptedChannel } from "../channel/scripted-channel.testing.ts";
import {
  encodeNativeCommand,
  exchangeNative,
  exchangeNativeChained,
  NativeCommand,
  NativeStatus,
  nativeCommandOf,
  nativeResponse,
} from "./native-framing.ts";

describe("native framing", () => {
  it("wraps commands, and reads them back on the card", () => {
    expect(toHex(encodeNativeCommand(0x60))).toBe("9060000000");
    expect(toHex(encodeNativeCommand(0x5a, fromHex("534df5")))).toBe("905a000003534df500");
    expect(nativeCommandOf(parseCommand(fromHex("905a000003534df500")))).toEqual({
      command: NativeCommand.selectApplication,
      data: fromHex("534df5"),
    });
    expect(nativeCommandOf(parseCommand(fromHex("00a40400")))).toBeUndefined();
    expect(nativeCommandOf(parseCommand(fromHex("9060010000")))).toBeUndefined();
    expect(toHex(encodeResponse(nativeResponse(NativeStatus.additionalFrame, fromHex("0a"))))).toBe("0a91af");
    expect(() => encodeNativeCommand(0x8d, new Uint8Array(256))).toThrow(
      expect.objectContaining({ code: "bad-argument" }),
    );
  });

  it("gathers chained answers", async () => {
    const channel = scriptedChannel({ "9060000000": "010291af", "90af000000": ["0391af", "049100"] });
    expect(toHex(await exchangeNativeChained(channel, NativeCommand.getVersion))).toBe("01020304");
    expect(channel.sent).toEqual(["9060000000", "90af000000", "90af000000"]);
  });

  it("gives single frames as they are", async () => {
    const channel = scriptedChannel({ "9071000002010000": "aa91af" });
    expect(await exchangeNative(channel, 0x71, fromHex("0100"))).toEqual({
      status: 0xaf,
      data: fromHex("aa"),
    });
  });
});

describe("native framing out of form", () => {
  it.each([
    ["a refusal", "91a0", { code: "card-status", status: 0x91a0 }],
    ["an answer of a card without this command set", "6d00", { code: "card-status", status: 0x6d00 }],
    ["an ISO success", "9000", { code: "card-status", status: 0x9000 }],
    ["no status word", "91", { code: "malformed" }],
    ["nothing", "", { code: "malformed" }],
    ["a card that left", "gone", { code: "card-removed" }],
  ])("reports %s", async (_name, answer, error) => {
    const channel = scriptedChannel({ "9060000000": answer });
    await expect(exchangeNativeChained(channel, 0x60)).rejects.toMatchObject(error);
  });

  it("reports a refusal in mid-chain", async () => {
    const channel = scriptedChannel({ "9060000000": "0191af", "90af000000": "911c" });
    await expect(exchangeNativeChained(channel, 0x60)).rejects.toMatchObject({
      code: "card-status",
      status: 0x911c,
    });
  });

  it("gives up on an answer without end, with and without data", async () => {
    const frame = "00".repeat(59);
    const filling = scriptedChannel({
      "9060000000": `${frame}91af`,
      "90af000000": Array(1000).fill(`${frame}91af`),
    });
    await expect(exchangeNativeChained(filling, 0x60)).rejects.toMatchObject({ code: "malformed" });
    expect(filling.sent.length).toBeLessThan(150);
    const empty = scriptedChannel({ "9060000000": "91af", "90af000000": Array(1000).fill("91af") });
    await expect(exchangeNativeChained(empty, 0x60)).rejects.toMatchObject({ code: "malformed" });
    expect(empty.sent).toHaveLength(256);
  });
});
