import * as browserPrimitives from "@menshen/crypto";
import { p256GenerateHeld, p256SignHeld } from "@menshen/crypto";
import * as primitives from "@menshen/crypto/node";
import { fromHex, toHex } from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/passes.json" with { type: "json" };
import { credentialKeyOf } from "../card/credential-key.ts";
import { at, communityId, credentialKey, now, otherCommunityId, phone, signed } from "./pass.fixture.ts";
import { makePassMemory } from "./pass-memory.ts";
import {
  type PhonePassGate,
  type PhonePassInput,
  preparePhonePass,
  presentPhone,
  verifyPhonePass,
} from "./phone-pass.ts";

const message = fromHex(vectors.phonePass.message);
const make = (change: Partial<PhonePassInput> = {}, key = phone) =>
  signed(
    preparePhonePass({
      primitives,
      communityId,
      credentialKey,
      doorGroup: 0,
      now,
      nonce: fromHex("01020304"),
      ...change,
    }),
    key,
  );
const gate = (change: Partial<PhonePassGate> = {}): PhonePassGate => ({
  primitives,
  communityId,
  doorGroup: 3,
  now: at(1_000),
  publicKeyOf: (key) => (toHex(key) === vectors.credentialKey ? phone.publicKey : undefined),
  memory: makePassMemory(Instant(0)),
  ...change,
});
const refused = (reason: string) => ({ verified: false, reason });

