import { concatBytes, ed25519FromSecret } from "@menshen/crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { beginCeremony, receiveMessage } from "./ceremony.ts";
import {
  encodeConfirmation,
  encodeContribution,
  encodeMessage,
  parseComplaint,
  parseConfirmation,
  parseContribution,
  parseEnvelope,
} from "./ceremony-message.ts";
import { encodeCertificate, parseCertificate, verifyCertificate } from "./certificate.ts";
import { encodeCustodianSet, endorse, parseCustodianSet, verifyEndorsements } from "./custodian-set.ts";
import { CustodyError } from "./errors.ts";
import {
  encodeEpochKey,
  encodePartial,
  faultOfPartial,
  makePartial,
  parseEpochKey,
  parsePartial,
  parseSealedEntry,
  sealEntry,
  verifySealedEntry,
} from "./index.ts";
import { encodeSealedEntry } from "./sealed-entry.ts";
import { makeTable, play } from "./testing/play.ts";
import { seededRandom } from "./testing/seeded-random.ts";
import {
  encodeWitnessPolicy,
  endorseWitnessPolicy,
  isEndorsedPolicy,
  parseWitnessPolicy,
} from "./witness-policy.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 150);
const random = seededRandom("fuzz");
const { setup, keys } = makeTable({ threshold: { k: 2, n: 3 }, epochCount: 1, random });

function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the example is missing");
  return value;
}
const seen: Uint8Array[] = [];
const [end] = play(setup, keys, random, (message) => {
  seen.push(message);
  return message;
});
if (end?.phase !== "finished") throw new Error("the ceremony did not finish");
const { certificate } = end;
const key = some(end.keys[0]);
const label = { gate: new Uint8Array(16), sequence: 1, accessPoint: new Uint8Array(16), timeMs: 2 };
const entryBytes = sealEntry({ key, label, plaintext: new Uint8Array(8), random });
const entry = parseSealedEntry(entryBytes);
const answer = makePartial({ key, share: some(end.shares[0]), label, entry, random });
if (!answer.made) throw new Error("no answer");
const partialBytes = encodePartial(answer.partial);
const ofTwo = some(seen.find((message) => parseEnvelope(message).sender === 2));
const contributionBody = parseEnvelope(ofTwo).body;
const confirmationBody = parseEnvelope(
  some(seen.find((message) => parseEnvelope(message).kind === "confirmation")),
).body;

