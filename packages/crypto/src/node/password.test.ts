import { expect, test } from "vitest";
import { fromHex, scrypt, toHex } from "./index.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

// RFC 7914 §12.
test.each([
  [
    ...["", ""],
    { n: 16, r: 1, p: 1 },
    "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442" +
      "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
  ],
  [
    ...["password", "NaCl"],
    { n: 1024, r: 8, p: 16 },
    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162" +
      "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
  ],
  [
    ...["pleaseletmein", "SodiumChloride"],
    { n: 16384, r: 8, p: 1 },
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2" +
      "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
  ],
] as const)("scrypt of `%s` with salt `%s`", async (password, salt, cost, expected) => {
  expect(toHex(await scrypt(ascii(password), ascii(salt), cost, 64))).toBe(expected);
});

test("another length, and costs that are none", async () => {
  const short = await scrypt(ascii(""), ascii(""), { n: 16, r: 1, p: 1 }, 16);
  expect(short).toEqual(fromHex("77d6576238657b203b19ca42c18a0497"));
  await expect(scrypt(ascii(""), ascii(""), { n: 15, r: 1, p: 1 }, 16)).rejects.toThrow(RangeError);
});
