import { encodeEpochKey, keysOfCertificate, parseCertificate } from "@menshen/custody";
import type { Trx } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { lockMotion, selectMotion } from "./motions.store.ts";
import { updateBallotKey } from "./secret-votes.store.ts";

/** What custodians' ceremonies ask of the votes. */
export const ballotKeys = {
  /** Throws `not-found`, and `conflict` unless it is the draft of a secret vote without a key. */
  async demandKeyless(trx: Trx, motionId: string): Promise<void> {
    const motion = found(await selectMotion(trx, motionId), "motion");
    const waits =
      motion.isSecret &&
      motion.ballotKey === undefined &&
      motion.publishedAt === undefined &&
      motion.withdrawnAt === undefined;
    if (!waits) throw refusal("conflict", "this motion does not wait for a key");
  },

  /** The first key stays: what comes after it, or after the motion was withdrawn, is for nothing. */
  async keyMade(trx: Trx, motionId: string, ceremony: string, certificate: Uint8Array): Promise<void> {
    await lockMotion(trx, motionId);
    const motion = await selectMotion(trx, motionId);
    const [key] = keysOfCertificate(parseCertificate(certificate));
    if (key === undefined || motion?.ballotKey !== undefined || motion?.withdrawnAt !== undefined) return;
    await updateBallotKey(trx, motionId, { ceremony, key: encodeEpochKey(key) });
  },
};
