import {
  type AccessPointId,
  type GateId,
  type Holder,
  Instant,
  type PortalId,
  type Reason,
} from "@menshen/domain";
import type { PresenceBook, RecordedMove } from "./book.ts";
import type { DoorPlan, Passage, RuledArea } from "./plan.ts";

/** Where a second person is awaited without a portal's own rule: as long as this. */
export const SECOND_PERSON_MS = 15_000;

/** A person who was granted at a reader. */
export interface PresenceTap {
  readonly accessPointId: AccessPointId;
  readonly holder: Holder;
  readonly isStaff: boolean;
  readonly needsEscort: boolean;
}

/** What the judge is told of the site at this moment. */
export interface SiteView {
  /** This gate. */
  readonly gateId: GateId;
  /** Gates not heard for so long that what they know may be missing. */
  readonly silentGates: ReadonlySet<GateId>;
  /** Whether a portal of this gate is closed and locked, with no grant under way. */
  readonly isSecure: (portalId: PortalId) => boolean;
}

/** What a gate remembers by itself of the last moments; times are site times. */
export interface DoorMemory {
  /** Granted, and the door not yet seen open. */
  readonly pending: readonly PendingMove[];
  /** First persons of two. */
  readonly waiting: readonly WaitingPerson[];
  /** Who was admitted lately, for escorts and double taps. */
  readonly admitted: readonly AdmittedTap[];
}

export interface PendingMove {
  readonly portalId: PortalId;
  readonly move: RecordedMove;
  readonly untilMs: number;
}

export interface WaitingPerson {
  readonly tap: PresenceTap;
  readonly untilMs: number;
}

export interface AdmittedTap {
  readonly tap: PresenceTap;
  readonly atMs: number;
}

/**
 * What the door rules say to a person who was granted. `reasons` stand behind those of the decision: refusals and what is
 * waited for, or marks beside a grant; empty for a plain `admit`.
 */
export interface Judgement {
  readonly verdict: "admit" | "admit-marked" | "refuse" | "wait-for-second";
  readonly reasons: readonly Reason[];
  readonly tap: PresenceTap;
  /** Who moves if the door opens: this person, and the first of two. */
  readonly moves: readonly RecordedMove[];
  /** How many go through: two of a two-person rule, nobody who is refused or waits. */
  readonly persons: number;
  /** When the moves count: with the grant, or once the door is seen open. */
  readonly confirm: "at-once" | "when-opened";
  /** A double tap: the door is to be held open for so long, or let go if a double tap holds it already. */
  readonly doubleTap?: { readonly forMs: number };
  /** Of `wait-for-second`: site time. */
  readonly waitUntilMs?: number;
}

export interface JudgeInput {
  readonly plan: DoorPlan;
  readonly book: PresenceBook;
  readonly memory: DoorMemory;
  readonly site: SiteView;
  readonly tap: PresenceTap;
  /** Site time, and how far it is ahead of the local clock that reasons are told in. */
  readonly siteMs: number;
  readonly aheadMs: number;
}

/**
 * Judges a person whom the access rules grant, by the rules of areas and portals. Pure and total. Not asked where the door
 * stands unlocked (schedule, held open, fire release). In this order: interlock; a double tap; whoever is on the way out
 * passes; escort; per area what is known while all its gates are heard; at last the second person.
 */
export function judgePresence(input: JudgeInput): Judgement {
  const { plan, tap } = input;
  const passage = plan.places.get(tap.accessPointId);
  if (passage === undefined) {
    return { verdict: "admit", reasons: [], tap, moves: [], persons: 1, confirm: "at-once" };
  }
  if (isInterlocked(input, passage)) return refused(tap, [{ code: "interlock" }]);
  const doubleTap = doubleTapOf(input, passage);
  if (doubleTap !== undefined) return { ...admitted(passage, tap, [], [tap]), moves: [], doubleTap };
  if (passage.isOutward) return admitted(passage, tap, leavingMarks(input, passage), [tap]);
  if (lacksEscort(input, passage)) return refused(tap, [{ code: "escort-missing" }]);
  return judgeEntry(input, passage);
}

