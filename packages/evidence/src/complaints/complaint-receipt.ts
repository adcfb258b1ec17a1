import type { Primitives } from "@menshen/crypto";
import { fromHex, toHex } from "@menshen/crypto";
import { canonicalJson } from "@menshen/domain";
import { HASH_BYTES, requireLength } from "../checks.ts";
import { type Committing, commitLeaf, encodeLeaf } from "../leaf-commitment.ts";
import type { NoteKey, NoteSigning, NoteVerification } from "../note/note-key.ts";
import { signNote } from "../note/note-signature.ts";
import { utf8 } from "../note/note-text.ts";
import { formatNote } from "../note/signed-note.ts";
import { type NoteRefusal, verifyNote } from "../note/verify-note.ts";
import { fieldsOf } from "./canonical-fields.ts";

/** What somebody wrote, as the commitment holds it. */
export interface CommittedComplaint {
  readonly kind: string;
  readonly category: string;
  readonly text: string;
}

/** The leaf that stands for a complaint, with what opens it. */
export interface ComplaintLeaf {
  readonly communityId: string;
  readonly leafId: string;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  /** Canonical JSON. */
  readonly statement: string;
}

/** A receipt as it was read. */
export interface ComplaintReceipt extends ComplaintLeaf {
  readonly complaintId: string;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  /** The body that must answer. */
  readonly to: string;
  /** Unix milliseconds, exclusive. */
  readonly answerBy: number;
  /** 32 bytes. */
  readonly commitment: Uint8Array;
}

/** Why a receipt is refused: as a note, or because its text is none. */
export type ComplaintReceiptRead =
  | { readonly read: true; readonly receipt: ComplaintReceipt }
  | { readonly read: false; readonly refusal: NoteRefusal | "no-receipt" };

export const COMPLAINT_TOPIC = "complaint-received";
/** A log that has not taken a leaf by then left it out. */
export const LOG_GRACE_MS = 24 * 3_600_000;
const FIRST_LINE = "menshen complaint receipt v1";
const HEX_32 = /^[0-9a-f]{64}$/;

/**
 * Commits to a complaint: HMAC-SHA256 under the nonce, so that the public statement tells nothing of it, and its writer can
 * show what they wrote.
 *
 * @param nonce 32 random bytes of this complaint alone
 * @throws {EvidenceError} `bad-length`
 */
export function commitComplaint(
  crypto: Pick<Primitives, "hmacSha256">,
  nonce: Uint8Array,
  { kind, category, text }: CommittedComplaint,
): Uint8Array {
  requireLength("a nonce", nonce, HASH_BYTES);
  return crypto.hmacSha256(nonce, utf8(`menshen/complaint/v1\n${canonicalJson({ kind, category, text })}`));
}

/** As {@link commitComplaint}, for an answer: with the nonce its reader sees that it was not changed later. */
export function commitAnswer(
  crypto: Pick<Primitives, "hmacSha256">,
  nonce: Uint8Array,
  text: string,
): Uint8Array {
  requireLength("a nonce", nonce, HASH_BYTES);
  return crypto.hmacSha256(nonce, utf8(`menshen/complaint-answer/v1\n${text}`));
}

/**
 * The receipt of a complaint: a signed note (C2SP signed-note) of two lines, the second the leaf in canonical JSON.
 *
 * @param secretKey Ed25519 seed of `key`, 32 bytes
 * @throws {EvidenceError} `wrong-key-type`, `invalid-text`
 */
export function writeComplaintReceipt(
  crypto: NoteSigning,
  key: NoteKey,
  secretKey: Uint8Array,
  { communityId, leafId, salt, statement }: ComplaintLeaf,
): string {
  const said = canonicalJson({ communityId, leafId, salt: toHex(salt), statement });
  const text = `${FIRST_LINE}\n${said}\n`;
  const note = formatNote({ text, signatures: [signNote(crypto, key, secretKey, text)] });
  return new TextDecoder().decode(note);
}

/**
 * Reads a receipt and verifies its signature, without asking anybody.
 *
 * @param keys those that sign this community's receipts, as the reader came to know them
 */
export function readComplaintReceipt(
  crypto: NoteVerification,
  text: string,
  keys: readonly NoteKey[],
): ComplaintReceiptRead {
  const note = verifyNote(crypto, utf8(text), keys);
  if (!note.verified) return { read: false, refusal: note.refusal };
  const receipt = parseReceipt(note.text);
  return receipt === undefined ? { read: false, refusal: "no-receipt" } : { read: true, receipt };
}

/** Bytes of the log's entry that the receipt promises. */
export function entryOfReceipt(crypto: Committing, { salt, statement }: ComplaintReceipt): Uint8Array {
  return encodeLeaf(commitLeaf(crypto, salt, COMPLAINT_TOPIC, utf8(statement)));
}

function parseReceipt(text: string): ComplaintReceipt | undefined {
  const [first, line, rest] = text.split("\n");
  if (first !== FIRST_LINE || line === undefined || rest !== "" || text.split("\n").length !== 3)
    return undefined;
  const outer = fieldsOf(line);
  const { communityId, leafId, salt, statement } = outer ?? {};
  if (typeof communityId !== "string" || typeof leafId !== "string") return undefined;
  if (typeof salt !== "string" || !HEX_32.test(salt) || typeof statement !== "string") return undefined;
  const said = fieldsOf(statement);
  const { topic, at, complaintId, to, answerBy, commitment } = said ?? {};
  if (topic !== COMPLAINT_TOPIC || typeof complaintId !== "string" || typeof to !== "string")
    return undefined;
  if (typeof at !== "number" || typeof answerBy !== "number") return undefined;
  if (typeof commitment !== "string" || !HEX_32.test(commitment)) return undefined;
  return {
    communityId,
    leafId,
    salt: fromHex(salt),
    statement,
    complaintId,
    receivedAt: at,
    to,
    answerBy,
    commitment: fromHex(commitment),
  };
}
