export const HOUR_BINS = 24;
export const KEPT_POINTS = 6;
/** `lastPoint` and kept points: none. */
export const NO_POINT = 0xffff;
export const NO_AREA = 0xff;

/** A row in words of 32 bits: 116 bytes. */
export const ROW_WORDS = 29;

// Where in a row what stands, counted in words, halves (16 bits) or bytes. What every tap asks for stands together in front.
const KEY_HI = 0;
const KEY_LO = 1;
const LAST_AT = 2;
const TODAY = 3;
const ENDED_AT = 4;
const HOURS_WORD = 5;
const HOURS_BYTE = 20;
const POINTS_HALF = 22;
const POINT_TAPS_BYTE = 56;
const TODAY_TAPS_BYTE = 62;
const ACTIVE_DAYS_BYTE = 63;
const DAY_HALF = 32;
const TAPS_HALF = 33;
const LAST_POINT_HALF = 34;
const MEAN_TAPS_HALF = 35;
const FLAGS_BYTE = 72;
const AREA_BYTE = 73;
const CASE_STEP_BYTE = 74;
const KEY_VERSION_BYTE = 75;
const CROSSINGS_HALF = 38;
const ALIKE_HALF = 39;
const CONFLICT_AT = 20;
const COUNTER_LOW = 21;
const COUNTER_HIGH = 22;
const COUNTER_AT = 23;
const COUNTER_SEEN = 24;
const DENSE = 25;
const SPARSE = 26;
const FINGERPRINT_HALF = 54;
const ANSWER_MEAN_HALF = 55;
const CASE_DAY_HALF = 56;
const ANSWERS_BYTE = 114;

const WORD = 2 ** 32;
/** In place of the upper word of a counter: none was seen. */
const NO_COUNTER = 0xffffffff;

/** Rows of many credentials, one memory seen in four ways. */
export class RowChunk {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly floats: Float32Array<ArrayBuffer>;
  readonly halves: Uint16Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(rows: number) {
    this.words = new Uint32Array(rows * ROW_WORDS);
    this.floats = new Float32Array(this.words.buffer);
    this.halves = new Uint16Array(this.words.buffer);
    this.bytes = new Uint8Array(this.words.buffer);
  }
}

/**
 * A credential's record, laid over its row; opened anew for each event. Times are tenths of seconds since `T0_MS`.
 *
 * All of a record lies in two or three lines of the cache: an event reads most of it, and that of a card not seen for an
 * hour comes from far away, line by line.
 */
export class Card {
  words = new Uint32Array(0);
  floats = new Float32Array(0);
  halves = new Uint16Array(0);
  bytes = new Uint8Array(0);
  /** Number of the record, and where its row begins, in words, halves and bytes. */
  record = -1;
  row = 0;
  half = 0;
  byte = 0;

  open(chunk: RowChunk, record: number, row: number): void {
    this.words = chunk.words;
    this.floats = chunk.floats;
    this.halves = chunk.halves;
    this.bytes = chunk.bytes;
    this.record = record;
    this.row = row;
    this.half = row * 2;
    this.byte = row * 4;
  }

  /** Writes what a row of nothing but zeros does not say. */
  begin(hi: number, lo: number): void {
    this.words[this.row + KEY_HI] = hi;
    this.words[this.row + KEY_LO] = lo;
    this.words[this.row + COUNTER_HIGH] = NO_COUNTER;
    this.lastPoint = NO_POINT;
    this.area = NO_AREA;
    for (let place = 0; place < KEPT_POINTS; place++) this.setPoint(place, NO_POINT);
  }

  get lastAt(): number {
    return this.words[this.row + LAST_AT] ?? 0;
  }
  set lastAt(tenths: number) {
    this.words[this.row + LAST_AT] = tenths;
  }

  /** Today's bucket of each daily rule, four bits each; see `rules.ts`. */
  get today(): number {
    return this.words[this.row + TODAY] ?? 0;
  }
  set today(buckets: number) {
    this.words[this.row + TODAY] = buckets;
  }

  get endedAt(): number {
    return this.words[this.row + ENDED_AT] ?? 0;
  }
  set endedAt(tenths: number) {
    this.words[this.row + ENDED_AT] = tenths;
  }

  /** Taps of an hour: low four bits on working days, high four on weekends. */
  hour(hour: number): number {
    return this.bytes[this.byte + HOURS_BYTE + hour] ?? 0;
  }
  setHour(hour: number, taps: number): void {
    this.bytes[this.byte + HOURS_BYTE + hour] = taps;
  }

  /** The same, of four hours at once. */
  fourHours(quarter: number): number {
    return this.words[this.row + HOURS_WORD + quarter] ?? 0;
  }

  /** An access point used often, and its taps. */
  point(place: number): number {
    return this.halves[this.half + POINTS_HALF + place] ?? 0;
  }
  setPoint(place: number, point: number): void {
    this.halves[this.half + POINTS_HALF + place] = point;
  }
  pointTaps(place: number): number {
    return this.bytes[this.byte + POINT_TAPS_BYTE + place] ?? 0;
  }
  setPointTaps(place: number, taps: number): void {
    this.bytes[this.byte + POINT_TAPS_BYTE + place] = taps;
  }

  get todayTaps(): number {
    return this.bytes[this.byte + TODAY_TAPS_BYTE] ?? 0;
  }
  set todayTaps(taps: number) {
    this.bytes[this.byte + TODAY_TAPS_BYTE] = taps;
  }

  get activeDays(): number {
    return this.bytes[this.byte + ACTIVE_DAYS_BYTE] ?? 0;
  }
  set activeDays(days: number) {
    this.bytes[this.byte + ACTIVE_DAYS_BYTE] = days;
  }