function judgeEntry(input: JudgeInput, passage: Passage): Judgement {
  const { tap } = input;
  const views = passage.entered.map((area) => viewOf(input, area));
  const first = firstOfTwo(input);
  const needsTwo =
    passage.portal?.twoPersonRule !== undefined || views.some((view) => view.isOnlyForTwo && !view.isApart);
  const joining = needsTwo ? 2 : 1;
  const refusals: Reason[] = [];
  const marks: Reason[] = [];
  for (const view of views) {
    const { rule } = view.area;
    if (view.isApart && rule.whenApart === "refuse" && needsToKnow(view.area)) {
      refusals.push({ code: "gates-apart" });
      continue;
    }
    const found = entryReasons(input, view, joining);
    if (view.isApart) {
      marks.push(...found.refusals.map(waived));
      if (view.isOnlyForTwo && !needsTwo) marks.push({ code: "door-rule-waived", waived: "two-persons" });
    } else refusals.push(...found.refusals);
    marks.push(...found.marks);
  }
  if (refusals.length > 0) return refused(tap, once(refusals));
  if (!needsTwo) return admitted(passage, tap, once(marks), [tap]);
  if (first !== undefined) return admitted(passage, tap, once(marks), [first.tap, tap]);
  const waitUntilMs = input.siteMs + (passage.portal?.twoPersonRule?.withinMs ?? SECOND_PERSON_MS);
  return {
    verdict: "wait-for-second",
    reasons: [{ code: "second-person-awaited", until: localTime(input, waitUntilMs) }],
    tap,
    moves: [],
    persons: 0,
    confirm: "at-once",
    waitUntilMs,
  };
}

/** What is known of an area for a person who is about to enter it. */
interface AreaView {
  readonly area: RuledArea;
  /** A gate at its edge is not heard: who is inside is not known for sure. */
  readonly isApart: boolean;
  /** When the person was last seen inside; undefined if they do not count as inside. */
  readonly insideSinceMs?: number;
  /** Persons inside and about to be, this one left out. */
  readonly others: number;
  readonly isOnlyForTwo: boolean;
}

function viewOf(input: JudgeInput, area: RuledArea): AreaView {
  const { plan, book, site, tap, siteMs } = input;
  const { rule, contains, gates } = area;
  const place = book.locate(plan, tap.holder, siteMs);
  const isInside = place !== undefined && contains.has(place.areaId);
  const asksCount = rule.occupancyLimit !== undefined || rule.minimumPersons !== undefined;
  const others = asksCount
    ? book.occupancy(plan, area, siteMs) - (isInside ? 1 : 0) + enteringOthers(input, area)
    : 0;
  return {
    area,
    isApart: [...gates].some((gate) => gate !== site.gateId && site.silentGates.has(gate)),
    ...(isInside ? { insideSinceMs: place.atMs } : {}),
    others,
    isOnlyForTwo: rule.minimumPersons !== undefined && others === 0,
  };
}

/** Others granted who will be inside once the door opens. */
function enteringOthers({ plan, book, memory, tap, siteMs }: JudgeInput, { contains }: RuledArea): number {
  const holders = new Set<Holder>();
  for (const { move, untilMs } of memory.pending) {
    if (untilMs <= siteMs || move.holder === tap.holder || !contains.has(move.toAreaId)) continue;
    const place = book.locate(plan, move.holder, siteMs);
    if (place === undefined || !contains.has(place.areaId)) holders.add(move.holder);
  }
  return holders.size;
}

function entryReasons(
  input: JudgeInput,
  { area, insideSinceMs, others }: AreaView,
  joining: number,
): { readonly refusals: readonly Reason[]; readonly marks: readonly Reason[] } {
  const { plan, book, tap, siteMs } = input;
  const { rule } = area;
  const refusals: Reason[] = [];
  const marks: Reason[] = [];
  if (insideSinceMs !== undefined) {
    const untilMs = insideSinceMs + (rule.timedMs ?? plan.presenceMs);
    if (rule.antiPassback === "soft") marks.push({ code: "anti-passback-noted" });
    if (rule.antiPassback === "hard" || (rule.antiPassback === "timed" && siteMs < untilMs)) {
      refusals.push({ code: "anti-passback", kind: rule.antiPassback, until: localTime(input, untilMs) });
    }
  }
  if (rule.occupancyLimit !== undefined && others + joining > rule.occupancyLimit) {
    refusals.push({ code: "area-full", limit: rule.occupancyLimit });
  }
  if (rule.firstPersonIn === "staff" && !tap.isStaff && !book.hasStaff(plan, area, siteMs)) {
    refusals.push({ code: "first-person-missing" });
  }
  return { refusals, marks };
}

function needsToKnow({ rule }: RuledArea): boolean {
  return (
    rule.antiPassback === "hard" ||
    rule.antiPassback === "timed" ||
    rule.occupancyLimit !== undefined ||
    rule.firstPersonIn !== undefined ||
    rule.minimumPersons !== undefined
  );
}

