import {
  type AccessPointId,
  CREDENTIAL_KINDS,
  type CredentialKind,
  type Grade,
  gradeRank,
  type Instant,
  type PinUse,
  pinUseOf,
  type ScheduleId,
  type WayIn,
  wayInOf,
} from "@menshen/domain";
import { openIntervals, resolveDays } from "./calendar.ts";
import {
  ALWAYS,
  complement,
  type IntervalSet,
  intersection,
  interval,
  NEVER,
  union,
  validityInterval,
} from "./intervals.ts";
import { zoneTransitions } from "./local-time.ts";
import { leadsThrough } from "./matching.ts";
import type { NumberedRule, Offer } from "./model.ts";
import type { ModelAccessPoint, ModelIndex } from "./model-index.ts";
import { remember } from "./remember.ts";

const DAY_MS = 86_400_000;

/** Kinds of way in by their bit in a mask. */
export const WAYS: readonly WayIn[] = ["card", "pin", "phone", "pass", "face"];
const PIN_WAY = WAYS.indexOf("pin");

/** A credential that a person can use: one they hold, for its time, or one that is theirs for the asking. */
export interface Usable extends Offer {
  readonly times: IntervalSet;
}

/** When a rule selects somebody. */
export interface Selected {
  readonly rule: NumberedRule;
  readonly times: IntervalSet;
}

/** For each way its times, in the order of `WAYS`. */
export type WayTimes = readonly IntervalSet[];

/** Answers by which ways somebody passes an access point, and when, within a period. */
export interface WayClock {
  readonly waysThrough: (
    accessPointId: AccessPointId,
    selected: readonly Selected[],
    held: readonly Usable[],
  ) => WayTimes;
}

/** `countCaps` false: as if no grade fell. */
export function makeWayClock(index: ModelIndex, at: Instant, until: Instant, countCaps: boolean): WayClock {
  const { model } = index;
  const period = interval(at, until);
  const transitions = zoneTransitions(model.timeZone, at, until).map(
    ({ since, offsetSeconds }) => [since, offsetSeconds] as const,
  );
  const caps = countCaps ? model.gradeCaps : [];
  const offers: readonly Usable[] = model.offers.map((offer) => ({ ...offer, times: ALWAYS }));

  const scheduleTimes = remember((id: ScheduleId): IntervalSet => {
    const schedule = index.schedules.get(id);
    if (schedule === undefined) return NEVER;
    const days = resolveDays(schedule, model.holidays, dayOf(at) - 1, dayOf(until) + 1);
    return openIntervals(days, transitions, at, until);
  });

  const ruleTimes = remember((rule: NumberedRule): IntervalSet => {
    const scheduled = rule.scheduleId === undefined ? ALWAYS : scheduleTimes(rule.scheduleId);
    return intersection(period, intersection(validityInterval(rule.validity), scheduled));
  });

  /** When openings by a kind that begins with `grade` meet `least`. */
  const gradeTimes = (kind: CredentialKind, grade: Grade, least: number): IntervalSet => {
    if (gradeRank(grade) > least) return NEVER;
    const falls = caps.filter((cap) => cap.kind === kind && gradeRank(cap.grade) > least);
    return interval(
      Number.NEGATIVE_INFINITY,
      Math.min(Number.POSITIVE_INFINITY, ...falls.map(({ from }) => from)),
    );
  };

  const waysBy = (rule: NumberedRule, accessPoint: ModelAccessPoint, usable: readonly Usable[]): WayTimes => {
    const least = Math.min(gradeRank(rule.minimumGrade), gradeRank(accessPoint.minimumGrade));
    const means = rule.means ?? CREDENTIAL_KINDS;
    const admitted = WAYS.map((way) =>
      union(
        usable
          .filter(({ kind }) => wayInOf(kind) === way && means.includes(kind))
          .map(({ kind, grade, times }) => intersection(times, gradeTimes(kind, grade, least))),
      ),
    );
    const had = WAYS.map((way) =>
      union(usable.filter(({ kind }) => wayInOf(kind) === way).map(({ times }) => times)),
    );
    return withoutLonePins(pinUseOf(accessPoint, model.outsideAreaId), admitted, had).map((times) =>
      intersection(ruleTimes(rule), times),
    );
  };

  // Most people differ only in when rules select them; what offers are worth under a rule is the same for all.
  const offeredBy = remember((accessPoint: ModelAccessPoint) =>
    remember((rule: NumberedRule): WayTimes => waysBy(rule, accessPoint, offers)),
  );

  const doorTimes = remember((accessPoint: ModelAccessPoint) => {
    const modes = model.modes.filter(({ portalId }) => portalId === accessPoint.portalId);
    const whenever = (applies: (mode: (typeof modes)[number]) => boolean) =>
      union(modes.filter(applies).map((mode) => interval(at, mode.until ?? Number.POSITIVE_INFINITY)));
    const shut = whenever(({ mode, lockdown }) => mode === "locked" || lockdown === 3);
    const guarded = whenever(({ lockdown }) => lockdown >= 2);
    const watched = whenever(({ mode, lockdown }) => mode === "locked" || lockdown >= 1);
    const heldOpen = whenever(({ mode }) => mode === "held-open");
    const unlockId = index.portals.get(accessPoint.portalId)?.unlockScheduleId;
    const unlocked = unlockId === undefined ? NEVER : scheduleTimes(unlockId);
    const passable = intersection(period, complement(shut));
    return {
      passable,
      passableUnlessGuarded: intersection(passable, complement(guarded)),
      free: intersection(period, intersection(union([heldOpen, unlocked]), complement(watched))),
    };
  });

  return {
    waysThrough(accessPointId, selected, held) {
      const accessPoint = index.accessPoints.get(accessPointId);
      if (accessPoint === undefined) return WAYS.map(() => NEVER);
      const { passable, passableUnlessGuarded, free } = doorTimes(accessPoint);
      const parts = selected
        .filter(({ rule }) => leadsThrough(rule, accessPoint))
        .flatMap(({ rule, times }) => {
          const open = rule.overridesLockdown === true ? passable : passableUnlessGuarded;
          const counted = intersection(times, open);
          const offered = offeredBy(accessPoint)(rule);
          // A PIN of one's own goes with a card that is offered, and the other way round.
          const own = held.length === 0 ? [] : [waysBy(rule, accessPoint, [...offers, ...held])];
          return [offered, ...own].map((ways) => ways.map((set) => intersection(counted, set)));
        });
      return WAYS.map((_, way) => union([free, ...parts.map((ways) => ways[way] ?? NEVER)]));
    },
  };
}

/**
 * What is left of ways where a PIN opens with another credential only, or nothing opens without a PIN: of two that open
 * together, the rule needs to admit one. A PIN is no way then.
 */
function withoutLonePins(use: PinUse, admitted: WayTimes, had: WayTimes): WayTimes {
  if (use === "alone") return admitted;
  const pinAdmitted = admitted[PIN_WAY] ?? NEVER;
  const pinHad = had[PIN_WAY] ?? NEVER;
  return admitted.map((times, way) => {
    if (way === PIN_WAY) return NEVER;
    const byItself = use === "second" ? times : intersection(times, pinHad);
    return union([byItself, intersection(pinAdmitted, had[way] ?? NEVER)]);
  });
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}
