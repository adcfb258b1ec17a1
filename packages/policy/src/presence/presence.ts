import type { AccessPointId, AreaId, GateId, Holder, PortalId } from "@menshen/domain";
import { PolicyError } from "../errors.ts";
import { MOST_HOLDERS, type MusterEntry, makePresenceBook, type RecordedMove } from "./book.ts";
import {
  type AdmittedTap,
  type Judgement,
  judgePresence,
  type PendingMove,
  type PresenceTap,
  type SiteView,
  type WaitingPerson,
} from "./judge.ts";
import type { DoorPlan } from "./plan.ts";
import type { PresenceDelta } from "./records.ts";
import { makeSiteClock } from "./site-clock.ts";

/** Escorts and double taps look back no further (`parseAreaRule`, `parsePortalRule`). */
const MOST_LOOK_BACK_MS = 60_000;
/** More taps in that time than a gate's readers can take. */
const MOST_REMEMBERED = 1_024;
const MOST_COUNTED = 100_000;

/** What a gate keeps over a restart. */
export interface SavedPresence {
  readonly aheadMs: number;
  readonly records: PresenceDelta;
}

export interface PresenceOptions {
  readonly gateId: GateId;
  readonly plan: DoorPlan;
  readonly nowMs: number;
  readonly saved?: SavedPresence;
  readonly mostHolders?: number;
}

/**
 * Where persons are, as one gate knows it, and its judgement by the door rules. Holds state and touches nothing else: what
 * it returns as a delta is for the other gates, what they send goes into `receive`.
 *
 * Every `nowMs` is the gate's steady clock in Unix milliseconds: its time at the start plus the monotonic time since, never
 * stepped. `docs/protocol/door-rules.md` is the specification.
 */
export interface Presence {
  readonly usePlan: (plan: DoorPlan) => void;
  /** Judges a person whom the access rules granted. Changes nothing. */
  readonly judge: (tap: PresenceTap, site: SiteView, nowMs: number) => Judgement;
  /**
   * Takes a judgement as done: moves that count at once are recorded, others wait until `untilMs` (local) for the door. To be
   * called before anything is awaited, so that two taps do not get the same last place.
   */
  readonly settle: (judgement: Judgement, untilMs: number, nowMs: number) => PresenceDelta;
  /** A move without a judgement: somebody known passed a door that stands unlocked. A double tap may begin with it. */
  readonly pass: (tap: PresenceTap, nowMs: number) => PresenceDelta;
  /** The door was seen to open: whoever was granted there has moved. */
  readonly opened: (portalId: PortalId, nowMs: number) => PresenceDelta;
  /** A sensor saw one person go through: of those who were granted there, the one who waited longest has moved. */
  readonly passed: (portalId: PortalId, nowMs: number) => PresenceDelta;
  /** Nobody knows any more where the person is: their next tap is their first. */
  readonly forgive: (holder: Holder, nowMs: number) => PresenceDelta;
  /** A guard's count. @throws {PolicyError} `invalid-count` unless 0 to 100,000 */
  readonly setCount: (areaId: AreaId, persons: number, nowMs: number) => PresenceDelta;
  /** The person is called `after` from now on, with the time of what is known of them. */
  readonly rename: (before: Holder, after: Holder, nowMs: number) => PresenceDelta;
  /** False if the sender's clock is too far ahead: nothing was taken, and the sender counts as silent. */
  readonly receive: (delta: PresenceDelta, nowMs: number) => boolean;
  /** Hears another gate's site time (heartbeat); false as for `receive`. */
  readonly hear: (siteMs: number, nowMs: number) => boolean;
  readonly siteMs: (nowMs: number) => number;
  /** Persons in an area and what it contains; undefined for an area without a rule. */
  readonly occupancy: (areaId: AreaId, nowMs: number) => number | undefined;
  readonly muster: (nowMs: number) => readonly MusterEntry[];
  /** Where a person is, if that is known. */
  readonly whereIs: (holder: Holder, nowMs: number) => AreaId | undefined;
  /** All records, to keep over a restart and for a gate that was away. */
  readonly saved: () => SavedPresence;
}

