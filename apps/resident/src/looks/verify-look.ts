import type { LogDescription, Look } from "@menshen/wire";
import { type ProofSource, verifyStatement } from "../log/verify-statement.ts";

/** What the log says of a look. */
export type LookProof =
  | { readonly proof: "verified"; readonly index: number }
  | { readonly proof: "waiting" | "gone" | "failed" | "offline" | "none" };

/**
 * Whether a look really stands in the evidence log, and is what was logged; see `verifyStatement`.
 *
 * @param log as this device saw it first; its key is not taken from the server again
 */
export async function verifyLook(look: Look, log: LogDescription, proofOf: ProofSource): Promise<LookProof> {
  if (look.kind === "refused") return { proof: "none" };
  const { evidence } = look;
  if (evidence.salt === undefined) return { proof: "gone" };
  if (evidence.leafIndex === undefined) return { proof: "waiting" };
  if (!tellsOf(evidence.statement, look)) return { proof: "failed" };
  const { topic, statement, salt, leafIndex } = evidence;
  const proof = await verifyStatement({ topic, statement, salt, leafIndex }, log, proofOf);
  return proof === "verified" ? { proof, index: leafIndex } : { proof };
}

/** What is shown must be what was logged. */
function tellsOf(statement: string, look: Exclude<Look, { kind: "refused" }>): boolean {
  const said: unknown = JSON.parse(statement);
  if (typeof said !== "object" || said === null) return false;
  return Object.entries(claimsOf(look)).every(([name, value]) => Reflect.get(said, name) === value);
}

function claimsOf(look: Exclude<Look, { kind: "refused" }>): object {
  if (look.kind === "opening") {
    const { authority, documentNumber, purpose, from, until } = look;
    return { authority, documentNumber, purpose, from, until };
  }
  const { at, body, role, reason, what } = look;
  return { at, body, role, what, purpose: reason.code, text: reason.text };
}
