import { equalBytes, RistrettoElement, RistrettoScalar } from "@menshen/crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EntryLabel, type EpochKey, type KeyShare, MAX_PLAINTEXT_BYTES } from "./index.ts";
import { combinePartials, faultOfPartial, makePartial, type PartialDecryption } from "./opening.ts";
import {
  parseSealedEntry,
  prepareSeal,
  type SealedEntry,
  sealEntry,
  verifySealedEntry,
} from "./sealed-entry.ts";
import { makeKeys } from "./testing/play.ts";
import { seededRandom } from "./testing/seeded-random.ts";

const numRuns = Math.min(Number(process.env.FUZZ_RUNS ?? 20), 300);
const random = seededRandom("sealing");
const label: EntryLabel = {
  gate: new Uint8Array(16).fill(0xa1),
  sequence: 4711,
  accessPoint: new Uint8Array(16).fill(0xb2),
  timeMs: 1_790_000_000_000,
};
const secretText = new TextEncoder().encode("credential 17, dwelling 3-204");

/** Value of a list that the test knows to be there. */
function at<T>(list: readonly T[], position: number): T {
  const found = list[position];
  if (found === undefined) throw new Error(`nothing at ${position}`);
  return found;
}

const pair = makeKeys({ k: 2, n: 3 }, 2, "2 of 3");
const key = at(pair.keys, 0);
const otherEpoch = at(pair.keys, 1);
const shareOf = (custodian: number, position = 0) => at(at(pair.shares, custodian - 1), position);

const seal = (to: EpochKey = key, under: EntryLabel = label, plaintext: Uint8Array = secretText) =>
  parseSealedEntry(sealEntry({ key: to, label: under, plaintext, random }));

function answer(entry: SealedEntry, share: KeyShare, to: EpochKey = key): PartialDecryption {
  const result = makePartial({ key: to, share, label: entry.label, entry, random });
  if (!result.made) throw new Error(`no answer: ${result.reason}`);
  return result.partial;
}

/** All ways to choose `count` of the numbers 1 to `n`. */
function choices(n: number, count: number, from = 1): number[][] {
  if (count === 0) return [[]];
  const found: number[][] = [];
  for (let first = from; first <= n; first += 1) {
    for (const rest of choices(n, count - 1, first + 1)) found.push([first, ...rest]);
  }
  return found;
}

describe("sealing ahead", () => {
  it("gives the bytes of sealing at once for the same randomness", () => {
    const entry = { label, plaintext: secretText };
    const ahead = prepareSeal(key, seededRandom("ahead"))(entry);
    expect(equalBytes(ahead, sealEntry({ ...entry, key, random: seededRandom("ahead") }))).toBe(true);
    expect(verifySealedEntry(key, parseSealedEntry(ahead))).toBe(true);
  });

  it("seals one entry only, and is not spent by what cannot be sealed", () => {
    const once = prepareSeal(key, random);
    const plaintext = new Uint8Array(MAX_PLAINTEXT_BYTES + 1);
    expect(() => once({ label, plaintext })).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(verifySealedEntry(key, parseSealedEntry(once({ label, plaintext: secretText })))).toBe(true);
    expect(() => once({ label, plaintext: secretText })).toThrow(
      expect.objectContaining({ code: "invalid-argument" }),
    );
  });
});

