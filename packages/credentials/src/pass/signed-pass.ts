import type { Cose, CoseVerify1Input, Primitives, VerifyKey } from "@menshen/crypto";
import { concatBytes, equalBytes, prepareCoseSign1, type SignatureAlgorithm } from "@menshen/crypto";
import type { CommunityId } from "@menshen/domain";
import {
  type Codec,
  PASS_DOMAINS,
  PASS_MAX_BYTES,
  type PassDomain,
  uuidBytes,
  WireError,
} from "@menshen/wire";
import { communityTag } from "./short-id.ts";

/** What reading a pass needs of cryptography. */
export type PassPrimitives = Pick<Primitives, "sha256"> & Pick<Cose, "coseVerify1">;

/**
 * Why a signed pass was not opened:
 * - `malformed`: no deterministic COSE_Sign1 around a pass of this kind;
 * - `unknown-version`: a pass of the future;
 * - `other-community`: not of here;
 * - `unknown-signer`: nobody here has this key, or no longer;
 * - `not-authentic`: somebody has, and did not sign this.
 */
export type SignedPassRefusal =
  | "malformed"
  | "unknown-version"
  | "other-community"
  | "unknown-signer"
  | "not-authentic";

/** A message that waits for its signature. */
export interface UnsignedPass {
  /** What the key signs (ECDSA with SHA-256, or Ed25519: as `alg` said). */
  readonly toBeSigned: Uint8Array;
  /** The signed message; throws `CryptoError` `bad-length` for a signature that is not 64 bytes. */
  readonly finish: (signature: Uint8Array) => Uint8Array;
}

/** Prepares a signed pass. The signature covers the kind and the community's whole ID beside the pass. */
export function prepareSignedPass<T extends { readonly community: Uint8Array }>(input: {
  readonly primitives: Pick<Primitives, "sha256">;
  readonly domain: PassDomain;
  readonly codec: Codec<T>;
  readonly communityId: CommunityId;
  readonly alg: SignatureAlgorithm;
  readonly pass: T;
}): UnsignedPass {
  const { domain, codec, communityId, alg, pass } = input;
  return prepareCoseSign1({
    payload: codec.encode(pass),
    alg,
    externalAad: passContext(domain, communityId),
  });
}

/** Opens a signed pass of this community; the key is looked up by what the pass says of its signer. Never throws. */
export function openSignedPass<T extends { readonly community: Uint8Array }>(input: {
  readonly primitives: PassPrimitives;
  readonly domain: PassDomain;
  readonly codec: Codec<T>;
  readonly communityId: CommunityId;
  readonly message: Uint8Array;
  readonly keyOf: (unverified: T) => VerifyKey | undefined;
}):
  | { readonly opened: true; readonly pass: T }
  | { readonly opened: false; readonly reason: SignedPassRefusal } {
  const { primitives, domain, codec, communityId, message, keyOf } = input;
  if (message.length > PASS_MAX_BYTES) return { opened: false, reason: "malformed" };
  let pass: T | undefined;
  let reason: SignedPassRefusal = "malformed";

  const key: CoseVerify1Input["key"] = (_kid, payload) => {
    try {
      pass = codec.decode(payload);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      reason = error.code === "unknown-version" ? "unknown-version" : "malformed";
      return undefined;
    }
    reason = "other-community";
    if (!equalBytes(pass.community, communityTag(primitives, communityId))) return undefined;
    reason = "unknown-signer";
    const found = keyOf(pass);
    if (found !== undefined) reason = "not-authentic";
    return found;
  };
  const externalAad = passContext(domain, communityId);
  const outcome = primitives.coseVerify1({ message, key, externalAad });
  if (outcome.verified && pass !== undefined) return { opened: true, pass };
  return { opened: false, reason };
}

/** `domain || 00 || community ID`: what a signature covers beside the pass (external_aad). */
export function passContext(domain: PassDomain, communityId: CommunityId): Uint8Array {
  return concatBytes(new TextEncoder().encode(`${PASS_DOMAINS[domain]}\u0000`), uuidBytes(communityId));
}
