import { Batches } from "./batches.ts";
import { BIT, FAILURE_CODE, failureOf, type KindNames, kindOf, versionOf } from "./bits.ts";
import { type Case, Notebook, type Sign, signOf } from "./case.ts";
import { ChipAnswers } from "./chip-answers.ts";
import { CounterGaps, type GapJudge } from "./counter-gaps.ts";
import { type CounterFinding, forgetCounter, judgeCounter } from "./counters.ts";
import { type Chunk, CredentialTable, NO_POINT } from "./credential-table.ts";
import type { DoorMap } from "./doors.ts";
import type { GateWatch } from "./gate-watch.ts";
import { judgeHabit, judgeVolume, learnHabit, learnVolume, type Place } from "./habits.ts";
import { BATCH_FLAG, COUNTED_FLAG, PROOF_FLAG, WRONG_KEY_FLAG } from "./judge-flags.ts";
import { LearnedWalks } from "./learned-walks.ts";
import { judgePassback, judgeStrangeBuilding, judgeTravel, type Move, type MoveFinding } from "./moves.ts";
import type { Held } from "./order-buffer.ts";
import { Population } from "./population.ts";
import { bucketOf, type DailyRuleId, type OnceRuleId, type Settings, STEPS, withBucket } from "./rules.ts";
import { type DayTable, type DayWeights, dayWeights, PROVEN_BIT, probabilityOf, weightOf } from "./score.ts";

/** 1 January 2020, a Wednesday: times in records count from here. */
export const T0_MS = Date.UTC(2020, 0, 1);
const DAY_MS = 86_400_000;
const SATURDAY = 3;
const TENTHS_MS = 100;
/** A value left out may come so much later, from a gate whose clock is behind. */
export const GAP_MS = 600_000;
const NOTED_CARDS = 20_000;
/** Signs are written down from this share of an ask on. */
const NOTED_SCORE = 1;
const MOST_SUM = 40;
/** Steps count from 1. */
const ASK_STEP = STEPS.indexOf("ask") + 1;

/** A day of a credential that is over, for learning weights. */
export interface DayOver {
  readonly credential: string;
  readonly day: number;
  /** As `bucketsOfDay` reads it; bit 16: proven. */
  readonly today: number;
}

export interface JudgeSinks {
  readonly onCase: (found: Case) => void;
  readonly onDay?: ((day: DayOver) => void) | undefined;
  readonly onOnce?: ((rule: OnceRuleId, credential: string, at: number) => void) | undefined;
}

/** Judges events in the order of their times. */
export class Judge implements GapJudge {
  readonly table: CredentialTable;
  readonly #doors: DoorMap;
  readonly #gates: readonly GateWatch[];
  readonly #kinds: KindNames;
  readonly #settings: Settings;
  readonly #sinks: JudgeSinks;
  readonly #weights: DayWeights;
  readonly #population: Population;
  readonly #notebook = new Notebook(NOTED_CARDS);
  readonly batches = new Batches();
  readonly #gaps: CounterGaps;
  readonly #answers: ChipAnswers;
  readonly walks = new LearnedWalks();
  /** The present event's, written anew for each. */
  readonly #move: Move = { from: 0, to: 0, sinceTenths: 0, at: 0, key: 0 };
  readonly #place: Place = { isWeekend: 0, hour: 0, point: 0 };
  /** When other communities saw a number last. */
  readonly #elsewhere = new Map<number, number>();
  readonly #slackTenths: number;
  /** Whether the present event changed the card's sums or flags, so that its score may be another. */
  #isMoved = false;

  constructor(
    doors: DoorMap,
    gates: readonly GateWatch[],
    kinds: KindNames,
    settings: Settings,
    sinks: JudgeSinks,
  ) {
    this.#doors = doors;
    this.#gates = gates;
    this.#kinds = kinds;
    this.#settings = settings;
    this.#sinks = sinks;
    this.#weights = dayWeights(settings);
    this.#population = new Population(doors.points.length);
    this.#slackTenths = settings.counterSlackMinutes * 600;
    this.table = new CredentialTable(settings.maxCredentials);
    this.#gaps = new CounterGaps(this.table);
    this.#answers = new ChipAnswers(gates.length);
  }

