import * as primitives from "@menshen/crypto/node";
import { concatBytes, fromHex } from "@menshen/crypto/node";
import { Duration, Instant } from "@menshen/domain";
import { PASS_MAX_BYTES } from "@menshen/wire";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/passes.json" with { type: "json" };
import { readDoorChallenge, verifyDoorAnswer } from "./door-challenge.ts";
import { at, community, communityId, east, phone } from "./pass.fixture.ts";
import { makePassMemory } from "./pass-memory.ts";
import { verifyPhonePass } from "./phone-pass.ts";
import { passContext } from "./signed-pass.ts";
import { verifyVisitorPass } from "./visitor-pass.ts";

const common = { primitives, communityId, portalId: east, now: at(0), publicKeyOf: () => phone.publicKey };
const memory = () => makePassMemory(Instant(0));
const verifiers = {
  phonePass: (message: Uint8Array) => verifyPhonePass(message, { ...common, doorGroup: 3, memory: memory() }),
  doorAnswer: (message: Uint8Array) =>
    verifyDoorAnswer(message, {
      ...common,
      memory: memory(),
      outstanding: [{ challenge: fromHex("0102030405"), until: Instant(at(0).latest + 1_000) }],
    }),
  visitorPass: (message: Uint8Array) =>
    verifyVisitorPass(message, {
      ...common,
      communityKey: community,
      localTime: () => ({ weekday: 7, minute: 1_260 }),
      delegationOf: () => ({ key: phone, portals: [east], longest: Duration.days(1) }),
      isRevoked: () => false,
      uses: { take: () => true },
    }),
};
const kinds = ["phonePass", "doorAnswer", "visitorPass"] as const;

describe.each(kinds)("a %s", (kind) => {
  const message = fromHex(vectors[kind].message);
  const verify = verifiers[kind];
  const key = kind === "visitorPass" ? community : phone;
  /** Signed properly, whatever is in it. */
  const sealed = (payloadHex: string) =>
    primitives.coseSign1({ payload: fromHex(payloadHex), key, externalAad: passContext(kind, communityId) });

  it("is whole or refused", () => {
    expect(verify(message)).toMatchObject({ verified: true });
    for (let length = 0; length < message.length; length += 1) {
      expect(verify(message.subarray(0, length))).toEqual({ verified: false, reason: "malformed" });
    }
    expect(verify(concatBytes(message, Uint8Array.of(0)))).toEqual({ verified: false, reason: "malformed" });
    expect(verify(new Uint8Array(PASS_MAX_BYTES + 1))).toEqual({ verified: false, reason: "malformed" });
  });

  it("is refused with any bit changed", () => {
    for (let bit = 0; bit < message.length * 8; bit += 1) {
      const changed = message.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verify(changed).verified).toBe(false);
    }
  });

  it.each([
    ["an empty map", "a0", "malformed"],
    ["a version of the future", "a10002", "unknown-version"],
    ["an array", "80", "malformed"],
    ["a field twice", "a200010001", "malformed"],
    ["a field out of order", "a20144c41689480001", "malformed"],
    ["a number in a long form", "a1001801", "malformed"],
    ["an indefinite length", "bf0001ff", "malformed"],
    ["a float", "a100f93c00", "malformed"],
    ["a field missing", "a200010144c4168948", "malformed"],
    ["nothing", "", "malformed"],
  ])("is refused with %s inside, though well signed", (_name, payload, reason) => {
    expect(verify(sealed(payload))).toEqual({ verified: false, reason });
  });
});

it.each([
  ["cut", vectors.doorChallenge.message.slice(0, -2)],
  ["with a byte behind it", `${vectors.doorChallenge.message}00`],
  ["with a challenge of four bytes", vectors.doorChallenge.message.replace("450102030405", "4401020304")],
  ["without door", vectors.doorChallenge.message.replace(/0345.*/, "").replace(/^a4/, "a3")],
  ["of another version", vectors.doorChallenge.message.replace(/^a40001/, "a40002")],
])("a challenge %s is none", (_name, hex) => {
  expect(hex).not.toBe(vectors.doorChallenge.message);
  expect(readDoorChallenge(fromHex(hex))).toBeUndefined();
});
