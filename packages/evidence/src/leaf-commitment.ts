import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import { HASH_BYTES, requireLength } from "./checks.ts";
import { EvidenceError } from "./evidence-error.ts";
import { utf8 } from "./note/note-text.ts";

/**
 * An entry of the evidence log. The topic is public; the commitment says nothing without its salt, and nothing at
 * all once the salt is gone. That is how an append-only log can forget.
 */
export interface EvidenceLeaf {
  /** What kind of thing happened: 1 to 64 of `a`-`z`, `0`-`9` and `-`, beginning with a letter. Never about a person. */
  readonly topic: string;
  /** 32 bytes. */
  readonly commitment: Uint8Array;
  /** 16 bytes by which those who know what to look for find the leaf in the log itself, whoever keeps the statements. */
  readonly tag?: Uint8Array;
}

/** What is needed of `@menshen/crypto` to commit. */
export type Committing = Pick<Primitives, "hmacSha256" | "hkdfSha256" | "constantTimeEqual">;

const LEAF_VERSION = 1;
const TAGGED_VERSION = 2;
const TAG_BYTES = 16;
const SALT_BYTES = 32;
const LEAF_ID_BYTES = 16;
const TOPIC = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * The salt of one leaf: HKDF-SHA256 of the subject's salt key, with the leaf's id. Shown alone it opens one leaf;
 * when the key is destroyed, no leaf of the subject can be opened or guessed any more.
 *
 * @param saltKey 32 random bytes, kept with the subject's other keys
 * @param leafId 16 bytes, never used twice with one key
 * @returns 32 bytes
 * @throws {EvidenceError} `bad-length`
 */
export function leafSalt(crypto: Committing, saltKey: Uint8Array, leafId: Uint8Array): Uint8Array {
  requireLength("a salt key", saltKey, SALT_BYTES);
  requireLength("a leaf id", leafId, LEAF_ID_BYTES);
  const info = concatBytes(utf8("menshen/evidence-salt/v1\n"), leafId);
  return crypto.hkdfSha256(saltKey, new Uint8Array(), info, SALT_BYTES);
}

/**
 * Commits to a statement: HMAC-SHA256 under the salt over `menshen/evidence-leaf/v1`, newline, topic, newline,
 * statement. The salt has a fixed length, so one commitment cannot be opened in two ways without a collision of SHA-256.
 *
 * @param salt 32 secret bytes of this leaf alone
 * @throws {EvidenceError} `bad-length`; `invalid-topic`
 */
export function commitLeaf(
  crypto: Committing,
  salt: Uint8Array,
  topic: string,
  statement: Uint8Array,
): EvidenceLeaf {
  requireLength("a salt", salt, SALT_BYTES);
  requireTopic(topic);
  const message = concatBytes(utf8(`menshen/evidence-leaf/v1\n${topic}\n`), statement);
  return { topic, commitment: crypto.hmacSha256(salt, message) };
}

/** Whether a leaf commits to this statement under this salt; `false` too for a salt or topic that is none. */
export function opensLeaf(
  crypto: Committing,
  leaf: EvidenceLeaf,
  salt: Uint8Array,
  statement: Uint8Array,
): boolean {
  if (salt.length !== SALT_BYTES || !TOPIC.test(leaf.topic)) return false;
  const { commitment } = commitLeaf(crypto, salt, leaf.topic, statement);
  return crypto.constantTimeEqual(commitment, leaf.commitment);
}

/**
 * Bytes of a leaf as an entry of the log: version 01, length of the topic, topic in ASCII, 32 bytes of commitment; with
 * a tag version 02, and the tag behind.
 *
 * @throws {EvidenceError} `bad-length`; `invalid-topic`
 */
export function encodeLeaf({ topic, commitment, tag }: EvidenceLeaf): Uint8Array {
  requireTopic(topic);
  requireLength("a commitment", commitment, HASH_BYTES);
  if (tag !== undefined) requireLength("a tag", tag, TAG_BYTES);
  const version = tag === undefined ? LEAF_VERSION : TAGGED_VERSION;
  return concatBytes(Uint8Array.of(version, topic.length), utf8(topic), commitment, tag ?? new Uint8Array());
}

/** A parsed leaf, or why not. `unknown-version` may be an entry written by a later program. */
export type LeafParsed =
  | { readonly parsed: true; readonly leaf: EvidenceLeaf }
  | { readonly parsed: false; readonly refusal: "malformed" | "unknown-version" };

/** Parses {@link encodeLeaf}'s bytes. */
export function parseLeaf(entry: Uint8Array): LeafParsed {
  const [version, topicLength = 0] = entry;
  if (version === undefined) return { parsed: false, refusal: "malformed" };
  if (version !== LEAF_VERSION && version !== TAGGED_VERSION) {
    return { parsed: false, refusal: "unknown-version" };
  }
  const isTagged = version === TAGGED_VERSION;
  const commitmentAt = 2 + topicLength;
  const tagAt = commitmentAt + HASH_BYTES;
  const topic = String.fromCharCode(...entry.subarray(2, commitmentAt));
  if (!TOPIC.test(topic) || entry.length !== tagAt + (isTagged ? TAG_BYTES : 0)) {
    return { parsed: false, refusal: "malformed" };
  }
  const leaf = { topic, commitment: entry.slice(commitmentAt, tagAt) };
  return { parsed: true, leaf: isTagged ? { ...leaf, tag: entry.slice(tagAt) } : leaf };
}

function requireTopic(topic: string): void {
  if (!TOPIC.test(topic)) {
    throw new EvidenceError("invalid-topic", "expected 1 to 64 lower-case letters, digits and hyphens");
  }
}
