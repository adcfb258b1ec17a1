import { fromHex, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { ApduSocketDecoder, encodeApduSocketMessage } from "./apdu-socket-frame.ts";

describe("APDU socket frames", () => {
  it("are a length and as many bytes", () => {
    expect(toHex(encodeApduSocketMessage(fromHex("04")))).toBe("000104");
    expect(toHex(encodeApduSocketMessage(fromHex("00a40400")))).toBe("000400a40400");
    expect(encodeApduSocketMessage(new Uint8Array(65_535))).toHaveLength(65_537);
    for (const length of [0, 65_536]) {
      expect(() => encodeApduSocketMessage(new Uint8Array(length))).toThrow(
        expect.objectContaining({ code: "bad-argument" }),
      );
    }
  });

  it("are cut from a stream", () => {
    const decoder = new ApduSocketDecoder();
    expect(decoder.push(new Uint8Array())).toEqual([]);
    expect(decoder.push(fromHex("00"))).toEqual([]);
    expect(decoder.push(fromHex("0104000200"))).toEqual([fromHex("04")]);
    expect(decoder.push(fromHex("01000102"))).toEqual([fromHex("0001"), fromHex("02")]);
  });

  it("of no length are malformed", () => {
    const decoder = new ApduSocketDecoder();
    expect(() => decoder.push(fromHex("0000"))).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
