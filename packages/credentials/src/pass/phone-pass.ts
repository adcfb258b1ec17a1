import type { Primitives, VerifyKey } from "@menshen/crypto";
import { toHex } from "@menshen/crypto";
import type { CommunityId, TimeInterval } from "@menshen/domain";
import { CredentialKey, Instant } from "@menshen/domain";
import { type PhonePass, phonePass } from "@menshen/wire";
import type { CardPresentation } from "../card/card-presentation.ts";
import type { PassMemory } from "./pass-memory.ts";
import { communityTag } from "./short-id.ts";
import {
  openSignedPass,
  type PassPrimitives,
  prepareSignedPass,
  type SignedPassRefusal,
  type UnsignedPass,
} from "./signed-pass.ts";

/**
 * A pass holds for 30 seconds: from 5 s before the second it was issued in, for phones whose clock is ahead, to 25 s behind
 * it. A phone makes a new one every 10 s.
 */
export const PHONE_PASS_EARLY_MS = 5_000;
export const PHONE_PASS_LATE_MS = 25_000;

/** Any door group. */
export const ANY_DOOR_GROUP = 0;

/** A phone that is about to show a pass. */
export interface PhonePassInput {
  readonly primitives: Pick<Primitives, "sha256">;
  readonly communityId: CommunityId;
  readonly credentialKey: CredentialKey;
  /** 1 to 13, or {@link ANY_DOOR_GROUP}. */
  readonly doorGroup: number;
  readonly now: Instant;
  /** 4 fresh random bytes. */
  readonly nonce: Uint8Array;
}

/**
 * A pass that waits for the phone's signature; with WebCrypto: `finish(await p256SignHeld(key, toBeSigned))`.
 *
 * @throws {WireError} `invalid` for parts out of range
 */
export function preparePhonePass(input: PhonePassInput): UnsignedPass {
  const { primitives, communityId, credentialKey, doorGroup, now, nonce } = input;
  return prepareSignedPass<PhonePass>({
    primitives,
    domain: "phonePass",
    codec: phonePass,
    communityId,
    alg: "ES256",
    pass: {
      version: 1,
      community: communityTag(primitives, communityId),
      credential: credentialKey,
      doorGroup,
      issuedAtS: Math.floor(now / 1000),
      nonce,
    },
  });
}

/** What a gate knows when a pass is shown at one of its doors. */
export interface PhonePassGate {
  readonly primitives: PassPrimitives;
  readonly communityId: CommunityId;
  /** The door's group, 1 to 13. */
  readonly doorGroup: number;
  readonly now: TimeInterval;
  /** Public key of a phone (65 bytes), `undefined` for one that is not enrolled. */
  readonly publicKeyOf: (credentialKey: CredentialKey) => Uint8Array | undefined;
  /** The memory of this door group. */
  readonly memory: PassMemory;
}

/**
 * Beside what {@link SignedPassRefusal} says:
 * - `other-door-group`: for doors of another group;
 * - `expired`, `not-yet-valid`: outside its 30 seconds, or not surely inside them;
 * - `time-uncertain`: the gate's own clock is in doubt by more than 30 seconds;
 * - `used`: shown before at this group;
 * - `before-memory`: older than the gate's memory of used passes: show a new one;
 * - `memory-full`.
 */
export type PhonePassRefusal =
  | SignedPassRefusal
  | "other-door-group"
  | "expired"
  | "not-yet-valid"
  | "time-uncertain"
  | "used"
  | "before-memory"
  | "memory-full";

export type PhonePassVerification =
  | { readonly verified: true; readonly credentialKey: CredentialKey; readonly issuedAt: Instant }
  | { readonly verified: false; readonly reason: PhonePassRefusal };

/**
 * Verifies a phone pass, and takes it: a second time the same pass is `used`. Needs no network. Whether the holder may pass
 * is the policy's decision; proved is that the phone's key signed within the last seconds, not that the phone is here
 * (a photograph of the screen that arrives in time looks the same).
 */
export function verifyPhonePass(message: Uint8Array, gate: PhonePassGate): PhonePassVerification {
  const opened = openSignedPass<PhonePass>({
    ...gate,
    domain: "phonePass",
    codec: phonePass,
    message,
    keyOf: ({ credential }) => phoneKey(gate.publicKeyOf(CredentialKey(credential))),
  });
  if (!opened.opened) return { verified: false, reason: opened.reason };
  const { credential, doorGroup, issuedAtS, nonce } = opened.pass;
  if (doorGroup !== ANY_DOOR_GROUP && doorGroup !== gate.doorGroup) {
    return { verified: false, reason: "other-door-group" };
  }
  const issuedAt = Instant(issuedAtS * 1000);
  const untimely = refuseTime(issuedAt, gate.now);
  if (untimely !== undefined) return { verified: false, reason: untimely };
  // The earliest moment at which it could have been shown must lie within the memory.
  if (issuedAt - PHONE_PASS_EARLY_MS < gate.memory.since) return { verified: false, reason: "before-memory" };
  const until = Instant(issuedAt + PHONE_PASS_LATE_MS);
  const id = `phone ${toHex(credential)} ${issuedAtS} ${toHex(nonce)}`;
  const claim = gate.memory.claim(id, until, gate.now.earliest);
  if (claim !== "first") return { verified: false, reason: claim === "again" ? "used" : "memory-full" };
  return { verified: true, credentialKey: CredentialKey(credential), issuedAt };
}

/** What the policy decides on. A key that a browser keeps is none in hardware: grade C at most. */
export function presentPhone(credentialKey: CredentialKey, publicKey: Uint8Array): CardPresentation {
  return { credentialKey, kind: "phone-pass", grade: "C", evidence: {}, identifier: publicKey };
}

export function phoneKey(publicKey: Uint8Array | undefined): VerifyKey | undefined {
  return publicKey?.length === 65 ? { alg: "ES256", publicKey } : undefined;
}

/** Deny on doubt: every moment that it may be now has to lie within the pass's time. */
function refuseTime(issuedAt: Instant, { earliest, latest }: TimeInterval): PhonePassRefusal | undefined {
  const from = issuedAt - PHONE_PASS_EARLY_MS;
  const until = issuedAt + PHONE_PASS_LATE_MS;
  if (from <= earliest && latest < until) return undefined;
  if (latest - earliest > PHONE_PASS_EARLY_MS + PHONE_PASS_LATE_MS) return "time-uncertain";
  return latest >= until ? "expired" : "not-yet-valid";
}