describe("opening", () => {
  it.each([
    [{ k: 2, n: 2 }, 1],
    [{ k: 2, n: 3 }, 3],
    [{ k: 3, n: 3 }, 1],
    [{ k: 3, n: 5 }, 10],
  ])("works with every choice of %o and with none smaller", (threshold, count) => {
    const made = makeKeys(threshold, 1, `every choice ${threshold.k} of ${threshold.n}`);
    const epochKey = at(made.keys, 0);
    const entry = seal(epochKey);
    const partials = made.shares.map((shares) => answer(entry, at(shares, 0), epochKey));
    const chosen = choices(threshold.n, threshold.k);
    expect(chosen).toHaveLength(count);
    for (const indices of chosen) {
      const some = indices.map((index) => at(partials, index - 1));
      expect(combinePartials({ key: epochKey, entry, partials: some })).toEqual({
        opened: true,
        plaintext: secretText,
        rejected: [],
      });
      expect(combinePartials({ key: epochKey, entry, partials: some.slice(1) })).toEqual({
        opened: false,
        reason: "too-few",
        rejected: [],
      });
    }
  });

  it("gives back any text under any label", () => {
    const id = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    const labels = fc.record({ gate: id, sequence: number, accessPoint: id, timeMs: number });
    fc.assert(
      fc.property(labels, fc.uint8Array({ maxLength: 200 }), (under, plaintext) => {
        const entry = seal(key, under, plaintext);
        expect(entry.label).toEqual(under);
        const partials = [answer(entry, shareOf(3)), answer(entry, shareOf(1))];
        expect(combinePartials({ key, entry, partials })).toEqual({ opened: true, plaintext, rejected: [] });
      }),
      { numRuns },
    );
  });

  it("does not count one custodian twice, and opens beside a bad answer", () => {
    const entry = seal();
    const [first, second] = [answer(entry, shareOf(1)), answer(entry, shareOf(2))];
    expect(combinePartials({ key, entry, partials: [first, first] })).toEqual({
      opened: false,
      reason: "too-few",
      rejected: [{ index: 1, fault: "twice" }],
    });
    const forged = { ...first, index: 3 };
    expect(combinePartials({ key, entry, partials: [forged, first, second] })).toEqual({
      opened: true,
      plaintext: secretText,
      rejected: [{ index: 3, fault: "invalid-proof" }],
    });
  });

  it("takes a good answer after a forged one in the same name", () => {
    const entry = seal();
    const [first, second] = [answer(entry, shareOf(1)), answer(entry, shareOf(2))];
    const forged = { ...first, value: first.value.plus(RistrettoElement.base) };
    expect(combinePartials({ key, entry, partials: [forged, first, second] })).toEqual({
      opened: true,
      plaintext: secretText,
      rejected: [{ index: 1, fault: "invalid-proof" }],
    });
  });

  it("opens with no single share, in whatever names it answers", () => {
    const entry = seal();
    const alone = answer(entry, shareOf(2));
    const pretended = { ...alone, index: 1 };
    expect(combinePartials({ key, entry, partials: [alone, pretended] })).toEqual({
      opened: false,
      reason: "too-few",
      rejected: [{ index: 1, fault: "invalid-proof" }],
    });
  });
});

describe("answers", () => {
  const entry = seal();
  const good = answer(entry, shareOf(1));
  const one = RistrettoScalar.of(1);

  it.each<[string, PartialDecryption, string]>([
    ["another value", { ...good, value: good.value.plus(RistrettoElement.base) }, "invalid-proof"],
    [
      "another challenge",
      { ...good, proof: { ...good.proof, challenge: good.proof.challenge.plus(one) } },
      "invalid-proof",
    ],
    [
      "another response",
      { ...good, proof: { ...good.proof, response: good.proof.response.plus(one) } },
      "invalid-proof",
    ],
    ["another custodian's name", { ...good, index: 2 }, "invalid-proof"],
    ["a custodian who is none", { ...good, index: 4 }, "unknown-custodian"],
    ["no custodian", { ...good, index: 0 }, "unknown-custodian"],
  ])("with %s are refused", (_what, forged, fault) => {
    expect(faultOfPartial(key, entry, forged)).toBe(fault);
    expect(faultOfPartial(key, entry, good)).toBeUndefined();
  });

  it("to one entry are refused for the next, also with the digest exchanged", () => {
    const next = seal(key, { ...label, sequence: label.sequence + 1 });
    expect(faultOfPartial(key, next, good)).toBe("other-entry");
    const { entryDigest } = answer(next, shareOf(1));
    expect(faultOfPartial(key, next, { ...good, entryDigest })).toBe("invalid-proof");
  });

  it("of another epoch's share are neither made nor counted", () => {
    const wrong = makePartial({ key, share: shareOf(1, 1), label, entry, random });
    expect(wrong).toEqual({ made: false, reason: "wrong-epoch" });
    const mislabelled = { ...shareOf(1, 1), epoch: key.epoch };
    expect(makePartial({ key, share: mislabelled, label, entry, random })).toEqual({
      made: false,
      reason: "wrong-share",
    });
    const later = seal(otherEpoch);
    const ofLater = answer(later, shareOf(1, 1), otherEpoch);
    const { entryDigest } = good;
    expect(faultOfPartial(key, entry, { ...ofLater, entryDigest })).toBe("invalid-proof");
  });

  it("are given for the entry that was asked for only", () => {
    for (const asked of [
      { ...label, gate: new Uint8Array(16) },
      { ...label, sequence: label.sequence + 1 },
      { ...label, accessPoint: new Uint8Array(16) },
      { ...label, timeMs: label.timeMs + 1 },
    ]) {
      expect(makePartial({ key, share: shareOf(1), label: asked, entry, random })).toEqual({
        made: false,
        reason: "wrong-label",
      });
    }
  });
});

