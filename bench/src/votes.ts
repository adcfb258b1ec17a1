import {
  ed25519FromSecret,
  ed25519Sign,
  ed25519Verify,
  primitives,
  randomBytes,
  sha256,
} from "@menshen/crypto/node";
import { type CastBallot, canonicalJson, countVote, parseCanonicalJson, VOTE_CHOICES } from "@menshen/domain";
import { commitLeaf, encodeLeaf, opensLeaf, parseLeaf } from "@menshen/evidence";
import { voteTexts } from "@menshen/wire";
import { median, type Result, rounded } from "./result.ts";

const HEADS = 10_000;
const ROUNDS = 5;
const TARGET_S = 10;
const COMMUNITY = "11111111-1111-4111-8111-111111111111";
const MOTION = "22222222-2222-4222-8222-222222222222";
const AGENDA = "ab".repeat(32);
const utf8 = new TextEncoder();

interface BenchBallot {
  readonly number: number;
  readonly authKey: Uint8Array;
  readonly signature: Uint8Array;
  readonly statement: string;
  readonly salt: Uint8Array;
  readonly entry: Uint8Array;
}

/** A vote of 10,000 heads, each with a key of its own, as its ballots stand in the log. */
function castAll(): {
  readonly roll: { number: number; areaDm2: number }[];
  readonly ballots: BenchBallot[];
} {
  const roll = Array.from({ length: HEADS }, (_, index) => ({
    number: index + 1,
    areaDm2: 5_000 + (index % 10_007),
  }));
  const ballots = roll.map(({ number, areaDm2 }): BenchBallot => {
    const key = ed25519FromSecret(randomBytes(32));
    const choice = VOTE_CHOICES[number % 4 === 0 ? 1 : 0] ?? "for";
    const text = voteTexts.ballot(COMMUNITY, { motionId: MOTION, agendaSha256: AGENDA, number, choice });
    const statement = canonicalJson({
      at: 1,
      topic: "ballot-cast",
      motionId: MOTION,
      agendaSha256: AGENDA,
      number,
      areaDm2,
      choice,
      way: "app",
    });
    const salt = randomBytes(32);
    return {
      number,
      authKey: key.publicKey,
      signature: ed25519Sign(key.secretKey, utf8.encode(text)),
      statement,
      salt,
      entry: encodeLeaf(commitLeaf(primitives, salt, "ballot-cast", utf8.encode(statement))),
    };
  });
  return { roll, ballots };
}

/** What the server and an auditor do together: the log's leaf opens to the ballot, its voter signed it, it is counted. */
function tally({ roll, ballots }: ReturnType<typeof castAll>): boolean {
  const cast = ballots.map((ballot): CastBallot => {
    const parsed = parseLeaf(ballot.entry);
    if (!parsed.parsed || !opensLeaf(primitives, parsed.leaf, ballot.salt, utf8.encode(ballot.statement))) {
      throw new Error("a leaf does not open");
    }
    const said = parseCanonicalJson(ballot.statement);
    const choice = VOTE_CHOICES.find((one) => one === Reflect.get(Object(said), "choice")) ?? "abstain";
    const { number } = ballot;
    const text = voteTexts.ballot(COMMUNITY, { motionId: MOTION, agendaSha256: AGENDA, number, choice });
    if (!ed25519Verify(ballot.authKey, utf8.encode(text), ballot.signature)) throw new Error("not signed");
    return { number, choice };
  });
  sha256(
    utf8.encode(
      voteTexts.roll(
        MOTION,
        roll.map(({ number, areaDm2 }) => [number, areaDm2] as const),
      ),
    ),
  );
  const counted = countVote(roll, cast, "three-quarters");
  if (!counted.counted) throw new Error(`not counted: ${counted.fault}`);
  return counted.passed;
}

/** A vote of 10,000 ballots: each opened against its leaf, its signature verified, and all counted by both measures. */
export function benchVotes(): Result[] {
  const vote = castAll();
  const rounds = Array.from({ length: ROUNDS }, () => {
    const begin = performance.now();
    tally(vote);
    return (performance.now() - begin) / 1_000;
  });
  return [
    {
      id: "vote.tally_10k_s",
      value: rounded(median(rounds)),
      unit: "s",
      better: "lower",
      target: TARGET_S,
      note: `${HEADS} ballots opened against their leaves, signatures verified, counted by heads and area; one thread`,
    },
  ];
}