  /** Forgets all credentials: with a new epoch none keeps its name. What all do together stays. */
  forget(): void {
    this.settle(Number.POSITIVE_INFINITY);
    this.table.clear();
    this.#elsewhere.clear();
    this.#notebook.clear();
  }

  /** Judges the gaps in counters that nothing filled until then (Unix milliseconds). */
  settle(untilMs: number): void {
    this.#gaps.settle((untilMs - T0_MS) / TENTHS_MS, this);
  }

  /** Before which time no case can be found any more, all events up to `untilMs` being judged. */
  toldUntil(untilMs: number): number {
    return Math.min(untilMs, this.#gaps.waitsSince);
  }

  /** For the gaps: one that nobody filled in time. */
  judgeGap(event: Held, record: number, ahead: number): void {
    const chunk = this.table.chunkOf(record);
    const offset = this.table.offsetOf(record);
    this.#once(chunk, offset, record, event, "R3", { ahead });
    this.#propose(chunk, offset, record, event, 1);
  }

  /** False if there was no room for the credential. */
  judge(event: Held): boolean {
    this.settle(event.at);
    const record = this.table.find(event.keyHi, event.keyLo);
    if (record < 0) return false;
    const chunk = this.table.chunkOf(record);
    const offset = this.table.offsetOf(record);
    const at = Math.max(1, Math.round((event.at - T0_MS) / TENTHS_MS));
    if ((event.bits & BIT.report) !== 0) {
      this.#takeReport(chunk, offset, record, event, at);
      return true;
    }
    this.#isMoved = false;
    this.#beginDay(chunk, offset, record, event);
    if ((event.bits & BIT.watched) !== 0) this.#takeOverWatch(chunk, offset);
    const before = chunk.today[offset] ?? 0;
    if (failureOf(event.bits) === FAILURE_CODE.ended) this.#judgeRefusedEnd(chunk, offset, record, event);
    let today = this.#judgeProof(chunk, offset, record, event, at, before);
    if ((event.bits & BIT.granted) !== 0) {
      today = this.#judgeEnd(chunk, offset, record, event, at, today);
      today = this.#judgeMoves(chunk, offset, record, event, at, today);
    }
    chunk.today[offset] = today;
    // The score of a day of which nothing new is seen stays what it was.
    if (this.#isMoved || today !== before) this.#propose(chunk, offset, record, event, at);
    return true;
  }

  #takeReport(chunk: Chunk, offset: number, record: number, event: Held, at: number): void {
    if ((event.bits & BIT.copied) !== 0) {
      this.batches.noteCopy(event.batch);
    } else if ((event.bits & BIT.elsewhere) !== 0) {
      if (this.#elsewhere.size >= NOTED_CARDS) this.#elsewhere.clear();
      this.#elsewhere.set(record, at);
      const last = (chunk.lastPoint[offset] ?? NO_POINT) === NO_POINT ? 0 : (chunk.lastAt[offset] ?? 0);
      if (last !== 0) this.#judgeElsewhere(chunk, offset, record, event, Math.abs(at - last));
      if (last !== 0) this.#propose(chunk, offset, record, event, at);
    } else {
      const known = chunk.endedAt[offset] ?? 0;
      if (known === 0 || at < known) chunk.endedAt[offset] = at;
    }
  }

  /** R21: numbers of four bytes come twice from the factory, so being elsewhere on another day says nothing. */
  #judgeElsewhere(chunk: Chunk, offset: number, record: number, event: Held, apartTenths: number): void {
    if (apartTenths > ELSEWHERE_TENTHS) return;
    this.#elsewhere.delete(record);
    this.#once(chunk, offset, record, event, "R21", { seconds: Math.round(apartTenths / 10) });
  }

  /** R15: once for each credential, when its batch has become suspect. */
  #judgeBatch(chunk: Chunk, offset: number, record: number, event: Held): void {
    const flags = chunk.flags[offset] ?? 0;
    if ((flags & COUNTED_FLAG) === 0) this.batches.noteCard(event.batch);
    chunk.flags[offset] = flags | COUNTED_FLAG;
    const weight = this.batches.weight(event.batch, this.#settings.weights.once.R15);
    if (weight <= 0 || (flags & BATCH_FLAG) !== 0) return;
    chunk.flags[offset] = flags | COUNTED_FLAG | BATCH_FLAG;
    const copies = this.batches.copiesOf(event.batch);
    this.#once(chunk, offset, record, event, "R15", { copiesInBatch: copies }, weight);
  }

  // --- days ---

  #beginDay(chunk: Chunk, offset: number, record: number, event: Held): void {
    const day = Math.max(1, this.#localDay(event.at));
    const was = chunk.day[offset] ?? 0;
    if (was === day) return;
    this.#isMoved = true;
    if (was !== 0) {
      const today = chunk.today[offset] ?? 0;
      this.#sinks.onDay?.({ credential: event.name, day: was, today });
      const { dense, sparse } = this.#weights;
      chunk.dense[offset] = sum(chunk.dense[offset] ?? 0, this.#weightOf(chunk, offset, today, dense));
      chunk.sparse[offset] = sum(chunk.sparse[offset] ?? 0, this.#weightOf(chunk, offset, today, sparse));
      learnVolume(chunk, offset);
      if ((chunk.caseStep[offset] ?? 0) === 0 && this.#score(chunk, offset) < NOTED_SCORE / 2) {
        this.#notebook.forget(record);
      }
    }
    chunk.day[offset] = day;
    chunk.today[offset] = 0;
    chunk.todayTaps[offset] = 0;
    if ((chunk.caseStep[offset] ?? 0) > 0 && day > (chunk.caseDay[offset] ?? 0) + this.#settings.caseDays) {
      // Nobody closed it: what was said was said, and what comes is judged anew.
      chunk.caseStep[offset] = 0;
      chunk.dense[offset] = 0;
      chunk.sparse[offset] = 0;
      this.#notebook.forget(record);
    }
  }

  #localDay(atMs: number): number {
    return Math.floor((atMs - T0_MS + this.#doors.utcOffsetMinutes * 60_000) / DAY_MS);
  }

  #takeOverWatch(chunk: Chunk, offset: number): void {
    if ((chunk.taps[offset] ?? 0) > 0 || (chunk.dense[offset] ?? 0) > 0) return;
    const { weights, watchScore } = this.#settings;
    this.#isMoved = true;
    chunk.dense[offset] = (weights.askDense * watchScore) / 10;
    chunk.sparse[offset] = (weights.askSparse * watchScore) / 10;
  }

  // --- what the card itself proves ---

  #judgeProof(chunk: Chunk, offset: number, record: number, event: Held, at: number, before: number): number {
    let today = before;
    const { bits } = event;
    const version = versionOf(bits);
    if (version !== 0) {
      const known = chunk.keyVersion[offset] ?? 0;
      if (known !== 0 && known !== (version & 0xff)) forgetCounter(chunk, offset);
      chunk.keyVersion[offset] = version & 0xff;
    }
    if (failureOf(bits) === FAILURE_CODE["wrong-key"]) {
      const failures = bucketOf(today, "R4");
      const bucket = Math.min(2, failures + 1);
      today = withBucket(today, "R4", bucket);
      chunk.flags[offset] = (chunk.flags[offset] ?? 0) | WRONG_KEY_FLAG;
      this.#note(chunk, offset, record, event, "R4", bucket, { failuresToday: bucket });
    }
    if (failureOf(bits) === FAILURE_CODE.replay) {
      this.#once(chunk, offset, record, event, "R1", { refusedByGate: 1 });
    }
    if ((bits & BIT.counter) !== 0) {
      const isTorn = (bits & BIT.torn) !== 0;
      const most = chunk.counterMax[offset] ?? -1;
      const finding = judgeCounter(chunk, offset, event.counter, at, isTorn, this.#slackTenths);
      if (most >= 0 && event.counter > most) {
        this.#gaps.note(record, event, event.counter - most, at + GAP_MS / TENTHS_MS);
      }
      if ((bits & BIT.wentBack) !== 0) {
        this.#once(chunk, offset, record, event, "R1", { belowWhatGateSaw: 1 });
      } else if (finding === undefined) today |= PROVEN_BIT;
      else this.#once(chunk, offset, record, event, finding.rule, inputsOf(finding));
    } else if ((bits & BIT.granted) !== 0 && this.#kinds.isProving(kindOf(bits))) {
      today |= PROVEN_BIT;
    }
    if (event.fingerprint !== 0) {
      const known = chunk.fingerprint[offset] ?? 0;
      if (known === 0) chunk.fingerprint[offset] = event.fingerprint;
      else if (known !== event.fingerprint) this.#once(chunk, offset, record, event, "R11", {});
    }
    if (event.responseMicros > 0) {
      const gate = this.#doors.points[event.point]?.gate ?? 0;
      const ratio = this.#answers.judge(chunk, offset, gate, event.responseMicros);
      if (ratio !== undefined) {
        this.#once(chunk, offset, record, event, "R20", {
          timesUsual: Math.round(ratio * 100) / 100,
        });
      }
    }
    if (event.batch !== 0) this.#judgeBatch(chunk, offset, record, event);
    const elsewhere = this.#elsewhere.size === 0 ? undefined : this.#elsewhere.get(record);
    if (elsewhere !== undefined) {
      this.#judgeElsewhere(chunk, offset, record, event, Math.abs(at - elsewhere));
    }
    if ((bits & BIT.magic) !== 0) this.#once(chunk, offset, record, event, "R12", {});
    if ((bits & BIT.downgraded) !== 0) this.#once(chunk, offset, record, event, "R17", {});
    return today;
  }

  #judgeEnd(chunk: Chunk, offset: number, record: number, event: Held, at: number, today: number): number {
    const ended = chunk.endedAt[offset] ?? 0;
    if (ended === 0 || at <= ended + this.#settings.endGraceMinutes * 600) return today;
    const minutes = Math.round((at - ended) / 600);
    this.#write(record, event, "R13", this.#settings.weights.once.R13, { minutesAfter: minutes });
    if ((chunk.caseStep[offset] ?? 0) < STEPS.length) {
      this.#tell(chunk, offset, record, event, STEPS.length, this.#score(chunk, offset));
    }
    return today;
  }

  /** A door that knew of the end let nobody in: what is left is to ask. */
  #judgeRefusedEnd(chunk: Chunk, offset: number, record: number, event: Held): void {
    this.#write(record, event, "R13", this.#settings.weights.once.R13, { refusedByGate: 1 });
    if ((chunk.caseStep[offset] ?? 0) < ASK_STEP) {
      this.#tell(chunk, offset, record, event, ASK_STEP, this.#score(chunk, offset));
    }
  }

