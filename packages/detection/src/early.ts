import { BIT, FAILURE_CODE, failureOf, type KindNames, kindOf, versionOf } from "./bits.ts";
import type { Case, Sign } from "./case.ts";
import type { DoorMap } from "./doors.ts";
import { EarlyCards, KEPT_VALUES } from "./early-cards.ts";
import { LastTaps, type PromptTap } from "./early-taps.ts";
import { GateArrivals, KEPT_SEQUENCES } from "./gate-arrivals.ts";
import type { LearnedWalks } from "./learned-walks.ts";
import { T0_MS } from "./local-clock.ts";
import { isTooFast, type MoveFinding, tooFast, walkBetween } from "./moves.ts";
import type { Held } from "./order-buffer.ts";
import { type OnceRuleId, type Settings, STEPS, type Step, withBucket } from "./rules.ts";
import { type DayWeights, dayWeights, denseOf, mostOf, probabilityOf, sparseOf } from "./score.ts";

const DAY_MS = 86_400_000;
/** A record that came this soon has a time that its receipt vouches for. */
const PROMPT_MS = 600_000;
const MOST_ENDED = 50_000;
/** No walk on a site takes longer: later taps are judged in order only. */
const LONGEST_WALK_MS = 1_800_000;
/** One wrong key may be an old key version; the second is not. */
const WRONG_KEYS = 2;
const WRONG_KEY = FAILURE_CODE["wrong-key"];
const REPLAY = FAILURE_CODE.replay;
const ENDED = FAILURE_CODE.ended;
/** A record that came so soon behind its time, or so little before it: the gate's clock and the receiver's agree. */
const AGREES_BEHIND_MS = 3_000;
const AGREES_AHEAD_MS = 1_000;
/** What two such times may be wrong by together. */
const TOLERANCE_SECONDS = (2 * AGREES_BEHIND_MS) / 1_000;

/**
 * What needs no waiting: certain whatever else may still come. A value shown twice is a fork, in whatever order the two
 * records arrive; so are a lower value after a higher one when both records came at once, and what the gate itself saw. Two
 * doors closer in time than anybody moves are told where both records came so soon that the gates' clocks are beyond doubt.
 *
 * Its memory is of a fixed size, for the cards used last; what it misses the ordered rules find within the lateness bound.
 */
export class EarlyWatch {
  readonly #doors: DoorMap;
  readonly #kinds: KindNames;
  readonly #settings: Settings;
  readonly #tell: (found: Case) => void;
  readonly #arrivals: readonly GateArrivals[];
  readonly #ended = new Map<string, number>();
  #cards: EarlyCards | undefined;

  readonly #walks: LearnedWalks;
  readonly #weights: DayWeights;
  readonly #taps = new LastTaps();
  readonly #before: PromptTap = { at: 0, point: 0, sequence: 0 };
  readonly #now: PromptTap = { at: 0, point: 0, sequence: 0 };

  /** @param walks as cards showed them so far; only read here */
  constructor(
    doors: DoorMap,
    kinds: KindNames,
    settings: Settings,
    walks: LearnedWalks,
    tell: (found: Case) => void,
  ) {
    this.#doors = doors;
    this.#kinds = kinds;
    this.#settings = settings;
    this.#walks = walks;
    this.#weights = dayWeights(settings);
    this.#tell = tell;
    this.#arrivals = doors.gates.map(() => new GateArrivals());
  }

