import { isProvingKind } from "./bits.ts";
import type { Case, Sign } from "./case.ts";
import type { DoorMap } from "./doors.ts";
import { EarlyCards, KEPT_VALUES } from "./early-cards.ts";
import { LastTaps, type PromptTap } from "./early-taps.ts";
import type { AccessEvent } from "./event.ts";
import { GateArrivals, KEPT_SEQUENCES } from "./gate-arrivals.ts";
import { T0_MS } from "./judge.ts";
import type { LearnedWalks } from "./learned-walks.ts";
import { type MoveFinding, tooFast, walkBetween } from "./moves.ts";
import type { NameHash } from "./name-hash.ts";
import { type OnceRuleId, type Settings, STEPS, type Step, withBucket } from "./rules.ts";
import { type DayWeights, dayWeights, probabilityOf, weightOf } from "./score.ts";

const DAY_MS = 86_400_000;
/** A record that came this soon has a time that its receipt vouches for. */
const PROMPT_MS = 600_000;
const MOST_ENDED = 50_000;
/** One wrong key may be an old key version; the second is not. */
const WRONG_KEYS = 2;
/** A record that came so soon behind its time, or so little before it: the gate's clock and the receiver's agree. */
const AGREES_MS = { behind: 3_000, ahead: 1_000 } as const;
/** What two such times may be wrong by together. */
const TOLERANCE_SECONDS = (2 * AGREES_MS.behind) / 1_000;

/**
 * What needs no waiting: certain whatever else may still come. A value shown twice is a fork, in whatever order the two
 * records arrive; so are a lower value after a higher one when both records came at once, and what the gate itself saw. Two
 * doors closer in time than anybody moves are told where both records came so soon that the gates' clocks are beyond doubt.
 *
 * Its memory is of a fixed size, for the cards used last; what it misses the ordered rules find within the lateness bound.
 */
export class EarlyWatch {
  readonly #doors: DoorMap;
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
  constructor(doors: DoorMap, settings: Settings, walks: LearnedWalks, tell: (found: Case) => void) {
    this.#doors = doors;
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

  /** @param place of the access point among the doors */
  take(event: AccessEvent, place: number, hash: NameHash): void {
    const { sequence, counter, failure, wentBack } = event;
    const gate = this.#doors.points[place]?.gate ?? 0;
    if (sequence === undefined || this.#arrivals[gate]?.note(sequence) !== true) return;
    if (event.result === "granted" && isBeyondDoubt(event)) {
      this.#judgeTravel(event, place, sequence, hash);
    }
    const isOver = event.result === "granted" && this.#isOver(event);
    if (counter === undefined && failure !== "wrong-key" && failure !== "replay" && !isOver) return;
    this.#cards ??= new EarlyCards(this.#settings.earlyCards);
    const card = this.#cards.find(hash, event.at);
    if (isOver) this.#say(card, event, "R13", { minutesAfter: this.#minutesOver(event) });
    if (failure === "replay") this.#say(card, event, "R1", { refusedByGate: 1 });
    if (wentBack === true) this.#say(card, event, "R1", { belowWhatGateSaw: 1 });
    if (failure === "wrong-key" && this.#cards.countWrongKey(card) >= WRONG_KEYS) {
      this.#say(card, event, "R4", { failures: WRONG_KEYS });
    }
    if (counter !== undefined) this.#judgeCounter(this.#cards, card, event, counter);
  }

  /** R5 and R6. A longer way over a third door that both taps allow is found in order. */
  #judgeTravel(event: AccessEvent, point: number, sequence: number, hash: NameHash): void {
    const now = this.#now;
    const before = this.#before;
    now.at = event.at;
    now.point = point;
    now.sequence = sequence;
    if (!this.#taps.read(hash, before)) {
      this.#taps.write(hash, now);
      return;
    }
    const [first, second] = before.at <= now.at ? [before, now] : [now, before];
    if (second === now) this.#taps.write(hash, now);
    if (first.point === second.point) return;
    const [from, to] = [this.#doors.points[first.point], this.#doors.points[second.point]];
    if (from === undefined || to === undefined) return;
    const { fastestTimesWalk } = this.#settings;
    const { needed } = walkBetween(this.#doors, first.point, second.point, fastestTimesWalk, this.#walks);
    const seconds = Math.round((second.at - first.at) / 100) / 10;
    const finding = tooFast({ from, to, seconds, needed, tolerance: TOLERANCE_SECONDS });
    if (finding !== undefined) this.#sayTravel(event, second, finding, hash);
  }

  #sayTravel(
    event: AccessEvent,
    second: PromptTap,
    { rule, bucket, inputs }: MoveFinding,
    hash: NameHash,
  ): void {
    if (rule !== "R5" && rule !== "R6") return;
    const { weights, watchScore, secondFactorScore } = this.#settings;
    const { dense, sparse } = this.#weights;
    const today = withBucket(0, rule, bucket);
    // As much as a day weighs on which nothing else was seen.
    const isProven = event.counter !== undefined || isProvingKind(event.kind);
    const proven = isProven ? weights.proven : 0;
    const score =
      10 *
      Math.max(
        (weightOf(dense, today) + proven) / weights.askDense,
        (weightOf(sparse, today) + proven) / weights.askSparse,
      );
    if (score < watchScore) return;
    const step: Step = score < 10 ? "watch" : score < secondFactorScore ? "ask" : "second-factor";
    const weight = Math.max(weights.dense[rule][bucket] ?? 0, weights.sparse[rule][bucket] ?? 0);
    this.#cards ??= new EarlyCards(this.#settings.earlyCards);
    const card = this.#cards.find(hash, event.at);
    const point = this.#doors.points[second.point];
    const gate = this.#doors.gates[point?.gate ?? 0]?.id ?? "";
    const { at, sequence } = second;
    const sign = { rule, weight, at, gate, accessPoint: point?.id ?? "", sequence, inputs: inputs?.() ?? {} };
    this.#tellOnce(card, event, { at, step, score, sign });
  }

  #judgeCounter(cards: EarlyCards, place: number, event: AccessEvent, counter: number): void {
    cards.noteVersion(place, event.keyVersion);
    const most = cards.most[place] ?? -1;
    const mostAt = cards.mostAt[place] ?? 0;
    const isPrompt = event.receivedAt !== undefined && Math.abs(event.receivedAt - event.at) <= PROMPT_MS;
    const slack = Math.max(PROMPT_MS, this.#settings.counterSlackMinutes * 60_000);
    if (most < 0 || counter > most) {
      if (most >= 0 && isPrompt && cards.isMostPrompt(place) && event.at < mostAt - slack) {
        this.#say(place, event, "R2", {
          ahead: counter - most,
          seconds: Math.round((mostAt - event.at) / 1_000),
        });
      }
      cards.rise(place, counter, event.at, isPrompt, event.torn === true);
      return;
    }
    const behind = most - counter;
    if (behind >= KEPT_VALUES) return;
    const appearance = cards.appear(place, behind, event.torn === true);
    if (appearance === "second") {
      this.#say(place, event, "R1", { behind });
    } else if (appearance === "first" && isPrompt && cards.isMostPrompt(place) && event.at > mostAt + slack) {
      this.#say(place, event, "R2", { behind, seconds: Math.round((event.at - mostAt) / 1_000) });
    }
  }

