import type { Primitives } from "@menshen/crypto";
import { equalBytes, toHex } from "@menshen/crypto";
import type { CommunityId, Instant, PortalId, TimeInterval } from "@menshen/domain";
import { CredentialKey, decodeCrockford, encodeCrockford, groupCrockford } from "@menshen/domain";
import { type DoorAnswer, type DoorChallenge, doorAnswer, doorChallenge, WireError } from "@menshen/wire";
import type { PassMemory } from "./pass-memory.ts";
import { phoneKey } from "./phone-pass.ts";
import { communityTag, doorTag } from "./short-id.ts";
import {
  openSignedPass,
  type PassPrimitives,
  prepareSignedPass,
  type SignedPassRefusal,
  type UnsignedPass,
} from "./signed-pass.ts";

/** Length of a challenge: eight characters to type, and too many to guess within its time. */
export const CHALLENGE_BYTES = 5;

/**
 * What a gate's screen shows as a QR code.
 *
 * @param challenge 5 fresh random bytes
 * @throws {WireError} `invalid` for another length
 */
export function encodeDoorChallenge(
  primitives: Pick<Primitives, "sha256">,
  input: { readonly communityId: CommunityId; readonly portalId: PortalId; readonly challenge: Uint8Array },
): Uint8Array {
  const { communityId, portalId, challenge } = input;
  const community = communityTag(primitives, communityId);
  return doorChallenge.encode({ version: 1, community, challenge, door: doorTag(primitives, portalId) });
}

/** What the phone's camera read, or `undefined` for anything else. Nothing of it is proved: a screen is just a screen. */
export function readDoorChallenge(message: Uint8Array): DoorChallenge | undefined {
  try {
    return doorChallenge.decode(message);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** The challenge as the screen prints it for people who type: `ABCD-EFGH`. */
export function writeChallengeCode(challenge: Uint8Array): string {
  return groupCrockford(encodeCrockford(challenge));
}

/** What somebody typed, or `undefined`. */
export function readChallengeCode(text: string): Uint8Array | undefined {
  return decodeCrockford(text, CHALLENGE_BYTES);
}

/**
 * An answer that waits for the phone's signature. No clock stands in it: a phone whose clock is wrong can answer.
 *
 * @param input.door of the challenge that was scanned; left out for one that was typed
 * @throws {WireError} `invalid` for parts of other lengths
 */
export function prepareDoorAnswer(input: {
  readonly primitives: Pick<Primitives, "sha256">;
  readonly communityId: CommunityId;
  readonly credentialKey: CredentialKey;
  readonly challenge: Uint8Array;
  readonly door?: Uint8Array;
}): UnsignedPass {
  const { primitives, communityId, credentialKey, challenge, door } = input;
  return prepareSignedPass<DoorAnswer>({
    primitives,
    domain: "doorAnswer",
    codec: doorAnswer,
    communityId,
    alg: "ES256",
    pass: {
      version: 1,
      community: communityTag(primitives, communityId),
      credential: credentialKey,
      challenge,
      ...(door === undefined ? {} : { door }),
    },
  });
}

/** A challenge that stands on a door's screen. */
export interface OutstandingChallenge {
  readonly challenge: Uint8Array;
  /** When it stops to count, by the clock it is compared with. */
  readonly until: Instant;
}

/** What a gate knows when an answer is shown. */
export interface DoorAnswerGate {
  readonly primitives: PassPrimitives;
  readonly communityId: CommunityId;
  readonly portalId: PortalId;
  readonly now: TimeInterval;
  readonly publicKeyOf: (credentialKey: CredentialKey) => Uint8Array | undefined;
  /** Those of this door that are not over: the one on the screen, and the one before it. */
  readonly outstanding: readonly OutstandingChallenge[];
  readonly memory: PassMemory;
}

/**
 * Beside what {@link SignedPassRefusal} says:
 * - `other-door`: the phone was told another door;
 * - `other-challenge`: none that this door has asked, or one whose time is over;
 * - `used`: answered before, by whomever; `memory-full`.
 */
export type DoorAnswerRefusal = SignedPassRefusal | "other-door" | "other-challenge" | "used" | "memory-full";

export type DoorAnswerVerification =
  | { readonly verified: true; readonly credentialKey: CredentialKey }
  | { readonly verified: false; readonly reason: DoorAnswerRefusal };

/**
 * Verifies the answer to a challenge, and takes the challenge: it is answered once. Stronger than a rotating pass, since
 * nothing that was shown before or elsewhere fits; still no proof that the phone is near.
 */
export function verifyDoorAnswer(message: Uint8Array, gate: DoorAnswerGate): DoorAnswerVerification {
  const opened = openSignedPass<DoorAnswer>({
    ...gate,
    domain: "doorAnswer",
    codec: doorAnswer,
    message,
    keyOf: ({ credential }) => phoneKey(gate.publicKeyOf(CredentialKey(credential))),
  });
  if (!opened.opened) return { verified: false, reason: opened.reason };
  const { credential, challenge, door } = opened.pass;
  if (door !== undefined && !equalBytes(door, doorTag(gate.primitives, gate.portalId))) {
    return { verified: false, reason: "other-door" };
  }
  const asked = gate.outstanding.find((one) => equalBytes(one.challenge, challenge));
  if (asked === undefined || gate.now.latest >= asked.until) {
    return { verified: false, reason: "other-challenge" };
  }
  const claim = gate.memory.claim(`challenge ${toHex(challenge)}`, asked.until, gate.now.earliest);
  if (claim !== "first") return { verified: false, reason: claim === "again" ? "used" : "memory-full" };
  return { verified: true, credentialKey: CredentialKey(credential) };
}
