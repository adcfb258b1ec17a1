import { BIT, FAILURE_CODE, failureOf, type KindNames, kindOf, versionOf } from "./bits.ts";
import { type Case, Notebook, type Sign } from "./case.ts";
import { type CounterFinding, forgetCounter, judgeCounter } from "./counters.ts";
import { type Chunk, CredentialTable, NO_AREA, NO_POINT } from "./credential-table.ts";
import type { DoorMap } from "./doors.ts";
import type { GateWatch } from "./gate-watch.ts";
import { judgeHabit, judgeVolume, learnHabit, learnVolume } from "./habits.ts";
import type { Held } from "./order-buffer.ts";
import { Population } from "./population.ts";
import { bucketOf, type DailyRuleId, type OnceRuleId, type Settings, STEPS, withBucket } from "./rules.ts";
import { type DayWeights, dayWeights, PROVEN_BIT, probabilityOf } from "./score.ts";

/** 1 January 2020, a Wednesday: times in records count from here. */
export const T0_MS = Date.UTC(2020, 0, 1);
const DAY_MS = 86_400_000;
const SATURDAY = 3;
const TENTHS_MS = 100;
const NOTED_CARDS = 20_000;
/** Signs are written down from this share of an ask on. */
const NOTED_SCORE = 1;
const MOST_SUM = 40;
const PAIR_TENTHS = 36 * 36_000;
/** Conflicts further apart have nothing to do with each other. */
const TURN_TENTHS = 10 * 864_000;
/** A violation this much faster than anybody moves leaves no doubt. */
const CLEAR_SECONDS = 15;
const LEAST_TOLERANCE_MS = 5_000;
const CLOCK_DEVIATIONS = 3;
const FAR_AHEAD = 15;
const RATE_PRIOR = { conflicts: 0.6, crossings: 25 } as const;
/** Shares of forgotten taps of a credential above which it forgets often, or sometimes. */
const OFTEN = 0.07;
const SOMETIMES = 0.03;

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
export class Judge {
  readonly table: CredentialTable;
  readonly #doors: DoorMap;
  readonly #gates: readonly GateWatch[];
  readonly #kinds: KindNames;
  readonly #settings: Settings;
  readonly #sinks: JudgeSinks;
  readonly #weights: DayWeights;
  readonly #population: Population;
  readonly #notebook = new Notebook(NOTED_CARDS);
  readonly #slackTenths: number;

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
  }

  /** Forgets all credentials: with a new epoch none keeps its name. What all do together stays. */
  forget(): void {
    this.table.clear();
    this.#notebook.clear();
  }

  /** False if there was no room for the credential. */
  judge(event: Held): boolean {
    const record = this.table.find(event.keyHi, event.keyLo);
    if (record < 0) return false;
    const chunk = this.table.chunkOf(record);
    const offset = this.table.offsetOf(record);
    const at = Math.max(1, Math.round((event.at - T0_MS) / TENTHS_MS));
    if ((event.bits & BIT.report) !== 0) {
      const known = chunk.endedAt[offset] ?? 0;
      if (known === 0 || at < known) chunk.endedAt[offset] = at;
      return true;
    }
    this.#beginDay(chunk, offset, record, event);
    if ((event.bits & BIT.watched) !== 0) this.#takeOverWatch(chunk, offset);
    const before = chunk.today[offset] ?? 0;
    let today = this.#judgeProof(chunk, offset, record, event, at, before);
    if ((event.bits & BIT.granted) !== 0) {
      today = this.#judgeEnd(chunk, offset, record, event, at, today);
      today = this.#judgeMoves(chunk, offset, record, event, at, today);
    }
    chunk.today[offset] = today;
    this.#propose(chunk, offset, record, event, at);
    return true;
  }

  // --- days ---

  #beginDay(chunk: Chunk, offset: number, record: number, event: Held): void {
    const day = Math.max(1, this.#localDay(event.at));
    const was = chunk.day[offset] ?? 0;
    if (was === day) return;
    if (was !== 0) {
      const today = chunk.today[offset] ?? 0;
      this.#sinks.onDay?.({ credential: event.name, day: was, today });
      chunk.dense[offset] = sum(chunk.dense[offset] ?? 0, this.#weightOf(today, this.#weights.dense));
      chunk.sparse[offset] = sum(chunk.sparse[offset] ?? 0, this.#weightOf(today, this.#weights.sparse));
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
      this.#note(chunk, offset, record, event, "R4", bucket, () => ({ failuresToday: bucket }));
    }
    if (failureOf(bits) === FAILURE_CODE.replay) {
      this.#once(chunk, offset, record, event, "R1", () => ({ refusedByGate: 1 }));
    }
    if ((bits & BIT.counter) !== 0) {
      const isTorn = (bits & BIT.torn) !== 0;
      const finding = judgeCounter(chunk, offset, event.counter, at, isTorn, this.#slackTenths, FAR_AHEAD);
      if ((bits & BIT.wentBack) !== 0) {
        this.#once(chunk, offset, record, event, "R1", () => ({ belowWhatGateSaw: 1 }));
      } else if (finding === undefined) today |= PROVEN_BIT;
      else this.#once(chunk, offset, record, event, finding.rule, () => inputsOf(finding));
    } else if ((bits & BIT.granted) !== 0 && this.#kinds.isProving(kindOf(bits))) {
      today |= PROVEN_BIT;
    }
    if (event.fingerprint !== 0) {
      const known = chunk.fingerprint[offset] ?? 0;
      if (known === 0) chunk.fingerprint[offset] = event.fingerprint;
      else if (known !== event.fingerprint) this.#once(chunk, offset, record, event, "R11", () => ({}));
    }
    if ((bits & BIT.magic) !== 0) this.#once(chunk, offset, record, event, "R12", () => ({}));
    if ((bits & BIT.downgraded) !== 0) this.#once(chunk, offset, record, event, "R17", () => ({}));
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

  // --- where and when ---

  #judgeMoves(chunk: Chunk, offset: number, record: number, event: Held, at: number, before: number): number {
    const point = this.#doors.points[event.point];
    const gate = point && this.#gates[point.gate];
    if (point === undefined || gate === undefined) return before;
    let today = before;
    const corrected = Math.max(1, Math.round(at + gate.correctionMs / TENTHS_MS));
    const lastPoint = chunk.lastPoint[offset] ?? NO_POINT;
    const sinceTenths = lastPoint === NO_POINT ? -1 : Math.abs(corrected - (chunk.lastAt[offset] ?? 0));
    if (sinceTenths >= 0 && lastPoint !== event.point && !gate.isDoubted(event.at)) {
      today = this.#judgeTravel(chunk, offset, record, event, lastPoint, sinceTenths, today);
    }
    today = this.#judgePassback(chunk, offset, record, event, at, sinceTenths, today);
    const taps = chunk.todayTaps[offset] ?? 0;
    if (taps < 0xff) chunk.todayTaps[offset] = taps + 1;
    const local = event.at - T0_MS + this.#doors.utcOffsetMinutes * 60_000;
    const day = Math.floor(local / DAY_MS);
    const place = {
      isWeekend: day % 7 === SATURDAY || day % 7 === SATURDAY + 1 ? 1 : 0,
      hour: Math.floor(local / 3_600_000) % 24,
      point: event.point,
    };
    const was = today;
    today = judgeHabit(chunk, offset, today, place, this.#population);
    today = judgeVolume(chunk, offset, today);
    if (was !== today) this.#noteHabits(chunk, offset, record, event, was, today, place.hour);
    if ((event.bits & BIT.unaccustomed) !== 0) {
      const bucket = Math.min(2, bucketOf(today, "R18") + 1);
      today = withBucket(today, "R18", bucket);
      this.#note(chunk, offset, record, event, "R18", bucket, () => ({ timesToday: bucket }));
    }
    this.#population.note(place.isWeekend, place.hour, event.point);
    learnHabit(chunk, offset, place);
    chunk.lastAt[offset] = corrected;
    chunk.lastPoint[offset] = event.point;
    return today;
  }

  #judgeTravel(
    chunk: Chunk,
    offset: number,
    record: number,
    event: Held,
    lastPoint: number,
    sinceTenths: number,
    today: number,
  ): number {
    const { points, walkSeconds } = this.#doors;
    const walk = walkSeconds[lastPoint * points.length + event.point] ?? Number.POSITIVE_INFINITY;
    const [from, to] = [points[lastPoint], points[event.point]];
    if (walk === Number.POSITIVE_INFINITY || from === undefined || to === undefined) return today;
    const [was, is] = [this.#gates[from.gate], this.#gates[to.gate]];
    if (was === undefined || is === undefined || was.isDoubted(event.at)) return today;
    const needed = walk / this.#settings.fastestTimesWalk;
    const spread = from.gate === to.gate ? 0 : CLOCK_DEVIATIONS * Math.hypot(was.errorMs, is.errorMs);
    const tolerance = Math.max(LEAST_TOLERANCE_MS, spread) / 1_000;
    const missing = needed - sinceTenths / 10 - tolerance;
    if (!(missing > 0)) return today;
    const twoSites = Math.max(from.outerFrom, from.outerTo) !== Math.max(to.outerFrom, to.outerTo);
    const rule = twoSites ? "R6" : "R5";
    const bucket = twoSites || missing <= CLEAR_SECONDS ? 1 : 2;
    if (bucket <= bucketOf(today, rule)) return today;
    this.#note(chunk, offset, record, event, rule, bucket, () => ({
      from: from.id,
      seconds: sinceTenths / 10,
      fastestSeconds: Math.round(needed),
      toleranceSeconds: Math.round(tolerance),
    }));
    return withBucket(today, rule, bucket);
  }

  #judgePassback(
    chunk: Chunk,
    offset: number,
    record: number,
    event: Held,
    at: number,
    sinceTenths: number,
    today: number,
  ): number {
    const point = this.#doors.points[event.point];
    if (point === undefined) return today;
    const { outerFrom, outerTo } = point;
    const { isCounted } = this.#doors;
    const area = chunk.area[offset] ?? NO_AREA;
    chunk.area[offset] = outerTo;
    const counts = (one: number) => one === 0 || isCounted[one] === true;
    if (area === NO_AREA || !counts(area) || !counts(outerFrom)) return today;
    if (sinceTenths >= 0 && sinceTenths < this.#settings.conflictAfterSeconds * 10) return today;
    const crossings = chunk.crossings[offset] ?? 0;
    if (crossings < 0xffff) chunk.crossings[offset] = crossings + 1;
    if (area === outerFrom) return bucketOf(today, "R7") === 0 ? withBucket(today, "R7", 1) : today;
    // Whoever is alone forgets a tap now on the way in, now on the way out. Two bodies on one card make one conflict
    // going in and the next going out, in turn: a conflict like the last one speaks for a forgetful person.
    const entersTwice = outerFrom === 0;
    const flags = chunk.flags[offset] ?? 0;
    const since = at - (chunk.conflictAt[offset] ?? 0);
    const isFirst = (chunk.conflictAt[offset] ?? 0) === 0 || since > TURN_TENTHS;
    const isAlike = !isFirst && entersTwice === ((flags & ENTERED_FLAG) !== 0);
    chunk.conflictAt[offset] = at;
    chunk.flags[offset] = entersTwice ? flags | ENTERED_FLAG : flags & ~ENTERED_FLAG;
    const alike = (chunk.alike[offset] ?? 0) + (isAlike ? 1 : 0);
    chunk.alike[offset] = Math.min(0xffff, alike);
    const share = (2 * alike + RATE_PRIOR.conflicts) / (crossings + RATE_PRIOR.crossings);
    const rate = share > OFTEN ? 0 : share > SOMETIMES ? 1 : 2;
    const isPair = !isFirst && !isAlike && !entersTwice && since < PAIR_TENTHS;
    const bucket = isPair ? 5 + rate : isAlike ? 3 : rate === 2 && !isFirst ? 4 : 2;
    if (bucket <= bucketOf(today, "R7")) return today;
    this.#note(chunk, offset, record, event, "R7", bucket, () => ({
      was: this.#doors.outerAreas[area] ?? "",
      tapsFrom: this.#doors.outerAreas[outerFrom] ?? "",
      crossingsBefore: crossings,
      conflictsAlike: alike,
      ...(isPair ? { hoursAfterEnteringTwice: Math.round(since / 3_600) / 10 } : {}),
    }));
    return withBucket(today, "R7", bucket);
  }

  // --- sums, signs and steps ---

  #score(chunk: Chunk, offset: number): number {
    const { askDense, askSparse } = this.#settings.weights;
    const today = chunk.today[offset] ?? 0;
    const dense = (chunk.dense[offset] ?? 0) + Math.max(0, this.#weightOf(today, this.#weights.dense));
    const sparse = (chunk.sparse[offset] ?? 0) + Math.max(0, this.#weightOf(today, this.#weights.sparse));
    return 10 * Math.max(dense / askDense, sparse / askSparse);
  }

  #weightOf(today: number, table: Float32Array): number {
    // The owner's right answers say nothing for somebody who answers wrongly.
    const isProven = (today & PROVEN_BIT) !== 0 && bucketOf(today, "R4") === 0;
    return (table[today & 0xffff] ?? 0) + (isProven ? this.#settings.weights.proven : 0);
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
    inputs: () => Sign["inputs"],
  ): void {
    this.#sinks.onOnce?.(rule, event.name, event.at);
    const { once, askDense, askSparse } = this.#settings.weights;
    const weight = once[rule];
    // Written for an ask at 10; what a card proves does not grow weaker because behaviour is asked for more.
    chunk.dense[offset] = sum(chunk.dense[offset] ?? 0, (weight * askDense) / 10);
    chunk.sparse[offset] = sum(chunk.sparse[offset] ?? 0, (weight * askSparse) / 10);
    if (rule === "R1" || rule === "R2" || rule === "R12") {
      chunk.flags[offset] = (chunk.flags[offset] ?? 0) | PROOF_FLAG;
    }
    if (this.#score(chunk, offset) >= NOTED_SCORE) this.#write(record, event, rule, weight, inputs());
  }

  #note(
    chunk: Chunk,
    offset: number,
    record: number,
    event: Held,
    rule: DailyRuleId,
    bucket: number,
    inputs: () => Sign["inputs"],
  ): void {
    const { dense, sparse, askDense } = this.#settings.weights;
    const weight = Math.max(dense[rule][bucket] ?? 0, sparse[rule][bucket] ?? 0);
    if (weight <= 0 || this.#score(chunk, offset) + (10 * weight) / askDense < NOTED_SCORE) return;
    this.#write(record, event, rule, weight, inputs());
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
    for (const rule of ["R8", "R9", "R10"] as const) {
      const bucket = bucketOf(today, rule);
      if (bucket <= bucketOf(was, rule)) continue;
      const inputs = () => (rule === "R8" ? { tapsToday: chunk.todayTaps[offset] ?? 0 } : { hour });
      this.#note(chunk, offset, record, event, rule, bucket, inputs);
    }
  }

  #write(record: number, event: Held, rule: Sign["rule"], weight: number, inputs: Sign["inputs"]): void {
    const point = this.#doors.points[event.point];
    this.#notebook.write(record, {
      rule,
      weight,
      at: event.at,
      gate: this.#doors.gates[point?.gate ?? 0]?.id ?? "",
      accessPoint: point?.id ?? "",
      ...(event.sequence < 0 ? {} : { sequence: event.sequence }),
      inputs,
    });
  }
}

/** Beside the flag of `counters.ts`: a sign that behaviour alone cannot make. */
const PROOF_FLAG = 2;
/** The last conflict was an entry by somebody inside. */
const ENTERED_FLAG = 4;

function sum(before: number, weight: number): number {
  return Math.min(MOST_SUM, Math.max(0, before + weight));
}

function inputsOf(finding: CounterFinding): Sign["inputs"] {
  const { rule, ...inputs } = finding;
  return inputs;
}
