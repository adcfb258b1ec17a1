import { describe, expect, it } from "vitest";
import { CryptoError, concatBytes, equalBytes, fromHex, toHex, wipe } from "./index.ts";

describe("bytes", () => {
  it("go to hexadecimal text and back", () => {
    expect(toHex(Uint8Array.of(0, 1, 0xab, 0xff))).toBe("0001abff");
    expect(fromHex("0001aBFf")).toEqual(Uint8Array.of(0, 1, 0xab, 0xff));
    expect(fromHex("")).toEqual(new Uint8Array());
  });

  it.each(["0", "abc", "0g", "0x12", " 12", "1 2", "12\n", "１２"])(
    "refuse `%s` as hexadecimal text",
    (text) => {
      expect(() => fromHex(text)).toThrow(CryptoError);
      expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: "bad-encoding" }));
    },
  );

  it("are joined, compared and wiped", () => {
    expect(concatBytes()).toEqual(new Uint8Array());
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).toEqual(
      Uint8Array.of(1, 2, 3),
    );
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    const [first, second] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    wipe(first, second);
    expect([first, second]).toEqual([Uint8Array.of(0, 0), Uint8Array.of(0)]);
  });
});
