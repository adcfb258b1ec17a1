import fc from "fast-check";
import { describe, expect, it } from "vitest";
import rfc9497 from "../vectors/rfc9497.json" with { type: "json" };
import {
  CryptoError,
  fromHex,
  randomBytes,
  toHex,
  type VoprfQuestion,
  voprfBlind,
  voprfEvaluate,
  voprfFinalize,
  voprfGenerate,
  voprfKeysOf,
} from "./index.ts";

const keys = voprfKeysOf(fromHex(rfc9497.secretKey));
const text = (words: string) => new TextEncoder().encode(words);

/** Hands out the scalars that the RFC prints where the library wants random bytes for one. */
function scalars(...hex: readonly string[]) {
  const left = [...hex];
  return (lengthBytes: number) => {
    // The library draws 48 bytes, little-endian, and takes 1 + x mod (order - 1).
    const scalar = fromHex(left.shift() ?? "").toReversed();
    const value = BigInt(`0x${toHex(scalar)}`) - 1n;
    return fromHex(value.toString(16).padStart(2 * lengthBytes, "0")).toReversed();
  };
}

describe("VOPRF over ristretto255 with SHA-512", () => {
  it("goes as RFC 9497 prints it", () => {
    expect(toHex(keys.publicKey)).toBe(rfc9497.publicKey);
    expect(rfc9497.vectors).toHaveLength(3);
    for (const v of rfc9497.vectors) {
      const draw = scalars(...v.blinds);
      const questions = v.inputs.map((input) => voprfBlind(fromHex(input), draw));
      expect(questions.map(({ blind }) => toHex(blind))).toEqual(v.blinds);
      expect(questions.map(({ blinded }) => toHex(blinded))).toEqual(v.blinded);
      const answer = voprfEvaluate(keys, v.blinded.map(fromHex), scalars(v.proofScalar));
      expect(answer?.evaluated.map(toHex)).toEqual(v.evaluated);
      expect(toHex(answer?.proof ?? new Uint8Array())).toBe(v.proof);
      const printed = { evaluated: v.evaluated.map(fromHex), proof: fromHex(v.proof) };
      expect(voprfFinalize(keys.publicKey, questions, printed)?.map(toHex)).toEqual(v.outputs);
    }
  });

  it("gives the same for the same input whatever the blinds, and another under another key", () => {
    const run = (pair: typeof keys, input: string) => {
      const question = voprfBlind(text(input), randomBytes);
      const answer = voprfEvaluate(pair, [question.blinded], randomBytes);
      const [output] = voprfFinalize(pair.publicKey, [question], answer ?? empty) ?? [];
      return toHex(output ?? new Uint8Array());
    };
    const other = voprfGenerate(randomBytes);
    expect(run(keys, "one")).toBe(run(keys, "one"));
    expect(run(keys, "one")).not.toBe(run(keys, "two"));
    expect(run(keys, "one")).not.toBe(run(other, "one"));
  });

  it("notices another key, another order and every changed bit of an answer", () => {
    const questions = ["one", "two"].map((input) => voprfBlind(text(input), randomBytes));
    const blinded = questions.map((one) => one.blinded);
    const answer = voprfEvaluate(keys, blinded, randomBytes) ?? empty;
    expect(voprfFinalize(keys.publicKey, questions, answer)).toHaveLength(2);
    const strange = voprfEvaluate(voprfGenerate(randomBytes), blinded, randomBytes) ?? empty;
    expect(voprfFinalize(keys.publicKey, questions, strange)).toBeUndefined();
    const turned = { ...answer, evaluated: answer.evaluated.toReversed() };
    expect(voprfFinalize(keys.publicKey, questions, turned)).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(answer.proof.length * 8 - 1), (bit) => {
        const proof = flipped(answer.proof, bit);
        expect(voprfFinalize(keys.publicKey, questions, { ...answer, proof })).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});

const empty = { evaluated: [], proof: new Uint8Array() };

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

describe("hostile input", () => {
  const question: VoprfQuestion = voprfBlind(text("one"), randomBytes);
  const answer = voprfEvaluate(keys, [question.blinded], randomBytes) ?? empty;

  it("answers no element that is none: cut off, too long, the identity, not canonical, none or too many", () => {
    const bad = [
      ...[question.blinded.subarray(1), new Uint8Array([...question.blinded, 0]), new Uint8Array(32)],
      ...[new Uint8Array(32).fill(0xff), new Uint8Array()],
    ];
    for (const one of bad) expect(voprfEvaluate(keys, [question.blinded, one], randomBytes)).toBeUndefined();
    expect(voprfEvaluate(keys, [], randomBytes)).toBeUndefined();
    const many = Array.from({ length: 65 }, () => question.blinded);
    expect(voprfEvaluate(keys, many, randomBytes)).toBeUndefined();
  });

  it("takes nothing for an answer that is none", () => {
    for (const one of [
      empty,
      { ...answer, evaluated: [] },
      { ...answer, evaluated: [...answer.evaluated, ...answer.evaluated] },
      { ...answer, evaluated: [new Uint8Array(32)] },
      { ...answer, proof: answer.proof.subarray(1) },
      { ...answer, proof: new Uint8Array([...answer.proof, 0]) },
      { ...answer, proof: new Uint8Array(64).fill(0xff) },
    ]) {
      expect(voprfFinalize(keys.publicKey, [question], one)).toBeUndefined();
    }
    expect(voprfFinalize(new Uint8Array(32), [question], answer)).toBeUndefined();
  });

  it("never throws for bytes of any kind", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 }),
        fc.uint8Array(),
        (elements, proof) => {
          expect(voprfFinalize(keys.publicKey, [question], { evaluated: elements, proof })).toBeUndefined();
          voprfEvaluate(keys, elements, randomBytes);
        },
      ),
    );
  });

  it("refuses secret keys that are none, and inputs without an end", () => {
    for (const bad of [new Uint8Array(32), new Uint8Array(31), new Uint8Array(32).fill(0xff)]) {
      expect(() => voprfKeysOf(bad)).toThrow(CryptoError);
    }
    for (const bad of [new Uint8Array(), new Uint8Array(1_025)]) {
      expect(() => voprfBlind(bad, randomBytes)).toThrow(CryptoError);
    }
  });
});
