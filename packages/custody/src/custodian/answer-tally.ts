import { type RandomBytes, toHex } from "@menshen/crypto";
import type { Recount } from "@menshen/wire";
import { encodeTallyShare, makeTallyShare } from "../ballot/index.ts";
import { encodeEpochKey } from "../epoch-key.ts";
import { type EntrySource, type RecountFault, readSecretBallots } from "../recount/index.ts";
import type { HeldShare, StoreContents } from "./store-contents.ts";

/**
 * Why a custodian's program gives no share of opening the sums of a motion.
 *
 * - `no-share`: it holds none for this motion; it was destroyed, or others made the key;
 * - `other-key`: ballots were sealed to another key than the one it made;
 * - `not-over`: nobody added anything up yet, or the server did and shows another sum;
 * - `no-quorum`: too few took part: the vote came to nothing, and what was said stays sealed;
 * - `answered-otherwise`: it answered for other ballots of this motion: the difference would show single ones;
 * - a fault of {@link RecountFault}: a ballot is not in the log, not of this vote, or not valid.
 */
export type TallyRefusal =
  | "no-share"
  | "other-key"
  | "not-over"
  | "no-quorum"
  | "answered-otherwise"
  | RecountFault;

/** What answering came to. The contents are written before the share leaves the program. */
export type TallyAnswered =
  | { readonly answered: true; readonly contents: StoreContents; readonly share: Uint8Array }
  | { readonly answered: false; readonly refusal: TallyRefusal };

/**
 * Makes a custodian's share of opening the sums of one motion, after its own program verified every ballot in the log and added them
 * up itself. One motion has one answer; the same may be given again where it was lost on the way.
 *
 * @param recount as the server shows it to everybody
 * @param entryAt entries of the log, verified by what the program pinned
 */
export async function answerTally(input: {
  readonly contents: StoreContents;
  readonly recount: Recount;
  readonly entryAt: EntrySource;
  readonly random: RandomBytes;
  readonly pause: () => Promise<unknown>;
}): Promise<TallyAnswered> {
  const { contents, recount, entryAt, random, pause } = input;
  const { id: motionId, secret } = recount.motion;
  const held = ballotShareOf(contents, motionId);
  if (held === undefined) return refuse("no-share");
  if (secret?.key !== toHex(encodeEpochKey(held.key))) return refuse("other-key");
  const read = await readSecretBallots(recount, entryAt, { random, pause });
  if (!read.good) return refuse(read.fault);
  if (!read.hasQuorum) return refuse("no-quorum");
  const digest = toHex(read.tally.digest);
  if (secret.tallySha512 !== digest) return refuse("not-over");
  const { tallies = [] } = contents;
  const earlier = tallies.find((one) => one.motionId === motionId);
  if (earlier !== undefined && earlier.digest !== digest) return refuse("answered-otherwise");
  const { key, index, secret: own } = held;
  const share = makeTallyShare({
    key,
    share: { epoch: key.epoch, index, secret: own },
    tally: read.tally,
    random,
  });
  if (share === undefined) return refuse("no-share");
  return {
    answered: true,
    contents: earlier ? contents : { ...contents, tallies: [...tallies, { motionId, digest }] },
    share: encodeTallyShare(share),
  };
}

/** The share of a motion's key that the program holds. */
export function ballotShareOf(contents: StoreContents, motionId: string): HeldShare | undefined {
  return contents.shares.find((share) => share.motionId === motionId);
}

function refuse(refusal: TallyRefusal): TallyAnswered {
  return { answered: false, refusal };
}