describe("a sealed entry", () => {
  const entry = seal();
  const refused = (changed: SealedEntry, under: EpochKey = key) => {
    expect(verifySealedEntry(under, changed)).toBe(false);
    const asked = { key: under, share: shareOf(1), label: changed.label, entry: changed, random };
    expect(makePartial(asked).made).toBe(false);
    expect(combinePartials({ key: under, entry: changed, partials: [] })).toEqual({
      opened: false,
      reason: "invalid-entry",
      rejected: [],
    });
  };

  it("is valid as it was made, under its key only", () => {
    expect(verifySealedEntry(key, entry)).toBe(true);
    refused(entry, otherEpoch);
    refused({ ...entry, epoch: otherEpoch.epoch }, otherEpoch);
  });

  it("cannot be re-labelled", () => {
    refused({ ...entry, label: { ...label, gate: new Uint8Array(16) } });
    refused({ ...entry, label: { ...label, sequence: 4712 } });
    refused({ ...entry, label: { ...label, accessPoint: new Uint8Array(16) } });
    refused({ ...entry, label: { ...label, timeMs: label.timeMs + 1 } });
  });

  it("cannot be re-randomised, with or without its second half", () => {
    const delta = RistrettoScalar.of(5);
    const u = entry.u.plus(RistrettoElement.base.times(delta));
    const uBar = entry.uBar.plus(key.secondGenerator.times(delta));
    refused({ ...entry, u });
    refused({ ...entry, u, uBar });
    const response = entry.proof.response.plus(entry.proof.challenge.times(delta));
    refused({ ...entry, u, uBar, proof: { ...entry.proof, response } });
  });

  it("cannot lend its parts to another entry", () => {
    const neighbour = seal(key, { ...label, sequence: 4712 });
    refused({ ...neighbour, u: entry.u });
    refused({ ...neighbour, maskedKey: entry.maskedKey });
    refused({ ...neighbour, payload: entry.payload });
    refused({ ...neighbour, proof: entry.proof });
    refused({ ...entry, label: neighbour.label });
  });

  it("is another one each time, though the text is the same", () => {
    const again = seal();
    expect(again.u.equals(entry.u)).toBe(false);
    expect(equalBytes(again.payload, entry.payload)).toBe(false);
    expect(equalBytes(again.maskedKey, entry.maskedKey)).toBe(false);
  });

  it("is as long as the specification says, and takes no longer text", () => {
    expect(sealEntry({ key, label, plaintext: secretText, random })).toHaveLength(251 + secretText.length);
    const plaintext = new Uint8Array(MAX_PLAINTEXT_BYTES + 1);
    expect(() => sealEntry({ key, label, plaintext, random })).toThrow("at most 2048 bytes");
  });
});
