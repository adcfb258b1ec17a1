// `npm run evaluate`: how well copies are found, over simulated communities that nothing was learnt from. Each finished
// seed is written down at once: whoever is stopped goes on where it was.

import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DEFAULT_SETTINGS } from "@menshen/detection";
import {
  CITY_PARAMETERS,
  type CityParameters,
  OUTSIDE_PARAMETERS,
  seededRandom,
} from "@menshen/virtual-devices";
import { evaluateSeed, type SeedResult } from "./evaluate-seed.ts";
import { curveOf, type NamedRun, reportOf } from "./report.ts";
import { RIVAL_RULES } from "./rivals.ts";
import { openSeedStore } from "./seed-store.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "120" },
    cards: { type: "string", default: "1000" },
    days: { type: "string", default: "90" },
    outside: { type: "string", default: "24" },
    results: { type: "string", default: "node_modules/.cache/menshen-evaluate" },
  },
});

/** The curve takes several runs more of a seed. */
const CURVE_SEEDS = 12;
const cards = Number(values.cards);
const days = Number(values.days);
const say = (text: string) => process.stdout.write(`${text}\n`);

say(`parameters: ${JSON.stringify(CITY_PARAMETERS)}`);
say(`weights: ${JSON.stringify(DEFAULT_SETTINGS.weights)}`);
evaluate("inside the ranges of learning", "evaluate", Number(values.seeds), CITY_PARAMETERS);
if (Number(values.outside) > 0) {
  say(`parameters outside: ${JSON.stringify(OUTSIDE_PARAMETERS)}`);
  evaluate("outside the ranges of learning", "outside", Number(values.outside), OUTSIDE_PARAMETERS);
}

function evaluate(title: string, prefix: string, seeds: number, parameters: CityParameters): void {
  const store = openSeedStore(values.results, fingerprint(parameters));
  const all: SeedResult[] = [];
  for (let index = 0; index < seeds; index++) {
    const seed = `${prefix}-${index}`;
    const known = store.read(seed);
    const result = known ?? evaluateSeed({ seed, cards, days, parameters }, index < CURVE_SEEDS);
    if (known === undefined) store.write(seed, result);
    all.push(result);
    const { events, seconds, runs } = result;
    const told = known === undefined ? `${seconds} s` : "done before";
    process.stderr.write(`${seed}: ${events} events, ${runs[0]?.alarmsAll} cases, ${told}\n`);
  }
  const names = ["Menshen", ...RIVAL_RULES.map(({ name }) => name)];
  const runs: NamedRun[] = names.map((name, place) => ({
    name,
    tallies: all.flatMap((one) => one.runs.slice(place, place + 1)),
  }));
  say(reportOf(title, { seeds, cards, days }, runs, seededRandom("intervals")));
  say(curveOf(all.slice(0, CURVE_SEEDS)));
}

/** A result holds for one size, one city, and this very engine, city and evaluation. */
function fingerprint(parameters: CityParameters): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ cards, days, parameters, settings: DEFAULT_SETTINGS }));
  hashSources(hash, dirname(fileURLToPath(import.meta.resolve("@menshen/detection"))));
  hashSources(hash, dirname(fileURLToPath(import.meta.resolve("@menshen/virtual-devices"))));
  hashSources(hash, dirname(fileURLToPath(import.meta.url)));
  return hash.digest("hex").slice(0, 16);
}

function hashSources(hash: Hash, directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()) {
    const file = join(directory, name);
    if (name.endsWith(".ts") && !name.endsWith(".test.ts") && statSync(file).isFile()) {
      hash.update(readFileSync(file));
    }
  }
}
