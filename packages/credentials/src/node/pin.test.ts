import { fromHex, toHex } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import { drawPin, pinCredentialKey } from "./pin.ts";

const PIN_KEY = fromHex("000102030405060708090a0b0c0d0e0f");

// Recomputed with Python's hashlib.scrypt.
test.each([
  ["01234567", "29829cd8169d040238ddca7f0b38eb05"],
  ["00000000", "4551b4aac8a76409c304b9d097212f97"],
])("the key of PIN %s under a community's PIN key", async (digits, key) => {
  expect(toHex(await pinCredentialKey(PIN_KEY, digits))).toBe(key);
});

test("another community's key gives another", async () => {
  expect(toHex(await pinCredentialKey(new Uint8Array(16), "01234567"))).not.toBe(
    "29829cd8169d040238ddca7f0b38eb05",
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
