import { DEFAULT_SETTINGS } from "@menshen/detection";
import { type CityOptions, simulateCommunity } from "@menshen/virtual-devices";
import { RIVAL_RULES } from "./rivals.ts";
import { runCommunity } from "./run-community.ts";
import { alarmsOf, mergedAlarms, type Tally, tally } from "./tally.ts";

/** Multiples of the asks in force at which the curve is taken. */
const CURVE = [0.75, 0.9, 1.25, 1.6] as const;

export interface CurvePoint {
  readonly times: number;
  readonly tally: Tally;
}

/** What one community showed; plain data, so that it can be kept in a file. */
export interface SeedResult {
  readonly events: number;
  readonly seconds: number;
  /** Ours, then rivals' in the order of `RIVAL_RULES`. */
  readonly runs: readonly Tally[];
  /** Ours when asked earlier or later; empty if not wanted. */
  readonly curve: readonly CurvePoint[];
}

export function evaluateSeed(options: CityOptions, withCurve: boolean): SeedResult {
  const begin = performance.now();
  const community = simulateCommunity(options);
  const runWith = (times: number) => {
    const { weights } = DEFAULT_SETTINGS;
    // What cards prove is written for an ask at 10, whatever the asks are.
    const asks = { askDense: weights.askDense * times, askSparse: weights.askSparse * times };
    const settings = times === 1 ? {} : { weights: { ...weights, ...asks } };
    return tally(community, alarmsOf(runCommunity(community, { settings })));
  };
  const own = runWith(1);
  const curve = withCurve ? CURVE.map((times) => ({ times, tally: runWith(times) })) : [];
  const rivals = RIVAL_RULES.map(({ alarms }) =>
    tally(community, mergedAlarms(community, alarms(community))),
  );
  return {
    events: community.events.length,
    seconds: Math.round((performance.now() - begin) / 100) / 10,
    runs: [own, ...rivals],
    curve,
  };
}
