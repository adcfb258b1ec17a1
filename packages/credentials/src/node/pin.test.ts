import { fromHex, toHex } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import { drawDuressPin, drawPin, pinCredentialKey } from "./pin.ts";

const PIN_KEY = fromHex("000102030405060708090a0b0c0d0e0f");

// Recomputed with the argon2 of @noble/hashes.
test.each([
  ["01234567", "ace6bbab3a433bd7a61e0142effcaadb"],
  ["00000000", "ba283abbef5e9206680ef590969328a6"],
])("the key of PIN %s under a community's PIN key", async (digits, key) => {
  expect(toHex(await pinCredentialKey(PIN_KEY, digits))).toBe(key);
});

test("another community's key gives another", async () => {
  expect(toHex(await pinCredentialKey(new Uint8Array(16), "01234567"))).not.toBe(
    "ace6bbab3a433bd7a61e0142effcaadb",
  );
});

test.each(["", "1234567", "123456789", "1234567a", "１２３４５６７８", "1234 567"])(
  "`%s` is no PIN",
  async (digits) => {
    await expect(pinCredentialKey(PIN_KEY, digits)).rejects.toMatchObject({ code: "bad-argument" });
  },
);

test("a key of another length is refused", async () => {
  await expect(pinCredentialKey(new Uint8Array(15), "01234567")).rejects.toMatchObject({
    code: "bad-argument",
  });
});

test("digits are drawn evenly: what would favour the low ones is drawn again", () => {
  const draws = ["fa56ea00", "ffffffff", "00000007"].map(fromHex);
  // 4,200,000,000 is the first number that is left out; the one below it is a draw like any other.
  expect(drawPin(() => draws.shift() ?? new Uint8Array(4))).toBe("00000007");
  expect(drawPin(() => fromHex("fa56e9ff"))).toBe("99999999");
  expect(drawPin()).toMatch(/^[0-9]{8}$/);
});

test("a duress PIN differs in its last digit, each of the nine equally likely", () => {
  const drawn = Array.from({ length: 9 }, (_, byte) => drawDuressPin("31415926", () => Uint8Array.of(byte)));
  expect(drawn).toEqual([
    "31415927",
    "31415928",
    "31415929",
    "31415920",
    "31415921",
    "31415922",
    "31415923",
    "31415924",
    "31415925",
  ]);
  const draws = [252, 255, 251];
  expect(drawDuressPin("00000000", () => Uint8Array.of(draws.shift() ?? 0))).toBe("00000009");
});
