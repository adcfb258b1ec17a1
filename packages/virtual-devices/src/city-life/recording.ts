import type { Random } from "../random.ts";
import type { Attack } from "./attackers.ts";
import { makeGateClocks } from "./gate-clocks.ts";
import { makeCounterMemory, makeGateHabits } from "./gate-habits.ts";
import type { CityParameters } from "./parameters.ts";
import { type Calendar, type CityCardKind, DAY_SECONDS, type Draws, type Passage } from "./residents.ts";
import type { SitePlan } from "./site-plan.ts";

/** A passage by a card (token 0) or its copy (token 1). */
export interface TapIntent extends Passage {
  readonly card: number;
  readonly token: 0 | 1;
  readonly misuse: boolean;
}

/** One line of a gate's journal as it arrived, in the form of docs/detect.md. Times in Unix milliseconds. */
export interface CityEvent {
  readonly at: number;
  readonly receivedAt: number;
  readonly gate: string;
  readonly accessPoint: string;
  readonly credential: string;
  readonly kind: "uid" | "ntag424" | "desfire";
  readonly sequence: number;
  readonly result: "granted" | "refused";
  readonly failure?: "wrong-key" | "card-removed";
  readonly counter?: number;
  readonly torn?: true;
  readonly wentBack?: true;
  readonly unaccustomed?: true;
}

export interface Recorded {
  readonly events: readonly CityEvent[];
  readonly card: Int32Array;
  readonly byCopy: Uint8Array;
  readonly epochAnchorMs: number;
  readonly pseudonyms: readonly (readonly string[])[];
  pseudonymAt(card: number, atMs: number): string;
}

interface Line {
  readonly event: CityEvent;
  readonly card: number;
  readonly byCopy: boolean;
}

const EVENT_KINDS = {
  uid: "uid",
  sequence: "uid",
  ntag424: "ntag424",
  desfire: "desfire",
  challenge: "desfire",
} as const;

/** What gates write down of the passages, and when the server hears of it. */
export function recordTaps(input: {
  readonly random: Random;
  readonly plan: SitePlan;
  readonly parameters: CityParameters;
  readonly draws: Draws;
  readonly calendar: Calendar;
  readonly cards: readonly { readonly kind: CityCardKind; readonly isShared: boolean }[];
  readonly attacks: readonly Attack[];
  readonly intents: readonly TapIntent[];
  readonly startMs: number;
  readonly epochDays: number;
}): Recorded {
  const { random, plan, parameters, draws, calendar, cards, startMs, epochDays } = input;
  const epochMs = epochDays * DAY_SECONDS * 1_000;
  const epochAnchorMs = startMs - random.integer(epochDays) * DAY_SECONDS * 1_000;
  const names = makePseudonyms(random.branch("names"), cards.length, calendar.days, epochDays);
  const clocks = makeGateClocks(random.branch("clocks"), plan, parameters, draws, calendar.days);
  const habits = makeGateHabits(plan.gates.length, cards.length);
  const memory = makeCounterMemory(cards.length);
  const heldOpen = makeHeldOpen(random.branch("held"), plan, draws, calendar.days);
  const attackOf = new Map(
    input.attacks
      .map((attack) => [attack.card, attack] as const)
      .filter(([, { attack }]) => attack !== "lost"),
  );
  const owners = new Float64Array(cards.length).map(() => 200 + random.integer(5_000));
  /** Counters of the copies; NaN until the card was copied. */
  const copies = new Float64Array(cards.length).fill(Number.NaN);
  const sequences = new Int32Array(plan.gates.length);
  const lines: Line[] = [];
  const taps = withRepeats(random, parameters, cards, plan, input.intents);
  const limit = calendar.days * DAY_SECONDS;
  for (const tap of taps) {
    if (tap.at >= limit) break;
    const point = plan.points[tap.point];
    if (point === undefined) continue;
    if (heldOpen(point.gate, tap.at) && random.chance(0.9)) continue;
    if (random.chance(tap.tailgating)) continue;
    record(tap, point.gate);
  }
  lines.sort((a, b) => a.event.receivedAt - b.event.receivedAt);
  return {
    events: lines.map(({ event }) => event),
    card: Int32Array.from(lines, ({ card }) => card),
    byCopy: Uint8Array.from(lines, ({ byCopy }) => (byCopy ? 1 : 0)),
    epochAnchorMs,
    pseudonyms: names.pseudonyms,
    pseudonymAt: (card, atMs) => names.pseudonyms[epochOf(atMs)]?.[card] ?? "",
  };

  function epochOf(atMs: number): number {
    return Math.max(0, Math.floor((atMs - epochAnchorMs) / epochMs));
  }

  function record(tap: TapIntent, gate: number): void {
    const { card } = tap;
    const kind = cards[card]?.kind ?? "uid";
    const radioFault = random.chance(parameters.radioFaults);
    const foreign = kind === "challenge" && tap.token === 1;
    const genuineFails = kind !== "uid" && kind !== "sequence" && random.chance(parameters.wrongKey);
    const failure = foreign || genuineFails ? "wrong-key" : radioFault ? "card-removed" : undefined;
    const { shown, torn } = failure === undefined ? count(tap, kind) : { shown: undefined, torn: false };
    const trueMs = startMs + tap.at * 1_000;
    const at = Math.round(trueMs + clocks.offsetSeconds(gate, tap.at) * 1_000);
    const epoch = epochOf(at);
    const sequence = (sequences[gate] ?? 0) + 1;
    sequences[gate] = sequence;
    const pseudonym = names.pseudonyms[epoch]?.[card] ?? "";
    const counterOffset = names.offsets[epoch]?.[card] ?? 0;
    const wentBack =
      shown !== undefined && memory.isBelow(gate, card, shown, epoch, at - epochAnchorMs - epoch * epochMs);
    const unaccustomed = habits.tap(gate, card, tap.point, at + 8 * 3_600_000, epoch);
    const event: CityEvent = {
      at,
      receivedAt: Math.round(clocks.receivedSeconds(gate, tap.at) * 1_000) + startMs,
      gate: plan.gates[gate] ?? "",
      accessPoint: plan.points[tap.point]?.id ?? "",
      credential: pseudonym,
      kind: EVENT_KINDS[kind],
      sequence,
      result: failure === undefined ? "granted" : "refused",
      ...(failure === undefined ? {} : { failure }),
      ...(shown === undefined ? {} : { counter: shown + counterOffset }),
      ...(torn ? { torn } : {}),
      ...(wentBack ? { wentBack } : {}),
      ...(unaccustomed && failure === undefined ? { unaccustomed } : {}),
    };
    // A tap with a copy, and each tap of a stranger with the card itself.
    const byCopy = tap.misuse;
    lines.push({ event, card, byCopy });
    if (random.chance(parameters.uploadedTwice)) {
      lines.push({ event: { ...event, receivedAt: event.receivedAt + 1_000 }, card, byCopy });
    }
  }

  /** What the card or its copy says at this tap. */
  function count(tap: TapIntent, kind: CityCardKind): { shown: number | undefined; torn: boolean } {
    if (kind === "uid" || kind === "challenge") return { shown: undefined, torn: false };
    const { card, token } = tap;
    const attack = attackOf.get(card);
    if (token === 1 && Number.isNaN(copies[card] ?? 0)) {
      // Copied some taps ago: the counter stands where it stood then, unless the emulator raises it.
      const raised = kind === "sequence" ? 0 : (attack?.raisedBy ?? 0);
      copies[card] = (owners[card] ?? 0) - random.integer(12) + raised;
    }
    const held = token === 1 ? copies : owners;
    const phone = kind === "ntag424" && token === 0 && random.chance(parameters.phoneReadsADay / 3);
    const now = (held[card] ?? 0) + (phone ? 1 + random.integer(4) : 0);
    const torn = random.chance(draws.tornWrites);
    // Of torn writes half reached the card. A chip that counts by itself has counted.
    const moved = kind !== "sequence" || !torn || random.chance(0.5);
    held[card] = now + (moved ? 1 : 0);
    return { shown: now, torn };
  }
}

