import { fromHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { KEY, OTHER_KEY } from "../rig.fixture.ts";
import { SCBK_D } from "../secure/scbk.ts";
import { cpCryptogram, deriveSessionKeys, initialRMac, pdCryptogram } from "../secure/session.ts";
import {
  challengeWith,
  challengeWithDefaultKey,
  type Handshake,
  handshakeCommand,
  stepHandshake,
} from "./handshake.ts";

const A = fromHex("b0b1b2b3b4b5b6b7");
const B = fromHex("a0a1a2a3a4a5a6a7");
const ACCEPTED = Uint8Array.of(1);
const random = () => A;

/** What an honest peripheral with this key answers to the challenge and to the proof. */
function honest(key: Uint8Array) {
  const keys = deriveSessionKeys(key, A);
  return {
    ccrypt: {
      kind: "ccrypt",
      clientUid: new Uint8Array(8),
      pdRandom: B,
      pdCryptogram: pdCryptogram(keys, A, B),
    },
    rMacI: { kind: "rmac-i", initialRMac: initialRMac(keys, cpCryptogram(keys, A, B)) },
    cpCryptogram: cpCryptogram(keys, A, B),
  } as const;
}

function proving(): Handshake {
  const step = stepHandshake(challengeWith([KEY], random), honest(KEY).ccrypt, ACCEPTED);
  if (step.kind !== "go-on") throw new Error(step.kind);
  return step.handshake;
}

describe("the panel's side of a handshake", () => {
  test("challenges, proves itself and has a session", () => {
    expect(handshakeCommand(challengeWith([KEY], random))).toEqual({ kind: "chlng", cpRandom: A });
    expect(handshakeCommand(proving())).toEqual({ kind: "scrypt", cpCryptogram: honest(KEY).cpCryptogram });
    expect(stepHandshake(proving(), honest(KEY).rMacI, ACCEPTED)).toMatchObject({
      kind: "established",
      key: { name: "scbk" },
    });
  });

  test("a cryptogram under another key, and any other answer, is a refusal that names the keys left to try", () => {
    const handshake = challengeWith([KEY, OTHER_KEY], random);
    expect(stepHandshake(handshake, honest(OTHER_KEY).ccrypt, ACCEPTED)).toMatchObject({
      kind: "refused",
      key: { name: "scbk", others: [OTHER_KEY] },
    });
    expect(stepHandshake(handshake, { kind: "nak", reason: 5 }, ACCEPTED)).toMatchObject({ kind: "refused" });
    expect(stepHandshake(handshake, { kind: "ack" }, ACCEPTED)).toMatchObject({ kind: "refused" });
  });

  test("a wrong R-MAC-I is a refusal, though the cryptogram was right", () => {
    const wrong = honest(KEY).rMacI.initialRMac.map((byte) => byte ^ 1);
    expect(stepHandshake(proving(), { kind: "rmac-i", initialRMac: wrong }, ACCEPTED)).toMatchObject({
      kind: "refused",
    });
  });

  test("a right R-MAC-I with the status that refuses is a refusal", () => {
    expect(stepHandshake(proving(), honest(KEY).rMacI, Uint8Array.of(0xff))).toMatchObject({
      kind: "refused",
    });
  });

  test("a refusal leaves no session key in memory", () => {
    const handshake = proving();
    stepHandshake(handshake, { kind: "nak", reason: 6 }, ACCEPTED);
    if (handshake.at !== "prove") throw new Error(handshake.at);
    expect([handshake.keys.sEnc, handshake.keys.sMac1, handshake.keys.sMac2]).toEqual(
      Array.from({ length: 3 }, () => new Uint8Array(16)),
    );
  });

  test("the default key has no other behind it", () => {
    const handshake = challengeWithDefaultKey(random);
    expect(handshake.key).toEqual({ name: "scbk-d", bytes: SCBK_D, others: [] });
    expect(stepHandshake(handshake, honest(SCBK_D).ccrypt, ACCEPTED)).toMatchObject({ kind: "go-on" });
  });
});
