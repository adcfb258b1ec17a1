import { type RequestAuthorization, requestSigner, type SignedParts } from "@menshen/crypto";
import { CustodyError } from "./errors.ts";

export type { RequestAuthorization, SignedParts };

/** How far a request's clock may differ from the reader's. */
export const REQUEST_TOLERANCE_MS = 60_000;

const signer = requestSigner("Menshen-Custodian", REQUEST_TOLERANCE_MS);

/**
 * The header `authorization` of a custodian's request: Ed25519 over method, path, time, nonce and the hash of the body,
 * each on its line.
 *
 * @param request.secretKey the 32-byte seed of its identity key
 * @param request.nonce 16 random bytes
 * @throws {CustodyError} `invalid-argument` for a nonce of another length, or a method or path with a line feed
 */
export function authorizeRequest(request: Parameters<typeof signer.authorize>[0]): string {
  try {
    return signer.authorize(request);
  } catch (cause) {
    throw new CustodyError("invalid-argument", "expected a nonce of 16 bytes and a path of one line", {
      cause,
    });
  }
}

/** Reads the header; `undefined` for anything that {@link authorizeRequest} would not write. Proves nothing yet. */
export const parseAuthorization = signer.parse;

/**
 * Whether the holder of the named key signed this request at about this time. Whose key it is, and whether the nonce is
 * new, is for the caller to find out.
 */
export const verifyAuthorization = signer.verify;
