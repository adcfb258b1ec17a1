import type { Random } from "../random.ts";
import type { Habit } from "./world.ts";

/** Out of the home at `outMinute` and back at `backMinute` of one day; either may be absent. */
export interface Errand {
  readonly outMinute?: number;
  readonly backMinute?: number;
  /** Others of the household may come along. */
  readonly together?: boolean;
}

const at = (hours: number, minutes = 0) => hours * 60 + minutes;

/**
 * What takes somebody through the doors on one day. For staff, "out" is the end of work and "back" its beginning: the
 * community is their place of work.
 *
 * @param weekday 1 Monday to 7 Sunday
 */
export function errandsOf(habit: Habit, weekday: number, random: Random): Errand[] {
  const workday = weekday <= 5;
  switch (habit) {
    case "office":
      return workday ? [span(random, at(7, 50), 25, at(18, 40), 45)] : freeDay(random);
    case "shift":
      // Early shift on the first half of the week, night shift on the second.
      return weekday <= 3 ? [span(random, at(5, 40), 10, at(15), 20)] : [nightShift(random)];
    case "pupil":
      return workday ? schoolDay(random) : freeDay(random);
    case "retired":
      return retiredDay(random);
    case "home":
      return maybe(random, 0.8, () => span(random, at(10), 60, at(11, 20), 60)).concat(
        maybe(random, 0.5, () => span(random, at(15), 60, at(17), 60)),
      );
    case "helper":
      return [span(random, at(8, 50), 20, at(10, 10), 20)].concat(
        maybe(random, 0.6, () => span(random, at(16, 5), 8, at(16, 55), 10)),
      );
    case "cleaner":
      return weekday === 7 ? [] : [{ backMinute: random.around(at(6, 45), 8) }];
    case "guard":
      return [
        { backMinute: random.chance(0.5) ? random.around(at(6, 50), 5) : random.around(at(18, 50), 5) },
      ];
    case "manager":
      return workday
        ? [{ backMinute: random.around(at(8, 40), 10), outMinute: random.around(at(17, 45), 20) }]
        : [];
  }
}

function span(random: Random, out: number, outSpread: number, back: number, backSpread: number): Errand {
  const outMinute = clamp(random.around(out, outSpread));
  return { outMinute, backMinute: clamp(Math.max(outMinute + 12, random.around(back, backSpread))) };
}

function nightShift(random: Random): Errand {
  return { backMinute: clamp(random.around(at(7, 30), 15)), outMinute: clamp(random.around(at(21, 10), 15)) };
}

function schoolDay(random: Random): Errand[] {
  const day = span(random, at(7, 20), 7, at(16, 40), 15);
  return [day, ...maybe(random, 0.3, () => span(random, at(17, 30), 15, at(19), 25))];
}

function retiredDay(random: Random): Errand[] {
  return [
    ...maybe(random, 0.7, () => span(random, at(6, 10), 15, at(7, 5), 15)),
    ...maybe(random, 0.6, () => span(random, at(9, 10), 25, at(10, 15), 25)),
    ...maybe(random, 0.5, () => span(random, at(19), 12, at(20, 25), 12)),
  ];
}

function freeDay(random: Random): Errand[] {
  return maybe(random, 0.75, () => ({ ...span(random, at(10, 30), 90, at(16), 120), together: true }));
}

function maybe(random: Random, probability: number, make: () => Errand): Errand[] {
  return random.chance(probability) ? [make()] : [];
}

function clamp(minute: number): number {
  return Math.min(1_435, Math.max(1, minute));
}
