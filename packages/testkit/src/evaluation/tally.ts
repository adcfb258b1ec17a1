import type { CityAttack, CityCardKind, CityCommunity } from "@menshen/virtual-devices";
import type { FoundCase } from "./run-community.ts";

const DAY_MS = 86_400_000;
/** Recall counts what is found so long after the first use of a copy. */
const RECALL_DAYS = 30;
/** A case takes further signs for so long. */
const CASE_DAYS = 7;
const ASKS = new Set(["ask", "second-factor", "replace"]);

/** A suspicion, ours or a rival's. `toldAt`: when somebody could have known. */
export interface Alarm {
  readonly card: number;
  readonly at: number;
  readonly toldAt: number;
  /** Told of before: what was certain at once comes again in its order. */
  readonly isAgain?: boolean;
}

/** What became of one copy. */
export interface CopyOutcome {
  readonly attack: CityAttack;
  readonly kind: CityCardKind;
  readonly community: string;
  readonly isFound: boolean;
  /** Uses of the copy up to the one that gave it away, that one included. */
  readonly uses: number;
  /** Uses until somebody was told: those that no gate had reported yet included. */
  readonly usesUntilTold: number;
  readonly hours: number;
}

export interface Tally {
  readonly community: string;
  readonly copies: readonly CopyOutcome[];
  /** By class of card: alarms on cards without a copy, and thousands of cards times 30 days. */
  readonly falseAlarms: Readonly<Record<CardClass, { readonly alarms: number; readonly exposure: number }>>;
  readonly alarmsTrue: number;
  readonly alarmsAll: number;
}

export type CardClass = "number" | "proof";
export const classOf = (kind: CityCardKind): CardClass => (kind === "uid" ? "number" : "proof");

/** Cases that ask the holder or more, each once. */
export function alarmsOf(cases: readonly FoundCase[]): Alarm[] {
  const first = new Map<string, Alarm>();
  const early = cases.filter(({ isEarly, step }) => isEarly && ASKS.has(step));
  const earlyByCard = Map.groupBy(early, ({ card }) => card);
  for (const { case: id, card, at, toldAt, step, isEarly } of cases) {
    const key = `${id}/${isEarly ? "early" : "in-order"}`;
    if (!ASKS.has(step) || first.has(key)) continue;
    const isAgain =
      !isEarly && earlyByCard.get(card)?.some((one) => Math.abs(one.at - at) <= CASE_DAYS * DAY_MS) === true;
    first.set(key, { card, at, toldAt, isAgain });
  }
  return [...first.values()];
}

/** A rival's alarms, one for a card in seven days, as our cases are. */
export function mergedAlarms(community: CityCommunity, indices: readonly number[]): Alarm[] {
  const last = new Map<number, number>();
  const merged: Alarm[] = [];
  for (const index of indices) {
    const card = community.truth.card[index] ?? -1;
    const at = community.events[index]?.at ?? 0;
    if (at - (last.get(card) ?? Number.NEGATIVE_INFINITY) < CASE_DAYS * DAY_MS) continue;
    last.set(card, at);
    merged.push({ card, at, toldAt: community.events[index]?.receivedAt ?? at });
  }
  return merged;
}

/** Compares alarms with the truth. Families' own copies are copies; relayed and lost cards are left out of false alarms. */
export function tally(community: CityCommunity, alarms: readonly Alarm[]): Tally {
  const { truth, events } = community;
  const uses = new Map<number, number[]>();
  for (const [index, event] of events.entries()) {
    if (truth.byCopy[index] !== 1) continue;
    const card = truth.card[index] ?? -1;
    const list = uses.get(card) ?? [];
    uses.set(card, list);
    list.push(event.at);
  }
  for (const list of uses.values()) list.sort((a, b) => a - b);
  const begin = Math.min(...events.slice(0, 1_000).map(({ at }) => at));
  const end = events.at(-1)?.receivedAt ?? begin;
  const byCard = Map.groupBy(alarms, ({ card }) => card);
  const copies: CopyOutcome[] = [];
  const attacked = new Map(truth.attacks.map((attack) => [attack.card, attack.attack]));
  for (const { attack, card, kind } of truth.attacks) {
    const used = uses.get(card);
    const first = used?.[0];
    // Whose copy was never used, or only in the last days, proves nothing about anybody.
    if (used === undefined || first === undefined || end - first < RECALL_DAYS * DAY_MS) continue;
    const right = byCard.get(card)?.filter(({ at }) => at >= first) ?? [];
    const foundAt = Math.min(...right.map(({ at }) => at));
    const toldAt = Math.min(...right.map((one) => one.toldAt));
    const isFound = toldAt - first <= RECALL_DAYS * DAY_MS;
    const usesUntil = (end: number) =>
      end === Number.POSITIVE_INFINITY ? end : used.filter((at) => at <= end).length;
    copies.push({
      attack,
      kind,
      community: community.seed,
      isFound,
      uses: usesUntil(foundAt),
      usesUntilTold: usesUntil(toldAt),
      hours: (toldAt - first) / 3_600_000,
    });
  }
  const falseAlarms = { number: { alarms: 0, exposure: 0 }, proof: { alarms: 0, exposure: 0 } };
  let alarmsTrue = 0;
  for (const [card, kind] of truth.kinds.entries()) {
    const firstUse = uses.get(card)?.[0] ?? end;
    const attack = attacked.get(card);
    const own = (byCard.get(card) ?? []).filter(({ isAgain }) => isAgain !== true);
    if (attack === "lost" || attack === "relay" || attack === "family") continue;
    const entry = falseAlarms[classOf(kind)];
    entry.exposure += (firstUse - begin) / (30 * DAY_MS) / 1_000;
    entry.alarms += own.filter(({ at }) => at < firstUse).length;
    alarmsTrue += own.filter(({ at }) => at >= firstUse).length;
  }
  const alarmsAll = alarmsTrue + falseAlarms.number.alarms + falseAlarms.proof.alarms;
  return { community: community.seed, copies, falseAlarms, alarmsTrue, alarmsAll };
}
