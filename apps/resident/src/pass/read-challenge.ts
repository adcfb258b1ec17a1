import {
  communityTag,
  doorTag,
  readChallengeCode,
  readDoorChallenge,
  readPassText,
} from "@menshen/credentials";
import { equalBytes, primitives } from "@menshen/crypto";
import { CommunityId, PortalId } from "@menshen/domain";
import type { ResidentDoor } from "@menshen/wire";

/** What a door's screen asks. */
export interface DoorAsks {
  readonly challenge: Uint8Array;
  /** Of a scanned code; whoever types does not know it. */
  readonly door?: Uint8Array;
  /** Its name, if it is one of one's own doors. */
  readonly name?: string;
}

export type ChallengeRead =
  | { readonly read: true; readonly asks: DoorAsks }
  | { readonly read: false; readonly why: "not-a-challenge" | "other-community" };

/** Reads what the camera found. Nothing in it is proved: a screen is just a screen. */
export function readScanned(
  text: string,
  communityId: string,
  doors: readonly Pick<ResidentDoor, "portalId" | "name">[],
): ChallengeRead {
  const pass = readPassText(text.trim());
  const challenge = pass?.kind === "door-challenge" ? readDoorChallenge(pass.message) : undefined;
  if (challenge === undefined) return { read: false, why: "not-a-challenge" };
  if (!equalBytes(challenge.community, communityTag(primitives, CommunityId(communityId)))) {
    return { read: false, why: "other-community" };
  }
  const own = doors.find(({ portalId }) =>
    equalBytes(doorTag(primitives, PortalId(portalId)), challenge.door),
  );
  return {
    read: true,
    asks: {
      challenge: challenge.challenge,
      door: challenge.door,
      ...(own === undefined ? {} : { name: own.name }),
    },
  };
}

/** Reads the eight characters that somebody typed. */
export function readTyped(text: string): ChallengeRead {
  const challenge = readChallengeCode(text);
  return challenge === undefined
    ? { read: false, why: "not-a-challenge" }
    : { read: true, asks: { challenge } };
}