/** Any bytes, or the example with a few bytes changed, some cut off or some put on. */
const near = (example: Uint8Array) =>
  fc.oneof(
    fc.uint8Array({ maxLength: example.length + 40 }),
    fc
      .tuple(
        fc.array(fc.tuple(fc.nat(example.length - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
        fc.nat(example.length),
        fc.uint8Array({ maxLength: 3 }),
        fc.boolean(),
      )
      .map(([changes, length, more, whole]) => {
        const bytes = concatBytes(whole ? example : example.slice(0, length), more);
        for (const [index, mask] of changes) {
          if (index < bytes.length) bytes[index] = (bytes[index] ?? 0) ^ mask;
        }
        return bytes;
      }),
  );

/** Reads, or refuses with the package's own error; what is read has this one encoding. */
function check<T>(bytes: Uint8Array, parse: (bytes: Uint8Array) => T, encode?: (value: T) => Uint8Array) {
  let value: T;
  try {
    value = parse(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(CustodyError);
    return undefined;
  }
  if (encode !== undefined) expect(encode(value)).toEqual(bytes);
  return value;
}

const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

it("a sealed entry is read canonically, and none but the example verifies", () => {
  fc.assert(
    fc.property(near(entryBytes), (bytes) => {
      const found = check(bytes, parseSealedEntry, encodeSealedEntry);
      if (found !== undefined) expect(verifySealedEntry(key, found)).toBe(same(bytes, entryBytes));
    }),
    { numRuns },
  );
});

it("a partial is read canonically, and none but the example counts", () => {
  fc.assert(
    fc.property(near(partialBytes), (bytes) => {
      const found = check(bytes, parsePartial, encodePartial);
      if (found !== undefined) {
        expect(faultOfPartial(key, entry, found) === undefined).toBe(same(bytes, partialBytes));
      }
    }),
    { numRuns },
  );
});

it("an epoch key and a certificate are read canonically; a changed certificate is not valid", () => {
  fc.assert(
    fc.property(near(encodeEpochKey(key)), near(certificate), (keyBytes, certificateBytes) => {
      check(keyBytes, parseEpochKey, encodeEpochKey);
      const found = check(certificateBytes, parseCertificate, encodeCertificate);
      if (found !== undefined)
        expect(verifyCertificate(found).valid).toBe(same(certificateBytes, certificate));
    }),
    { numRuns },
  );
});

it("the bodies of the ceremony's messages are read canonically", () => {
  fc.assert(
    fc.property(
      near(contributionBody),
      near(confirmationBody),
      fc.uint8Array({ minLength: 190, maxLength: 200 }),
      (one, two, three) => {
        check(one, (bytes) => parseContribution(setup, bytes), encodeContribution);
        check(two, (bytes) => parseConfirmation(setup, bytes), encodeConfirmation);
        check(three, (bytes) => parseComplaint(setup, bytes));
      },
    ),
    { numRuns },
  );
});

it("no message of a stranger moves the ceremony", () => {
  const { state } = beginCeremony({ setup, secretKey: some(keys[0]).secretKey, random });
  fc.assert(
    fc.property(near(ofTwo), (bytes) => {
      fc.pre(!same(bytes, ofTwo));
      const step = receiveMessage(state, bytes);
      expect(step.state).toBe(state);
      expect(step.refused).toBeDefined();
    }),
    { numRuns },
  );
});

it("whatever a custodian signs, the ceremony goes on or names that custodian", () => {
  const { state } = beginCeremony({ setup, secretKey: some(keys[0]).secretKey, random });
  const kinds = fc.constantFrom("contribution", "confirmation", "complaint");
  fc.assert(
    fc.property(kinds, near(contributionBody), (kind, body) => {
      const secretKey = some(keys[1]).secretKey;
      const step = receiveMessage(state, encodeMessage({ kind, setup, sender: 2, secretKey, body }));
      if (step.state.phase === "stopped") expect(step.state.fault.custodians).toEqual([2]);
      else expect(step.state.phase).toBe("contributing");
    }),
    { numRuns },
  );
});

it("a custodian set is read canonically; no other set takes the place of the endorsed one", () => {
  const seed = (fill: number) => new Uint8Array(32).fill(fill);
  const members = ["committee", "property", "city"].map((body, i) => ({
    body,
    identityKey: ed25519FromSecret(seed(i)).publicKey,
  }));
  const previous = { version: 1, threshold: 2, members };
  const next = { ...previous, version: 2 };
  const endorsements = [0, 1].map((fill) => endorse({ previous, next, secretKey: seed(fill) }));
  const bytes = encodeCustodianSet(next);
  fc.assert(
    fc.property(near(bytes), (changed) => {
      const found = check(changed, parseCustodianSet, encodeCustodianSet);
      if (found !== undefined)
        expect(verifyEndorsements(previous, found, endorsements)).toBe(same(changed, bytes));
    }),
    { numRuns },
  );
});

it("a witness policy is read canonically; nothing but the endorsed one is believed", () => {
  const seed = (fill: number) => new Uint8Array(32).fill(fill);
  const members = ["committee", "property", "city"].map((body, i) => ({
    body,
    identityKey: ed25519FromSecret(seed(i)).publicKey,
  }));
  const set = { version: 1, threshold: 2, members };
  const policy = {
    version: 1,
    logKey: "log+1",
    witnesses: [
      { body: "city", key: "w+1" },
      { body: "committee", key: "v+1" },
    ],
    quorum: 1,
  };
  const endorsements = [0, 1].map((fill) => endorseWitnessPolicy({ set, policy, secretKey: seed(fill) }));
  const bytes = encodeWitnessPolicy(policy);
  fc.assert(
    fc.property(near(bytes), (changed) => {
      const found = check(changed, parseWitnessPolicy, encodeWitnessPolicy);
      if (found !== undefined) {
        const shown = { policy: found, setVersion: 1, endorsements };
        expect(isEndorsedPolicy(0, shown, [set])).toBe(same(changed, bytes));
      }
    }),
    { numRuns },
  );
});
