import * as primitives from "@menshen/crypto/node";
import { fromHex, toHex } from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/passes.json" with { type: "json" };
import {
  type DoorAnswerGate,
  encodeDoorChallenge,
  prepareDoorAnswer,
  readChallengeCode,
  readDoorChallenge,
  verifyDoorAnswer,
  writeChallengeCode,
} from "./door-challenge.ts";
import {
  at,
  communityId,
  credentialKey,
  east,
  now,
  otherCommunityId,
  phone,
  signed,
  west,
} from "./pass.fixture.ts";
import { makePassMemory } from "./pass-memory.ts";

const challenge = fromHex("0102030405");
const message = fromHex(vectors.doorAnswer.message);
const gate = (change: Partial<DoorAnswerGate> = {}): DoorAnswerGate => ({
  primitives,
  communityId,
  portalId: east,
  now: at(0),
  publicKeyOf: () => phone.publicKey,
  outstanding: [{ challenge, until: Instant(now + 60_000) }],
  memory: makePassMemory(Instant(0)),
  ...change,
});
const refused = (reason: string) => ({ verified: false, reason });

describe("a door's challenge", () => {
  it("is the recorded one, and is read by the phone", () => {
    expect(toHex(encodeDoorChallenge(primitives, { communityId, portalId: east, challenge }))).toBe(
      vectors.doorChallenge.message,
    );
    expect(readDoorChallenge(fromHex(vectors.doorChallenge.message))).toEqual({
      version: 1,
      community: fromHex(vectors.communityTag),
      challenge,
      door: fromHex(vectors.doorTagEast),
    });
    expect(readDoorChallenge(fromHex("a0"))).toBeUndefined();
    expect(readDoorChallenge(message)).toBeUndefined();
  });

  it("can be typed", () => {
    expect(writeChallengeCode(challenge)).toBe("0410-6105");
    expect(readChallengeCode("o4lo 61o5")).toEqual(challenge);
    expect(readChallengeCode("0410-610")).toBeUndefined();
    expect(readChallengeCode("0410-610U")).toBeUndefined();
  });
});

describe("the answer", () => {
  const answer = (door?: Uint8Array, asked = challenge) =>
    signed(
      prepareDoorAnswer({
        primitives,
        communityId,
        credentialKey,
        challenge: asked,
        ...(door === undefined ? {} : { door }),
      }),
    );

  it("is the recorded one, and opens once", () => {
    expect(toHex(answer(fromHex(vectors.doorTagEast)))).toBe(vectors.doorAnswer.message);
    const one = gate();
    expect(verifyDoorAnswer(message, one)).toEqual({ verified: true, credentialKey });
    expect(verifyDoorAnswer(message, one)).toEqual(refused("used"));
    expect(verifyDoorAnswer(answer(), one)).toEqual(refused("used"));
    expect(verifyDoorAnswer(answer(), gate())).toMatchObject({ verified: true });
  });

  it("fits no other door, question, time, phone or community", () => {
    expect(verifyDoorAnswer(message, gate({ portalId: west }))).toEqual(refused("other-door"));
    expect(verifyDoorAnswer(answer(undefined, fromHex("0102030406")), gate())).toEqual(
      refused("other-challenge"),
    );
    expect(verifyDoorAnswer(message, gate({ outstanding: [] }))).toEqual(refused("other-challenge"));
    expect(verifyDoorAnswer(message, gate({ now: at(59_999) }))).toMatchObject({ verified: true });
    expect(verifyDoorAnswer(message, gate({ now: at(60_000) }))).toEqual(refused("other-challenge"));
    expect(verifyDoorAnswer(message, gate({ now: at(0, 60_000) }))).toEqual(refused("other-challenge"));
    expect(verifyDoorAnswer(message, gate({ publicKeyOf: () => undefined }))).toEqual(
      refused("unknown-signer"),
    );
    const stranger = primitives.p256Generate().publicKey;
    expect(verifyDoorAnswer(message, gate({ publicKeyOf: () => stranger }))).toEqual(
      refused("not-authentic"),
    );
    expect(verifyDoorAnswer(message, gate({ communityId: otherCommunityId }))).toEqual(
      refused("other-community"),
    );
    expect(verifyDoorAnswer(fromHex(vectors.phonePass.message), gate())).toEqual(refused("malformed"));
    expect(verifyDoorAnswer(message, gate({ memory: makePassMemory(Instant(0), 0) }))).toEqual(
      refused("memory-full"),
    );
  });
});
