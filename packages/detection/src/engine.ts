import { BIT, FAILURE_CODE, failureOf, KindNames, packBits } from "./bits.ts";
import { type Case, CaseQueue, type GateNotice } from "./case.ts";
import type { DoorMap } from "./doors.ts";
import { EarlyWatch } from "./early.ts";
import type { AccessEvent, DetectionInput } from "./event.ts";
import { type GateState, GateWatch } from "./gate-watch.ts";
import { type DayOver, Judge } from "./judge.ts";
import { HashedNames, hashName, type NameHash } from "./name-hash.ts";
import { Held, type HeldTaker, OrderBuffer } from "./order-buffer.ts";
import type { OnceRuleId, Settings } from "./rules.ts";
import { completeSettings } from "./settings.ts";

/** A record of the future: further ahead of its receipt than any clock should be. */
const AHEAD_MS = 3_600_000;
/** A silence after which one event alone is not believed to be the present. */
const SILENCE_MS = 2 * 86_400_000;
const UNKNOWN = FAILURE_CODE.unknown;

/** What became of the input so far. */
export interface DetectorCounts {
  taken: number;
  judged: number;
  duplicates: number;
  unknownDoors: number;
  /** Later than `lateHours`, or before the first events: not judged. */
  tooLate: number;
  /** Ahead of their receipt: judged at the time of receipt, their gate is not relied on. */
  ahead: number;
  /** A time far ahead of all others that no second event confirmed: not judged. */
  unconfirmed: number;
  /** Credentials beyond `maxCredentials`: not judged. */
  withoutRoom: number;
  strangers: number;
}

export interface Detector {
  /** Takes an event or report, in whatever order they come; a report about when it was made. Cases come out of `onCase`, in the order of their times, once no earlier event can come. */
  take(input: DetectionInput): void;
  /** Time goes by without events: what waited long enough is judged. */
  advance(nowMs: number): void;
  /** Judges all that still waits. */
  finish(): void;
  readonly counts: Readonly<DetectorCounts>;
  gateStates(): readonly GateState[];
  /** Bytes of all state that grows with credentials; with the events that wait in `heldBytes`. */
  stateBytes(): number;
  heldBytes(): number;
  readonly credentials: number;
}

export interface DetectorOptions {
  readonly doors: DoorMap;
  readonly settings?: Partial<Settings>;
  readonly onCase: (found: Case) => void;
  /**
   * What needs no waiting, in whatever order events come: a counter that forked, a second wrong key, a use behind a
   * loss report, two doors too close in time where both clocks are beyond doubt. A case of the same credential follows out of `onCase`, and that one is the same whatever the order was.
   */
  readonly onEarly?: (found: Case) => void;
  readonly onNotice?: (notice: GateNotice) => void;
  /** For learning: each day of a credential when it is over, and each sign that counts at once. */
  readonly onDay?: (day: DayOver) => void;
  readonly onOnce?: (rule: OnceRuleId, credential: string, at: number) => void;
}

/** Makes an engine for one community. Throws `invalid-settings`. */
export function makeDetector(options: DetectorOptions): Detector {
  return new Engine(options);
}

class Engine implements Detector, HeldTaker {
  readonly counts: DetectorCounts = {
    taken: 0,
    judged: 0,
    duplicates: 0,
    unknownDoors: 0,
    tooLate: 0,
    ahead: 0,
    unconfirmed: 0,
    withoutRoom: 0,
    strangers: 0,
  };
  readonly #doors: DoorMap;
  readonly #settings: Settings;
  readonly #kinds = new KindNames();
  readonly #gates: readonly GateWatch[];
  readonly #judge: Judge;
  readonly #buffer: OrderBuffer;
  readonly #early: EarlyWatch | undefined;
  readonly #cases: CaseQueue;
  readonly #onNotice: ((notice: GateNotice) => void) | undefined;
  readonly #hash: NameHash = { hi: 0, lo: 0 };
  readonly #names = new HashedNames();
  readonly #in = new Held();
  readonly #out = new Held();
  #clock = Number.NEGATIVE_INFINITY;
  #edge = Number.NEGATIVE_INFINITY;
  #unconfirmed: DetectionInput | undefined;
  /** The epoch of the event judged last; where epochs never change, all times once there was one. */
  #epochFrom = Number.NaN;
  #epochUntil = Number.NaN;