  #isOver(event: AccessEvent): boolean {
    const ended = this.#ended.get(event.credential);
    return ended !== undefined && event.at > ended + this.#settings.endGraceMinutes * 60_000;
  }

  #minutesOver(event: AccessEvent): number {
    return Math.round((event.at - (this.#ended.get(event.credential) ?? event.at)) / 60_000);
  }

  #say(card: number, event: AccessEvent, rule: OnceRuleId | "R4", inputs: Sign["inputs"]): void {
    const { weights, secondFactorScore } = this.#settings;
    const weight = rule === "R4" ? (weights.dense.R4[WRONG_KEYS] ?? 0) : weights.once[rule];
    const score = rule === "R13" ? 0 : weight;
    if (rule !== "R13" && score < 10) return;
    const step: Step =
      rule === "R13"
        ? STEPS[4]
        : rule !== "R4"
          ? "replace"
          : score < secondFactorScore
            ? "ask"
            : "second-factor";
    const { at, gate, accessPoint, sequence } = event;
    const numbered = sequence === undefined ? {} : { sequence };
    const sign = { rule, weight, at, gate, accessPoint, ...numbered, inputs };
    this.#tellOnce(card, event, { at, step, score, sign });
  }

  /** Unless as much was told of this card in the days of a case. */
  #tellOnce(
    card: number,
    { credential, kind }: AccessEvent,
    told: { readonly at: number; readonly step: Step; readonly score: number; readonly sign: Sign },
  ): void {
    const { at, step, score, sign } = told;
    const span = this.#settings.caseDays * DAY_MS;
    if (this.#cards?.isTold(card, at, span, STEPS.indexOf(step) + 1) !== false) return;
    const day = Math.floor((at - T0_MS + this.#doors.utcOffsetMinutes * 60_000) / DAY_MS);
    this.#tell({
      case: `${credential}/${day}`,
      credential,
      kind,
      at,
      step,
      score: Math.round(score * 100) / 100,
      probability: probabilityOf(score, this.#settings),
      signs: [sign],
    });
  }
}

/** Whether a record came so soon that its receipt says when it was made, whatever the gate's clock. */
function isBeyondDoubt({ at, receivedAt }: AccessEvent): boolean {
  if (receivedAt === undefined) return false;
  const delayMs = receivedAt - at;
  return delayMs <= AGREES_MS.behind && delayMs >= -AGREES_MS.ahead;
}
