import {
  bucketsOfDay,
  DAILY_RULES,
  type DailyRuleId,
  DEFAULT_SETTINGS,
  PROVEN_BIT,
  RULES,
  type Weights,
  type WeightTable,
} from "@menshen/detection";
import { CITY_START_MS, type CityCommunity, simulateCommunity } from "@menshen/virtual-devices";
import { runCommunity } from "./run-community.ts";

const DAY_MS = 86_400_000;
/** Days behind the copy's first use from which is learnt: what must be found by then. */
const LEARNT_DAYS = 30;
/** Cards that prove themselves must be found within the first uses. */
const LEARNT_DAYS_PROOF = 5;
const T0_MS = Date.UTC(2020, 0, 1);
/** A weight beyond this would claim more than the sample can show. */
const MOST_WEIGHT = 8;
const MOST_PROOF = 14;

/** R19: no simulated resident opens a neighbour's building, real ones do now and then; one time alone must not ask. */
const MOST_BUILDING = [0, 6, 12];

type Counts = Record<DailyRuleId, number[]>;
const emptyCounts = (): Counts => {
  const of = (rule: DailyRuleId) => RULES[rule].buckets.map(() => 0);
  return {
    R4: of("R4"),
    R5: of("R5"),
    R6: of("R6"),
    R7: of("R7"),
    R8: of("R8"),
    R9: of("R9"),
    R10: of("R10"),
    R18: of("R18"),
    R19: of("R19"),
  };
};

interface Sample {
  readonly counts: Counts;
  days: number;
  proven: number;
  readonly once: Set<string>;
}
const emptySample = (): Sample => ({ counts: emptyCounts(), days: 0, proven: 0, once: new Set() });

/**
 * Learns what each bucket weighs from communities of its own: how often a day fell into it with a copy in use, and how
 * often without. Copies that avoid their owner teach nothing here: they would teach to look for nothing.
 */
export function learnWeights(communities: Iterable<CityCommunity>): Weights {
  const honestNumber = emptySample();
  const dense = emptySample();
  const sparse = emptySample();
  const honestProof = emptySample();
  const copiedProof = emptySample();
  for (const community of communities) {
    const attacks = new Map(community.truth.attacks.map((attack) => [attack.card, attack]));
    const sampleOf = (card: number, atMs: number): Sample | undefined => {
      const attack = attacks.get(card);
      const kind = community.truth.kinds[card];
      const isNumber = kind === "uid";
      if (attack === undefined) return isNumber ? honestNumber : honestProof;
      const since = Math.floor((atMs - CITY_START_MS) / DAY_MS) - attack.firstDay;
      if (attack.attack === "family" || attack.attack === "relay" || attack.attack === "lost")
        return undefined;
      if (since < 0 || since >= LEARNT_DAYS || attack.attack === "careful") return undefined;
      if (!isNumber && since >= LEARNT_DAYS_PROOF) return undefined;
      if (!isNumber) return attack.attack === "sparse" ? undefined : copiedProof;
      return attack.attack === "sparse" ? sparse : dense;
    };
    runCommunity(community, {
      onDay(card, { day, today }) {
        const sample = sampleOf(card, T0_MS + day * DAY_MS);
        if (sample === undefined) return;
        sample.days++;
        if ((today & PROVEN_BIT) !== 0) sample.proven++;
        const buckets = bucketsOfDay(today);
        for (const rule of DAILY_RULES) {
          const list = sample.counts[rule];
          list[buckets[rule]] = (list[buckets[rule]] ?? 0) + 1;
        }
      },
      onOnce(rule, card, at) {
        sampleOf(card, at)?.once.add(`${rule}/${community.seed}/${card}/${Math.floor(at / DAY_MS)}`);
      },
    });
  }
  const proofDays = { copied: copiedProof.days, honest: honestProof.days };
  const once = (rule: "R1" | "R2" | "R3") => {
    const share = (sample: Sample) => [...sample.once].filter((key) => key.startsWith(`${rule}/`)).length;
    // A copy shows either of the two on a day; what one of them alone says is no less.
    return ratio(share(copiedProof), proofDays.copied, share(honestProof), proofDays.honest, MOST_PROOF);
  };
  const prior = DEFAULT_SETTINGS.weights;
  return {
    dense: { ...tableOf(dense, honestNumber), R4: proofTable(copiedProof, honestProof) },
    sparse: { ...tableOf(sparse, honestNumber), R4: proofTable(copiedProof, honestProof) },
    once: { ...prior.once, R1: once("R1"), R2: once("R2"), R3: once("R3") },
    proven: prior.proven,
    askDense: prior.askDense,
    askSparse: prior.askSparse,
    calibration: prior.calibration,
  };
}

function proofTable(copied: Sample, honest: Sample): number[] {
  const some = (sample: Sample) => (sample.counts.R4[1] ?? 0) + (sample.counts.R4[2] ?? 0);
  const one = ratio(some(copied), copied.days, some(honest), honest.days, MOST_PROOF);
  // No sample shows how rare two wrong keys of a genuine card on one day are: taken as independent.
  return [0, one, Math.round(200 * one) / 100];
}

function tableOf(copied: Sample, honest: Sample): WeightTable {
  const table = emptyCounts();
  for (const rule of DAILY_RULES) {
    table[rule] = copied.counts[rule].map((count, bucket) =>
      ratio(
        count,
        copied.days,
        honest.counts[rule][bucket] ?? 0,
        honest.days,
        rule === "R19" ? MOST_PROOF : MOST_WEIGHT,
      ),
    );
  }
  // Days without a strange building say nothing: most copies that keep to their owner's building have none.
  table.R19 = table.R19.map((weight, bucket) => Math.min(MOST_BUILDING[bucket] ?? 0, weight));
  return table;
}

/** Natural log of the ratio of two shares, half a case added to each. */
function ratio(copied: number, copiedDays: number, honest: number, honestDays: number, most: number): number {
  const value = Math.log((copied + 0.5) / (copiedDays + 1)) - Math.log((honest + 0.5) / (honestDays + 1));
  return Math.round(Math.max(-most, Math.min(most, value)) * 100) / 100;
}

/** Communities for learning, one after the other: their seeds begin with `learn`, those of evaluation never do. */
export function* learningCommunities(count: number, cards: number): Generator<CityCommunity> {
  for (let index = 0; index < count; index++) {
    yield simulateCommunity({ seed: `learn-${index}`, cards, days: 90 });
  }
}
