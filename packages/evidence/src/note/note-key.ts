import type { Primitives } from "@menshen/crypto";
import { concatBytes, toHex } from "@menshen/crypto";
import { fromBase64, toBase64 } from "../base64.ts";
import { requireLength } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import type { Sha256 } from "../merkle/hashing.ts";
import { isKeyName, utf8 } from "./note-text.ts";

/** What is needed of `@menshen/crypto` (or `/node`, whose Ed25519 is faster) to verify notes. */
export interface NoteVerification extends Pick<Primitives, "sha256"> {
  readonly ed25519Verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
}

/** What is needed of `@menshen/crypto` to sign notes. */
export interface NoteSigning extends Pick<Primitives, "sha256"> {
  readonly ed25519Sign: (secretKey: Uint8Array, message: Uint8Array) => Uint8Array;
}

/** What a key signs: the text itself, or a checkpoint with the time at which a witness saw it. */
export type NoteKeyType = "ed25519" | "ed25519-cosignature";

/** A key that signs notes, known by its name and its id together. Made by {@link noteKey} or {@link parseVerifierKey}. */
export interface NoteKey {
  /** Not empty, without spaces and plus signs. By custom a URL without its scheme. */
  readonly name: string;
  readonly type: NoteKeyType;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Key id, 4 bytes as 8 lower-case hexadecimal digits. Short: it tells keys apart and proves nothing. */
  readonly keyId: string;
}

/** Why a verifier key is refused. `unknown-type` may be a kind of signature that came after this program. */
export type VerifierKeyRefusal = "malformed" | "unknown-type" | "wrong-key-id";

/** A parsed verifier key, or why not. */
export type VerifierKeyParsed =
  | { readonly parsed: true; readonly key: NoteKey }
  | { readonly parsed: false; readonly refusal: VerifierKeyRefusal };

/** C2SP signed-note, "Signature types". */
const TYPE_BYTES: Record<NoteKeyType, number> = { ed25519: 0x01, "ed25519-cosignature": 0x04 };

const PUBLIC_KEY_BYTES = 32;

/**
 * A key with the id that its name, type and public key give:
 * SHA-256(name, newline, type byte, public key), first 4 bytes (C2SP signed-note, "Signatures").
 *
 * @throws {EvidenceError} `invalid-key-name`; `bad-length` unless the public key has 32 bytes
 */
export function noteKey(
  sha256: Sha256,
  { name, type, publicKey }: Pick<NoteKey, "name" | "type" | "publicKey">,
): NoteKey {
  if (!isKeyName(name)) {
    throw new EvidenceError("invalid-key-name", "expected a key name without spaces and plus signs");
  }
  requireLength("an Ed25519 public key", publicKey, PUBLIC_KEY_BYTES);
  const input = concatBytes(utf8(`${name}\n`), Uint8Array.of(TYPE_BYTES[type]), publicKey);
  const keyId = toHex(sha256(input).subarray(0, 4));
  return { name, type, publicKey: publicKey.slice(), keyId };
}

/** The text that configures a verifier: `name+id+base64(type byte, public key)` (C2SP signed-note, "Verifier keys"). */
export function formatVerifierKey(key: NoteKey): string {
  const material = concatBytes(Uint8Array.of(TYPE_BYTES[key.type]), key.publicKey);
  return `${key.name}+${key.keyId}+${toBase64(material)}`;
}

/** Parses {@link formatVerifierKey}'s text. The id must be the one the key gives, in lower case. */
export function parseVerifierKey(sha256: Sha256, text: string): VerifierKeyParsed {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
  const [, name = "", keyId, material = ""] = parts ?? [];
  const bytes = fromBase64(material);
  if (parts === null || !isKeyName(name) || bytes === undefined)
    return { parsed: false, refusal: "malformed" };
  const type = typeOf(bytes[0]);
  if (type === undefined) return { parsed: false, refusal: "unknown-type" };
  if (bytes.length !== 1 + PUBLIC_KEY_BYTES) return { parsed: false, refusal: "malformed" };
  const key = noteKey(sha256, { name, type, publicKey: bytes.subarray(1) });
  return key.keyId === keyId ? { parsed: true, key } : { parsed: false, refusal: "wrong-key-id" };
}

function typeOf(byte: number | undefined): NoteKeyType | undefined {
  if (byte === TYPE_BYTES.ed25519) return "ed25519";
  return byte === TYPE_BYTES["ed25519-cosignature"] ? "ed25519-cosignature" : undefined;
}
