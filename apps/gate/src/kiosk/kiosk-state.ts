import { encodeDoorChallenge, writeChallengeCode, writePassText } from "@menshen/credentials";
import { primitives } from "@menshen/crypto/node";
import type { CommunityId } from "@menshen/domain";
import type { Snapshot } from "@menshen/policy";
import type { KioskState } from "@menshen/wire";
import type { GateClock } from "../clock/gate-clock.ts";
import type { DoorChallenges } from "../tap/door-challenges.ts";
import type { ReaderPlace } from "../tap/reader-place.ts";

/** From this lockdown on no resident passes. */
const SHUT_TO_RESIDENTS = 2;

/** What the screen at a place should show now. */
export function kioskState(place: {
  readonly communityId: CommunityId;
  readonly doorName: string | undefined;
  readonly place: ReaderPlace | undefined;
  readonly snapshot: Snapshot | undefined;
  /** Whether phones could answer: their keys are here. */
  readonly knowsPhones: boolean;
  readonly challenges: DoorChallenges;
  readonly clock: Pick<GateClock, "monotonicMs">;
  /** How far a call at this screen came. */
  readonly call: KioskState["call"];
}): KioskState {
  const { snapshot, doorName, call } = place;
  const portal = place.place?.portal;
  const named = {
    ...(doorName === undefined ? {} : { doorName }),
    ...(snapshot === undefined ? {} : { timeZone: snapshot.timeZone }),
    ...(call === undefined ? {} : { call }),
  };
  if (snapshot === undefined || place.place === undefined || portal === undefined) {
    return { state: "out-of-service", ...named };
  }
  if (portal.isStanding()) return { state: "standing-open", ...named };
  const { mode, lockdown } = portal.doorState();
  if (mode === "locked" || lockdown >= SHUT_TO_RESIDENTS) return { state: "out-of-service", ...named };
  const { accessPointId } = place.place;
  const portalId = snapshot.accessPoints.find(({ id }) => id === accessPointId)?.portalId;
  if (portalId === undefined || !place.knowsPhones) return { state: "ready", ...named };
  const nowMs = place.clock.monotonicMs();
  const { challenge, untilMs } = place.challenges.current(accessPointId, nowMs);
  const message = encodeDoorChallenge(primitives, { communityId: place.communityId, portalId, challenge });
  return {
    state: "ready",
    ...named,
    challenge: {
      text: writePassText("door-challenge", message),
      code: writeChallengeCode(challenge),
      forMs: Math.max(0, Math.round(untilMs - nowMs)),
    },
  };
}

/** Whether a screen has to be told: all but how long its challenge still stands there. */
export function sameState(one: KioskState | undefined, other: KioskState): boolean {
  return one !== undefined && essence(one) === essence(other);
}

function essence({ challenge, ...state }: KioskState): string {
  return JSON.stringify([state.state, state.doorName, state.timeZone, state.call?.step, challenge?.text]);
}
