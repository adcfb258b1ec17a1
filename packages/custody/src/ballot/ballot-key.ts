import type { EpochKey } from "../epoch-key.ts";

/**
 * The number that a key for ballots carries in the place of an epoch. Epochs of the journal count from 1, and every
 * session of a ceremony hashes its number: no ceremony makes one key for both, and no entry of a journal is sealed to a key
 * of epoch 0.
 */
export const BALLOT_EPOCH = 0;

/** Whether custodians made this key for the ballots of a motion. */
export function isBallotKey(key: Pick<EpochKey, "epoch">): boolean {
  return key.epoch === BALLOT_EPOCH;
}
