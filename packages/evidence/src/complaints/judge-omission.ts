import type { Committing } from "../leaf-commitment.ts";
import { verifyLogProof } from "../log/log-proof.ts";
import type { LogIdentity } from "../log/open-checkpoint.ts";
import type { WitnessPolicy } from "../log/witness-policy.ts";
import type { NoteVerification } from "../note/note-key.ts";
import { type ComplaintReceipt, entryOfReceipt, LOG_GRACE_MS } from "./complaint-receipt.ts";

/**
 * What a receipt is worth beside the log. `missing`: the community signed that it received the complaint more than a day
 * ago, and shows no place for it in its log: the receipt alone is the evidence.
 */
export type OmissionVerdict =
  | { readonly verdict: "in-log"; readonly index: number }
  | { readonly verdict: "waiting"; readonly until: number }
  | { readonly verdict: "missing"; readonly since: number };

/**
 * Judges whether a complaint was left out of the log.
 *
 * @param proofText the proof (C2SP tlog-proof) that the server gave for the leaf; undefined if it gave none
 * @param now Unix milliseconds of the reader's own clock
 */
export function judgeOmission(
  crypto: NoteVerification & Committing,
  receipt: ComplaintReceipt,
  proofText: string | undefined,
  log: { readonly identity: Omit<LogIdentity, "witnessKeys">; readonly policy: WitnessPolicy },
  now: number,
): OmissionVerdict {
  if (proofText !== undefined) {
    const entry = entryOfReceipt(crypto, receipt);
    const verified = verifyLogProof(crypto, proofText, log.identity, log.policy, entry);
    if (verified.verified) return { verdict: "in-log", index: verified.index };
  }
  const until = receipt.receivedAt + LOG_GRACE_MS;
  return now < until ? { verdict: "waiting", until } : { verdict: "missing", since: until };
}
