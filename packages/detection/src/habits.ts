import { type Card, HOUR_BINS, KEPT_POINTS, NO_POINT } from "./card-row.ts";
import type { Population } from "./population.ts";
import { withBucket } from "./rules.ts";

/** A credential's own habits count from so many taps on. */
const TAPS_BEFORE_HABITS = 20;
const NIBBLE = 15;
/** How many taps the habits of all weigh beside one's own. */
const HOUR_PRIOR = 3;
const POINT_PRIOR = 2;
/** Ratios, all against own, between which hours and doors count as unusual and as rare: natural logs 0.4 and 1.4. */
const UNUSUAL = Math.exp(0.4);
const RARE = Math.exp(1.4);
const DAYS_BEFORE_VOLUME = 5;
const MEAN_SCALE = 256;

/** Where and when a tap was: 1 on weekends, the local hour, the number of the access point. */
export interface Place {
  isWeekend: number;
  hour: number;
  point: number;
}

/** R9 and R10: raises today's buckets by how unlike the credential's own days this hour and this door are. */
export function judgeHabit(
  card: Card,
  today: number,
  place: Readonly<Place>,
  population: Population,
): number {
  if (card.taps < TAPS_BEFORE_HABITS) return today;
  const hour = hourLevel(card, place, population);
  const point = pointLevel(card, place.point, population);
  return raise(raise(today, "R9", hour), "R10", point);
}

// Levels are what leaves a function here, not shares: a fraction that does is allocated.
function levelOf(ratio: number): number {
  return ratio < UNUSUAL ? 1 : ratio < RARE ? 2 : 3;
}

function raise(today: number, rule: "R9" | "R10", bucket: number): number {
  const shift = rule === "R9" ? 10 : 12;
  return bucket > ((today >>> shift) & 3) ? withBucket(today, rule, bucket) : today;
}

function hourLevel(card: Card, { isWeekend, hour }: Readonly<Place>, population: Population): number {
  const shift = isWeekend * 4;
  let sum = 0;
  // Four bins at once; four counts of 15 fit in a byte.
  for (let quarter = 0; quarter < HOUR_BINS / 4; quarter++) {
    const counts = (card.fourHours(quarter) >>> shift) & 0x0f0f0f0f;
    sum += Math.imul(counts, 0x01010101) >>> 24;
  }
  const at = (card.hour(hour) >>> shift) & NIBBLE;
  const before = (card.hour(hour === 0 ? HOUR_BINS - 1 : hour - 1) >>> shift) & NIBBLE;
  const after = (card.hour(hour === HOUR_BINS - 1 ? 0 : hour + 1) >>> shift) & NIBBLE;
  // An hour earlier or later is nearly the same habit.
  const own = at * 0.6 + before * 0.2 + after * 0.2;
  const all = population.hourShare(isWeekend, hour);
  return levelOf(all / ((own + HOUR_PRIOR * all) / (sum + HOUR_PRIOR)));
}

function pointLevel(card: Card, point: number, population: Population): number {
  let own = 0;
  let sum = 0;
  for (let place = 0; place < KEPT_POINTS; place++) {
    const taps = card.pointTaps(place);
    sum += taps;
    if (card.point(place) === point) own = taps;
  }
  const all = population.pointShare(point);
  return levelOf(all / ((own + POINT_PRIOR * all) / (sum + POINT_PRIOR)));
}

/** Learns hour and door of a tap; counts are halved together when one is full, so that old habits fade. */
export function learnHabit(card: Card, place: Readonly<Place>): void {
  const shift = place.isWeekend * 4;
  if (((card.hour(place.hour) >>> shift) & NIBBLE) === NIBBLE) {
    for (let hour = 0; hour < HOUR_BINS; hour++) {
      const both = card.hour(hour);
      const half = ((both >>> shift) & NIBBLE) >>> 1;
      card.setHour(hour, (both & ~(NIBBLE << shift)) | (half << shift));
    }
  }
  card.setHour(place.hour, card.hour(place.hour) + (1 << shift));
  learnPoint(card, place.point);
  if (card.taps < 0xffff) card.taps = card.taps + 1;
}

/** Keeps the doors used most (Space-Saving, without its error counts): a new one takes the place of the least used. */
function learnPoint(card: Card, point: number): void {
  let least = 0;
  for (let place = 0; place < KEPT_POINTS; place++) {
    const own = card.point(place);
    if (own === point || own === NO_POINT) {
      card.setPoint(place, point);
      if (card.pointTaps(place) === 0xff) {
        for (let one = 0; one < KEPT_POINTS; one++) card.setPointTaps(one, card.pointTaps(one) >>> 1);
      }
      card.setPointTaps(place, card.pointTaps(place) + 1);
      return;
    }
    if (card.pointTaps(place) < card.pointTaps(least)) least = place;
  }
  card.setPoint(least, point);
  card.setPointTaps(least, 1);
}

/** R8: today's bucket by the number of taps, beside the mean of other days. */
export function judgeVolume(card: Card, today: number): number {
  if (card.activeDays < DAYS_BEFORE_VOLUME) return today;
  const mean = card.meanTaps / MEAN_SCALE;
  if (card.todayTaps <= mean) return withBucket(today, "R8", 1);
  const above = (card.todayTaps - mean) / Math.sqrt(mean + 0.5);
  return withBucket(today, "R8", above < 2 ? 1 : above < 3.5 ? 2 : 3);
}

/** Learns how many taps a day had that is over. */
export function learnVolume(card: Card): void {
  const days = card.activeDays;
  const taps = card.todayTaps * MEAN_SCALE;
  const mean = card.meanTaps;
  const share = 1 / Math.min(20, days + 1);
  card.meanTaps = Math.min(0xffff, Math.round(mean + (taps - mean) * share));
  if (days < 0xff) card.activeDays = days + 1;
}
