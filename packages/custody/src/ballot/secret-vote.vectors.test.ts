import { fromHex, RistrettoScalar, toHex } from "@menshen/crypto";
import { VOTE_CHOICES } from "@menshen/domain";
import { expect, it } from "vitest";
import vectors from "../../vectors/secret-ballots.json" with { type: "json" };
import { parseEpochKey } from "../epoch-key.ts";
import {
  encodeBallot,
  encodeTally,
  encodeTallyShare,
  findBadBallots,
  makeTallyShare,
  openTally,
  parseBallot,
  parseTally,
  parseTallyShare,
  sealBallot,
  sumBallots,
  verifyBallot,
} from "./index.ts";

const key = parseEpochKey(fromHex(vectors.key));
const { motion } = vectors;
const ballots = vectors.ballots.map(({ number, areaDm2, encoded }) => ({
  number,
  areaDm2,
  ballot: parseBallot(fromHex(encoded)),
}));
const tally = sumBallots(key, motion, ballots);

/** Gives out what the vectors say was drawn. */
function drawing(values: readonly string[]) {
  const rest = [...values];
  return () => fromHex(rest.shift() ?? "");
}

it("this project's own vectors: ballots are sealed to the byte, and verify in their places", () => {
  for (const { number, choice: said, drawn, encoded } of vectors.ballots) {
    const choice = VOTE_CHOICES.find((one) => one === said);
    if (choice === undefined) throw new Error("no such choice");
    const place = { ...motion, number };
    expect(toHex(encodeBallot(sealBallot({ key, place, choice, random: drawing(drawn) })))).toBe(encoded);
    expect(verifyBallot(key, place, parseBallot(fromHex(encoded)))).toBe(true);
  }
  const placed = ballots.map(({ number, ballot }) => ({ place: { ...motion, number }, ballot }));
  expect(findBadBallots(key, placed, (length) => new Uint8Array(length).fill(5))).toEqual([]);
});

it("this project's own vectors: the sums, each share, and what any two of them open", () => {
  expect(toHex(encodeTally(tally))).toBe(vectors.tally);
  expect(toHex(encodeTally(parseTally(fromHex(vectors.tally))))).toBe(vectors.tally);
  for (const { index, secret: hex, drawn, encoded } of vectors.shares) {
    const secret = RistrettoScalar.parse(fromHex(hex));
    if (secret === undefined) throw new Error("no scalar");
    const made = makeTallyShare({ key, share: { epoch: 0, index, secret }, tally, random: drawing([drawn]) });
    expect(made && toHex(encodeTallyShare(made))).toBe(encoded);
  }
  const shares = vectors.shares.map(({ encoded }) => parseTallyShare(fromHex(encoded)));
  const voted = { heads: 4, areaDm2: 34_813 };
  for (const pair of [shares.slice(0, 2), shares.slice(1), [...shares.slice(2), ...shares.slice(0, 1)]]) {
    expect(openTally({ key, tally, shares: pair, voted })).toMatchObject({
      opened: true,
      sums: vectors.sums,
    });
  }
});