export function makePresence(options: PresenceOptions): Presence {
  const { gateId, saved, mostHolders = MOST_HOLDERS } = options;
  const clock = makeSiteClock(saved?.aheadMs ?? 0);
  const book = makePresenceBook(mostHolders);
  let plan = options.plan;
  let pending: readonly PendingMove[] = [];
  let waiting: readonly WaitingPerson[] = [];
  let admitted: readonly AdmittedTap[] = [];

  const receive = (delta: PresenceDelta, nowMs: number) => {
    const latest = [...delta.whereabouts, ...delta.corrections].reduce(
      (most, { atMs }) => Math.max(most, atMs),
      Number.NEGATIVE_INFINITY,
    );
    if (latest > Number.NEGATIVE_INFINITY && !clock.hear(latest, nowMs)) return false;
    book.record(delta, clock.at(nowMs), plan.presenceMs);
    return true;
  };
  if (saved !== undefined) receive(saved.records, options.nowMs);

  const stamp = (nowMs: number) => ({ atMs: clock.stamp(nowMs), gateId });
  const tell = (delta: PresenceDelta, nowMs: number) => {
    book.record(delta, clock.at(nowMs), plan.presenceMs);
    return delta;
  };
  const moveAll = (moves: readonly RecordedMove[], nowMs: number): PresenceDelta => {
    const deltas = moves.map((move) => book.move(plan, move, stamp(nowMs)));
    return {
      whereabouts: deltas.flatMap(({ whereabouts }) => whereabouts),
      corrections: deltas.flatMap(({ corrections }) => corrections),
    };
  };
  const remember = (tap: PresenceTap, siteMs: number) => {
    const recent = admitted.filter(({ atMs }) => siteMs - atMs <= MOST_LOOK_BACK_MS);
    admitted = [...recent, { tap, atMs: siteMs }].slice(-MOST_REMEMBERED);
  };
  const portalOf = (accessPointId: AccessPointId) => plan.places.get(accessPointId)?.accessPoint.portalId;
  const pend = (judgement: Judgement, untilMs: number) => {
    const portalId = portalOf(judgement.tap.accessPointId);
    if (portalId === undefined) return;
    const movers = new Set(judgement.moves.map(({ holder }) => holder));
    pending = [
      ...pending.filter(({ move }) => !movers.has(move.holder)),
      ...judgement.moves.map((move) => ({ portalId, move, untilMs })),
    ].slice(-MOST_REMEMBERED);
  };

  return {
    usePlan: (next) => {
      plan = next;
    },
    judge: (tap, site, nowMs) =>
      judgePresence({
        plan,
        book,
        memory: { pending, waiting, admitted },
        site,
        tap,
        siteMs: clock.at(nowMs),
        aheadMs: clock.aheadMs(),
      }),
    settle: (judgement, untilMs, nowMs) => {
      const { tap, verdict, moves } = judgement;
      const siteMs = clock.at(nowMs);
      pending = pending.filter((each) => siteMs < each.untilMs);
      if (verdict === "refuse") return NOTHING;
      const others = waiting.filter(
        ({ tap: first, untilMs: end }) =>
          siteMs <= end &&
          first.holder !== tap.holder &&
          !moves.some(({ holder }) => holder === first.holder),
      );
      if (judgement.waitUntilMs !== undefined) {
        waiting = [...others, { tap, untilMs: judgement.waitUntilMs }].slice(-MOST_REMEMBERED);
        return NOTHING;
      }
      waiting = others;
      if (judgement.doubleTap === undefined) remember(tap, siteMs);
      else admitted = admitted.filter(({ tap: before }) => before.holder !== tap.holder);
      if (judgement.confirm === "at-once") return moveAll(moves, nowMs);
      pend(judgement, untilMs + clock.aheadMs());
      return NOTHING;
    },
    pass: (tap, nowMs) => {
      const { accessPointId, holder, isStaff } = tap;
      remember(tap, clock.at(nowMs));
      const passage = plan.places.get(accessPointId);
      if (passage === undefined || passage.entered.length + passage.left.length === 0) return NOTHING;
      const { fromAreaId, toAreaId } = passage.accessPoint;
      return moveAll([{ holder, isStaff, fromAreaId, toAreaId }], nowMs);
    },
    opened: (portalId, nowMs) => {
      const siteMs = clock.at(nowMs);
      const through = pending.filter((each) => each.portalId === portalId && siteMs < each.untilMs);
      pending = pending.filter((each) => each.portalId !== portalId && siteMs < each.untilMs);
      return moveAll(
        through.map(({ move }) => move),
        nowMs,
      );
    },
    passed: (portalId, nowMs) => {
      const siteMs = clock.at(nowMs);
      pending = pending.filter(({ untilMs }) => siteMs < untilMs);
      const first = pending.find((each) => each.portalId === portalId);
      if (first === undefined) return NOTHING;
      pending = pending.filter((each) => each !== first);
      return moveAll([first.move], nowMs);
    },
    forgive: (holder, nowMs) => {
      pending = pending.filter(({ move }) => move.holder !== holder);
      const isStaff = book.of(holder)?.isStaff ?? false;
      return tell(
        { whereabouts: [{ holder, areaId: null, isStaff, ...stamp(nowMs) }], corrections: [] },
        nowMs,
      );
    },
    setCount: (areaId, persons, nowMs) => {
      if (!Number.isInteger(persons) || persons < 0 || persons > MOST_COUNTED) {
        throw new PolicyError("invalid-count", `count: expected 0 to ${MOST_COUNTED}, came \`${persons}\``);
      }
      return tell(
        { whereabouts: [], corrections: [{ areaId, persons, seenAgain: {}, ...stamp(nowMs) }] },
        nowMs,
      );
    },
    rename: (before, after, nowMs) => {
      const known = book.of(before);
      if (known === undefined || known.areaId === null) return NOTHING;
      return tell(
        {
          whereabouts: [
            { ...known, areaId: null },
            { ...known, holder: after },
          ],
          corrections: [],
        },
        nowMs,
      );
    },
    receive,
    hear: clock.hear,
    siteMs: clock.at,
    occupancy: (areaId, nowMs) => {
      const area = plan.areas.get(areaId);
      return area === undefined ? undefined : book.occupancy(plan, area, clock.at(nowMs));
    },
    muster: (nowMs) => book.muster(plan, clock.at(nowMs)),
    whereIs: (holder, nowMs) => book.locate(plan, holder, clock.at(nowMs))?.areaId,
    saved: () => ({ aheadMs: clock.aheadMs(), records: book.all() }),
  };
}

const NOTHING: PresenceDelta = { whereabouts: [], corrections: [] };
