import { Batches } from "./batches.ts";
import { BIT, FAILURE_CODE, failureOf, type KindNames, kindOf, versionOf } from "./bits.ts";
import { Card, NO_POINT } from "./card-row.ts";
import type { Case, Sign } from "./case.ts";
import { ChipAnswers } from "./chip-answers.ts";
import { CounterGaps, type GapJudge } from "./counter-gaps.ts";
import { type CounterFinding, forgetCounter, judgeCounter } from "./counters.ts";
import { CredentialTable } from "./credential-table.ts";
import type { DoorMap } from "./doors.ts";
import type { GateWatch } from "./gate-watch.ts";
import { judgeHabit, judgeVolume, learnHabit, learnVolume, type Place } from "./habits.ts";
import { BATCH_FLAG, COUNTED_FLAG, NOTED_FLAG, PROOF_FLAG, WRONG_KEY_FLAG } from "./judge-flags.ts";
import { LearnedWalks } from "./learned-walks.ts";
import { LocalClock, T0_MS, TENTHS_MS } from "./local-clock.ts";
import { judgePassback, judgeStrangeBuilding, judgeTravel, type Move, type MoveFinding } from "./moves.ts";
import { type HabitRuleId, Notebook } from "./notebook.ts";
import type { Held } from "./order-buffer.ts";
import { Population } from "./population.ts";
import { bucketOf, type DailyRuleId, type OnceRuleId, type Settings, STEPS, withBucket } from "./rules.ts";
import {
  type DayWeights,
  dayWeights,
  denseOf,
  mostOf,
  PROVEN_BIT,
  probabilityOf,
  sparseOf,
} from "./score.ts";

