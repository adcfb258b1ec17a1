import type { BlindRsaRequest, Primitives } from "@menshen/crypto";
import {
  BLIND_RSA_PREFIX_BYTES,
  blindRsaFinish,
  blindRsaRequest,
  concatBytes,
  equalBytes,
  toHex,
} from "@menshen/crypto";
import type { CommunityId, Instant, TimeInterval } from "@menshen/domain";
import { visitToken, WireError } from "@menshen/wire";
import type { CardPresentation } from "../card/card-presentation.ts";
import { credentialKeyOf } from "../card/credential-key.ts";
import type { PassMemory } from "../pass/pass-memory.ts";
import { communityTag } from "../pass/short-id.ts";
import { passContext } from "../pass/signed-pass.ts";

const SERIAL_BYTES = 16;
const KEY_ID_BYTES = 8;

/** What a token's key is called in the token: the first 8 bytes of SHA-256 over its SubjectPublicKeyInfo. */
export function tokenKeyId(primitives: Pick<Primitives, "sha256">, publicKey: Uint8Array): Uint8Array {
  return primitives.sha256(publicKey).slice(0, KEY_ID_BYTES);
}

/** A token that waits for its blind signature. */
export interface VisitTokenOrder {
  /** What goes to the community: it is told who asks and what for, never which token comes of it. */
  readonly blinded: Uint8Array;
  /** The token, or `undefined` when the community did not sign what it was given. */
  readonly finish: (blindSignature: Uint8Array) => Uint8Array | undefined;
}

/**
 * Orders a one-time token for the door group and day of an issuing key (RFC 9474). Runs on the resident's device, which
 * keeps the order until the signature comes.
 *
 * @param input.publicKey the issuing key, DER SubjectPublicKeyInfo, as the community publishes it for everybody: a key of
 *   one's own would be a mark
 * @throws {CryptoError} `bad-key`
 */
export function orderVisitToken(input: {
  readonly primitives: Pick<Primitives, "sha256" | "randomBytes">;
  readonly communityId: CommunityId;
  readonly publicKey: Uint8Array;
}): VisitTokenOrder {
  const { primitives, communityId, publicKey } = input;
  const serial = primitives.randomBytes(SERIAL_BYTES);
  const message = concatBytes(passContext("visitToken", communityId), serial);
  const request: BlindRsaRequest = blindRsaRequest(publicKey, message, primitives.randomBytes);
  return {
    blinded: request.blinded,
    finish(blindSignature) {
      const signature = blindRsaFinish(publicKey, request, blindSignature);
      if (signature === undefined) return undefined;
      return visitToken.encode({
        version: 1,
        community: communityTag(primitives, communityId),
        keyId: tokenKeyId(primitives, publicKey),
        serial,
        prefix: request.prepared.slice(0, BLIND_RSA_PREFIX_BYTES),
        signature,
      });
    },
  };
}

/** An issuing key, and what its tokens open: the signature itself says nothing. */
export interface TokenKey {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly doorGroup: number;
  /** The day: from its first moment to the first of the next. */
  readonly from: Instant;
  readonly until: Instant;
}

/** What a gate knows when a token is shown at one of its doors. */
export interface VisitTokenGate {
  readonly primitives: Pick<Primitives, "sha256"> & {
    readonly blindRsaVerify: (publicKey: Uint8Array, prepared: Uint8Array, signature: Uint8Array) => boolean;
  };
  readonly communityId: CommunityId;
  readonly doorGroup: number;
  readonly now: TimeInterval;
  /** The community's issuing keys, as the signed snapshot brought them. */
  readonly keyOf: (keyId: Uint8Array) => TokenKey | undefined;
  /** The list of spent tokens of this door group; it has to outlast a restart. */
  readonly spent: PassMemory;
}

/**
 * - `malformed`, `unknown-version`, `other-community`: as for passes;
 * - `unknown-key`: no issuing key that this gate has (any more);
 * - `other-door-group`, `expired`, `not-yet-valid`: not what the key stands for;
 * - `not-authentic`: not signed by it;
 * - `before-memory`: its day began before the gate's list of spent tokens did;
 * - `spent`: somebody was here with it before: a copy, and evidence of one; `memory-full`.
 */
export type VisitTokenRefusal =
  | "malformed"
  | "unknown-version"
  | "other-community"
  | "unknown-key"
  | "other-door-group"
  | "expired"
  | "not-yet-valid"
  | "not-authentic"
  | "before-memory"
  | "spent"
  | "memory-full";

export type VisitTokenVerification =
  | { readonly verified: true; readonly serial: Uint8Array }
  | { readonly verified: false; readonly reason: VisitTokenRefusal };

/**
 * Verifies a one-time token, and spends it. Needs no network; what it cannot promise without one is that another gate of
 * the same door group, out of reach, does not take a copy once as well.
 */
export function verifyVisitToken(message: Uint8Array, gate: VisitTokenGate): VisitTokenVerification {
  const { primitives, communityId, doorGroup, now } = gate;
  const token = decode(message);
  if ("reason" in token) return refused(token.reason);
  if (!equalBytes(token.community, communityTag(primitives, communityId))) return refused("other-community");
  const key = gate.keyOf(token.keyId);
  // The identifier is cut short; the gate's table is not asked to be free of mistakes.
  if (key === undefined || !equalBytes(tokenKeyId(primitives, key.publicKey), token.keyId)) {
    return refused("unknown-key");
  }
  if (key.doorGroup !== doorGroup) return refused("other-door-group");
  if (now.latest >= key.until) return refused("expired");
  if (now.earliest < key.from) return refused("not-yet-valid");
  if (key.from < gate.spent.since) return refused("before-memory");
  const prepared = concatBytes(token.prefix, passContext("visitToken", communityId), token.serial);
  if (!primitives.blindRsaVerify(key.publicKey, prepared, token.signature)) return refused("not-authentic");
  const claim = gate.spent.claim(`token ${toHex(token.serial)}`, key.until, now.earliest);
  if (claim !== "first") return refused(claim === "again" ? "spent" : "memory-full");
  return { verified: true, serial: token.serial };
}

/** What the policy decides on: nobody in particular. Whoever has the text has the token: grade D. */
export function presentToken(primitives: Pick<Primitives, "sha256">, serial: Uint8Array): CardPresentation {
  const credentialKey = credentialKeyOf(primitives, "pass", serial);
  return { credentialKey, kind: "pass", grade: "D", evidence: {}, identifier: serial };
}

function decode(
  message: Uint8Array,
): ReturnType<typeof visitToken.decode> | { readonly reason: VisitTokenRefusal } {
  try {
    return visitToken.decode(message);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { reason: error.code === "unknown-version" ? "unknown-version" : "malformed" };
  }
}

function refused(reason: VisitTokenRefusal): VisitTokenVerification {
  return { verified: false, reason };
}
