import { expect, it } from "vitest";
import { crypto } from "../evidence.fixture.ts";
import { credentialTag, homeKeyCommitment } from "./home-key.ts";

const { toHex } = crypto;
const homeKey = Uint8Array.from({ length: 32 }, (_, i) => i);

it("a home's commitment and tags are those of another program", () => {
  // Computed by Python's hashlib and hmac.
  expect(toHex(homeKeyCommitment(crypto, homeKey))).toBe(
    "61df17c0ca4e967a4d125b5099d8e60d92d94b2eacbb90d860e15cddfac1ccb1",
  );
  expect([0, 1, 4095].map((number) => toHex(credentialTag(crypto, homeKey, number)))).toEqual([
    "2611500e6377c25d0fa679257e6f9791",
    "d2307afc5f59589d21ed21e49d33c834",
    "4ba6c56b5b4387d1a567b5032b164355",
  ]);
});

it.each([-1, 4096, 0.5, Number.NaN])("the number %d is none", (number) => {
  expect(() => credentialTag(crypto, homeKey, number)).toThrow("expected a number below 4096");
});

it("a key has 32 bytes", () => {
  expect(() => homeKeyCommitment(crypto, homeKey.subarray(1))).toThrow("expected a home key of 32 bytes");
  expect(() => credentialTag(crypto, homeKey.subarray(1), 0)).toThrow("expected a home key of 32 bytes");
});
