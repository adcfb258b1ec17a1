import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { randomBytes } from "@menshen/crypto/node";
import {
  addUpPart,
  type BallotPart,
  type EncodedBallot,
  joinParts,
  type SealedTally,
} from "../ballot/index.ts";
import { type EpochKey, encodeEpochKey } from "../epoch-key.ts";

/** Below this a thread takes longer to start than the ballots to verify. */
const FEW = 200;
/** More threads than that gain little: the larger a part, the cheaper each ballot in it. */
const MOST_THREADS = 8;

/** What a thread is started with. */
export interface PartOrder {
  readonly key: Uint8Array;
  readonly place: { readonly communityId: string; readonly motionId: string; readonly agendaSha256: string };
  readonly ballots: readonly EncodedBallot[];
}

/**
 * Reads, verifies and adds up all ballots of a secret vote, each part in a thread of its own, so that whoever asks meanwhile is
 * answered. The result is that of `findBadBallots` and `sumBallots` on all of them.
 *
 * @param ballots ascending by number
 * @returns the sums, or the positions of ballots that are none
 */
export async function addBallotsInThreads(
  key: EpochKey,
  place: PartOrder["place"],
  ballots: readonly EncodedBallot[],
  threads = availableParallelism(),
): Promise<
  | { readonly good: true; readonly tally: SealedTally }
  | { readonly good: false; readonly bad: readonly number[] }
> {
  const count = Math.max(1, Math.min(threads, MOST_THREADS, Math.floor(ballots.length / FEW)));
  const size = Math.ceil(ballots.length / count);
  const starts = Array.from({ length: count }, (_, index) => index * size);
  const parts = await Promise.all(
    starts.map(async (from) => {
      const some = ballots.slice(from, from + size);
      if (ballots.length < FEW) return addUpPart(key, place, some, randomBytes);
      return inThread({ key: encodeEpochKey(key), place, ballots: some });
    }),
  );
  const bad = parts.flatMap((part, index) =>
    part.good ? [] : part.bad.map((position) => position + (starts[index] ?? 0)),
  );
  if (bad.length > 0) return { good: false, bad };
  return { good: true, tally: joinParts(key, place, ballots, parts.filter(isGood)) };
}

function isGood(part: BallotPart): part is Extract<BallotPart, { readonly good: true }> {
  return part.good;
}

/** Rejects when the thread fails or ends without an answer. */
async function inThread(order: PartOrder): Promise<BallotPart> {
  const worker = new Worker(new URL("./ballot-worker.ts", import.meta.url), { workerData: order });
  try {
    const ended = once(worker, "exit").then(() => {
      throw new Error("a thread that verifies ballots ended without an answer");
    });
    // `once` rejects with what the thread threw.
    const [part] = (await Promise.race([once(worker, "message"), ended])) as [BallotPart];
    return part;
  } finally {
    await worker.terminate();
  }
}
