import type { Timers } from "@menshen/osdp";
import type { Random } from "../random.ts";
import { type Happening, isPresentation } from "./world.ts";

/**
 * Lets planned days happen one presentation after the other, at a pace that has nothing to do with the simulated hour:
 * nights pass unseen, and a screen is never empty. Who leaves between two presentations does so at a moment of their
 * own; where many leave at once they follow one another, so that no door stands open for the rush alone.
 */
export interface Life {
  /** Presentations per minute of the time of `timers`, on average; 0 pauses. */
  setPace(perMinute: number): void;
  readonly perMinute: number;
  /** Where the simulated days are: number of the day and minute within it. */
  readonly moment: { readonly day: number; readonly minute: number };
  stop(): void;
}

/** No two presentations come closer than this, however lively the pace. */
const SHORTEST_GAP_MS = 40;
/** A door that somebody went through has shut again after this, so that the next who leaves opens it anew. */
const DOOR_USE_MS = 6_000;
const COMPANION_MS = 1_500;
/** In a rush those who leave follow each other at most so many times as fast as cards come. */
const LEAVING_FASTER = 2;
/** Whoever comes to leave behind so many walks out with the others, unseen. */
const MAX_LEAVING = 200;
const DAY_MINUTES = 1_440;

/** Happenings up to and with the next presentation; without one if whole days pass without. */
interface Stretch {
  readonly leaving: readonly { readonly happening: Happening; readonly absoluteMinute: number }[];
  readonly presentation?: Happening;
  readonly end: { readonly day: number; readonly minute: number };
}

export function startLife(options: {
  readonly timers: Timers;
  readonly random: Random;
  /** The day's happenings in order of time. */
  readonly planDay: (day: number) => readonly Happening[];
  readonly act: (happening: Happening) => void;
  readonly perMinute: number;
  readonly start: { readonly day: number; readonly minute: number };
  /** When the first presentation comes; by chance like the others if absent. */
  readonly firstAfterMs?: number;
}): Life {
  const { timers, random, planDay, act } = options;
  let { perMinute } = options;
  let moment = options.start;
  let planned: { readonly day: number; readonly rest: readonly Happening[] } = {
    day: moment.day,
    rest: planDay(moment.day).filter(({ minute }) => minute >= moment.minute),
  };
  let next: Stretch | undefined;
  let leaving: { readonly happening: Happening; readonly dueMs: number }[] = [];
  let leftAtMs = Number.NEGATIVE_INFINITY;
  const doorFreeAtMs = new Map<string, number>();
  let cancelNext: (() => void) | undefined;
  let cancelLeaving: (() => void) | undefined;
  let stopped = false;
  let dueMs = options.firstAfterMs;

  const take = (): Stretch => {
    const taken: { happening: Happening; absoluteMinute: number }[] = [];
    for (let days = 0; days < 8; days++) {
      const { day, rest } = planned;
      const index = rest.findIndex(isPresentation);
      const before = index < 0 ? rest : rest.slice(0, index);
      for (const happening of before) {
        taken.push({ happening, absoluteMinute: day * DAY_MINUTES + happening.minute });
      }
      const presentation = rest[index];
      if (presentation !== undefined) {
        planned = { day, rest: rest.slice(index + 1) };
        return { leaving: taken, presentation, end: { day, minute: presentation.minute } };
      }
      planned = { day: day + 1, rest: planDay(day + 1) };
    }
    return { leaving: taken, end: { day: planned.day, minute: 0 } };
  };
  const happen = (happening: Happening) => {
    const holdMs = "holdMs" in happening ? happening.holdMs : 0;
    const behindMs = happening.kind === "card" ? happening.companions * COMPANION_MS : 0;
    const freeAtMs = timers.now() + DOOR_USE_MS + holdMs + behindMs;
    doorFreeAtMs.set(happening.door, Math.max(doorFreeAtMs.get(happening.door) ?? 0, freeAtMs));
    act(happening);
  };
  /** When this one can leave: not before their own moment, and by a door that has shut behind the one before. */
  const mayLeaveAtMs = (one: (typeof leaving)[number]) =>
    Math.max(
      one.dueMs,
      doorFreeAtMs.get(one.happening.door) ?? 0,
      leftAtMs + 60_000 / (perMinute * LEAVING_FASTER),
    );
  const arrangeLeaving = () => {
    cancelLeaving?.();
    cancelLeaving = undefined;
    if (stopped || perMinute <= 0 || leaving.length === 0) return;
    const first = leaving.reduce((best, one) => (mayLeaveAtMs(one) < mayLeaveAtMs(best) ? one : best));
    cancelLeaving = timers.set(Math.max(0, mayLeaveAtMs(first) - timers.now()), () => {
      // A card was shown at the door meanwhile: they wait a little longer.
      if (mayLeaveAtMs(first) <= timers.now()) {
        leaving = leaving.filter((one) => one !== first);
        leftAtMs = timers.now();
        happen(first.happening);
      }
      arrangeLeaving();
    });
  };
  const step = () => {
    if (stopped) return;
    dueMs = undefined;
    if (next !== undefined) moment = next.end;
    const presentation = next?.presentation;
    next = undefined;
    if (presentation !== undefined) happen(presentation);
    arrange();
  };
  const arrange = () => {
    cancelNext?.();
    cancelNext = undefined;
    if (stopped || perMinute <= 0) return;
    // Exponential gaps: people do not come by the metronome.
    const meanMs = 60_000 / perMinute;
    const chanceMs = dueMs ?? Math.min(meanMs * 4, -Math.log(1 - random.next()) * meanMs);
    const gapMs = Math.max(SHORTEST_GAP_MS, chanceMs);
    if (next === undefined) {
      next = take();
      // Each at their own moment: the gap stands for the simulated time that passes in it.
      const from = moment.day * DAY_MINUTES + moment.minute;
      const length = Math.max(1e-9, next.end.day * DAY_MINUTES + next.end.minute - from);
      for (const { happening, absoluteMinute } of next.leaving) {
        if (leaving.length >= MAX_LEAVING) break;
        const share = Math.min(1, Math.max(0, (absoluteMinute - from) / length));
        leaving.push({ happening, dueMs: timers.now() + share * gapMs });
      }
    }
    arrangeLeaving();
    cancelNext = timers.set(gapMs, step);
  };
  arrange();
  return {
    setPace(wanted) {
      perMinute = Math.max(0, wanted);
      arrange();
      arrangeLeaving();
    },
    get perMinute() {
      return perMinute;
    },
    get moment() {
      return moment;
    },
    stop() {
      stopped = true;
      cancelNext?.();
      cancelLeaving?.();
    },
  };
}