/** The mark that a rule was not held since gates are apart. */
function waived(reason: Reason): Reason {
  switch (reason.code) {
    case "area-full":
      return { code: "door-rule-waived", waived: "area-full" };
    case "first-person-missing":
      return { code: "door-rule-waived", waived: "first-person" };
    default:
      return { code: "door-rule-waived", waived: "anti-passback" };
  }
}

/** Whoever leaves is noted where they did not count as inside, and where they leave one person alone. */
function leavingMarks({ plan, book, tap, siteMs }: JudgeInput, { left }: Passage): readonly Reason[] {
  const place = book.locate(plan, tap.holder, siteMs);
  const marks: Reason[] = [];
  for (const area of left) {
    const isInside = place !== undefined && area.contains.has(place.areaId);
    if (place !== undefined && !isInside && area.rule.antiPassback !== "off") {
      marks.push({ code: "anti-passback-noted" });
    }
    if (area.rule.minimumPersons === undefined) continue;
    const staying = book.occupancy(plan, area, siteMs) - (isInside ? 1 : 0);
    if (staying === 1) marks.push({ code: "person-left-alone" });
  }
  return once(marks);
}

function isInterlocked({ plan, site }: JudgeInput, { portal }: Passage): boolean {
  if (portal?.interlockGroup === undefined) return false;
  const group = plan.interlocks.get(portal.interlockGroup) ?? [];
  return group.some((other) => other !== portal.portalId && !site.isSecure(other));
}

/** What a second tap of the same member of staff asks for; undefined if this is none. */
function doubleTapOf({ memory, tap, siteMs }: JudgeInput, { portal }: Passage): Judgement["doubleTap"] {
  const hold = portal?.doubleTapHold;
  if (hold === undefined || !tap.isStaff) return undefined;
  const isSecond = memory.admitted.some(
    ({ tap: before, atMs }) =>
      before.holder === tap.holder &&
      before.accessPointId === tap.accessPointId &&
      siteMs - atMs <= hold.withinMs,
  );
  return isSecond ? { forMs: hold.forMs } : undefined;
}

function lacksEscort({ memory, tap, siteMs }: JudgeInput, { entered }: Passage): boolean {
  if (!tap.needsEscort) return false;
  return entered.some(({ rule }) => {
    const { escort } = rule;
    if (escort === undefined) return false;
    return !memory.admitted.some(
      (before) =>
        before.tap.accessPointId === tap.accessPointId &&
        !before.tap.needsEscort &&
        siteMs - before.atMs <= escort.withinMs,
    );
  });
}

/** Another person who waits at the same reader. */
function firstOfTwo({ memory, tap, siteMs }: JudgeInput): WaitingPerson | undefined {
  return memory.waiting.find(
    ({ tap: first, untilMs }) =>
      first.accessPointId === tap.accessPointId && first.holder !== tap.holder && siteMs <= untilMs,
  );
}

function refused(tap: PresenceTap, reasons: readonly Reason[]): Judgement {
  return { verdict: "refuse", reasons, tap, moves: [], persons: 0, confirm: "at-once" };
}

function admitted(
  passage: Passage,
  tap: PresenceTap,
  marks: readonly Reason[],
  movers: readonly PresenceTap[],
): Judgement {
  const { accessPoint, entered, left, portal } = passage;
  const crossed = [...entered, ...left];
  const isConfirmed = portal?.turnstile !== undefined || crossed.some(({ rule }) => rule.countsOnlyConfirmed);
  return {
    verdict: marks.length === 0 ? "admit" : "admit-marked",
    reasons: marks,
    tap,
    // Who crosses no edge of an area with a rule is nobody's business.
    moves:
      crossed.length === 0
        ? []
        : movers.map(({ holder, isStaff }) => ({
            holder,
            isStaff,
            fromAreaId: accessPoint.fromAreaId,
            toAreaId: accessPoint.toAreaId,
          })),
    persons: movers.length,
    confirm: isConfirmed ? "when-opened" : "at-once",
  };
}

/** Reasons without repetition, as several areas may give the same. */
function once(reasons: readonly Reason[]): readonly Reason[] {
  const texts = reasons.map((reason) => JSON.stringify(reason));
  return reasons.filter((_, index) => texts.indexOf(texts[index] ?? "") === index);
}

function localTime({ aheadMs }: JudgeInput, siteMs: number): Instant {
  return Instant(siteMs - aheadMs);
}