describe("a phone pass", () => {
  it("is the recorded one, and verifies with both modules", () => {
    expect(toHex(make())).toBe(vectors.phonePass.message);
    for (const module of [primitives, browserPrimitives]) {
      expect(verifyPhonePass(message, gate({ primitives: module }))).toEqual({
        verified: true,
        credentialKey,
        issuedAt: now,
      });
    }
    expect(presentPhone(credentialKey, phone.publicKey)).toMatchObject({ kind: "phone-pass", grade: "C" });
  });

  it("is made with a key that nobody can export", async () => {
    const held = await p256GenerateHeld();
    const key = credentialKeyOf(primitives, "phone-pass", held.publicKey);
    const nonce = primitives.randomBytes(4);
    const pass = preparePhonePass({ primitives, communityId, credentialKey: key, doorGroup: 3, now, nonce });
    const made = pass.finish(await p256SignHeld(held.secretKey, pass.toBeSigned));
    expect(verifyPhonePass(made, gate({ publicKeyOf: () => held.publicKey }))).toMatchObject({
      verified: true,
    });
    expect(verifyPhonePass(made, gate({ publicKeyOf: () => phone.publicKey }))).toEqual(
      refused("not-authentic"),
    );
  });

  it("opens once at a door group, and once more at a group that does not share its memory", () => {
    const memory = makePassMemory(Instant(0));
    expect(verifyPhonePass(message, gate({ memory }))).toMatchObject({ verified: true });
    expect(verifyPhonePass(message, gate({ memory }))).toEqual(refused("used"));
    expect(verifyPhonePass(message, gate({ memory, now: at(20_000) }))).toEqual(refused("used"));
    // Stated, not hidden: an offline gate with a memory of its own takes it within its seconds.
    expect(verifyPhonePass(message, gate({ doorGroup: 4 }))).toMatchObject({ verified: true });
    expect(verifyPhonePass(make({ nonce: fromHex("01020305") }), gate({ memory }))).toMatchObject({
      verified: true,
    });
  });

  it("is not used up by a look at the wrong door", () => {
    const memory = makePassMemory(Instant(0));
    const bound = make({ doorGroup: 5 });
    expect(verifyPhonePass(bound, gate({ memory }))).toEqual(refused("other-door-group"));
    expect(verifyPhonePass(bound, gate({ memory, doorGroup: 5 }))).toMatchObject({ verified: true });
  });

  it.each([
    [-5_001, 0, refused("not-yet-valid")],
    [-5_000, 0, { verified: true }],
    [24_999, 0, { verified: true }],
    [25_000, 0, refused("expired")],
    [31_000, 0, refused("expired")],
    // The gate knows the time to a span only: all of it has to fit.
    [20_000, 4_999, { verified: true }],
    [20_000, 5_000, refused("expired")],
    [-6_000, 2_000, refused("not-yet-valid")],
    [-10_000, 30_001, refused("time-uncertain")],
  ])("at %i ms and a spread of %i ms: %j", (offsetMs, spreadMs, outcome) => {
    expect(verifyPhonePass(message, gate({ now: at(offsetMs, spreadMs) }))).toMatchObject(outcome);
  });

  it("is refused by a gate whose memory does not reach back to it", () => {
    const since = Instant(now - 4_999);
    expect(verifyPhonePass(message, gate({ memory: makePassMemory(since) }))).toEqual(
      refused("before-memory"),
    );
    const reaching = makePassMemory(Instant(now - 5_000));
    expect(verifyPhonePass(message, gate({ memory: reaching }))).toMatchObject({ verified: true });
  });

  it("is of one community, one phone, and one kind", () => {
    expect(verifyPhonePass(message, gate({ communityId: otherCommunityId }))).toEqual(
      refused("other-community"),
    );
    expect(verifyPhonePass(message, gate({ publicKeyOf: () => undefined }))).toEqual(
      refused("unknown-signer"),
    );
    expect(verifyPhonePass(make({}, primitives.p256Generate()), gate())).toEqual(refused("not-authentic"));
    expect(verifyPhonePass(make({}, primitives.ed25519Generate()), gate())).toEqual(refused("not-authentic"));
    expect(verifyPhonePass(fromHex(vectors.doorAnswer.message), gate())).toEqual(refused("malformed"));
    expect(verifyPhonePass(fromHex(vectors.visitorPass.message), gate())).toEqual(refused("malformed"));
    // The same four bytes of another community, signed for that one: the whole ID is under the signature.
    const foreign = preparePhonePass({
      primitives: { sha256: () => fromHex(vectors.communityTag).slice() },
      communityId: otherCommunityId,
      credentialKey,
      doorGroup: 0,
      now,
      nonce: fromHex("01020304"),
    });
    expect(verifyPhonePass(signed(foreign), gate())).toEqual(refused("not-authentic"));
  });

  it("shows a phone of two communities as two phones", () => {
    // One key pair a community: what stands in the text comes from key and community, and from nothing else.
    const other = credentialKeyOf(primitives, "phone-pass", primitives.p256Generate().publicKey);
    const there = toHex(make({ communityId: otherCommunityId, credentialKey: other }));
    expect(there).not.toContain(vectors.credentialKey);
    expect(there).not.toContain(vectors.communityTag);
    expect(vectors.phonePass.message).toContain(vectors.credentialKey);
  });

  it("is not made out of range", () => {
    for (const change of [{ doorGroup: 14 }, { nonce: new Uint8Array(3) }, { doorGroup: -1 }]) {
      expect(() => make(change)).toThrow(expect.objectContaining({ code: "invalid" }));
    }
  });
});

describe("the memory of used passes", () => {
  it("lets go of what is over, and refuses when it is full", () => {
    const memory = makePassMemory(Instant(0), 2);
    expect(memory.claim("a", Instant(10), Instant(0))).toBe("first");
    expect(memory.claim("b", Instant(20), Instant(0))).toBe("first");
    expect(memory.claim("a", Instant(10), Instant(5))).toBe("again");
    expect(memory.claim("c", Instant(30), Instant(10))).toBe("full");
    expect(memory.claim("c", Instant(30), Instant(11))).toBe("first");
    expect(memory.claim("b", Instant(20), Instant(11))).toBe("again");
    const full = gate({ memory: makePassMemory(Instant(0), 0) });
    expect(verifyPhonePass(message, full)).toEqual(refused("memory-full"));
  });
});
