import { availableParallelism } from "node:os";
import {
  ed25519FromSecret,
  ed25519Sign,
  ed25519Verify,
  primitives,
  randomBytes,
  sha256,
  toHex,
} from "@menshen/crypto/node";
import { encodeBallot, makeTallyShare, openTally, sealBallot } from "@menshen/custody";
import { addBallotsInThreads } from "@menshen/custody/node";
import { type CastBallot, canonicalJson, countVote, parseCanonicalJson, VOTE_CHOICES } from "@menshen/domain";
import { commitLeaf, encodeLeaf, opensLeaf, parseLeaf } from "@menshen/evidence";
import { holdCeremony } from "@menshen/testkit/ceremony";
import { voteTexts } from "@menshen/wire";
import { median, type Result, rounded } from "./result.ts";

const HEADS = 10_000;
const ROUNDS = 5;
const TARGET_S = 10;
const SEALED_BY_VOTERS = 100;
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

const seconds = (begin: number) => (performance.now() - begin) / 1_000;

/**
 * A secret vote of 10,000: every ballot parsed and its proof verified, all added up by both measures, and the sums opened by two of
 * three custodians. Sealing is the voters' work, and timed for one.
 */
async function benchSecretVote(): Promise<Result[]> {
  const { keys, shares: held } = holdCeremony({ threshold: { k: 2, n: 3 }, firstEpoch: 0, epochCount: 1 });
  const [key] = keys;
  if (key === undefined) throw new Error("no key was made");
  const place = { communityId: COMMUNITY, motionId: MOTION, agendaSha256: AGENDA };
  // A table of the key's multiples: for one who makes all ballots, as no voter does.
  const tabled = { ...key, publicKey: key.publicKey.tabled() };
  const sealing: number[] = [];
  const cast = Array.from({ length: HEADS }, (_, index) => {
    const number = index + 1;
    const choice = VOTE_CHOICES[number % 3] ?? "for";
    const own = number <= SEALED_BY_VOTERS ? key : tabled;
    const begin = performance.now();
    const ballot = sealBallot({ key: own, place: { ...place, number }, choice, random: randomBytes });
    if (own === key) sealing.push(performance.now() - begin);
    return { number, areaDm2: 5_000 + (index % 10_007), encoded: encodeBallot(ballot) };
  });
  const used = process.cpuUsage();
  const begin = performance.now();
  const added = await addBallotsInThreads(key, place, cast);
  if (!added.good) throw new Error("a good ballot was refused");
  const { tally } = added;
  const verifySeconds = seconds(begin);
  const { user, system } = process.cpuUsage(used);
  const alone = performance.now();
  const one = await addBallotsInThreads(key, place, cast, 1);
  const aloneSeconds = seconds(alone);
  if (!one.good || toHex(one.tally.digest) !== toHex(tally.digest)) throw new Error("the sums differ");
  const opening = performance.now();
  const shares = held.slice(0, 2).flatMap(([share]) => {
    const made = share && makeTallyShare({ key, share, tally, random: randomBytes });
    return made === undefined ? [] : [made];
  });
  const voted = { heads: HEADS, areaDm2: cast.reduce((sum, { areaDm2 }) => sum + areaDm2, 0) };
  const opened = openTally({ key, tally, shares, voted });
  if (!opened.opened) throw new Error("the sums were not opened");
  const openSeconds = seconds(opening);
  return [
    {
      id: "vote.secret_whole_10k_s",
      value: rounded(verifySeconds + openSeconds),
      unit: "s",
      better: "lower",
      target: TARGET_S,
      note: `${HEADS} sealed ballots verified and added up, and their sums opened: the two rows below together`,
    },
    {
      id: "vote.secret_verify_10k_s",
      value: rounded(verifySeconds),
      unit: "s",
      better: "lower",
      target: TARGET_S,
      note:
        `${HEADS} sealed ballots parsed, proofs verified together, added up by heads and area, in ${availableParallelism()} ` +
        `threads with their start; one thread: ${rounded(aloneSeconds)} s`,
    },
    {
      id: "vote.secret_verify_10k_cpu_s",
      value: rounded((user + system) / 1_000_000),
      unit: "s",
      better: "lower",
      note: "processor time of the same, all threads together: on cores that are free the clock shows this by their number",
    },
    {
      id: "vote.secret_open_10k_s",
      value: rounded(openSeconds),
      unit: "s",
      better: "lower",
      note: "two custodians' shares with proofs, verified, and the four sums found; one thread",
    },
    {
      id: "vote.secret_seal_ms",
      value: rounded(median(sealing)),
      unit: "ms",
      better: "lower",
      note: "one ballot sealed and proved, as the voter's program does",
    },
  ];
}

/** A vote of 10,000 ballots: each opened against its leaf, its signature verified, and all counted by both measures. */
export async function benchVotes(): Promise<Result[]> {
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
    ...(await benchSecretVote()),
  ];
}
