import { CITY_ATTACKS, type Random } from "@menshen/virtual-devices";
import type { SeedResult } from "./evaluate-seed.ts";
import { type Estimate, quantile, rateEstimate, shareEstimate } from "./statistics.ts";
import { type CardClass, type CopyOutcome, classOf, type Tally } from "./tally.ts";

const ORDINARY = new Set(["reseller", "night", "insider"]);
const HOSTILE = new Set([...ORDINARY, "careful", "sparse"]);
/** A card that counts or is challenged has so many uses of its copy until it must be found. */
const PROOF_USES = 3;

type Pick = (copy: CopyOutcome) => boolean;

interface Row {
  readonly name: string;
  readonly pick: Pick;
  readonly withinUses?: number;
}

const ROWS: readonly Row[] = [
  {
    name: "counter, sequence or challenge, all hostile, within 3 uses",
    pick: (copy) => classOf(copy.kind) === "proof" && HOSTILE.has(copy.attack),
    withinUses: PROOF_USES,
  },
  ...(["sequence", "ntag424", "desfire", "challenge"] as const).map((kind) => ({
    name: `– ${kind}, within 3 uses`,
    pick: (copy: CopyOutcome) => copy.kind === kind && HOSTILE.has(copy.attack),
    withinUses: PROOF_USES,
  })),
  {
    name: "UID only, copies in regular use, by day 30",
    pick: (copy) => copy.kind === "uid" && ORDINARY.has(copy.attack),
  },
  {
    name: "UID only, all hostile, by day 30",
    pick: (copy) => copy.kind === "uid" && HOSTILE.has(copy.attack),
  },
  ...CITY_ATTACKS.map((attack) => ({
    name: `– UID only, ${attack}`,
    pick: (copy: CopyOutcome) => copy.kind === "uid" && copy.attack === attack,
  })),
];

export interface NamedRun {
  readonly name: string;
  readonly tallies: readonly Tally[];
}

/** The figures as Markdown: recall and delay by kind and attack, false alarms, and rivals on the same events. */
export function reportOf(
  title: string,
  size: { readonly seeds: number; readonly cards: number; readonly days: number },
  runs: readonly NamedRun[],
  random: Random,
): string {
  const lines = [
    `### ${title}: ${size.seeds} communities of ${size.cards} cards, ${size.days} days`,
    "",
    "| Copies | n | recall (95 %) | worst community | uses, median | uses until told, median / p90 | hours, median / p90 |",
    "|---|---|---|---|---|---|---|",
  ];
  const own = runs[0]?.tallies ?? [];
  for (const row of ROWS) lines.push(copiesRow(row, own, random));
  lines.push(
    "",
    "| Rule | FA UID (95 %) | worst | FA proof (95 %) | worst | precision | recall UID regular | recall UID 15 % of days | recall proof |",
    "|---|---|---|---|---|---|---|---|---|",
  );
  for (const { name, tallies } of runs) {
    const number = falseAlarms(tallies, "number", random);
    const proof = falseAlarms(tallies, "proof", random);
    const recall = (pick: Pick, uses?: number) =>
      percent(shareEstimate(groups(tallies, pick, uses), random).value);
    lines.push(
      `| ${[
        name,
        rate(number.estimate),
        number.worst.toFixed(1),
        rate(proof.estimate),
        proof.worst.toFixed(1),
        percent(
          tallies.reduce((sum, one) => sum + one.alarmsTrue, 0) /
            tallies.reduce((sum, one) => sum + one.alarmsAll, 0),
        ),
        recall((copy) => copy.kind === "uid" && ORDINARY.has(copy.attack)),
        recall((copy) => copy.kind === "uid" && copy.attack === "sparse"),
        recall((copy) => classOf(copy.kind) === "proof" && HOSTILE.has(copy.attack), PROOF_USES),
      ].join(" | ")} |`,
    );
  }
  lines.push(
    "",
    "FA: cases that ask the holder or more, for 1,000 cards of that class and 30 days. Automatic lock-outs: 0.",
  );
  return lines.join("\n");
}

