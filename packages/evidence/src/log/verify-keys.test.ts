import { sha256 } from "@menshen/crypto";
import { expect, test } from "vitest";
import { logVerifyKeysOf } from "./verify-keys.ts";

// The key of C2SP's own example (signed-note).
const LOG = {
  origin: "log.menshen.local/7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11",
  logKey: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  witnesses: [],
  quorum: 0,
};
const keysOf = (changes: object) => logVerifyKeysOf({ sha256 }, { ...LOG, ...changes });

test("a description gives the keys to verify by, and an unusable key none", () => {
  expect(keysOf({})?.identity).toMatchObject({ origin: LOG.origin, logKeys: [{ name: "PeterNeumann" }] });
  expect(keysOf({ logKey: "PeterNeumann+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq" })).toBeUndefined();
  const broken = { body: "city", key: "nothing" };
  expect(keysOf({ witnesses: [broken], quorum: 1 })?.policy).toEqual({ witnesses: [], quorum: 1 });
});
