import { fromBase64, toBase64 } from "../base64.ts";
import { HASH_BYTES, isSize, parseDecimal } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import { hashLeaf } from "../merkle/hashing.ts";
import { verifyInclusion } from "../merkle/inclusion.ts";
import type { NoteVerification } from "../note/note-key.ts";
import type { VerifiedSignature } from "../note/note-signature.ts";
import { fromUtf8, utf8 } from "../note/note-text.ts";
import { MAX_NOTE_BYTES } from "../note/signed-note.ts";
import type { CheckpointRefusal, LogIdentity, SignedCheckpoint } from "./open-checkpoint.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import type { WitnessPolicy } from "./witness-policy.ts";
import { meetsQuorum } from "./witness-policy.ts";

/** A proof that stands alone: an entry's place, its way to the root, and the checkpoint of that root (C2SP tlog-proof). */
export interface LogProof {
  readonly index: number;
  /** Hashes of 32 bytes from the leaf's sibling upwards, at most 63. */
  readonly hashes: readonly Uint8Array[];
  /** The checkpoint's note with its cosignatures, byte for byte. */
  readonly checkpoint: Uint8Array;
  /** What the sender adds. This system puts the entry here. Proven by nothing unless it is the entry. */
  readonly extra?: Uint8Array;
}

/** Longest text that is read: a note, 63 hashes, and an entry of 65,535 bytes in base64. */
export const MAX_PROOF_BYTES = MAX_NOTE_BYTES + 96 * 1024;

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const MAX_HASHES = 63;

/**
 * The text of a proof, to be kept in a file `*.tlog-proof`.
 *
 * @throws {EvidenceError} `bad-length` for a hash that is not 32 bytes or more than 63 of them; `outside-tree` for an
 *   index that is none; `invalid-text` for a checkpoint that is not UTF-8
 */
export function formatLogProof({ index, hashes, checkpoint, extra }: LogProof): string {
  if (!isSize(index)) throw new EvidenceError("outside-tree", `expected the index of a leaf, got ${index}`);
  if (hashes.length > MAX_HASHES || hashes.some((hash) => hash.length !== HASH_BYTES)) {
    throw new EvidenceError("bad-length", `expected at most ${MAX_HASHES} hashes of 32 bytes`);
  }
  const note = fromUtf8(checkpoint);
  if (note === undefined) throw new EvidenceError("invalid-text", "expected the note of a checkpoint");
  const lines = [
    FIRST_LINE,
    ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...hashes.map(toBase64),
    "",
  ];
  return `${lines.join("\n")}\n${note}`;
}

/**
 * Takes a proof apart; verifies nothing: see {@link verifyLogProof}.
 *
 * @returns `undefined` for anything that {@link formatLogProof} would not write byte for byte
 */
export function parseLogProof(text: string): LogProof | undefined {
  if (text.length > MAX_PROOF_BYTES) return undefined;
  const end = text.indexOf("\n\n");
  if (end < 0 || !text.isWellFormed()) return undefined;
  const [first, ...lines] = text.slice(0, end).split("\n");
  if (first !== FIRST_LINE) return undefined;
  const hasExtra = lines[0]?.startsWith("extra ") ?? false;
  const extra = hasExtra ? fromBase64((lines.shift() ?? "").slice("extra ".length)) : undefined;
  if (hasExtra && extra === undefined) return undefined;
  const place = lines.shift() ?? "";
  const index = place.startsWith("index ") ? parseDecimal(place.slice("index ".length)) : undefined;
  if (index === undefined || lines.length > MAX_HASHES) return undefined;
  const hashes: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) return undefined;
    hashes.push(hash);
  }
  const checkpoint = utf8(text.slice(end + 2));
  return { index, hashes, checkpoint, ...(extra === undefined ? {} : { extra }) };
}

/** Why a proof is refused. `too-few-witnesses`: the log signed, but not enough bodies cosigned. */
export type ProofRefusal =
  | CheckpointRefusal
  | "malformed-proof"
  | "too-few-witnesses"
  | "no-entry"
  | "not-included";

/** A verified proof, or why not. */
export type ProofVerified =
  | {
      readonly verified: true;
      readonly index: number;
      readonly entry: Uint8Array;
      readonly signed: SignedCheckpoint;
      readonly cosignatures: readonly VerifiedSignature[];
    }
  | { readonly verified: false; readonly refusal: ProofRefusal };

/**
 * Verifies a proof offline: the log signed the checkpoint, enough bodies cosigned it, and the entry stands in its tree.
 *
 * @param entry the bytes that must stand there; none: the proof's `extra`
 * @throws {EvidenceError} as `openCheckpoint`, for keys that cannot be used
 */
export function verifyLogProof(
  crypto: NoteVerification,
  text: string,
  log: Omit<LogIdentity, "witnessKeys">,
  policy: WitnessPolicy,
  entry?: Uint8Array,
): ProofVerified {
  const refuse = (refusal: ProofRefusal): ProofVerified => ({ verified: false, refusal });
  const proof = parseLogProof(text);
  if (proof === undefined) return refuse("malformed-proof");
  const witnessKeys = policy.witnesses.map(({ key }) => key);
  const opened = openCheckpoint(crypto, proof.checkpoint, { ...log, witnessKeys });
  if (!opened.opened) return refuse(opened.refusal);
  if (!meetsQuorum(policy, opened.cosignatures)) return refuse("too-few-witnesses");
  const claimed = entry ?? proof.extra;
  if (claimed === undefined) return refuse("no-entry");
  const { index, hashes } = proof;
  const { size, root } = opened.signed.checkpoint;
  const leafHash = hashLeaf(crypto.sha256, claimed);
  if (!verifyInclusion(crypto.sha256, { index, size, root, leafHash, proof: hashes })) {
    return refuse("not-included");
  }
  return { verified: true, index, entry: claimed, signed: opened.signed, cosignatures: opened.cosignatures };
}
