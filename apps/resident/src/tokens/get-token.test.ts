import { tokenKeyId } from "@menshen/credentials";
import { primitives, toHex } from "@menshen/crypto";
import type { TokenIssuingKey } from "@menshen/wire";
import { expect, test } from "vitest";
import { verifyTokenKey } from "./get-token.ts";

const publicKey = new Uint8Array(294).fill(5);
const facts = {
  keyId: toHex(tokenKeyId(primitives, publicKey)),
  doorGroup: 2,
  from: 1_000,
  until: 86_401_000,
  quota: 50,
};
const key: TokenIssuingKey = {
  ...facts,
  publicKey: toHex(publicKey),
  evidence: {
    statement: JSON.stringify({ ...facts, at: 500, topic: "token-key-issued" }),
    salt: "03".repeat(32),
    leafIndex: 7,
  },
};
// The verifier key of C2SP's own example (signed-note).
const log = {
  origin: "log.menshen.local/test",
  logKey: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  witnesses: [],
  quorum: 0,
  size: 8,
};
const silent = () => Promise.reject(new Error("offline"));

test("the log is asked for a key that is what its statement says", async () => {
  expect(await verifyTokenKey(key, log, silent)).toBe("unreachable");
});

test.each<[string, Partial<TokenIssuingKey>]>([
  ["another key under the published name", { publicKey: toHex(new Uint8Array(294).fill(6)) }],
  ["another door group", { doorGroup: 3 }],
  ["another day", { until: 86_402_000 }],
  ["another quota", { quota: 1 }],
  ["a statement of another topic", { evidence: { ...key.evidence, statement: JSON.stringify(facts) } }],
  ["a statement that is none", { evidence: { ...key.evidence, statement: "{" } }],
])("%s is not taken, and the log need not be asked", async (_name, change) => {
  expect(await verifyTokenKey({ ...key, ...change }, log, silent)).toBe("not-in-log");
});

test("a proof that proves nothing is no proof", async () => {
  expect(await verifyTokenKey(key, log, async () => "c2sp.org/tlog-proof@v1\n")).toBe("not-in-log");
});
