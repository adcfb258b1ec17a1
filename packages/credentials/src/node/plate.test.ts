import { fromHex, toHex } from "@menshen/crypto/node";
import { parsePlate } from "@menshen/domain";
import { expect, test } from "vitest";
import { CredentialError } from "../credential-error.ts";
import { plateCredentialKey } from "./plate.ts";

const PIN_KEY = fromHex("000102030405060708090a0b0c0d0e0f");

test("the key of a plate is an HMAC that another tool finds too", () => {
  // printf 'menshen plate v1\0沪A12345' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…0f
  expect(toHex(plateCredentialKey(PIN_KEY, parsePlate("沪a·12345")))).toBe(
    "8b4ac00b39cb96b0f13de815d9e3f31f",
  );
});

test("under another community's key it is another", () => {
  const plate = parsePlate("沪A12345");
  expect(plateCredentialKey(new Uint8Array(16).fill(1), plate)).not.toEqual(
    plateCredentialKey(PIN_KEY, plate),
  );
});

test("a key of another length is none", () => {
  expect(() => plateCredentialKey(new Uint8Array(32), parsePlate("沪A12345"))).toThrow(CredentialError);
});
