// `npm run evaluate`: how well copies are found, over simulated communities that nothing was learnt from.

import { parseArgs } from "node:util";
import { DEFAULT_SETTINGS } from "@menshen/detection";
import {
  CITY_PARAMETERS,
  type CityParameters,
  OUTSIDE_PARAMETERS,
  seededRandom,
  simulateCommunity,
} from "@menshen/virtual-devices";
import { reportOf } from "./report.ts";
import { RIVAL_RULES } from "./rivals.ts";
import { runCommunity } from "./run-community.ts";
import { alarmsOf, mergedAlarms, type Tally, tally } from "./tally.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    cards: { type: "string", default: "1000" },
    days: { type: "string", default: "90" },
    outside: { type: "string", default: "8" },
  },
});

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
  const runs: { name: string; tallies: Tally[] }[] = [
    { name: "Menshen", tallies: [] },
    ...RIVAL_RULES.map(({ name }) => ({ name, tallies: [] })),
  ];
  for (let index = 0; index < seeds; index++) {
    const community = simulateCommunity({ seed: `${prefix}-${index}`, cards, days, parameters });
    const own = tally(community, alarmsOf(runCommunity(community)));
    runs[0]?.tallies.push(own);
    for (const [place, { alarms }] of RIVAL_RULES.entries()) {
      runs[place + 1]?.tallies.push(tally(community, mergedAlarms(community, alarms(community))));
    }
    process.stderr.write(`${prefix}-${index}: ${community.events.length} events, ${own.alarmsAll} cases\n`);
  }
  say(reportOf(title, { seeds, cards, days }, runs, seededRandom("intervals")));
}