  // --- where and when ---

  #judgeMoves(chunk: Chunk, offset: number, record: number, event: Held, at: number, before: number): number {
    const point = this.#doors.points[event.point];
    const gate = point && this.#gates[point.gate];
    if (point === undefined || gate === undefined) return before;
    let today = before;
    const corrected = Math.max(1, Math.round(at + gate.correctionMs / TENTHS_MS));
    const lastPoint = chunk.lastPoint[offset] ?? NO_POINT;
    const sinceTenths = lastPoint === NO_POINT ? -1 : Math.abs(corrected - (chunk.lastAt[offset] ?? 0));
    const provesItself = (event.bits & BIT.counter) !== 0 || this.#kinds.isProving(kindOf(event.bits));
    const strange = judgeStrangeBuilding(
      chunk,
      offset,
      this.#doors,
      event.point,
      today,
      this.#population,
      provesItself,
    );
    today = this.#raise(chunk, offset, record, event, today, strange);
    if (sinceTenths >= 0 && lastPoint !== event.point && !gate.isDoubted(event.at)) {
      const move = this.#move;
      move.from = lastPoint;
      move.to = event.point;
      move.sinceTenths = sinceTenths;
      move.at = event.at;
      move.key = event.keyLo;
      const { fastestTimesWalk } = this.#settings;
      const travel = judgeTravel(this.#doors, this.#gates, move, fastestTimesWalk, this.walks);
      today = this.#raise(chunk, offset, record, event, today, travel);
    }
    const { conflictAfterSeconds } = this.#settings;
    const crossing = judgePassback(
      chunk,
      offset,
      this.#doors,
      event.point,
      at,
      sinceTenths,
      conflictAfterSeconds,
    );
    today = this.#raise(chunk, offset, record, event, today, crossing);
    const taps = chunk.todayTaps[offset] ?? 0;
    if (taps < 0xff) chunk.todayTaps[offset] = taps + 1;
    const local = event.at - T0_MS + this.#doors.utcOffsetMinutes * 60_000;
    // Made whole numbers of 32 bits: the remainder of a number of 64 bits would be a call.
    const day = Math.floor(local / DAY_MS) | 0;
    const place = this.#place;
    place.isWeekend = day % 7 === SATURDAY || day % 7 === SATURDAY + 1 ? 1 : 0;
    place.hour = (Math.floor(local / 3_600_000) | 0) % 24;
    place.point = event.point;
    const was = today;
    today = judgeHabit(chunk, offset, today, place, this.#population);
    today = judgeVolume(chunk, offset, today);
    if (was !== today) this.#noteHabits(chunk, offset, record, event, was, today, place.hour);
    if ((event.bits & BIT.unaccustomed) !== 0) {
      const bucket = Math.min(2, bucketOf(today, "R18") + 1);
      today = withBucket(today, "R18", bucket);
      this.#note(chunk, offset, record, event, "R18", bucket, { timesToday: bucket });
    }
    this.#population.note(place.isWeekend, place.hour, event.point);
    learnHabit(chunk, offset, place);
    chunk.lastAt[offset] = corrected;
    chunk.lastPoint[offset] = event.point;
    return today;
  }

  #raise(
    chunk: Chunk,
    offset: number,
    record: number,
    event: Held,
    today: number,
    finding: MoveFinding | undefined,
  ): number {
    if (finding === undefined || finding.bucket <= bucketOf(today, finding.rule)) return today;
    const { rule, bucket, inputs } = finding;
    if (inputs !== undefined) this.#note(chunk, offset, record, event, rule, bucket, inputs);
    return withBucket(today, rule, bucket);
  }

