import type { Timers } from "@menshen/osdp";
import type { Random } from "../random.ts";
import { type Happening, isPresentation } from "./world.ts";

/**
 * Lets planned days happen one presentation after the other, at a pace that has nothing to do with the simulated hour:
 * nights pass unseen, and a screen is never empty.
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
  let queue: readonly Happening[] = planDay(moment.day).filter(({ minute }) => minute >= moment.minute);
  let cancel: (() => void) | undefined;
  let stopped = false;
  let dueMs = options.firstAfterMs;

  /** Takes everything up to and with the next presentation; empty only if whole days pass without one. */
  const take = (): readonly Happening[] => {
    for (let days = 0; days < 8; days++) {
      const index = queue.findIndex(isPresentation);
      if (index >= 0) {
        const taken = queue.slice(0, index + 1);
        queue = queue.slice(index + 1);
        return taken;
      }
      moment = { day: moment.day + 1, minute: 0 };
      queue = [...queue, ...planDay(moment.day)];
    }
    return [];
  };
  const step = () => {
    if (stopped) return;
    dueMs = undefined;
    const happenings = take();
    const last = happenings.at(-1);
    if (last !== undefined) moment = { day: moment.day, minute: last.minute };
    for (const happening of happenings) act(happening);
    arrange();
  };
  const arrange = () => {
    cancel?.();
    cancel = undefined;
    if (stopped || perMinute <= 0) return;
    // Exponential gaps: people do not come by the metronome.
    const meanMs = 60_000 / perMinute;
    const gapMs = dueMs ?? Math.min(meanMs * 4, -Math.log(1 - random.next()) * meanMs);
    cancel = timers.set(Math.max(SHORTEST_GAP_MS, gapMs), step);
  };
  arrange();
  return {
    setPace(next) {
      perMinute = Math.max(0, next);
      arrange();
    },
    get perMinute() {
      return perMinute;
    },
    get moment() {
      return moment;
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
