import type { AccessPointId, Decision } from "@menshen/domain";
import { openReasons, type Snapshot } from "@menshen/policy";
import type { AccessEntry } from "@menshen/wire";
import type { LiftFloor } from "../door/lift.ts";
import type { Person, PresenceAnswer, PresenceRoom } from "../presence/presence-room.ts";
import type { decideTap } from "./decide-tap.ts";
import { isByRule, withAnswer } from "./outcomes.ts";
import type { ReaderPlace } from "./reader-place.ts";
import type { FactoredTap, SecondFactors } from "./second-factor.ts";

/** A floor to be freed, and the decision that frees it. */
export interface FreedFloor {
  readonly floor: LiftFloor;
  readonly decision: Decision;
}

export interface DecidedPlace {
  readonly tapped: FactoredTap;
  /** Of a lift: the floors that a rule lets this person to; of a door undefined. */
  readonly freed?: readonly FreedFloor[];
}

type Tap = Parameters<typeof decideTap>[0] & { readonly place: ReaderPlace };

/**
 * Decides a tap where it was made: at a door, or at each floor of a lift. Of a lift it is a grant if any floor is; where the
 * whole lift is free, or in a fire, no floor is freed for somebody. A refusal tells of the floor that came nearest.
 */
export function decideAt(factors: SecondFactors, tap: Tap): DecidedPlace {
  const { place } = tap;
  if (place.floors === undefined) return { tapped: factors.decide(tap) };
  const decided = place.floors.map((floor) => ({
    floor,
    tapped: factors.decide({ ...tap, place: { ...place, accessPointId: floor.accessPointId } }),
  }));
  const granted = decided.filter(({ tapped }) => tapped.decision.granted);
  const nearest = granted[0] ?? decided.find(({ tapped }) => !isNoRule(tapped.decision)) ?? decided[0];
  if (nearest === undefined) {
    const tapped = factors.decide(tap);
    const decision: Decision = { granted: false, reasons: [{ code: "access-point-unknown" }] };
    return { tapped: { ...tapped, decision, isAwaitingFactor: false }, freed: [] };
  }
  return {
    tapped: nearest.tapped,
    freed: granted
      .filter(({ tapped }) => isByRule(tapped.decision))
      .map(({ floor, tapped }) => ({ floor, decision: tapped.decision })),
  };
}

/** Those that the public log lets every one of these pass. */
export async function loggedFloors(
  freed: readonly FreedFloor[],
  isLogged: (accessPointId: AccessPointId) => Promise<boolean>,
): Promise<readonly FreedFloor[]> {
  const logged: FreedFloor[] = [];
  for (const one of freed) if (await isLogged(one.floor.accessPointId)) logged.push(one);
  return logged;
}

/**
 * What the rules of areas leave of floors. Whoever may go to one floor only is taken to go there; of whoever may choose
 * nobody knows where they went, so they are not counted.
 */
export function answerFloors(
  presence: Pick<PresenceRoom, "answer" | "refusals"> | undefined,
  place: ReaderPlace,
  person: Person | undefined,
  decision: Decision,
  freed: readonly FreedFloor[],
): { readonly decision: Decision; readonly freed: readonly FreedFloor[]; readonly answer?: PresenceAnswer } {
  if (presence === undefined || person === undefined) return { decision, freed };
  const refusals = freed.map(({ floor }) => presence.refusals(floor.accessPointId, person));
  const left = freed.filter((_, index) => refusals[index]?.length === 0);
  const [only] = left;
  if (only === undefined) {
    const reasons = refusals[0] ?? [];
    return { decision: reasons.length === 0 ? decision : { granted: false, reasons }, freed: left };
  }
  if (left.length > 1)
    return { decision: left.includes(freed[0] ?? only) ? decision : only.decision, freed: left };
  const answer = presence.answer(only.floor.accessPointId, place.portal, person);
  return { decision: withAnswer(only.decision, answer), freed: answer.admitted ? left : [], answer };
}

/** What an entry says of the floors: by name those that many may go to, as with the numbers of rules. */
export function namedFloors(
  snapshot: Snapshot | undefined,
  freed: readonly FreedFloor[] | undefined,
): Pick<AccessEntry["body"], "floors" | "otherFloors"> {
  if (freed === undefined || freed.length === 0) return {};
  const named = freed
    .filter(({ decision }) => openReasons(snapshot, decision.reasons).some((reason) => "rule" in reason))
    .map(({ floor }) => floor.accessPointId);
  const others = freed.length - named.length;
  return {
    ...(named.length === 0 ? {} : { floors: named }),
    ...(others === 0 ? {} : { otherFloors: others }),
  };
}

function isNoRule({ reasons }: Decision): boolean {
  return reasons.some(({ code }) => code === "no-rule-for-access-point");
}

/** Which outputs release the buttons of these floors. */
export function outputsOf(freed: readonly FreedFloor[]): readonly number[] {
  return freed.map(({ floor }) => floor.output);
}
