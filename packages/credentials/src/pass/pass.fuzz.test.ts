import * as primitives from "@menshen/crypto/node";
import { Duration, Instant } from "@menshen/domain";
import fc from "fast-check";
import { expect, it } from "vitest";
import vectors from "../../vectors/passes.json" with { type: "json" };
import { decodeBase45, encodeBase45 } from "./base45.ts";
import { readDoorChallenge, verifyDoorAnswer } from "./door-challenge.ts";
import { at, communityId, east, phone } from "./pass.fixture.ts";
import { makePassMemory } from "./pass-memory.ts";
import { readPassFragment, readPassText, writePassFragment, writePassText } from "./pass-text.ts";
import { verifyPhonePass } from "./phone-pass.ts";
import { passContext } from "./signed-pass.ts";
import { verifyVisitorPass } from "./visitor-pass.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const kind = fc.constantFrom("phone-pass", "door-challenge", "door-answer", "visitor-pass", "visit-token");

it("bytes come out of texts and links as they went in", () => {
  fc.assert(
    fc.property(kind, fc.uint8Array({ minLength: 1, maxLength: 640 }), (one, message) => {
      expect(decodeBase45(encodeBase45(message))).toEqual(message);
      expect(readPassText(writePassText(one, message))).toEqual({ kind: one, message });
      expect(readPassFragment(writePassFragment(one, message))).toEqual({ kind: one, message });
    }),
    { numRuns },
  );
});

it("a text is the one text of its bytes, or none of ours", () => {
  const alphanumeric = fc.string({ unit: fc.constantFrom(..."0123456789ABCZ $%*+-./:M"), maxLength: 60 });
  const url = fc.string({ unit: fc.constantFrom(..."vptcaAZ09-_"), maxLength: 40 });
  fc.assert(
    fc.property(fc.oneof(alphanumeric, url, fc.string()), (text) => {
      for (const candidate of [text, `MP:${text}`]) {
        const read = readPassText(candidate);
        if (read !== undefined) expect(writePassText(read.kind, read.message)).toBe(candidate);
      }
      const link = readPassFragment(text);
      if (link !== undefined) expect(writePassFragment(link.kind, link.message)).toBe(text);
    }),
    { numRuns },
  );
});

it("nothing that is not signed is verified, and nothing throws", () => {
  const gate = {
    primitives,
    communityId,
    portalId: east,
    doorGroup: 1,
    now: at(0),
    publicKeyOf: () => phone.publicKey,
    memory: makePassMemory(Instant(0)),
    outstanding: [],
    communityKey: phone,
    localTime: () => undefined,
    delegationOf: () => ({ key: phone, portals: [east], longest: Duration.days(1) }),
    isRevoked: () => false,
    uses: { take: () => true },
  };
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(fc.constantFrom(vectors.phonePass, vectors.visitorPass), fc.nat(80), fc.nat(255))
      .map(([{ message }, index, byte]) => {
        const bytes = primitives.fromHex(message).slice(9, -66);
        bytes[index % bytes.length] = byte;
        return bytes;
      }),
  );
  const stranger = primitives.p256Generate();
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(payload, fc.constantFrom("phonePass", "doorAnswer", "visitorPass")).map(([bytes, domain]) =>
      primitives.coseSign1({
        payload: bytes,
        key: stranger,
        externalAad: passContext(domain, communityId),
      }),
    ),
  );
  fc.assert(
    fc.property(message, (bytes) => {
      expect(verifyPhonePass(bytes, gate).verified).toBe(false);
      expect(verifyDoorAnswer(bytes, gate).verified).toBe(false);
      expect(verifyVisitorPass(bytes, gate).verified).toBe(false);
      readDoorChallenge(bytes);
    }),
    { numRuns },
  );
});
