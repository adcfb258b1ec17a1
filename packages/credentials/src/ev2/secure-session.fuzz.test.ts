import { fromHex, primitives } from "@menshen/crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CredentialError } from "../credential-error.ts";
import { acceptEv2First, answerEv2Challenge, challengeEv2, finishEv2First } from "./authentication.ts";
import { SecureSession } from "./secure-session.ts";
import { makeAesSessionCipher } from "./session-cipher.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const modes = fc.constantFrom("mac" as const, "full" as const);
const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });

function openSession(key: Uint8Array) {
  const keys = { encryptionKey: key.slice(), macKey: key.toReversed() };
  return new SecureSession(primitives, makeAesSessionCipher(primitives, keys), fromHex("01020304"));
}

it("no bytes pass for a message of a session whose keys they were not made with", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), modes, bytes16, (payload, mode, key) => {
      const refusals = [
        () => openSession(key).unwrapResponse(0, payload, mode),
        () => openSession(key).unwrapCommand(0xad, payload, 7, mode),
      ];
      for (const refuse of refusals) {
        expect(refuse).toThrow(CredentialError);
        expect(refuse).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^(malformed|integrity)$/) }),
        );
      }
    }),
    { numRuns },
  );
});

it("what one end wraps the other unwraps", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 10 }),
      modes,
      bytes16,
      (...given) => {
        const [data, header, mode, key] = given;
        const [reader, card] = [openSession(key), openSession(key)];
        const wrapped = reader.wrapCommand({ command: 0x8d, header, data, mode });
        expect(card.unwrapCommand(0x8d, wrapped, header.length, mode)).toEqual({ header, data });
        expect(reader.unwrapResponse(0, card.wrapResponse(0, data, mode), mode)).toEqual(data);
      },
    ),
    { numRuns },
  );
});

it("no messages of strangers authenticate", () => {
  fc.assert(
    fc.property(bytes16, bytes16, bytes16, fc.uint8Array({ maxLength: 40 }), (key, rndA, rndB, message) => {
      const secret = { primitives, key };
      const { challenge, state } = challengeEv2(secret, rndB);
      const reply = answerEv2Challenge(secret, challenge, rndA);
      expect(acceptEv2First(secret, state, message, fromHex("01020304"))).toBeUndefined();
      if (message.length === 32) expect(finishEv2First(secret, reply.state, message)).toBeUndefined();
      else expect(() => finishEv2First(secret, reply.state, message)).toThrow(CredentialError);
    }),
    { numRuns },
  );
});
