import { expect, test } from "vitest";
import { fromHex, toHex } from "../bytes.ts";
import { tripleDesCbcDecrypt, tripleDesCbcEncrypt } from "./triple-des.ts";

const ZERO_IV = new Uint8Array(8);

test("with equal halves it is single DES: the classic worked example of FIPS 46", () => {
  const key = fromHex("133457799bbcdff1133457799bbcdff1");
  expect(toHex(tripleDesCbcEncrypt(key, ZERO_IV, fromHex("0123456789abcdef")))).toBe("85e813540f0ab405");
  expect(toHex(tripleDesCbcDecrypt(key, ZERO_IV, fromHex("85e813540f0ab405")))).toBe("0123456789abcdef");
});

test("with different halves it is not, and CBC chains", () => {
  const key = fromHex("0123456789abcdeffedcba9876543210");
  const iv = fromHex("0001020304050607");
  const data = fromHex("4e6f77206973207468652074696d6520");
  const sealed = tripleDesCbcEncrypt(key, iv, data);
  expect(sealed).toHaveLength(16);
  expect(tripleDesCbcDecrypt(key, iv, sealed)).toEqual(data);
  const second = tripleDesCbcEncrypt(key, sealed.slice(0, 8), data.slice(8));
  expect(sealed.slice(8)).toEqual(second);
});

test("other lengths are refused", () => {
  const bad = expect.objectContaining({ code: "bad-length" });
  expect(() => tripleDesCbcEncrypt(new Uint8Array(8), ZERO_IV, new Uint8Array(8))).toThrow(bad);
  expect(() => tripleDesCbcEncrypt(new Uint8Array(16), new Uint8Array(16), new Uint8Array(8))).toThrow(bad);
  expect(() => tripleDesCbcDecrypt(new Uint8Array(16), ZERO_IV, new Uint8Array(9))).toThrow(bad);
});
