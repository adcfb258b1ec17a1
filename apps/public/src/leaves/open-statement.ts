import { fromHex, primitives } from "@menshen/crypto";
import { opensLeaf, parseLeaf } from "@menshen/evidence";
import type { PublicStatement } from "@menshen/wire";

/** What a public statement is worth: it opens the leaf at its place, or not. */
export type StatementProof = "opened" | "waiting" | "does-not-open";

/**
 * Whether a statement with its salt opens the entry that stands at its place in the verified log.
 *
 * @param entry undefined while the log has not taken it, or when its bundle is not verified
 */
export function proveStatement(statement: PublicStatement, entry: Uint8Array | undefined): StatementProof {
  if (statement.index === undefined || entry === undefined) return "waiting";
  const parsed = parseLeaf(entry);
  if (!parsed.parsed || parsed.leaf.topic !== statement.topic) return "does-not-open";
  const said = new TextEncoder().encode(statement.statement);
  return opensLeaf(primitives, parsed.leaf, fromHex(statement.salt), said) ? "opened" : "does-not-open";
}
