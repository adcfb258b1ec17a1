import { ed25519Verify, fromHex, primitives, sha256 } from "@menshen/crypto";
import {
  commitLeaf,
  encodeLeaf,
  type KnownWitness,
  type NoteKey,
  parseVerifierKey,
  verifyLogProof,
} from "@menshen/evidence";
import type { LogDescription, Look } from "@menshen/wire";

/** What the log says of a look. */
export type LookProof =
  | { readonly proof: "verified"; readonly index: number }
  | { readonly proof: "waiting" | "gone" | "failed" | "offline" | "none" };

/** Fetches the proof of a leaf, C2SP tlog-proof. */
export type ProofSource = (index: number) => Promise<string>;

/**
 * Whether a look really stands in the evidence log: its statement and salt give the leaf that the proof leads from to a
 * checkpoint which the log's pinned key signed and enough witnesses cosigned.
 *
 * @param log as this device saw it first; its key is not taken from the server again
 */
export async function verifyLook(look: Look, log: LogDescription, proofOf: ProofSource): Promise<LookProof> {
  if (look.kind === "refused") return { proof: "none" };
  const { evidence } = look;
  if (evidence.salt === undefined) return { proof: "gone" };
  if (evidence.leafIndex === undefined) return { proof: "waiting" };
  const key = keyOf(log.logKey);
  if (key === undefined || !tellsOf(evidence.statement, look)) return { proof: "failed" };
  const witnesses = log.witnesses.flatMap(({ body, key: text, extra }): KnownWitness[] => {
    const witness = keyOf(text);
    return witness === undefined ? [] : [{ body, key: witness, extra }];
  });
  let text: string;
  try {
    text = await proofOf(evidence.leafIndex);
  } catch {
    return { proof: "offline" };
  }
  const statement = new TextEncoder().encode(evidence.statement);
  const entry = encodeLeaf(commitLeaf(primitives, fromHex(evidence.salt), evidence.topic, statement));
  const verified = verifyLogProof(
    { sha256, ed25519Verify },
    text,
    { origin: log.origin, logKeys: [key] },
    { witnesses, quorum: log.quorum },
    entry,
  );
  return verified.verified && verified.index === evidence.leafIndex
    ? { proof: "verified", index: verified.index }
    : { proof: "failed" };
}

function keyOf(text: string): NoteKey | undefined {
  const parsed = parseVerifierKey(sha256, text);
  return parsed.parsed ? parsed.key : undefined;
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