  // --- sums, signs and steps ---

  #score(chunk: Chunk, offset: number): number {
    const { askDense, askSparse } = this.#settings.weights;
    const today = chunk.today[offset] ?? 0;
    const { dense, sparse } = this.#weights;
    const before = { dense: chunk.dense[offset] ?? 0, sparse: chunk.sparse[offset] ?? 0 };
    const denseSum = before.dense + Math.max(0, this.#weightOf(chunk, offset, today, dense));
    const sparseSum = before.sparse + Math.max(0, this.#weightOf(chunk, offset, today, sparse));
    return 10 * Math.max(denseSum / askDense, sparseSum / askSparse);
  }

  #weightOf(chunk: Chunk, offset: number, today: number, table: DayTable): number {
    // The owner's right answers say nothing of somebody who answers wrongly, that day or another.
    const isProven = (today & PROVEN_BIT) !== 0 && ((chunk.flags[offset] ?? 0) & WRONG_KEY_FLAG) === 0;
    return weightOf(table, today) + (isProven ? this.#settings.weights.proven : 0);
  }

  #propose(chunk: Chunk, offset: number, record: number, event: Held, at: number): void {
    const score = this.#score(chunk, offset);
    const { watchScore, secondFactorScore } = this.#settings;
    if (score < watchScore || at === 0) return;
    const hasProof = ((chunk.flags[offset] ?? 0) & PROOF_FLAG) !== 0;
    const step = score < 10 ? 1 : hasProof ? 4 : score < secondFactorScore ? 2 : 3;
    if (step > (chunk.caseStep[offset] ?? 0)) this.#tell(chunk, offset, record, event, step, score);
  }

