import * as primitives from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import { expect, it } from "vitest";
import { at, communityId, now } from "../pass/pass.fixture.ts";
import { makePassMemory } from "../pass/pass-memory.ts";
import { orderVisitToken, verifyVisitToken } from "./visit-token.ts";

const issuer = primitives.blindRsaGenerate();
const order = orderVisitToken({ primitives, communityId, publicKey: issuer.publicKey });
const token =
  order.finish(primitives.blindRsaSign(issuer.secretKey, order.blinded) ?? new Uint8Array()) ??
  new Uint8Array();
const verify = (bytes: Uint8Array) =>
  verifyVisitToken(bytes, {
    primitives,
    communityId,
    doorGroup: 2,
    now: at(0),
    keyOf: () => ({ publicKey: issuer.publicKey, doorGroup: 2, from: now, until: Instant(now + 1) }),
    spent: makePassMemory(Instant(0)),
  });

it("the whole token opens", () => {
  expect(verify(token)).toMatchObject({ verified: true });
});

it.each([
  ["nothing", new Uint8Array(), "malformed"],
  ["a byte behind it", Uint8Array.of(...token, 0), "malformed"],
  ["far too many bytes", new Uint8Array(1_000), "malformed"],
  ["a version of the future", Uint8Array.of(token[0] ?? 0, 0, 2, ...token.subarray(3)), "unknown-version"],
  ["a field twice", Uint8Array.of(0xa7, ...token.subarray(1, 3), ...token.subarray(1)), "malformed"],
])("a token with %s is refused", (_name, bytes, reason) => {
  expect(verify(bytes)).toEqual({ verified: false, reason });
});

it("a token that is cut anywhere is malformed", () => {
  for (let length = 0; length < token.length; length += 1) {
    expect(verify(token.subarray(0, length))).toEqual({ verified: false, reason: "malformed" });
  }
});

it("a token with any byte changed is refused", () => {
  for (let index = 0; index < token.length; index += 1) {
    const changed = token.slice();
    changed[index] = (changed[index] ?? 0) ^ 0x41;
    expect(verify(changed).verified).toBe(false);
  }
});