  /** Local day of what is called today's, from `T0_MS`. */
  get day(): number {
    return this.halves[this.half + DAY_HALF] ?? 0;
  }
  set day(day: number) {
    this.halves[this.half + DAY_HALF] = day;
  }

  get taps(): number {
    return this.halves[this.half + TAPS_HALF] ?? 0;
  }
  set taps(taps: number) {
    this.halves[this.half + TAPS_HALF] = taps;
  }

  get lastPoint(): number {
    return this.halves[this.half + LAST_POINT_HALF] ?? 0;
  }
  set lastPoint(point: number) {
    this.halves[this.half + LAST_POINT_HALF] = point;
  }

  /** Mean taps of a day with taps, in 256ths. */
  get meanTaps(): number {
    return this.halves[this.half + MEAN_TAPS_HALF] ?? 0;
  }
  set meanTaps(mean: number) {
    this.halves[this.half + MEAN_TAPS_HALF] = mean;
  }

  get flags(): number {
    return this.bytes[this.byte + FLAGS_BYTE] ?? 0;
  }
  set flags(flags: number) {
    this.bytes[this.byte + FLAGS_BYTE] = flags;
  }

  /** Outer area in which its bearer is, as far as taps tell. */
  get area(): number {
    return this.bytes[this.byte + AREA_BYTE] ?? 0;
  }
  set area(area: number) {
    this.bytes[this.byte + AREA_BYTE] = area;
  }

  get caseStep(): number {
    return this.bytes[this.byte + CASE_STEP_BYTE] ?? 0;
  }
  set caseStep(step: number) {
    this.bytes[this.byte + CASE_STEP_BYTE] = step;
  }

  get caseDay(): number {
    return this.halves[this.half + CASE_DAY_HALF] ?? 0;
  }
  set caseDay(day: number) {
    this.halves[this.half + CASE_DAY_HALF] = day;
  }

  get keyVersion(): number {
    return this.bytes[this.byte + KEY_VERSION_BYTE] ?? 0;
  }
  set keyVersion(version: number) {
    this.bytes[this.byte + KEY_VERSION_BYTE] = version;
  }

  get crossings(): number {
    return this.halves[this.half + CROSSINGS_HALF] ?? 0;
  }
  set crossings(crossings: number) {
    this.halves[this.half + CROSSINGS_HALF] = crossings;
  }

  /** Conflicts like the one before them. */
  get alike(): number {
    return this.halves[this.half + ALIKE_HALF] ?? 0;
  }
  set alike(conflicts: number) {
    this.halves[this.half + ALIKE_HALF] = conflicts;
  }

  get conflictAt(): number {
    return this.words[this.row + CONFLICT_AT] ?? 0;
  }
  set conflictAt(tenths: number) {
    this.words[this.row + CONFLICT_AT] = tenths;
  }

  /** Largest counter, up to 53 bits; -1: none. */
  get counterMax(): number {
    const high = this.words[this.row + COUNTER_HIGH] ?? 0;
    return high === NO_COUNTER ? -1 : high * WORD + (this.words[this.row + COUNTER_LOW] ?? 0);
  }
  set counterMax(counter: number) {
    this.words[this.row + COUNTER_HIGH] = counter < 0 ? NO_COUNTER : Math.floor(counter / WORD);
    this.words[this.row + COUNTER_LOW] = counter;
  }

  /** When the largest counter was seen, and which of the 32 up to it were: bit n stands for `counterMax - n`. */
  get counterAt(): number {
    return this.words[this.row + COUNTER_AT] ?? 0;
  }
  set counterAt(tenths: number) {
    this.words[this.row + COUNTER_AT] = tenths;
  }
  get counterSeen(): number {
    return this.words[this.row + COUNTER_SEEN] ?? 0;
  }
  set counterSeen(seen: number) {
    this.words[this.row + COUNTER_SEEN] = seen;
  }

  get dense(): number {
    return this.floats[this.row + DENSE] ?? 0;
  }
  set dense(sum: number) {
    this.floats[this.row + DENSE] = sum;
  }
  get sparse(): number {
    return this.floats[this.row + SPARSE] ?? 0;
  }
  set sparse(sum: number) {
    this.floats[this.row + SPARSE] = sum;
  }

  get fingerprint(): number {
    return this.halves[this.half + FINGERPRINT_HALF] ?? 0;
  }
  set fingerprint(fingerprint: number) {
    this.halves[this.half + FINGERPRINT_HALF] = fingerprint;
  }

  /** Mean of the chip's response times beside what is usual at each gate, in 4096ths, and of how many. */
  get answerMean(): number {
    return this.halves[this.half + ANSWER_MEAN_HALF] ?? 0;
  }
  set answerMean(mean: number) {
    this.halves[this.half + ANSWER_MEAN_HALF] = mean;
  }
  get answers(): number {
    return this.bytes[this.byte + ANSWERS_BYTE] ?? 0;
  }
  set answers(answers: number) {
    this.bytes[this.byte + ANSWERS_BYTE] = answers;
  }
}

/** Whether the row that begins at `row` is of this key, whose halves have a sign. */
export function isOfKey(words: Uint32Array, row: number, hi: number, lo: number): boolean {
  return ((words[row + KEY_LO] ?? 0) | 0) === lo && ((words[row + KEY_HI] ?? 0) | 0) === hi;
}

export function slotHash(hi: number, lo: number): number {
  return lo ^ Math.imul(hi, 0x9e3779b1);
}

/** Of the key in the row that begins at `row`. */
export function slotHashOfRow(words: Uint32Array, row: number): number {
  return slotHash(words[row + KEY_HI] ?? 0, words[row + KEY_LO] ?? 0);
}