/** What asking earlier or later would do: recall against false alarms, mere numbers and cards that prove themselves. */
export function curveOf(seeds: readonly SeedResult[]): string {
  const points = [1, ...new Set(seeds.flatMap(({ curve }) => curve.map(({ times }) => times)))];
  const lines = [
    `#### Asked earlier or later (the first ${seeds.length} communities)`,
    "",
    "| Ask, times the present | FA UID | recall UID regular | careful | 15 % of days | median days, regular | FA proof | recall proof |",
    "|---|---|---|---|---|---|---|---|",
  ];
  for (const times of points.sort((a, b) => a - b)) {
    const tallies = seeds.flatMap(({ runs, curve }) =>
      times === 1 ? runs.slice(0, 1) : curve.filter((one) => one.times === times).map((one) => one.tally),
    );
    const copies = tallies.flatMap((one) => one.copies);
    const share = (pick: Pick, withinUses = Number.POSITIVE_INFINITY) => {
      const mine = copies.filter(pick);
      return percent(mine.filter(({ isFound, uses }) => isFound && uses <= withinUses).length / mine.length);
    };
    const alarms = (cards: CardClass) => {
      const sum = (of: "alarms" | "exposure") =>
        tallies.reduce((total, one) => total + one.falseAlarms[cards][of], 0);
      return (sum("alarms") / sum("exposure")).toFixed(2);
    };
    const regular = (copy: CopyOutcome) => copy.kind === "uid" && ORDINARY.has(copy.attack);
    lines.push(
      `| ${[
        times,
        alarms("number"),
        share(regular),
        share((copy) => copy.kind === "uid" && copy.attack === "careful"),
        share((copy) => copy.kind === "uid" && copy.attack === "sparse"),
        (
          quantile(
            copies.filter(regular).map(({ hours }) => hours),
            0.5,
          ) / 24
        ).toFixed(1),
        alarms("proof"),
        share((copy) => classOf(copy.kind) === "proof" && HOSTILE.has(copy.attack), PROOF_USES),
      ].join(" | ")} |`,
    );
  }
  return `\n${lines.join("\n")}\n`;
}

function copiesRow({ name, pick, withinUses }: Row, tallies: readonly Tally[], random: Random): string {
  const list = groups(tallies, pick, withinUses);
  const copies = tallies.flatMap((one) => one.copies.filter(pick));
  const estimate = shareEstimate(list, random);
  const worst = Math.min(...list.filter(({ of }) => of > 0).map(({ hits, of }) => hits / of));
  const uses = quantile(
    copies.map((copy) => copy.uses),
    0.5,
  );
  const told = copies.map((copy) => copy.usesUntilTold);
  const hours = copies.map((copy) => copy.hours);
  return `| ${[
    name,
    copies.length,
    `${percent(estimate.value)} (${percent(estimate.low)}–${percent(estimate.high)})`,
    percent(worst),
    finite(uses),
    `${finite(quantile(told, 0.5))} / ${finite(quantile(told, 0.9))}`,
    `${finite(quantile(hours, 0.5))} / ${finite(quantile(hours, 0.9))}`,
  ].join(" | ")} |`;
}

function groups(tallies: readonly Tally[], pick: Pick, withinUses = Number.POSITIVE_INFINITY) {
  return tallies.map(({ copies }) => {
    const mine = copies.filter(pick);
    return {
      hits: mine.filter(({ isFound, uses }) => isFound && uses <= withinUses).length,
      of: mine.length,
    };
  });
}

function falseAlarms(tallies: readonly Tally[], cards: CardClass, random: Random) {
  const list = tallies.map(({ falseAlarms: { [cards]: one } }) => ({ hits: one.alarms, of: one.exposure }));
  return { estimate: rateEstimate(list, random), worst: Math.max(...list.map(({ hits, of }) => hits / of)) };
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "–";
}

function rate({ value, low, high }: Estimate): string {
  return `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

function finite(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value)) : "not found";
}
