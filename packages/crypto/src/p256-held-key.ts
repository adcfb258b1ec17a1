import { CryptoError } from "./crypto-error.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** WebCrypto's handle of a key. It can be stored in IndexedDB; its bytes cannot be had. */
export type HeldSecretKey = Parameters<typeof globalThis.crypto.subtle.sign>[1];

/**
 * A P-256 key pair whose secret half the runtime keeps. Not a hardware key: whoever owns the operating system or the
 * browser's profile owns it.
 */
export interface HeldKey {
  /** 65 bytes, `04 || x || y`. */
  readonly publicKey: Uint8Array;
  readonly secretKey: HeldSecretKey;
}

/**
 * A new key pair that cannot be exported.
 *
 * @throws {CryptoError} `unavailable` where WebCrypto is missing (a page without https)
 */
export async function p256GenerateHeld(): Promise<HeldKey> {
  try {
    const { subtle } = globalThis.crypto;
    const pair = await subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    const publicKey = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
    return { publicKey, secretKey: pair.privateKey };
  } catch (cause) {
    throw new CryptoError("unavailable", "expected WebCrypto with ECDSA on P-256", { cause });
  }
}

/**
 * ECDSA on P-256 with SHA-256: `r || s`, 64 bytes.
 *
 * @throws {CryptoError} `bad-key` for a handle of another kind of key; `unavailable` where WebCrypto is missing
 */
export async function p256SignHeld(secretKey: HeldSecretKey, message: Uint8Array): Promise<Uint8Array> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new CryptoError("unavailable", "expected WebCrypto with ECDSA on P-256");
  }
  try {
    const signature = await globalThis.crypto.subtle.sign(SIGNATURE, secretKey, new Uint8Array(message));
    return new Uint8Array(signature);
  } catch (cause) {
    throw new CryptoError("bad-key", "expected a P-256 key that signs", { cause });
  }
}
