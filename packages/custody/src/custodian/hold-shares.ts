import { ed25519FromSecret } from "@menshen/crypto";
import { epochAt, epochDeath } from "@menshen/domain";
import { isBallotKey } from "../ballot/ballot-key.ts";
import { signReceipt } from "../destruction-receipt.ts";
import type { EpochKey } from "../epoch-key.ts";
import type { KeyShare } from "../opening.ts";
import type { HeldShare, OwedReceipt, StoreContents } from "./store-contents.ts";

/** The public half of the program's identity key: Ed25519, 32 bytes. */
export function identityKeyOf(contents: StoreContents): Uint8Array {
  return ed25519FromSecret(contents.identitySeed).publicKey;
}

/**
 * Takes the shares that a ceremony made, before the program vouches for it: once the others have its vouch, the keys may
 * be used. Shares of a ceremony that came to nothing after that open nothing, and die with the others.
 *
 * @param motionId the motion for whose ballots the ceremony made the key
 */
export function addShares(
  contents: StoreContents,
  ceremony: string,
  keys: readonly EpochKey[],
  shares: readonly KeyShare[],
  motionId?: string,
): StoreContents {
  const held = keys.flatMap((key): HeldShare[] => {
    const share = shares.find(({ epoch }) => epoch === key.epoch);
    const isFor = motionId === undefined ? {} : { motionId };
    return share === undefined ? [] : [{ ceremony, index: share.index, key, secret: share.secret, ...isFor }];
  });
  const others = contents.shares.filter((share) => share.ceremony !== ceremony);
  return { ...contents, shares: [...others, ...held] };
}

/** What destroying came to; `destroyed` are the shares that `contents` no longer has. */
export interface Destruction {
  readonly contents: StoreContents;
  readonly destroyed: readonly HeldShare[];
}

/**
 * Destroys the shares whose time is over: epoch's end and retention. Each leaves a receipt, signed and owed to the log.
 *
 * The caller writes the new contents over the old before it does anything else.
 *
 * @param nowMs the program's own clock, Unix milliseconds. No server has a say in it.
 */
export function destroyOverdue(contents: StoreContents, nowMs: number): Destruction {
  const { grid, retentionDays } = contents;
  // The key of a motion's ballots has no epoch: its share dies once it was answered with.
  return destroyShares(
    contents,
    nowMs,
    ({ key }) => !isBallotKey(key) && epochDeath(grid, key.epoch, retentionDays) <= nowMs,
  );
}

/** Destroys chosen shares before their time: the others can still open what is lawful, if they are enough. */
export function destroyShares(
  contents: StoreContents,
  nowMs: number,
  chosen: (share: HeldShare) => boolean,
): Destruction {
  const destroyed = contents.shares.filter(chosen);
  if (destroyed.length === 0) return { contents, destroyed };
  const receipts = destroyed.map(({ ceremony, index, key }): OwedReceipt => {
    const receipt = { keyId: key.id, epoch: key.epoch, index, destroyedAtMs: nowMs };
    const signature = signReceipt(contents.identitySeed, receipt);
    return { ceremony, epoch: key.epoch, destroyedAtMs: nowMs, signature };
  });
  return {
    contents: {
      ...contents,
      shares: contents.shares.filter((share) => !destroyed.includes(share)),
      receipts: [...contents.receipts, ...receipts],
      latestMs: Math.max(contents.latestMs, nowMs),
    },
    destroyed,
  };
}

/** The server has this receipt. */
export function settleReceipt(contents: StoreContents, settled: OwedReceipt): StoreContents {
  const isIt = (one: OwedReceipt) => one.ceremony === settled.ceremony && one.epoch === settled.epoch;
  return { ...contents, receipts: contents.receipts.filter((one) => !isIt(one)) };
}

/** The next moment at which a share's time is over, Unix milliseconds; `undefined` without shares. */
export function nextDeath({ grid, retentionDays, shares }: StoreContents): number | undefined {
  const deaths = shares
    .filter(({ key }) => !isBallotKey(key))
    .map(({ key }) => epochDeath(grid, key.epoch, retentionDays));
  return deaths.length === 0 ? undefined : Math.min(...deaths);
}

/** Epochs from the present one on for which the program holds a share. */
export function epochsAhead({ grid, shares }: StoreContents, nowMs: number): number {
  const current = epochAt(grid, nowMs) ?? 1;
  return new Set(shares.filter(({ key }) => key.epoch >= current).map(({ key }) => key.epoch)).size;
}
