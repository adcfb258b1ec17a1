// `npm run learn:detection`: learns the weights of the detection engine and writes them into its source.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Weights } from "@menshen/detection";
import type { CityCommunity } from "@menshen/virtual-devices";
import { learningCommunities, learnWeights } from "./learn-weights.ts";
import { runCommunity } from "./run-community.ts";
import { alarmsOf, tally } from "./tally.ts";

const COMMUNITIES = Number(process.env.LEARN_COMMUNITIES ?? 24);
const CARDS = 1_000;
/** False alarms for a thousand mere numbers and thirty days that the ask may cost on the learning communities. */
const MOST_FALSE = 2.2;
const ASKS = [13, 13.5, 14, 14.5, 15, 16, 17, 18, 20, 22];
/** A sum against copies in daily use grows quickly, and with it what forgetful residents cause: it asks later. */
const DENSE_TO_SPARSE = 2;
/** Days are not independent: a sum says half of what its parts said. */
const SHRINK = 0.5;

const say = (text: string) => process.stdout.write(`${text}\n`);
say(`learning from ${COMMUNITIES} communities of ${CARDS} cards (seeds learn-0 …)`);
// Simulated anew for each pass: together they would not fit into a small machine.
const communities = () => learningCommunities(COMMUNITIES, CARDS);
const weights = withAsk(communities, learnWeights(communities()));
const target = fileURLToPath(import.meta.resolve("@menshen/detection")).replace("index.ts", "weights.ts");
writeFileSync(
  target,
  `import type { Weights } from "./rules.ts";\n\n/** Written by \`npm run learn:detection\`; not edited by hand. */\nexport const LEARNT_WEIGHTS: Weights = ${JSON.stringify(weights, undefined, 2)};\n`,
);
say(`written: ${JSON.stringify(weights)}`);

/** The least ask whose false alarms are bearable, and how sure a case is there. */
function withAsk(all: () => Iterable<CityCommunity>, found: Weights): Weights {
  let chosen = found;
  for (const ask of ASKS) {
    chosen = { ...found, askSparse: ask, askDense: ask * DENSE_TO_SPARSE };
    const settings = { weights: chosen };
    const tallies = Array.from(all(), (one) => tally(one, alarmsOf(runCommunity(one, { settings }))));
    const sum = (of: (one: (typeof tallies)[number]) => number) =>
      tallies.reduce((total, one) => total + of(one), 0);
    const rate =
      sum(({ falseAlarms }) => falseAlarms.number.alarms) /
      sum(({ falseAlarms }) => falseAlarms.number.exposure);
    const share = sum(({ alarmsTrue }) => alarmsTrue) / sum(({ alarmsAll }) => alarmsAll);
    const slope = Math.round(ask * SHRINK) / 10;
    const intercept = Math.round((Math.log(share / (1 - share)) - 10 * slope) * 100) / 100;
    chosen = { ...chosen, calibration: { intercept, slope, prior: 0.04 } };
    say(`ask at ${ask}: ${rate.toFixed(2)} false alarms for 1,000 numbers and 30 days`);
    if (rate <= MOST_FALSE) break;
  }
  return chosen;
}
