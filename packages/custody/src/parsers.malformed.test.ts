import { concatBytes, fromHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { beginCeremony, receiveMessage } from "./ceremony.ts";
import { makeComplaint } from "./ceremony-complaint.ts";
import {
  encodeComplaint,
  parseComplaint,
  parseConfirmation,
  parseContribution,
  parseEnvelope,
} from "./ceremony-message.ts";
import { encodeCertificate, parseCertificate } from "./certificate.ts";
import { encodeCustodianSet, parseCustodianSet } from "./custodian-set.ts";
import { CustodyError } from "./errors.ts";
import {
  encodeEpochKey,
  encodePartial,
  makePartial,
  parseEpochKey,
  parsePartial,
  parseSealedEntry,
  sealEntry,
} from "./index.ts";
import { encodeSealedEntry } from "./sealed-entry.ts";
import { makeTable, play } from "./testing/play.ts";
import { seededRandom } from "./testing/seeded-random.ts";
import { encodeWitnessPolicy, parseWitnessPolicy } from "./witness-policy.ts";

const random = seededRandom("malformed");
const { setup, keys } = makeTable({ threshold: { k: 2, n: 3 }, epochCount: 1, random });

function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the example is missing");
  return value;
}
function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof CustodyError ? error.code : `not a CustodyError: ${String(error)}`;
  }
  return "accepted";
}

const seen: Uint8Array[] = [];
const [end] = play(setup, keys, random, (message) => {
  seen.push(message);
  return message;
});
if (end?.phase !== "finished") throw new Error("the ceremony did not finish");
const key = some(end.keys[0]);
const share = some(end.shares[0]);
const label = { gate: new Uint8Array(16), sequence: 1, accessPoint: new Uint8Array(16), timeMs: 2 };
const entryBytes = sealEntry({ key, label, plaintext: new Uint8Array(8), random });
const entry = parseSealedEntry(entryBytes);
const answer = makePartial({ key, share, label, entry, random });
if (!answer.made) throw new Error("no answer");
const contribution = some(seen.find((message) => parseEnvelope(message).kind === "contribution"));
const confirmation = some(seen.find((message) => parseEnvelope(message).kind === "confirmation"));
const complaint = encodeComplaint(
  some(
    makeComplaint({
      setup,
      complainer: 1,
      secretKey: some(keys[0]).secretKey,
      accused: 2,
      position: 0,
      contribution: {
        message: contribution,
        digest: new Uint8Array(64),
        offers: parseContribution(setup, parseEnvelope(contribution).body),
      },
    }),
  ),
);

const policyBytes = encodeWitnessPolicy({
  version: 1,
  logKey: "log+1",
  witnesses: [{ body: "city", key: "w+1" }],
  quorum: 1,
});
const setBytes = encodeCustodianSet({
  version: 1,
  threshold: 2,
  members: ["committee", "property", "city"].map((body, i) => ({
    body,
    identityKey: new Uint8Array(32).fill(i),
  })),
});

const IDENTITY = new Uint8Array(32);
const NO_SCALAR = fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
const NO_ELEMENT = new Uint8Array(32).fill(0xff);

/** The bytes with some of them written over. */
function at(bytes: Uint8Array, offset: number, part: Uint8Array): Uint8Array {
  return concatBytes(bytes.slice(0, offset), part, bytes.slice(offset + part.length));
}

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly parse: (bytes: Uint8Array) => unknown;
  readonly encode?: (bytes: Uint8Array) => Uint8Array;
  /** Length of the leading text, where there is one; the version follows. */
  readonly magic?: number;
  readonly elements: readonly number[];
  readonly scalars: readonly number[];
}

const CASES: readonly Case[] = [
  {
    name: "epoch key",
    bytes: encodeEpochKey(key),
    parse: parseEpochKey,
    encode: (bytes) => encodeEpochKey(parseEpochKey(bytes)),
    magic: 19,
    elements: [26, 58, 90, 122],
    scalars: [],
  },
  {
    name: "sealed entry",
    bytes: entryBytes,
    parse: parseSealedEntry,
    encode: (bytes) => encodeSealedEntry(parseSealedEntry(bytes)),
    magic: 20,
    elements: [105, 137],
    scalars: [169, 201],
  },
  {
    name: "partial",
    bytes: encodePartial(answer.partial),
    parse: parsePartial,
    encode: (bytes) => encodePartial(parsePartial(bytes)),
    magic: 15,
    elements: [81],
    scalars: [113, 145],
  },
  {
    name: "certificate",
    bytes: end.certificate,
    parse: parseCertificate,
    encode: (bytes) => encodeCertificate(parseCertificate(bytes)),
    magic: 27,
    elements: [67, 99, 131, 163, 195, 291],
    scalars: [],
  },
  {
    name: "custodian set",
    bytes: setBytes,
    parse: parseCustodianSet,
    encode: (bytes) => encodeCustodianSet(parseCustodianSet(bytes)),
    magic: 21,
    elements: [],
    scalars: [],
  },
  {
    name: "witness policy",
    bytes: policyBytes,
    parse: parseWitnessPolicy,
    encode: (bytes) => encodeWitnessPolicy(parseWitnessPolicy(bytes)),
    magic: 22,
    elements: [],
    scalars: [],
  },
  {
    name: "contribution",
    bytes: parseEnvelope(contribution).body,
    parse: (bytes) => parseContribution(setup, bytes),
    elements: [0, 32, 128],
    scalars: [],
  },
  {
    name: "confirmation",
    bytes: parseEnvelope(confirmation).body,
    parse: (bytes) => parseConfirmation(setup, bytes),
    elements: [],
    scalars: [],
  },
  {
    name: "complaint",
    bytes: complaint,
    parse: (bytes) => parseComplaint(setup, bytes),
    encode: (bytes) => encodeComplaint(parseComplaint(setup, bytes)),
    elements: [66, 98],
    scalars: [130, 162],
  },
];

