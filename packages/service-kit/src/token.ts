import { randomBytes, sha256 } from "@menshen/crypto/node";

/** A secret that is given once and kept as its hash only. */
export interface FreshToken {
  /** 256 bits, base64url. */
  readonly token: string;
  readonly hash: Uint8Array;
}

export function makeToken(): FreshToken {
  const token = Buffer.from(randomBytes(32)).toString("base64url");
  return { token, hash: hashToken(token) };
}

/** SHA-256; enough for a token that nobody can guess. */
export function hashToken(token: string): Uint8Array {
  return sha256(new TextEncoder().encode(token));
}
