import {
  constantTimeEqual,
  ed25519Verify,
  hkdfSha256,
  hmacSha256,
  randomBytes,
  sha256,
  toHex,
} from "@menshen/crypto";
import {
  answerTally,
  ballotShareOf,
  destroyShares,
  entriesOfPinnedLog,
  type TallyRefusal,
} from "@menshen/custody";
import { logOverHttp } from "@menshen/evidence";
import { type CustodianMotion, custodianMotionEndpoints, publicMotionEndpoints } from "@menshen/wire";
import { call } from "../../api/client.ts";
import type { Desk } from "./desk.ts";

const CHECKING = { sha256, ed25519Verify, hmacSha256, hkdfSha256, constantTimeEqual };

/**
 * Verifies every ballot of a vote in this page, adds them up, and gives this custodian's share of opening the sums. What was answered
 * is written down before the share leaves; the share of the key is destroyed once the server has the answer.
 *
 * @returns the program's refusal, `undefined` if the share was taken
 */
export async function giveShare(desk: Desk, id: string): Promise<TallyRefusal | undefined> {
  const recount = await call(publicMotionEndpoints.recount, { params: { id } });
  const reader = logOverHttp((url, init) => fetch(url, init), new URL("/log", location.origin).href);
  const answered = await answerTally({
    contents: desk.contents(),
    recount,
    entryAt: await entriesOfPinnedLog(CHECKING, desk.contents(), reader),
    random: randomBytes,
    pause: () => new Promise((resolve) => setTimeout(resolve)),
  });
  if (!answered.answered) return answered.refusal;
  const { tallies = [] } = answered.contents;
  // Other changes may have been written since: only what was answered is added.
  await desk.change((contents) => ({ ...contents, tallies }));
  await desk.call(custodianMotionEndpoints.giveShare, {
    params: { id },
    body: { share: toHex(answered.share) },
  });
  await destroyBallotShare(desk, id);
  return undefined;
}

/** Reads the secret votes; shares of keys that are needed no more are destroyed. */
export async function readVotes(desk: Desk, signal: AbortSignal): Promise<readonly CustodianMotion[]> {
  const { items } = await desk.call(custodianMotionEndpoints.list, { signal });
  for (const { motion } of items) {
    const isOver = motion.result !== undefined || motion.withdrawnAt !== undefined;
    if (isOver && ballotShareOf(desk.contents(), motion.id) !== undefined) {
      await destroyBallotShare(desk, motion.id);
    }
  }
  return items;
}

async function destroyBallotShare(desk: Desk, motionId: string): Promise<void> {
  await desk.change(
    (contents) => destroyShares(contents, Date.now(), (share) => share.motionId === motionId).contents,
  );
}
