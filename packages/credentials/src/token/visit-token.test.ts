import * as browserPrimitives from "@menshen/crypto";
import * as primitives from "@menshen/crypto/node";
import { equalBytes, fromHex, toHex } from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import { describe, expect, it } from "vitest";
import { at, communityId, now, otherCommunityId } from "../pass/pass.fixture.ts";
import { makePassMemory } from "../pass/pass-memory.ts";
import { readPassText, writePassText } from "../pass/pass-text.ts";
import {
  orderVisitToken,
  presentToken,
  type TokenKey,
  tokenKeyId,
  type VisitTokenGate,
  verifyVisitToken,
} from "./visit-token.ts";

const issuer = primitives.blindRsaGenerate();
const dayMs = 86_400_000;
const key: TokenKey = {
  publicKey: issuer.publicKey,
  doorGroup: 2,
  from: Instant(now - 1_000),
  until: Instant(now + dayMs),
};
/** What a resident's device and the community do between them. */
function bought(community = communityId, signer = issuer): Uint8Array {
  const order = orderVisitToken({
    primitives: browserPrimitives,
    communityId: community,
    publicKey: signer.publicKey,
  });
  const token = order.finish(primitives.blindRsaSign(signer.secretKey, order.blinded) ?? new Uint8Array());
  if (token === undefined) throw new Error("the signer did not sign");
  return token;
}
const token = bought();
const gate = (change: Partial<VisitTokenGate> = {}): VisitTokenGate => ({
  primitives,
  communityId,
  doorGroup: 2,
  now: at(0),
  keyOf: (keyId) => (equalBytes(keyId, tokenKeyId(primitives, key.publicKey)) ? key : undefined),
  spent: makePassMemory(Instant(0)),
  ...change,
});
const refused = (reason: string) => ({ verified: false, reason });

describe("a one-time token", () => {
  it("opens once, and its second showing is evidence of a copy", () => {
    const spent = makePassMemory(Instant(0));
    const outcome = verifyVisitToken(token, gate({ spent }));
    expect(outcome).toMatchObject({ verified: true });
    if (outcome.verified)
      expect(presentToken(primitives, outcome.serial)).toMatchObject({ kind: "pass", grade: "D" });
    expect(verifyVisitToken(token, gate({ spent }))).toEqual(refused("spent"));
    expect(verifyVisitToken(bought(), gate({ spent }))).toMatchObject({ verified: true });
    // Stated, not hidden: a gate of the group that cannot be reached takes it once as well.
    expect(verifyVisitToken(token, gate())).toMatchObject({ verified: true });
    expect(verifyVisitToken(token, gate({ spent: makePassMemory(Instant(0), 0) }))).toEqual(
      refused("memory-full"),
    );
  });

  it("fits a QR code", () => {
    // ISO/IEC 18004 table 7: version 14 at level M holds 528 alphanumeric characters.
    const text = writePassText("visit-token", token);
    expect(text.length).toBeLessThanOrEqual(528);
    expect(readPassText(text)).toEqual({ kind: "visit-token", message: token });
  });

  it("cannot be found again in what its signer saw", () => {
    const order = orderVisitToken({ primitives, communityId, publicKey: issuer.publicKey });
    const blindSignature = primitives.blindRsaSign(issuer.secretKey, order.blinded) ?? new Uint8Array();
    const made = toHex(order.finish(blindSignature) ?? new Uint8Array());
    expect(made).not.toContain(toHex(blindSignature).slice(0, 32));
    expect(made).not.toContain(toHex(order.blinded).slice(0, 32));
  });

  it("is what its key stands for, and nothing else", () => {
    expect(verifyVisitToken(token, gate({ doorGroup: 3 }))).toEqual(refused("other-door-group"));
    expect(verifyVisitToken(token, gate({ now: at(-1_001) }))).toEqual(refused("not-yet-valid"));
    expect(verifyVisitToken(token, gate({ now: at(dayMs - 1) }))).toMatchObject({ verified: true });
    expect(verifyVisitToken(token, gate({ now: at(dayMs) }))).toEqual(refused("expired"));
    expect(verifyVisitToken(token, gate({ now: at(0, dayMs) }))).toEqual(refused("expired"));
    const late = makePassMemory(Instant(key.from + 1));
    expect(verifyVisitToken(token, gate({ spent: late }))).toEqual(refused("before-memory"));
    expect(verifyVisitToken(token, gate({ keyOf: () => undefined }))).toEqual(refused("unknown-key"));
    const other = { ...key, publicKey: primitives.blindRsaGenerate().publicKey };
    expect(verifyVisitToken(token, gate({ keyOf: () => other }))).toEqual(refused("unknown-key"));
    expect(verifyVisitToken(token, gate({ communityId: otherCommunityId }))).toEqual(
      refused("other-community"),
    );
    // The same key used by two communities: the message names one of them.
    const foreign = bought(otherCommunityId);
    foreign.set(token.subarray(5, 9), 5);
    expect(verifyVisitToken(foreign, gate())).toEqual(refused("not-authentic"));
  });

  it("is nothing when the signer signed something else", () => {
    const order = orderVisitToken({ primitives, communityId, publicKey: issuer.publicKey });
    expect(order.finish(new Uint8Array(256).fill(1))).toBeUndefined();
    expect(order.finish(new Uint8Array())).toBeUndefined();
    expect(() => orderVisitToken({ primitives, communityId, publicKey: fromHex("00") })).toThrow(
      expect.objectContaining({ code: "bad-key" }),
    );
  });
});
