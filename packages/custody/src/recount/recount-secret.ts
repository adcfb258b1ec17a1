import { fromHex, sha256, toHex } from "@menshen/crypto";
import { countOpenedSums, hasQuorum, majorityOf, parseCanonicalJson } from "@menshen/domain";
import { type Recount, voteTexts } from "@menshen/wire";
import {
  findBadBallots,
  isBallotKey,
  parseBallot,
  parseTallyShare,
  type SealedTally,
  sumBallots,
  type WeighedBallot,
} from "../ballot/index.ts";
import { isOpenedBy } from "../ballot/open-tally.ts";
import { type EpochKey, parseEpochKey } from "../epoch-key.ts";
import { CustodyError } from "../errors.ts";
import {
  bad,
  type EntrySource,
  faultOfLeaf,
  type RecountBad,
  type RecountFault,
  type RecountTools,
  same,
} from "./recount-outcome.ts";

/** Proofs verified at a stretch. */
const AT_A_STRETCH = 2_000;

/** A secret vote whose ballots are all in the log, of this roll, and valid. */
export interface ReadBallots {
  readonly good: true;
  readonly key: EpochKey;
  /** Ascending by number. */
  readonly ballots: readonly WeighedBallot[];
  /** What custodians answer for. */
  readonly tally: SealedTally;
  /** Two thirds of both measures took part. */
  readonly hasQuorum: boolean;
}

/**
 * Verifies all ballots of a secret vote and adds them up; needs nobody's share.
 *
 * @param seen places of the log that were used; those of the ballots are added
 */
export async function readSecretBallots(
  recount: Recount,
  entryAt: EntrySource,
  tools: RecountTools,
  seen = new Set<number>(),
): Promise<ReadBallots | RecountBad> {
  const { motion, communityId, roll } = recount;
  const { agendaSha256 = "" } = motion;
  if (rollDigest(recount) !== recount.rollSha256) return bad("roll");
  const key = keyOf(recount);
  if (key === undefined) return bad("key");
  const areas = new Map(roll);
  const place = { communityId, motionId: motion.id, agendaSha256 };
  const ballots: WeighedBallot[] = [];
  const numbers = new Set<number>();
  for (const opened of recount.ballots) {
    const fault = await faultOfLeaf(opened, "secret-ballot-cast", entryAt, seen);
    if (fault !== undefined) return bad(fault, opened.leafIndex);
    const said = parseCanonicalJson(opened.statement);
    const field = (name: string): unknown => Reflect.get(Object(said), name);
    const number = field("number");
    const areaDm2 = typeof number === "number" ? areas.get(number) : undefined;
    if (
      typeof number !== "number" ||
      areaDm2 === undefined ||
      field("areaDm2") !== areaDm2 ||
      field("motionId") !== motion.id ||
      field("agendaSha256") !== agendaSha256
    ) {
      return bad("foreign", opened.leafIndex);
    }
    if (numbers.has(number)) return bad("twice", opened.leafIndex);
    numbers.add(number);
    const sealed = opened.sealed === undefined ? undefined : fromHex(opened.sealed);
    if (sealed === undefined || toHex(sha256(sealed)) !== field("ballotSha256")) {
      return bad("forged", opened.leafIndex);
    }
    const ballot = parsed(() => parseBallot(sealed));
    if (ballot === undefined) return bad("forged", opened.leafIndex);
    ballots.push({ number, areaDm2, ballot });
  }
  for (let from = 0; from < ballots.length; from += AT_A_STRETCH) {
    const some = ballots
      .slice(from, from + AT_A_STRETCH)
      .map(({ number, ballot }) => ({ place: { ...place, number }, ballot }));
    const [first] = findBadBallots(key, some, tools.random);
    if (first !== undefined) return bad("forged", recount.ballots[from + first]?.leafIndex);
    await tools.pause();
  }
  ballots.sort((one, other) => one.number - other.number);
  const judged = countOpenedSums(headsOf(recount), [...numbers], undefined, majorityOf(motion.matter));
  return {
    good: true,
    key,
    ballots,
    tally: sumBallots(key, place, ballots),
    hasQuorum: hasQuorum(judged),
  };
}

/** Holds the published result of a secret vote against its ballots and the custodians' shares. */
export function countSecretly(
  recount: Recount,
  { key, ballots, tally, hasQuorum: isQuorate }: ReadBallots,
): { readonly good: true; readonly ballots: number; readonly passed: boolean } | RecountFault {
  const { motion } = recount;
  const { result } = motion;
  const voted = ballots.map(({ number }) => number);
  const count = (sums: Parameters<typeof countOpenedSums>[2]) =>
    countOpenedSums(headsOf(recount), voted, sums, majorityOf(motion.matter));
  if (result === undefined) return { good: true, ballots: voted.length, passed: false };
  if (result.unopened === true) {
    const counted = count(undefined);
    const isSame = !isQuorate && counted.counted && !result.passed && same(counted.vote, result.vote);
    return isSame ? { good: true, ballots: voted.length, passed: false } : "differs";
  }
  const { choices } = result;
  const sums = {
    heads: { inFavour: choices.for.heads, against: choices.against.heads },
    areaDm2: { inFavour: choices.for.areaDm2, against: choices.against.areaDm2 },
  };
  const shares = (recount.shares ?? []).flatMap((hex) => parsed(() => parseTallyShare(fromHex(hex))) ?? []);
  if (!isQuorate || !isOpenedBy({ key, tally, shares, sums })) return "shares";
  const counted = count(sums);
  if (!counted.counted || counted.passed !== result.passed || !same(counted.vote, result.vote)) {
    return "differs";
  }
  return { good: true, ballots: voted.length, passed: counted.passed };
}

/** The key, if it is the one that the agenda named. */
export function keyOf({ communityId, motion }: Recount): EpochKey | undefined {
  const encoded = motion.secret?.key;
  if (encoded === undefined) return undefined;
  const bytes = fromHex(encoded);
  const agenda = voteTexts.agenda(communityId, { ...motion, ballotKeySha256: toHex(sha256(bytes)) });
  if (digest(agenda) !== motion.agendaSha256) return undefined;
  const key = parsed(() => parseEpochKey(bytes));
  return key !== undefined && isBallotKey(key) ? key : undefined;
}

/** Of the roll as it is shown; what was fixed with the agenda stands beside it. */
export function rollDigest({ motion, roll }: Recount): string {
  return digest(voteTexts.roll(motion.id, roll));
}

function headsOf({ roll }: Recount) {
  return roll.map(([number, areaDm2]) => ({ number, areaDm2 }));
}

function digest(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text)));
}

function parsed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}
