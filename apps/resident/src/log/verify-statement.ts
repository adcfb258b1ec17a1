import { ed25519Verify, fromHex, primitives, sha256 } from "@menshen/crypto";
import { commitLeaf, encodeLeaf, logVerifyKeysOf, verifyLogProof } from "@menshen/evidence";
import type { LogDescription } from "@menshen/wire";

/** A statement with what opens its leaf, and where that leaf stands. */
export interface PlacedStatement {
  readonly topic: string;
  /** Canonical JSON. */
  readonly statement: string;
  /** 32 bytes, hexadecimal. */
  readonly salt: string;
  readonly leafIndex: number;
}

/** Fetches the proof of a leaf, C2SP tlog-proof. */
export type ProofSource = (index: number) => Promise<string>;

/**
 * Whether a statement really stands in the evidence log: statement and salt give the leaf that the proof leads from to a
 * checkpoint which the log's pinned key signed and enough witnesses cosigned.
 *
 * @param log as this device saw it first; its key is not taken from the server again
 */
export async function verifyStatement(
  placed: PlacedStatement,
  log: LogDescription,
  proofOf: ProofSource,
): Promise<"verified" | "failed" | "offline"> {
  const keys = logVerifyKeysOf({ sha256 }, log);
  if (keys === undefined) return "failed";
  let text: string;
  try {
    text = await proofOf(placed.leafIndex);
  } catch {
    return "offline";
  }
  const statement = new TextEncoder().encode(placed.statement);
  const entry = encodeLeaf(commitLeaf(primitives, fromHex(placed.salt), placed.topic, statement));
  const verified = verifyLogProof({ sha256, ed25519Verify }, text, keys.identity, keys.policy, entry);
  return verified.verified && verified.index === placed.leafIndex ? "verified" : "failed";
}
