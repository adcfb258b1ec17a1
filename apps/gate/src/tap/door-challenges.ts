import { CHALLENGE_BYTES, type OutstandingChallenge } from "@menshen/credentials";
import { type AccessPointId, Instant } from "@menshen/domain";

/** What stands on the screens of this gate's doors, by the gate's monotonic clock. */
export interface DoorChallenges {
  /** The one to show now; a new one when the last has stood there for its time. */
  current(accessPointId: AccessPointId, nowMs: number): ShownChallenge;
  /** Those that an answer may be given to: the one on the screen, and the one before it. */
  outstanding(accessPointId: AccessPointId, nowMs: number): readonly OutstandingChallenge[];
}

export interface ShownChallenge {
  readonly challenge: Uint8Array;
  /** Monotonic milliseconds at which another one takes its place. */
  readonly untilMs: number;
}

/**
 * @param shownMs how long one stands on the screen; it counts for as long again, for phones that scanned it at the end
 * @param random fresh bytes
 */
export function makeDoorChallenges(
  shownMs: number,
  random: (lengthBytes: number) => Uint8Array,
): DoorChallenges {
  const asked = new Map<AccessPointId, readonly ShownChallenge[]>();
  const living = (accessPointId: AccessPointId, nowMs: number) =>
    (asked.get(accessPointId) ?? []).filter(({ untilMs }) => nowMs < untilMs + shownMs);

  return {
    current(accessPointId, nowMs) {
      const known = living(accessPointId, nowMs);
      const shown = known.find(({ untilMs }) => nowMs < untilMs);
      if (shown !== undefined) return shown;
      const next = { challenge: random(CHALLENGE_BYTES), untilMs: nowMs + shownMs };
      asked.set(accessPointId, [next, ...known]);
      return next;
    },
    outstanding: (accessPointId, nowMs) =>
      living(accessPointId, nowMs).map(({ challenge, untilMs }) => ({
        challenge,
        until: Instant(Math.floor(untilMs + shownMs)),
      })),
  };
}