/** A value left out may come so much later, from a gate whose clock is behind. */
export const GAP_MS = 600_000;
const WRONG_KEY = FAILURE_CODE["wrong-key"];
const REPLAY = FAILURE_CODE.replay;
const ENDED = FAILURE_CODE.ended;
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
  readonly #proven: number;
  readonly #askDense: number;
  readonly #askSparse: number;
  readonly #population: Population;
  readonly #notebook: Notebook;
  readonly batches = new Batches();
  readonly #gaps: CounterGaps;
  readonly #answers: ChipAnswers;
  readonly walks = new LearnedWalks();
  /** The present event's, written anew for each. */
  readonly #card = new Card();
  readonly #move: Move = { from: 0, to: 0, sinceTenths: 0, at: 0, key: 0 };
  readonly #clock: LocalClock;
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
    this.#clock = new LocalClock(doors.utcOffsetMinutes);
    this.#weights = dayWeights(settings);
    this.#proven = settings.weights.proven;
    this.#askDense = settings.weights.askDense;
    this.#askSparse = settings.weights.askSparse;
    this.#population = new Population(doors.points.length);
    this.#slackTenths = settings.counterSlackMinutes * 600;
    this.table = new CredentialTable(settings.maxCredentials);
    this.#notebook = new Notebook(doors, NOTED_CARDS);
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
  judgeGap(card: Card, event: Held, ahead: number): void {
    this.#once(card, event, "R3", { ahead });
    this.#propose(card, event, 1);
  }

  /** False if there was no room for the credential. */
  judge(event: Held): boolean {
    if (this.#gaps.isDue(event)) this.settle(event.at);
    const card = this.#card;
    if (!this.table.find(event.keyHi, event.keyLo, card)) return false;
    const at = Math.max(1, Math.round((event.at - T0_MS) / TENTHS_MS));
    if ((event.bits & BIT.report) !== 0) {
      this.#takeReport(card, event, at);
      return true;
    }
    this.#isMoved = false;
    this.#clock.set(event.at);
    this.#beginDay(card, event);
    if ((event.bits & BIT.watched) !== 0) this.#takeOverWatch(card);
    const before = card.today;
    if (failureOf(event.bits) === ENDED) this.#judgeRefusedEnd(card, event);
    let today = this.#judgeProof(card, event, at, before);
    if ((event.bits & BIT.granted) !== 0) {
      today = this.#judgeEnd(card, event, at, today);
      today = this.#judgeMoves(card, event, at, today);
    }
    card.today = today;
    // The score of a day of which nothing new is seen stays what it was.
    if (this.#isMoved || today !== before) this.#propose(card, event, at);
    return true;
  }

  #takeReport(card: Card, event: Held, at: number): void {
    if ((event.bits & BIT.copied) !== 0) {
      this.batches.noteCopy(event.batch);
    } else if ((event.bits & BIT.elsewhere) !== 0) {
      if (this.#elsewhere.size >= NOTED_CARDS) this.#elsewhere.clear();
      this.#elsewhere.set(card.record, at);
      const last = card.lastPoint === NO_POINT ? 0 : card.lastAt;
      if (last !== 0) this.#judgeElsewhere(card, event, Math.abs(at - last));
      if (last !== 0) this.#propose(card, event, at);
    } else {
      const known = card.endedAt;
      if (known === 0 || at < known) card.endedAt = at;
    }
  }

  /** R21: numbers of four bytes come twice from the factory, so being elsewhere on another day says nothing. */
  #judgeElsewhere(card: Card, event: Held, apartTenths: number): void {
    if (apartTenths > ELSEWHERE_TENTHS) return;
    this.#elsewhere.delete(card.record);
    this.#once(card, event, "R21", { seconds: Math.round(apartTenths / 10) });
  }

  /** R15: once for each credential, when its batch has become suspect. */
  #judgeBatch(card: Card, event: Held): void {
    const flags = card.flags;
    if ((flags & COUNTED_FLAG) === 0) this.batches.noteCard(event.batch);
    card.flags = flags | COUNTED_FLAG;
    const weight = this.batches.weight(event.batch, this.#settings.weights.once.R15);
    if (weight <= 0 || (flags & BATCH_FLAG) !== 0) return;
    card.flags = flags | COUNTED_FLAG | BATCH_FLAG;
    const copies = this.batches.copiesOf(event.batch);
    this.#once(card, event, "R15", { copiesInBatch: copies }, weight);
  }

  // --- days ---

  #beginDay(card: Card, event: Held): void {
    const day = Math.max(1, this.#clock.day);
    const was = card.day;
    if (was === day) return;
    this.#isMoved = true;
    if (was !== 0) {
      const today = card.today;
      this.#sinks.onDay?.({ credential: event.name, day: was, today });
      const proven = this.#provenOf(card, today);
      card.dense = sum(card.dense, denseOf(this.#weights, today) + proven);
      card.sparse = sum(card.sparse, sparseOf(this.#weights, today) + proven);
      learnVolume(card);
      const isNoted = (card.flags & NOTED_FLAG) !== 0;
      if (isNoted && card.caseStep === 0 && this.#score(card) < NOTED_SCORE / 2) this.#forgetSigns(card);
    }
    card.day = day;
    card.today = 0;
    card.todayTaps = 0;
    if (card.caseStep > 0 && day > card.caseDay + this.#settings.caseDays) {
      // Nobody closed it: what was said was said, and what comes is judged anew.
      card.caseStep = 0;
      card.dense = 0;
      card.sparse = 0;
      this.#forgetSigns(card);
    }
  }

  #forgetSigns(card: Card): void {
    this.#notebook.forget(card.record);
    card.flags &= ~NOTED_FLAG;
  }

  #takeOverWatch(card: Card): void {
    if (card.taps > 0 || card.dense > 0) return;
    const { weights, watchScore } = this.#settings;
    this.#isMoved = true;
    card.dense = (weights.askDense * watchScore) / 10;
    card.sparse = (weights.askSparse * watchScore) / 10;
  }

  // --- what the card itself proves ---

  #judgeProof(card: Card, event: Held, at: number, before: number): number {
    let today = before;
    const { bits } = event;
    const version = versionOf(bits);
    if (version !== 0) {
      const known = card.keyVersion;
      if (known !== 0 && known !== (version & 0xff)) forgetCounter(card);
      card.keyVersion = version & 0xff;
    }
    if (failureOf(bits) === WRONG_KEY) {
      const failures = bucketOf(today, "R4");
      const bucket = Math.min(2, failures + 1);
      today = withBucket(today, "R4", bucket);
      card.flags = card.flags | WRONG_KEY_FLAG;
      this.#note(card, event, "R4", bucket, { failuresToday: bucket });
    }
    if (failureOf(bits) === REPLAY) {
      this.#once(card, event, "R1", { refusedByGate: 1 });
    }
    if ((bits & BIT.counter) !== 0) {
      const isTorn = (bits & BIT.torn) !== 0;
      const most = card.counterMax;
      const finding = judgeCounter(card, event.counter, at, isTorn, this.#slackTenths);
      if (most >= 0 && event.counter > most) {
        this.#gaps.note(card.record, event, event.counter - most, at + GAP_MS / TENTHS_MS);
      }
      if ((bits & BIT.wentBack) !== 0) {
        this.#once(card, event, "R1", { belowWhatGateSaw: 1 });
      } else if (finding === undefined) today |= PROVEN_BIT;
      else this.#once(card, event, finding.rule, inputsOf(finding));
    } else if ((bits & BIT.granted) !== 0 && this.#kinds.isProving(kindOf(bits))) {
      today |= PROVEN_BIT;
    }
    if (event.fingerprint !== 0) {
      const known = card.fingerprint;
      if (known === 0) card.fingerprint = event.fingerprint;
      else if (known !== event.fingerprint) this.#once(card, event, "R11", {});
    }
    if (event.responseMicros > 0) {
      const gate = this.#doors.points[event.point]?.gate ?? 0;
      const ratio = this.#answers.judge(card, gate, event.responseMicros);
      if (ratio !== undefined) {
        this.#once(card, event, "R20", {
          timesUsual: Math.round(ratio * 100) / 100,
        });
      }
    }
    if (event.batch !== 0) this.#judgeBatch(card, event);
    const elsewhere = this.#elsewhere.size === 0 ? undefined : this.#elsewhere.get(card.record);
    if (elsewhere !== undefined) {
      this.#judgeElsewhere(card, event, Math.abs(at - elsewhere));
    }
    if ((bits & BIT.magic) !== 0) this.#once(card, event, "R12", {});
    if ((bits & BIT.downgraded) !== 0) this.#once(card, event, "R17", {});
    return today;
  }

  #judgeEnd(card: Card, event: Held, at: number, today: number): number {
    const ended = card.endedAt;
    if (ended === 0 || at <= ended + this.#settings.endGraceMinutes * 600) return today;
    const minutes = Math.round((at - ended) / 600);
    this.#write(card, event, "R13", this.#settings.weights.once.R13, { minutesAfter: minutes });
    if (card.caseStep < STEPS.length) {
      this.#tell(card, event, STEPS.length, this.#score(card));
    }
    return today;
  }

  /** A door that knew of the end let nobody in: what is left is to ask. */
  #judgeRefusedEnd(card: Card, event: Held): void {
    this.#write(card, event, "R13", this.#settings.weights.once.R13, { refusedByGate: 1 });
    if (card.caseStep < ASK_STEP) this.#tell(card, event, ASK_STEP, this.#score(card));
  }

  // --- where and when ---

  #judgeMoves(card: Card, event: Held, at: number, before: number): number {
    const point = this.#doors.points[event.point];
    const gate = point && this.#gates[point.gate];
    if (point === undefined || gate === undefined) return before;
    let today = before;
    const corrected = Math.max(1, Math.round(at + gate.correctionMs / TENTHS_MS));
    const lastPoint = card.lastPoint;
    const sinceTenths = lastPoint === NO_POINT ? -1 : Math.abs(corrected - card.lastAt);
    const provesItself = (event.bits & BIT.counter) !== 0 || this.#kinds.isProving(kindOf(event.bits));
    const strange = judgeStrangeBuilding(
      card,
      this.#doors,
      event.point,
      today,
      this.#population,
      provesItself,
    );
    today = this.#raise(card, event, today, strange);
    if (sinceTenths >= 0 && lastPoint !== event.point && !gate.isDoubted(event.at)) {
      const move = this.#move;
      move.from = lastPoint;
      move.to = event.point;
      move.sinceTenths = sinceTenths;
      move.at = event.at;
      move.key = event.keyLo;
      const travel = judgeTravel(this.#doors, this.#gates, move, this.#settings, this.walks);
      today = this.#raise(card, event, today, travel);
    }
    const { conflictAfterSeconds } = this.#settings;
    const crossing = judgePassback(card, this.#doors, event.point, at, sinceTenths, conflictAfterSeconds);
    today = this.#raise(card, event, today, crossing);
    const taps = card.todayTaps;
    if (taps < 0xff) card.todayTaps = taps + 1;
    today = this.#judgeHabits(card, event, today);
    card.lastAt = corrected;
    card.lastPoint = event.point;
    return today;
  }

  #judgeHabits(card: Card, event: Held, was: number): number {
    const place = this.#place;
    place.isWeekend = this.#clock.isWeekend;
    place.hour = this.#clock.hour;
    place.point = event.point;
    let today = was;
    today = judgeHabit(card, today, place, this.#population);
    today = judgeVolume(card, today);
    if (was !== today) this.#noteHabits(card, event, was, today, place.hour);
    if ((event.bits & BIT.unaccustomed) !== 0) {
      const bucket = Math.min(2, bucketOf(today, "R18") + 1);
      today = withBucket(today, "R18", bucket);
      this.#note(card, event, "R18", bucket, { timesToday: bucket });
    }
    this.#population.note(place.isWeekend, place.hour, event.point);
    learnHabit(card, place);
    return today;
  }

  #raise(card: Card, event: Held, today: number, finding: MoveFinding | undefined): number {
    if (finding === undefined || finding.bucket <= bucketOf(today, finding.rule)) return today;
    const { rule, bucket, inputs } = finding;
    if (inputs !== undefined) this.#note(card, event, rule, bucket, inputs);
    return withBucket(today, rule, bucket);
  }

  // --- sums, signs and steps ---

  #score(card: Card): number {
    const { today } = card;
    const proven = this.#provenOf(card, today);
    const dense = card.dense + Math.max(0, denseOf(this.#weights, today) + proven);
    const sparse = card.sparse + Math.max(0, sparseOf(this.#weights, today) + proven);
    return 10 * Math.max(dense / this.#askDense, sparse / this.#askSparse);
  }

  /** What it weighs that the card proved itself that day. */
  #provenOf(card: Card, today: number): number {
    // The owner's right answers say nothing of somebody who answers wrongly, that day or another.
    return (today & PROVEN_BIT) !== 0 && (card.flags & WRONG_KEY_FLAG) === 0 ? this.#proven : 0;
  }

  #propose(card: Card, event: Held, at: number): void {
    const score = this.#score(card);
    const { watchScore, secondFactorScore } = this.#settings;
    if (score < watchScore || at === 0) return;
    const hasProof = (card.flags & PROOF_FLAG) !== 0;
    const step = score < 10 ? 1 : hasProof ? 4 : score < secondFactorScore ? 2 : 3;
    if (step > card.caseStep) this.#tell(card, event, step, score);
  }

  #tell(card: Card, event: Held, step: number, score: number): void {
    if (card.caseStep === 0) card.caseDay = this.#clock.dayOf(event.at);
    card.caseStep = step;
    this.#sinks.onCase({
      case: `${event.name}/${card.caseDay}`,
      credential: event.name,
      kind: this.#kinds.nameOf(kindOf(event.bits)),
      at: event.at,
      step: STEPS[step - 1] ?? "watch",
      score: Math.round(score * 100) / 100,
      probability: probabilityOf(score, this.#settings),
      signs: this.#notebook.read(card.record),
    });
  }

  #once(
    card: Card,
    event: Held,
    rule: OnceRuleId,
    inputs: Sign["inputs"],
    weight: number = this.#settings.weights.once[rule],
  ): void {
    this.#isMoved = true;
    this.#sinks.onOnce?.(rule, event.name, event.at);
    // Written for an ask at 10; what a card proves does not grow weaker because behaviour is asked for more.
    card.dense = sum(card.dense, (weight * this.#askDense) / 10);
    card.sparse = sum(card.sparse, (weight * this.#askSparse) / 10);
    if (rule === "R1" || rule === "R2" || rule === "R12") {
      card.flags = card.flags | PROOF_FLAG;
    }
    if (this.#score(card) >= NOTED_SCORE) this.#write(card, event, rule, weight, inputs);
  }

  #note(card: Card, event: Held, rule: DailyRuleId, bucket: number, inputs: Sign["inputs"]): void {
    const weight = this.#weightToNote(card, rule, bucket);
    if (weight > 0) this.#write(card, event, rule, weight, inputs);
  }

  /** What a bucket weighs; 0 if that is not worth a sign. */
  #weightToNote(card: Card, rule: DailyRuleId, bucket: number): number {
    const weight = mostOf(this.#weights, rule, bucket);
    if (weight <= 0) return 0;
    return this.#score(card) + (10 * weight) / this.#askDense < NOTED_SCORE ? 0 : weight;
  }

  #noteHabits(card: Card, event: Held, was: number, today: number, hour: number): void {
    if (bucketOf(today, "R8") > bucketOf(was, "R8")) this.#noteHabit(card, event, "R8", today, hour);
    if (bucketOf(today, "R9") > bucketOf(was, "R9")) this.#noteHabit(card, event, "R9", today, hour);
    if (bucketOf(today, "R10") > bucketOf(was, "R10")) this.#noteHabit(card, event, "R10", today, hour);
  }

  #noteHabit(card: Card, event: Held, rule: HabitRuleId, today: number, hour: number): void {
    const weight = this.#weightToNote(card, rule, bucketOf(today, rule));
    if (weight <= 0) return;
    card.flags |= NOTED_FLAG;
    this.#notebook.writeHabit(card.record, event, rule, weight, rule === "R8" ? card.todayTaps : hour);
  }

  #write(card: Card, event: Held, rule: Sign["rule"], weight: number, inputs: Sign["inputs"]): void {
    card.flags |= NOTED_FLAG;
    this.#notebook.write(card.record, event, rule, weight, inputs);
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
