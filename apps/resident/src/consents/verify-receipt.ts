import { ed25519Verify, sha256, toHex } from "@menshen/crypto";
import { type ConsentReceipt, parseVerifierKey, verifyConsentReceipt } from "@menshen/evidence";
import type { KeptReceipt, LogDescription } from "@menshen/wire";
import { type ProofSource, verifyStatement } from "../log/verify-statement.ts";

/** What this device found out about a receipt by itself. */
export type ReceiptCheck =
  | { readonly verified: false }
  | {
      readonly verified: true;
      readonly receipt: ConsentReceipt;
      readonly log: "logged" | "waiting" | "offline" | "notLogged";
      readonly index: number | undefined;
    };

/**
 * Whether the community signed a receipt, and whether the evidence log really names it.
 *
 * @param receiptKey C2SP verifier key as this device saw it first
 * @param log as this device saw it first
 */
export async function checkReceipt(
  kept: KeptReceipt,
  receiptKey: string,
  log: LogDescription,
  proofOf: ProofSource,
): Promise<ReceiptCheck> {
  const parsed = parseVerifierKey(sha256, receiptKey);
  if (!parsed.parsed) return { verified: false };
  const keys = { receiptKey: parsed.key.publicKey };
  const verdict = verifyConsentReceipt({ sha256, ed25519Verify }, kept.text, keys);
  if (!verdict.verified) return { verified: false };
  const { receipt } = verdict;
  if (kept.evidence?.salt === undefined) {
    return { verified: true, receipt, log: "notLogged", index: undefined };
  }
  const { salt, leafIndex, statement, topic } = kept.evidence;
  if (leafIndex === undefined) return { verified: true, receipt, log: "waiting", index: undefined };
  const hash = toHex(sha256(new TextEncoder().encode(kept.text)));
  if (!names(statement, hash)) return { verified: true, receipt, log: "notLogged", index: undefined };
  const proof = await verifyStatement({ topic, statement, salt, leafIndex }, log, proofOf);
  const where = proof === "verified" ? "logged" : proof === "offline" ? "offline" : "notLogged";
  return { verified: true, receipt, log: where, index: leafIndex };
}

function names(statement: string, receiptSha256: string): boolean {
  const said: unknown = JSON.parse(statement);
  return typeof said === "object" && said !== null && Reflect.get(said, "receiptSha256") === receiptSha256;
}