/** Repeated taps, and cards handed back over the fence; in order of time. */
function withRepeats(
  random: Random,
  parameters: CityParameters,
  cards: readonly { readonly isShared: boolean }[],
  plan: SitePlan,
  intents: readonly TapIntent[],
): TapIntent[] {
  const taps: TapIntent[] = [];
  for (const intent of intents) {
    taps.push(intent);
    if (random.chance(parameters.doubleTap)) taps.push({ ...intent, at: intent.at + 2 + random.next() * 3 });
    const enters = plan.points[intent.point]?.from === "outside";
    if (enters && cards[intent.card]?.isShared === true && random.chance(parameters.fencePassBack)) {
      taps.push({ ...intent, at: intent.at + 8 + random.next() * 17 });
    }
  }
  return taps.sort((a, b) => a.at - b.at);
}

function makeHeldOpen(random: Random, plan: SitePlan, draws: Draws, days: number) {
  const perimeter = new Set(
    plan.sites.flatMap((site) => site.perimeter.map((door) => plan.points[door.in]?.gate)),
  );
  const spans = plan.gates.map((_, gate) => {
    if (!perimeter.has(gate)) return [];
    const list: { from: number; until: number }[] = [];
    for (let day = 0; day < days; day++) {
      if (!random.chance(draws.heldOpenADay / perimeter.size)) continue;
      const from = day * DAY_SECONDS + (7 + random.next() * 13) * 3_600;
      list.push({ from, until: from + 1_200 + random.next() * 4_800 });
    }
    return list;
  });
  return (gate: number, at: number) =>
    spans[gate]?.some(({ from, until }) => at >= from && at < until) === true;
}

function makePseudonyms(random: Random, cards: number, days: number, epochDays: number) {
  const epochs = Math.ceil(days / epochDays) + 2;
  const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const each = <T>(make: () => T) =>
    Array.from({ length: epochs }, () => Array.from({ length: cards }, make));
  return {
    pseudonyms: each(() => hex(random.bytes(16))),
    offsets: each(() => random.integer(2 ** 40)),
  };
}