  get byteLength(): number {
    const arrivals = this.#arrivals.length * (KEPT_SEQUENCES / 8);
    return (this.#cards?.byteLength ?? 0) + this.#taps.byteLength + arrivals;
  }

  end(credential: string, at: number): void {
    const known = this.#ended.get(credential);
    if (known !== undefined && known <= at) return;
    if (known === undefined && this.#ended.size >= MOST_ENDED) return;
    this.#ended.set(credential, at);
  }

  take(event: Held): void {
    const { sequence, bits } = event;
    const gate = this.#doors.points[event.point]?.gate ?? 0;
    if (sequence < 0 || this.#arrivals[gate]?.note(sequence) !== true) return;
    const isGranted = (bits & BIT.granted) !== 0;
    const failure = failureOf(bits);
    const isOver = isGranted && this.#isOver(event);
    const hasCounter = (bits & BIT.counter) !== 0;
    const isRefusedEnd = failure === ENDED;
    const isAboutCard = hasCounter || failure === WRONG_KEY || failure === REPLAY || isOver || isRefusedEnd;
    const cards = isAboutCard ? this.#openCards() : undefined;
    // Before its last tap is looked for: both come from far away, and so they come together.
    const card = cards === undefined ? 0 : cards.find(event);
    if (isGranted && isBeyondDoubt(event)) this.#judgeTravel(event);
    if (cards === undefined) return;
    if (isOver) this.#say(card, event, "R13", { minutesAfter: this.#minutesOver(event) });
    if (isRefusedEnd) this.#say(card, event, "R13", { refusedByGate: 1 });
    if (failure === REPLAY) this.#say(card, event, "R1", { refusedByGate: 1 });
    if ((bits & BIT.wentBack) !== 0) this.#say(card, event, "R1", { belowWhatGateSaw: 1 });
    if (failure === WRONG_KEY && cards.countWrongKey(card) >= WRONG_KEYS) {
      this.#say(card, event, "R4", { failures: WRONG_KEYS });
    }
    if (hasCounter) this.#judgeCounter(cards, card, event);
  }

  #openCards(): EarlyCards {
    this.#cards ??= new EarlyCards(this.#settings.earlyCards);
    return this.#cards;
  }

  /** R5 and R6. A longer way over a third door that both taps allow is found in order. */
  #judgeTravel(event: Held): void {
    const now = this.#now;
    const before = this.#before;
    const { keyHi, keyLo } = event;
    now.at = event.at;
    now.point = event.point;
    now.sequence = event.sequence;
    if (!this.#taps.read(keyHi, keyLo, before)) {
      this.#taps.write(keyHi, keyLo, now);
      return;
    }
    const isLater = before.at <= now.at;
    const first = isLater ? before : now;
    const second = isLater ? now : before;
    if (second === now) this.#taps.write(keyHi, keyLo, now);
    if (first.point === second.point) return;
    const from = this.#doors.points[first.point];
    const to = this.#doors.points[second.point];
    if (from === undefined || to === undefined) return;
    // Most taps at two doors are further apart than any walk takes.
    const apartMs = second.at - first.at;
    if (apartMs > LONGEST_WALK_MS) return;
    const { needed } = walkBetween(this.#doors, first.point, second.point, this.#settings, this.#walks);
    const seconds = Math.round(apartMs / 100) / 10;
    if (!isTooFast(needed, seconds, TOLERANCE_SECONDS)) return;
    const finding = tooFast({ from, to, seconds, needed, tolerance: TOLERANCE_SECONDS });
    this.#sayTravel(event, second, finding);
  }

  #sayTravel(event: Held, second: PromptTap, { rule, bucket, inputs }: MoveFinding): void {
    if (rule !== "R5" && rule !== "R6") return;
    const { weights, watchScore, secondFactorScore } = this.#settings;
    const today = withBucket(0, rule, bucket);
    // As much as a day weighs on which nothing else was seen.
    const isProven = (event.bits & BIT.counter) !== 0 || this.#kinds.isProving(kindOf(event.bits));
    const proven = isProven ? weights.proven : 0;
    const score =
      10 *
      Math.max(
        (denseOf(this.#weights, today) + proven) / weights.askDense,
        (sparseOf(this.#weights, today) + proven) / weights.askSparse,
      );
    if (score < watchScore) return;
    const step: Step = score < 10 ? "watch" : score < secondFactorScore ? "ask" : "second-factor";
    const weight = mostOf(this.#weights, rule, bucket);
    const card = this.#openCards().find(event);
    const point = this.#doors.points[second.point];
    const gate = this.#doors.gates[point?.gate ?? 0]?.id ?? "";
    const { at, sequence } = second;
    const sign = { rule, weight, at, gate, accessPoint: point?.id ?? "", sequence, inputs: inputs ?? {} };
    this.#tellOnce(card, event, { at, step, score, sign });
  }

  #judgeCounter(cards: EarlyCards, place: number, event: Held): void {
    const { at, receivedAt, counter } = event;
    const isTorn = (event.bits & BIT.torn) !== 0;
    cards.noteVersion(place, versionOf(event.bits));
    const most = cards.mostOf(place);
    const mostAt = cards.mostAt(place);
    const isPrompt = receivedAt >= 0 && Math.abs(receivedAt - at) <= PROMPT_MS;
    const slack = Math.max(PROMPT_MS, this.#settings.counterSlackMinutes * 60_000);
    if (most < 0 || counter > most) {
      if (most >= 0 && isPrompt && cards.isMostPrompt(place) && at < mostAt - slack) {
        this.#say(place, event, "R2", {
          ahead: counter - most,
          seconds: Math.round((mostAt - at) / 1_000),
        });
      }
      cards.rise(place, event, isPrompt, isTorn);
      return;
    }
    const behind = most - counter;
    if (behind >= KEPT_VALUES) return;
    const appearance = cards.appear(place, behind, isTorn);
    if (appearance === "second") {
      this.#say(place, event, "R1", { behind });
    } else if (appearance === "first" && isPrompt && cards.isMostPrompt(place) && at > mostAt + slack) {
      this.#say(place, event, "R2", { behind, seconds: Math.round((at - mostAt) / 1_000) });
    }
  }

  #isOver(event: Held): boolean {
    if (this.#ended.size === 0) return false;
    const ended = this.#ended.get(event.name);
    return ended !== undefined && event.at > ended + this.#settings.endGraceMinutes * 60_000;
  }

  #minutesOver(event: Held): number {
    return Math.round((event.at - (this.#ended.get(event.name) ?? event.at)) / 60_000);
  }

  #say(card: number, event: Held, rule: OnceRuleId | "R4", inputs: Sign["inputs"]): void {
    const { weights, secondFactorScore } = this.#settings;
    const weight = rule === "R4" ? (weights.dense.R4[WRONG_KEYS] ?? 0) : weights.once[rule];
    const score = rule === "R13" ? 0 : weight;
    if (rule !== "R13" && score < 10) return;
    const step: Step =
      rule === "R13"
        ? (event.bits & BIT.granted) !== 0
          ? "refuse-by-person"
          : "ask"
        : rule !== "R4"
          ? "replace"
          : score < secondFactorScore
            ? "ask"
            : "second-factor";
    const { at, sequence } = event;
    const point = this.#doors.points[event.point];
    const gate = this.#doors.gates[point?.gate ?? 0]?.id ?? "";
    const sign = { rule, weight, at, gate, accessPoint: point?.id ?? "", sequence, inputs };
    this.#tellOnce(card, event, { at, step, score, sign });
  }

  /** Unless as much was told of this card in the days of a case. */
  #tellOnce(
    card: number,
    { name, bits }: Held,
    told: { readonly at: number; readonly step: Step; readonly score: number; readonly sign: Sign },
  ): void {
    const { at, step, score, sign } = told;
    const span = this.#settings.caseDays * DAY_MS;
    if (this.#cards?.isTold(card, at, span, STEPS.indexOf(step) + 1) !== false) return;
    const day = Math.floor((at - T0_MS + this.#doors.utcOffsetMinutes * 60_000) / DAY_MS);
    this.#tell({
      case: `${name}/${day}`,
      credential: name,
      kind: this.#kinds.nameOf(kindOf(bits)),
      at,
      step,
      score: Math.round(score * 100) / 100,
      probability: probabilityOf(score, this.#settings),
      signs: [sign],
    });
  }
}

/** Whether a record came so soon that its receipt says when it was made, whatever the gate's clock. */
function isBeyondDoubt({ at, receivedAt }: Held): boolean {
  if (receivedAt < 0) return false;
  const delayMs = receivedAt - at;
  return delayMs <= AGREES_BEHIND_MS && delayMs >= -AGREES_AHEAD_MS;
}
