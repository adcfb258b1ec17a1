import { ed25519Verify, sha256 } from "@menshen/crypto";
import { type LogVerifyKeys, type ProofRefusal, parseLeaf, verifyLogProof } from "@menshen/evidence";

/** A receipt that was checked without asking the server. */
export type ReceiptChecked =
  | {
      readonly valid: true;
      readonly index: number;
      readonly size: number;
      readonly topic: string | undefined;
      readonly bodies: readonly string[];
    }
  | { readonly valid: false; readonly refusal: ProofRefusal };

/** Checks a C2SP tlog-proof by the keys that this browser knows; the entry is the one that it carries. */
export function checkReceipt(text: string, { identity, policy }: LogVerifyKeys): ReceiptChecked {
  const verified = verifyLogProof({ sha256, ed25519Verify }, text, identity, policy);
  if (!verified.verified) return { valid: false, refusal: verified.refusal };
  const leaf = parseLeaf(verified.entry);
  const names = new Set(verified.cosignatures.map(({ key }) => key.keyId));
  return {
    valid: true,
    index: verified.index,
    size: verified.signed.checkpoint.size,
    topic: leaf.parsed ? leaf.leaf.topic : undefined,
    bodies: [...new Set(policy.witnesses.filter(({ key }) => names.has(key.keyId)).map(({ body }) => body))],
  };
}
