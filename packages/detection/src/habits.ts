import { type Chunk, HOUR_BINS, KEPT_POINTS, NO_POINT } from "./credential-table.ts";
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
  chunk: Chunk,
  offset: number,
  today: number,
  place: Readonly<Place>,
  population: Population,
): number {
  if ((chunk.taps[offset] ?? 0) < TAPS_BEFORE_HABITS) return today;
  const hourRatio =
    population.hourShare(place.isWeekend, place.hour) /
    ownHourShare(chunk, offset, place.isWeekend, place.hour, population);
  const pointRatio =
    population.pointShare(place.point) / ownPointShare(chunk, offset, place.point, population);
  return raise(raise(today, "R9", levelOf(hourRatio)), "R10", levelOf(pointRatio));
}

function levelOf(ratio: number): number {
  return ratio < UNUSUAL ? 1 : ratio < RARE ? 2 : 3;
}

function raise(today: number, rule: "R9" | "R10", bucket: number): number {
  const shift = rule === "R9" ? 10 : 12;
  return bucket > ((today >>> shift) & 3) ? withBucket(today, rule, bucket) : today;
}

function ownHourShare(
  chunk: Chunk,
  offset: number,
  isWeekend: number,
  hour: number,
  population: Population,
): number {
  const base = offset * HOUR_BINS;
  const shift = isWeekend * 4;
  let sum = 0;
  // Four bins at once; four counts of 15 fit in a byte.
  for (let word = base >>> 2; word < (base + HOUR_BINS) >>> 2; word++) {
    const counts = ((chunk.hourWords[word] ?? 0) >>> shift) & 0x0f0f0f0f;
    sum += Math.imul(counts, 0x01010101) >>> 24;
  }
  const at = ((chunk.hours[base + hour] ?? 0) >>> shift) & NIBBLE;
  const before = ((chunk.hours[base + (hour === 0 ? HOUR_BINS - 1 : hour - 1)] ?? 0) >>> shift) & NIBBLE;
  const after = ((chunk.hours[base + (hour === HOUR_BINS - 1 ? 0 : hour + 1)] ?? 0) >>> shift) & NIBBLE;
  // An hour earlier or later is nearly the same habit.
  const own = at * 0.6 + before * 0.2 + after * 0.2;
  return (own + HOUR_PRIOR * population.hourShare(isWeekend, hour)) / (sum + HOUR_PRIOR);
}

function ownPointShare(chunk: Chunk, offset: number, point: number, population: Population): number {
  const base = offset * KEPT_POINTS;
  let own = 0;
  let sum = 0;
  for (let place = base; place < base + KEPT_POINTS; place++) {
    const taps = chunk.pointTaps[place] ?? 0;
    sum += taps;
    if (chunk.points[place] === point) own = taps;
  }
  return (own + POINT_PRIOR * population.pointShare(point)) / (sum + POINT_PRIOR);
}

/** Learns hour and door of a tap; counts are halved together when one is full, so that old habits fade. */
export function learnHabit(chunk: Chunk, offset: number, place: Readonly<Place>): void {
  const base = offset * HOUR_BINS;
  const shift = place.isWeekend * 4;
  const bin = base + place.hour;
  const kept = chunk.hours[bin] ?? 0;
  if (((kept >>> shift) & NIBBLE) === NIBBLE) {
    for (let one = base; one < base + HOUR_BINS; one++) {
      const both = chunk.hours[one] ?? 0;
      const half = ((both >>> shift) & NIBBLE) >>> 1;
      chunk.hours[one] = (both & ~(NIBBLE << shift)) | (half << shift);
    }
  }
  chunk.hours[bin] = (chunk.hours[bin] ?? 0) + (1 << shift);
  learnPoint(chunk, offset * KEPT_POINTS, place.point);
  if ((chunk.taps[offset] ?? 0) < 0xffff) chunk.taps[offset] = (chunk.taps[offset] ?? 0) + 1;
}

/** Keeps the doors used most (Space-Saving, without its error counts): a new one takes the place of the least used. */
function learnPoint(chunk: Chunk, base: number, point: number): void {
  let least = base;
  for (let place = base; place < base + KEPT_POINTS; place++) {
    const own = chunk.points[place];
    if (own === point || own === NO_POINT) {
      chunk.points[place] = point;
      if ((chunk.pointTaps[place] ?? 0) === 0xff) {
        for (let one = base; one < base + KEPT_POINTS; one++) {
          chunk.pointTaps[one] = (chunk.pointTaps[one] ?? 0) >>> 1;
        }
      }
      chunk.pointTaps[place] = (chunk.pointTaps[place] ?? 0) + 1;
      return;
    }
    if ((chunk.pointTaps[place] ?? 0) < (chunk.pointTaps[least] ?? 0)) least = place;
  }
  chunk.points[least] = point;
  chunk.pointTaps[least] = 1;
}

/** R8: today's bucket by the number of taps, beside the mean of other days. */
export function judgeVolume(chunk: Chunk, offset: number, today: number): number {
  if ((chunk.activeDays[offset] ?? 0) < DAYS_BEFORE_VOLUME) return today;
  const mean = (chunk.meanTaps[offset] ?? 0) / MEAN_SCALE;
  const above = ((chunk.todayTaps[offset] ?? 0) - mean) / Math.sqrt(mean + 0.5);
  return withBucket(today, "R8", above < 2 ? 1 : above < 3.5 ? 2 : 3);
}

/** Learns how many taps a day had that is over. */
export function learnVolume(chunk: Chunk, offset: number): void {
  const days = chunk.activeDays[offset] ?? 0;
  const taps = (chunk.todayTaps[offset] ?? 0) * MEAN_SCALE;
  const mean = chunk.meanTaps[offset] ?? 0;
  const share = 1 / Math.min(20, days + 1);
  chunk.meanTaps[offset] = Math.min(0xffff, Math.round(mean + (taps - mean) * share));
  if (days < 0xff) chunk.activeDays[offset] = days + 1;
}