  constructor({ doors, settings = {}, onCase, onEarly, onNotice, onDay, onOnce }: DetectorOptions) {
    this.#doors = doors;
    this.#settings = completeSettings(settings);
    this.#gates = doors.gates.map(
      ({ id, clockErrorSeconds }) => new GateWatch(id, clockErrorSeconds * 1_000),
    );
    this.#cases = new CaseQueue(onCase);
    const sinks = { onCase: this.#cases.put, onDay, onOnce };
    this.#judge = new Judge(doors, this.#gates, this.#kinds, this.#settings, sinks);
    if (onEarly !== undefined && this.#settings.earlyCards > 0) {
      this.#early = new EarlyWatch(doors, this.#kinds, this.#settings, this.#judge.walks, onEarly);
    }
    this.#buffer = new OrderBuffer(this.#settings.lateHours * 3_600_000, this.#settings.maxHeldEvents);
    this.#onNotice = onNotice;
  }

  take(input: DetectionInput): void {
    this.counts.taken++;
    this.#accept(input);
  }

  advance(nowMs: number): void {
    if (nowMs > this.#clock) this.#clock = nowMs;
    this.#release();
  }

  finish(): void {
    if (this.#unconfirmed !== undefined) this.counts.unconfirmed++;
    this.#unconfirmed = undefined;
    this.#buffer.drain(this.#out, this);
    this.#judge.settle(Number.POSITIVE_INFINITY);
    this.#cases.tellBefore(Number.POSITIVE_INFINITY);
    this.#edge = Number.POSITIVE_INFINITY;
  }

  gateStates(): readonly GateState[] {
    return this.#gates.map(({ state }) => state);
  }

  stateBytes(): number {
    return this.#judge.table.byteLength;
  }

  heldBytes(): number {
    return this.#buffer.byteLength + (this.#early?.byteLength ?? 0) + this.#names.byteLength;
  }

  get credentials(): number {
    return this.#judge.table.count;
  }

  #accept(input: DetectionInput): void {
    const present = presentOf(input);
    // One wrong clock must not make everything that waits look late.
    if (present > this.#clock + SILENCE_MS && this.#clock !== Number.NEGATIVE_INFINITY) {
      const first = this.#unconfirmed;
      const firstPresent = first && presentOf(first);
      if (
        first === undefined ||
        firstPresent === undefined ||
        Math.abs(firstPresent - present) > SILENCE_MS
      ) {
        if (first !== undefined) this.counts.unconfirmed++;
        this.#unconfirmed = input;
        return;
      }
      this.#unconfirmed = undefined;
      this.#clock = Math.min(firstPresent, present);
      this.#accept(first);
    }
    if (present > this.#clock) {
      this.#clock = present;
      this.#release();
    }
    if ("report" in input) this.#putReport(input);
    else this.#putEvent(input);
  }

  #putEvent(event: AccessEvent): void {
    const point = this.#doors.pointIndex.get(event.accessPoint);
    const door = point === undefined ? undefined : this.#doors.points[point];
    const gate = door && this.#gates[door.gate];
    if (point === undefined || door === undefined || gate?.id !== event.gate) {
      this.counts.unknownDoors++;
      return;
    }
    const held = this.#in;
    const { at, receivedAt = -1, credential, fingerprint, batch } = event;
    const isAhead = receivedAt >= 0 && at > receivedAt + AHEAD_MS;
    held.at = isAhead ? receivedAt : at;
    held.receivedAt = receivedAt;
    if (isAhead) this.counts.ahead++;
    if (held.at < this.#edge) {
      this.counts.tooLate++;
      return;
    }
    this.#names.hash(credential, this.#hash);
    held.keyHi = this.#hash.hi;
    held.keyLo = this.#hash.lo;
    held.point = point;
    held.sequence = event.sequence ?? -1;
    held.counter = event.counter ?? -1;
    held.bits = packBits(event, this.#kinds.codeOf(event.kind));
    if (isAhead) held.bits = (held.bits | BIT.ahead) >>> 0;
    // 0 stands for none.
    held.fingerprint = fingerprint === undefined ? 0 : (fingerprint % 0xffff) + 1;
    held.responseMicros = event.responseMicros ?? 0;
    held.batch = batch === undefined ? 0 : this.#judge.batches.numberOf(batch);
    held.name = credential;
    if (!isAhead) this.#early?.take(held);
    if (!this.#buffer.put(held)) this.counts.tooLate++;
    this.#buffer.shed(this.#out, this);
  }

  #putReport(input: Exclude<DetectionInput, AccessEvent>): void {
    const { report, credential, at } = input;
    hashName(credential, this.#hash);
    if (report === "lost" || report === "ended") this.#early?.end(credential, at);
    const held = new Held();
    held.at = Math.max(at, this.#edge);
    held.keyHi = this.#hash.hi;
    held.keyLo = this.#hash.lo;
    held.bits = BIT.report | (report === "copied" ? BIT.copied : report === "elsewhere" ? BIT.elsewhere : 0);
    if (report === "copied") held.batch = this.#judge.batches.numberOf(input.batch);
    held.name = credential;
    if (!this.#buffer.put(held)) this.counts.tooLate++;
  }

  #release(): void {
    const until = this.#clock - this.#settings.lateHours * 3_600_000;
    const edge = this.#buffer.edge(until);
    if (edge <= this.#edge) return;
    this.#edge = edge;
    this.#buffer.release(until, this.#out, this);
    // Nothing before the edge can come any more: who waits for the next event to be told, may wait for days.
    this.#judge.settle(edge);
    this.#cases.tellBefore(this.#judge.toldUntil(edge));
  }

  /** For the order buffer: the next event in order. */
  takeHeld(event: Held): void {
    // Written so that it holds before the first event too, whose epoch is not known.
    if (!(event.at >= this.#epochFrom && event.at < this.#epochUntil)) this.#beginEpoch(event.at);
    if ((event.bits & BIT.report) === 0) {
      const gate = this.#gates[this.#doors.points[event.point]?.gate ?? 0];
      if (gate !== undefined && (event.bits & BIT.ahead) !== 0) gate.doubt(event.at);
      if (gate === undefined || !gate.note(event)) {
        this.counts.duplicates++;
        return;
      }
      if (failureOf(event.bits) === UNKNOWN) {
        this.#countStranger(gate, event);
        return;
      }
    }
    this.counts.judged++;
    if (!this.#judge.judge(event)) this.counts.withoutRoom++;
    this.#cases.tellBefore(this.#judge.toldUntil(event.at));
  }

  #beginEpoch(at: number): void {
    const { epoch } = this.#doors;
    if (epoch === undefined) {
      this.#epochFrom = Number.NEGATIVE_INFINITY;
      this.#epochUntil = Number.POSITIVE_INFINITY;
      return;
    }
    if (!Number.isNaN(this.#epochFrom)) this.#judge.forget();
    const number = Math.floor((at - epoch.anchorMs) / epoch.lengthMs);
    this.#epochFrom = epoch.anchorMs + number * epoch.lengthMs;
    this.#epochUntil = this.#epochFrom + epoch.lengthMs;
  }

  /** R14: how many different strangers' cards one gate saw in a minute (linear counting over 64 places). */
  #countStranger(gate: GateWatch, event: Held): void {
    this.counts.strangers++;
    const minute = Math.floor(event.at / 60_000);
    if (minute !== gate.strangersMinute) {
      gate.strangersMinute = minute;
      gate.strangersLow = 0;
      gate.strangersHigh = 0;
    }
    const before = estimate(gate.strangersLow, gate.strangersHigh);
    const place = event.keyHi & 63;
    if (place < 32) gate.strangersLow = (gate.strangersLow | (1 << place)) >>> 0;
    else gate.strangersHigh = (gate.strangersHigh | (1 << (place - 32))) >>> 0;
    const cards = estimate(gate.strangersLow, gate.strangersHigh);
    const limit = this.#settings.strangersAMinute;
    if (before <= limit && cards > limit) {
      this.#onNotice?.({ notice: "strangers", gate: gate.id, at: event.at, cards });
    }
  }
}

/** When whoever keeps the record had it. */
function presentOf(input: DetectionInput): number {
  return "report" in input ? input.at : (input.receivedAt ?? input.at);
}

function estimate(low: number, high: number): number {
  let empty = 64;
  for (let bits = low; bits !== 0; bits &= bits - 1) empty--;
  for (let bits = high; bits !== 0; bits &= bits - 1) empty--;
  return Math.round(-64 * Math.log(Math.max(0.5, empty) / 64));
}
