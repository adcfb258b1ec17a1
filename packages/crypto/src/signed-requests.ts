import { ed25519FromSecret, ed25519Sign, ed25519Verify } from "./browser/signatures.ts";
import { sha256 } from "./browser/symmetric.ts";
import { toHex } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";

const NONCE_BYTES = 16;

/** What of a request is signed. */
export interface SignedParts {
  /** In capitals. */
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly path: string;
  /** As sent; empty without a body. */
  readonly body: Uint8Array;
}

/** What a program says of itself in the header `authorization`. */
export interface RequestAuthorization {
  /** Ed25519, 32 bytes. */
  readonly identityKey: Uint8Array;
  /** Unix milliseconds. */
  readonly timeMs: number;
  /** 16 bytes, never used twice. */
  readonly nonce: Uint8Array;
  readonly signature: Uint8Array;
}

export interface RequestSigner {
  /**
   * The header `authorization`: Ed25519 over method, path, time, nonce and the hash of the body, each on its line.
   *
   * @param request.secretKey the 32-byte seed of the identity key
   * @param request.nonce 16 random bytes
   * @throws {CryptoError} `bad-length` for a nonce of another length, `bad-encoding` for a method or path with a line feed
   */
  readonly authorize: (
    request: SignedParts & {
      readonly secretKey: Uint8Array;
      readonly timeMs: number;
      readonly nonce: Uint8Array;
    },
  ) => string;
  /** Reads the header; `undefined` for anything that `authorize` would not write. Proves nothing yet. */
  readonly parse: (header: string) => RequestAuthorization | undefined;
  /**
   * Whether the holder of the named key signed this request at about this time. Whose key it is, and whether the nonce is
   * new, is for the caller to find out.
   */
  readonly verify: (
    authorization: RequestAuthorization,
    parts: SignedParts,
    nowMs: number,
  ) => "valid" | "wrong-time" | "bad-signature";
}

/**
 * Requests that programs sign with a key of their own.
 *
 * @param scheme first word of the header, letters and hyphens: which programs these are
 * @param toleranceMs how far a request's clock may differ from the reader's
 */
export function requestSigner(scheme: string, toleranceMs: number): RequestSigner {
  const pattern = new RegExp(
    `^${scheme} key=([A-Za-z0-9_-]{43}), time=(0|[1-9][0-9]{0,15}), nonce=([A-Za-z0-9_-]{22}), signature=([A-Za-z0-9_-]{86})$`,
  );
  return {
    authorize(request) {
      const { secretKey, timeMs, nonce } = request;
      if (nonce.length !== NONCE_BYTES) {
        throw new CryptoError("bad-length", `expected a nonce of ${NONCE_BYTES} bytes, got ${nonce.length}`);
      }
      if (/\n/.test(request.method + request.path)) {
        throw new CryptoError("bad-encoding", "expected a method and a path of one line");
      }
      const { publicKey } = ed25519FromSecret(secretKey);
      const time = String(timeMs);
      const signature = ed25519Sign(secretKey, messageOf(request, time, encode(nonce)));
      return `${scheme} key=${encode(publicKey)}, time=${time}, nonce=${encode(nonce)}, signature=${encode(signature)}`;
    },
    parse(header) {
      const [, key, time, nonce, signature] = pattern.exec(header) ?? [];
      const identityKey = decode(key);
      const nonceBytes = decode(nonce);
      const signatureBytes = decode(signature);
      const timeMs = Number(time);
      if (identityKey === undefined || nonceBytes === undefined || signatureBytes === undefined)
        return undefined;
      return Number.isSafeInteger(timeMs)
        ? { identityKey, timeMs, nonce: nonceBytes, signature: signatureBytes }
        : undefined;
    },
    verify({ identityKey, timeMs, nonce, signature }, parts, nowMs) {
      if (!ed25519Verify(identityKey, messageOf(parts, String(timeMs), encode(nonce)), signature)) {
        return "bad-signature";
      }
      return Math.abs(nowMs - timeMs) <= toleranceMs ? "valid" : "wrong-time";
    },
  };
}

function messageOf({ method, path, body }: SignedParts, time: string, nonce: string): Uint8Array {
  const lines = `${method}\n${path}\n${time}\n${nonce}\n${toHex(sha256(body))}`;
  return new TextEncoder().encode(lines);
}

function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (one) => ({ "+": "-", "/": "_" })[one] ?? "");
}

/** Bytes of base64url without padding; `undefined` for a second spelling of the same bytes. */
function decode(text: string | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (text === undefined) return undefined;
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = Uint8Array.from(binary, (one) => one.charCodeAt(0));
  return encode(bytes) === text ? bytes : undefined;
}