  #tell(chunk: Chunk, offset: number, record: number, event: Held, step: number, score: number): void {
    if ((chunk.caseStep[offset] ?? 0) === 0) chunk.caseDay[offset] = this.#localDay(event.at);
    chunk.caseStep[offset] = step;
    this.#sinks.onCase({
      case: `${event.name}/${chunk.caseDay[offset] ?? 0}`,
      credential: event.name,
      kind: this.#kinds.nameOf(kindOf(event.bits)),
      at: event.at,
      step: STEPS[step - 1] ?? "watch",
      score: Math.round(score * 100) / 100,
      probability: probabilityOf(score, this.#settings),
      signs: this.#notebook.read(record),
    });
  }

  #once(
    chunk: Chunk,
    offset: number,
    record: number,
    event: Held,
    rule: OnceRuleId,
    inputs: Sign["inputs"],
    weight: number = this.#settings.weights.once[rule],
  ): void {
    this.#isMoved = true;
    this.#sinks.onOnce?.(rule, event.name, event.at);
    const { askDense, askSparse } = this.#settings.weights;
    // Written for an ask at 10; what a card proves does not grow weaker because behaviour is asked for more.
    chunk.dense[offset] = sum(chunk.dense[offset] ?? 0, (weight * askDense) / 10);
    chunk.sparse[offset] = sum(chunk.sparse[offset] ?? 0, (weight * askSparse) / 10);
    if (rule === "R1" || rule === "R2" || rule === "R12") {
      chunk.flags[offset] = (chunk.flags[offset] ?? 0) | PROOF_FLAG;
    }
    if (this.#score(chunk, offset) >= NOTED_SCORE) this.#write(record, event, rule, weight, inputs);
  }

  #note(
    chunk: Chunk,
    offset: number,
    record: number,
    event: Held,
    rule: DailyRuleId,
    bucket: number,
    inputs: Sign["inputs"],
  ): void {
    const weight = this.#weightOfBucket(rule, bucket);
    const { askDense } = this.#settings.weights;
    if (weight <= 0 || this.#score(chunk, offset) + (10 * weight) / askDense < NOTED_SCORE) return;
    this.#write(record, event, rule, weight, inputs);
  }

  #weightOfBucket(rule: DailyRuleId, bucket: number): number {
    const { dense, sparse } = this.#settings.weights;
    return Math.max(dense[rule][bucket] ?? 0, sparse[rule][bucket] ?? 0);
  }

  #noteHabits(
    chunk: Chunk,
    offset: number,
    record: number,
    event: Held,
    was: number,
    today: number,
    hour: number,
  ): void {
    this.#noteHabit(chunk, offset, record, event, "R8", was, today, hour);
    this.#noteHabit(chunk, offset, record, event, "R9", was, today, hour);
    this.#noteHabit(chunk, offset, record, event, "R10", was, today, hour);
  }

  #noteHabit(
    chunk: Chunk,
    offset: number,
    record: number,
    event: Held,
    rule: "R8" | "R9" | "R10",
    was: number,
    today: number,
    hour: number,
  ): void {
    const bucket = bucketOf(today, rule);
    if (bucket <= bucketOf(was, rule) || this.#weightOfBucket(rule, bucket) <= 0) return;
    const inputs = rule === "R8" ? { tapsToday: chunk.todayTaps[offset] ?? 0 } : { hour };
    this.#note(chunk, offset, record, event, rule, bucket, inputs);
  }

  #write(record: number, event: Held, rule: Sign["rule"], weight: number, inputs: Sign["inputs"]): void {
    this.#notebook.write(record, signOf(this.#doors, event, rule, weight, inputs));
  }
}

/** Nobody goes from one community to the next so soon, give or take clocks. */
const ELSEWHERE_TENTHS = 3_000;

function sum(before: number, weight: number): number {
  return Math.min(MOST_SUM, Math.max(0, before + weight));
}

function inputsOf(finding: CounterFinding): Sign["inputs"] {
  const { rule, ...inputs } = finding;
  return inputs;
}
