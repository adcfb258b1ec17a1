import { fromHex } from "@menshen/crypto";
import type { Committing } from "../leaf-commitment.ts";
import type { LogVerifyKeys } from "../log/verify-keys.ts";
import type { NoteKey, NoteVerification } from "../note/note-key.ts";
import type { NoteRefusal } from "../note/verify-note.ts";
import type { KeptComplaint } from "./complaint-file.ts";
import { type ComplaintReceipt, commitComplaint, readComplaintReceipt } from "./complaint-receipt.ts";
import { judgeOmission, type OmissionVerdict } from "./judge-omission.ts";

/** Where a check asks. Each rejects where no answer came at all. */
export interface OmissionSource {
  /** The place of a leaf that was recorded at `at`; undefined where the community shows none. */
  readonly placeOf: (leafId: string, at: number) => Promise<number | undefined>;
  /** The proof (C2SP tlog-proof) of a place; undefined where the community shows none. */
  readonly proofOf: (index: number) => Promise<string | undefined>;
}

/** What somebody with a receipt finds out by themselves. */
export type ComplaintChecked =
  | { readonly genuine: false; readonly refusal: NoteRefusal | "no-receipt" }
  | {
      readonly genuine: true;
      readonly receipt: ComplaintReceipt;
      /** Whether the receipt is of these words; `unknown` where only the receipt was kept. */
      readonly words: "same" | "other" | "unknown";
      /** `unread`: nobody answered, so nothing can be said of the log. */
      readonly log: OmissionVerdict | { readonly verdict: "unread" };
    };

/**
 * Checks a kept complaint: signature and words without asking anybody, then its place in the log.
 *
 * @param keys those of the community as the reader came to know them; without `log` nothing is asked
 * @param now Unix milliseconds of the reader's own clock
 */
export async function checkComplaint(
  crypto: NoteVerification & Committing,
  { receipt: text, written }: KeptComplaint,
  keys: { readonly receipt: readonly NoteKey[]; readonly log: LogVerifyKeys | undefined },
  source: OmissionSource,
  now: number,
): Promise<ComplaintChecked> {
  const read = readComplaintReceipt(crypto, text, keys.receipt);
  if (!read.read) return { genuine: false, refusal: read.refusal };
  const { receipt } = read;
  const words =
    written === undefined
      ? "unknown"
      : same(receipt.commitment, commitComplaint(crypto, fromHex(written.nonce), written))
        ? "same"
        : "other";
  return { genuine: true, receipt, words, log: await askLog() };

  async function askLog(): Promise<OmissionVerdict | { readonly verdict: "unread" }> {
    if (keys.log === undefined) return { verdict: "unread" };
    let proof: string | undefined;
    try {
      const index = await source.placeOf(receipt.leafId, receipt.receivedAt);
      proof = index === undefined ? undefined : await source.proofOf(index);
    } catch {
      return { verdict: "unread" };
    }
    return judgeOmission(crypto, receipt, proof, keys.log, now);
  }
}

/** Both are the reader's own: no secret is compared. */
function same(first: Uint8Array, second: Uint8Array): boolean {
  return first.length === second.length && first.every((byte, place) => byte === second[place]);
}
