import type { Random } from "../random.ts";
import type { CityParameters } from "./parameters.ts";
import { DAY_SECONDS, type Draws } from "./residents.ts";
import type { SitePlan } from "./site-plan.ts";

interface Span {
  readonly from: number;
  readonly until: number;
  readonly seconds: number;
}

export interface GateClocks {
  /** By how much the gate's clock is ahead, in seconds. */
  offsetSeconds(gate: number, at: number): number;
  /** When the server hears of what happens now, in seconds since the first midnight. */
  receivedSeconds(gate: number, at: number): number;
}

/** Wrong clocks, jumps after power losses, gates that upload once a night, and outages. */
export function makeGateClocks(
  random: Random,
  plan: SitePlan,
  parameters: CityParameters,
  draws: Draws,
  days: number,
): GateClocks {
  const gates = plan.gates.map(() => {
    const jumps: Span[] = [];
    const outages: Span[] = [];
    for (let day = 0; day < days; day++) {
      const from = (day + random.next()) * DAY_SECONDS;
      if (random.chance(parameters.clockJumpADay)) {
        const seconds = (random.chance(0.5) ? 1 : -1) * (30 + random.next() * 1_770);
        jumps.push({ from, until: from + (1 + random.next() * 5) * 3_600, seconds });
      }
      if (random.chance(parameters.outageADay)) {
        outages.push({ from, until: from + (1 + random.next() * 7) * 3_600, seconds: 0 });
      }
    }
    return {
      offset: random.around(0, draws.clockSigmaSeconds),
      driftPerDay: random.around(0, draws.clockSigmaSeconds / 60),
      isNightly: random.chance(draws.nightlyGates),
      jumps,
      outages,
    };
  });
  const within = (spans: readonly Span[], at: number) =>
    spans.find(({ from, until }) => at >= from && at < until);
  return {
    offsetSeconds(gate, at) {
      const clock = gates[gate];
      if (clock === undefined) return 0;
      return clock.offset + clock.driftPerDay * (at / DAY_SECONDS) + (within(clock.jumps, at)?.seconds ?? 0);
    },
    receivedSeconds(gate, at) {
      const clock = gates[gate];
      const outage = clock && within(clock.outages, at);
      const online = Math.max(at, outage?.until ?? 0) + 0.1 + random.next() * 1.5;
      if (clock?.isNightly !== true) return online;
      // Once a night at three.
      const night = (Math.floor((at - 3 * 3_600) / DAY_SECONDS) + 1) * DAY_SECONDS + 3 * 3_600;
      return Math.max(night, online) + random.next() * 60;
    },
  };
}
