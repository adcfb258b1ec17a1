import { fromHex, toHex } from "@menshen/crypto";
import { VOTE_CHOICES } from "@menshen/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/secret-ballots.json" with { type: "json" };
import { parseEpochKey } from "../epoch-key.ts";
import {
  ballotCode,
  codeOfOpening,
  encodeBallot,
  formatOpening,
  parseOpening,
  sealFromSeed,
  verifyBallot,
} from "./index.ts";

const key = parseEpochKey(fromHex(vectors.key));
const { motion } = vectors;
const seed = fromHex("07".repeat(32));
const place = { ...motion, number: 3 };

describe("V4 (Benaloh challenge): a ballot that is opened in place of being cast", () => {
  it("is made again from its seed, to the byte, and verifies as every other", () => {
    for (const choice of VOTE_CHOICES) {
      const ballot = sealFromSeed({ key, place, choice, seed });
      expect(verifyBallot(key, place, ballot)).toBe(true);
      const opening = { motionId: motion.motionId, number: 3, choice, seed };
      expect(codeOfOpening(key, motion, opening)).toBe(ballotCode(encodeBallot(ballot)));
    }
  });

  it("has the code that stands in this project's own vectors", () => {
    const codes = VOTE_CHOICES.map((choice) =>
      codeOfOpening(key, motion, { motionId: motion.motionId, number: 3, choice, seed }),
    );
    expect(codes).toEqual(vectors.challenged.codes);
    expect(toHex(seed)).toBe(vectors.challenged.seed);
  });

  it("shows a program that sealed something else, another head or another seed", () => {
    const sealed = sealFromSeed({ key, place, choice: "against", seed });
    const code = ballotCode(encodeBallot(sealed));
    const said = { motionId: motion.motionId, number: 3, choice: "for" as const, seed };
    expect(codeOfOpening(key, motion, said)).not.toBe(code);
    expect(codeOfOpening(key, motion, { ...said, choice: "against", number: 4 })).not.toBe(code);
    expect(
      codeOfOpening(key, motion, { ...said, choice: "against", seed: fromHex("08".repeat(32)) }),
    ).not.toBe(code);
    expect(codeOfOpening(key, motion, { ...said, choice: "against" })).toBe(code);
  });

  it("travels as one line of text, and no other text is taken for it", () => {
    const opening = { motionId: motion.motionId, number: 3, choice: "for" as const, seed };
    const text = formatOpening(opening);
    expect(parseOpening(text)).toEqual(opening);
    const said = JSON.parse(text);
    const bad = [
      "",
      "{",
      "null",
      "[]",
      text.slice(0, -1),
      `${text}x`,
      JSON.stringify({ ...said, format: "menshen ballot check v2" }),
      JSON.stringify({ ...said, choice: "maybe" }),
      JSON.stringify({ ...said, number: 0 }),
      JSON.stringify({ ...said, number: 1.5 }),
      JSON.stringify({ ...said, seed: said.seed.slice(2) }),
      JSON.stringify({ ...said, seed: said.seed.toUpperCase().replace("07", "0A") }),
      JSON.stringify({ ...said, motionId: "x" }),
      JSON.stringify({ ...said, more: 1 }),
      JSON.stringify({ ...said, pad: "x".repeat(2_000) }),
    ];
    for (const one of bad) expect(parseOpening(one), one.slice(0, 80)).toBeUndefined();
  });

  it("fuzz: reading never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseOpening(text);
      }),
    );
  });
});