describe.each(CASES)("a malformed $name", ({ bytes, parse, encode, magic, elements, scalars }) => {
  it("is not the example, which is read and written to the same bytes", () => {
    expect(codeOf(() => parse(bytes))).toBe("accepted");
    if (encode !== undefined) expect(encode(bytes)).toEqual(bytes);
  });

  it("is refused when truncated anywhere, empty, or followed by a byte", () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(codeOf(() => parse(bytes.slice(0, length)))).toBe("malformed");
    }
    expect(codeOf(() => parse(concatBytes(bytes, new Uint8Array(1))))).toBe("malformed");
  });

  it("is refused when oversized, before anything is read", () => {
    expect(codeOf(() => parse(new Uint8Array(4_000_000)))).toBe("too-large");
  });

  it("is refused with the identity or no element where an element is due", () => {
    for (const offset of elements) {
      expect(codeOf(() => parse(at(bytes, offset, IDENTITY)))).toBe("malformed");
      expect(codeOf(() => parse(at(bytes, offset, NO_ELEMENT)))).toBe("malformed");
    }
  });

  it("is refused with a scalar that is not below the order", () => {
    for (const offset of scalars) expect(codeOf(() => parse(at(bytes, offset, NO_SCALAR)))).toBe("malformed");
  });

  it("of an unknown version says so, of another kind is malformed", () => {
    if (magic === undefined) return;
    expect(codeOf(() => parse(at(bytes, magic, new Uint8Array([2]))))).toBe("unknown-version");
    expect(codeOf(() => parse(at(bytes, 0, new Uint8Array([0]))))).toBe("malformed");
  });
});

describe("further malformed fields", () => {
  it.each<[string, () => unknown]>([
    ["a key with k = 1", () => parseEpochKey(at(encodeEpochKey(key), 24, new Uint8Array([1])))],
    ["a key with k above n", () => parseEpochKey(at(encodeEpochKey(key), 24, new Uint8Array([4])))],
    [
      "a key whose verification keys are in another order",
      () => {
        const bytes = encodeEpochKey(key);
        return parseEpochKey(at(at(bytes, 58, bytes.slice(90, 122)), 90, bytes.slice(58, 90)));
      },
    ],
    ["a sequence beyond 2^53", () => parseSealedEntry(at(entryBytes, 41, new Uint8Array([0, 0x20])))],
    ["a payload shorter than its tag", () => parseSealedEntry(at(entryBytes, 233, new Uint8Array([0, 15])))],
    ["a payload longer than it says", () => parseSealedEntry(at(entryBytes, 233, new Uint8Array([0, 23])))],
    [
      "a certificate with a key twice",
      () => {
        const bytes = some(end.phase === "finished" ? end.certificate : undefined);
        return parseCertificate(at(bytes, 99, bytes.slice(67, 99)));
      },
    ],
    ["a certificate of no epoch", () => parseCertificate(at(end.certificate, 66, new Uint8Array(1)))],
    ["a set of version 0", () => parseCustodianSet(at(setBytes, 22, new Uint8Array(4)))],
    ["a set with k = 1", () => parseCustodianSet(at(setBytes, 26, new Uint8Array([1])))],
    ["a set of 33 members", () => parseCustodianSet(at(setBytes, 27, new Uint8Array([33])))],
    ["a set with a key twice", () => parseCustodianSet(at(setBytes, 79, new Uint8Array(32)))],
    ["a set with a body in capitals", () => parseCustodianSet(at(setBytes, 29, new Uint8Array([0x43])))],
    ["a policy of version 0", () => parseWitnessPolicy(at(policyBytes, 23, new Uint8Array(4)))],
    ["a policy that asks for two of one", () => parseWitnessPolicy(at(policyBytes, 34, new Uint8Array([2])))],
    ["a policy of 33 witnesses", () => parseWitnessPolicy(at(policyBytes, 35, new Uint8Array([33])))],
    [
      "a policy with a body in capitals",
      () => parseWitnessPolicy(at(policyBytes, 37, new Uint8Array([0x43]))),
    ],
    [
      "a policy with a key that is no text",
      () => parseWitnessPolicy(at(policyBytes, 29, new Uint8Array([0xff]))),
    ],
    ["a complaint against custodian 0", () => parseComplaint(setup, at(complaint, 0, new Uint8Array([0])))],
    ["a complaint against custodian 4", () => parseComplaint(setup, at(complaint, 0, new Uint8Array([4])))],
    ["a complaint about an epoch beyond", () => parseComplaint(setup, at(complaint, 1, new Uint8Array([1])))],
    ["a message of an unknown kind", () => parseEnvelope(at(contribution, 17, new Uint8Array([4])))],
    [
      "a sealed share of another length",
      () => parseContribution(setup, at(parseEnvelope(contribution).body, 167, new Uint8Array([49]))),
    ],
  ])("%s is refused", (_what, parse) => {
    expect(codeOf(parse)).toBe("malformed");
  });

  it("an envelope cut anywhere is refused by the ceremony without blame", () => {
    const { state } = beginCeremony({ setup, secretKey: some(keys[0]).secretKey, random });
    for (const length of [0, 1, 17, 18, 80, 82, 145, 146, 200]) {
      const step = receiveMessage(state, contribution.slice(0, length));
      expect(step.state).toBe(state);
      expect(step.refused).toMatch(/malformed|not-of-this-ceremony/);
    }
    expect(receiveMessage(state, at(contribution, 16, new Uint8Array([2]))).refused).toBe("unknown-version");
    expect(receiveMessage(state, new Uint8Array(4_000_000)).refused).toBe("too-large");
  });
});
