import { requireAesKey } from "./checks.ts";
import { CryptoError } from "./crypto-error.ts";

/** How a CCM message is sealed; what both sides of a protocol agree on (RFC 3610 §2.1). */
export interface CcmOptions {
  /** Bytes that are authenticated and not sealed; none unless told. At most 65,279. */
  readonly aad?: Uint8Array;
  /** 4, 6, … 16; 16 unless told. */
  readonly tagBytes?: number;
}

const MAX_AAD_BYTES = 0xfeff;

/** @throws {CryptoError} `bad-length` unless the parts fit RFC 3610 §2.1; `textBytes` is without the tag */
export function requireCcm(key: Uint8Array, nonce: Uint8Array, textBytes: number, options: CcmOptions): void {
  requireAesKey(key);
  const { tagBytes = 16, aad } = options;
  const lengthFieldBytes = 15 - nonce.length;
  const fits =
    lengthFieldBytes >= 2 &&
    lengthFieldBytes <= 8 &&
    Number.isInteger(tagBytes) &&
    tagBytes >= 4 &&
    tagBytes <= 16 &&
    tagBytes % 2 === 0 &&
    (aad?.length ?? 0) <= MAX_AAD_BYTES &&
    textBytes < 256 ** Math.min(lengthFieldBytes, 4);
  if (!fits) throw new CryptoError("bad-length", "expected nonce, tag, text and aad of CCM's lengths");
}
