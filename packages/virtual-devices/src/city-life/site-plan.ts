import type { Random } from "../random.ts";

export interface PlanPoint {
  readonly id: string;
  /** Index of the gate. */
  readonly gate: number;
  readonly from: string;
  readonly to: string;
  readonly x: number;
  readonly y: number;
  readonly site: number;
}

/** One community on the ground: two sites, each with a fence, a garage and buildings. */
export interface SitePlan {
  readonly gates: readonly string[];
  readonly points: readonly PlanPoint[];
  readonly sites: readonly {
    /** Pairs of points: into the site and out of it. The last pair is the garage. */
    readonly perimeter: readonly { readonly in: number; readonly out: number }[];
    readonly buildings: readonly number[];
  }[];
}

const SITES = [
  { name: "east", x: 0, wide: 420, perimeter: 3, buildings: 12 },
  { name: "west", x: 1_150, wide: 260, perimeter: 2, buildings: 6 },
] as const;

export function makeSitePlan(random: Random): SitePlan {
  const gates: string[] = [];
  const points: PlanPoint[] = [];
  const add = (point: PlanPoint) => points.push(point) - 1;
  const sites = SITES.map(({ name, x, wide, perimeter, buildings }, site) => {
    const doors = Array.from({ length: perimeter + 1 }, (_, index) => {
      const what = index === perimeter ? `${name}-garage` : `${name}-gate-${index + 1}`;
      const gate = gates.push(what) - 1;
      const turn = (index / (perimeter + 1)) * 2 * Math.PI;
      const place = { x: x + (wide / 2) * Math.cos(turn), y: (wide / 2) * Math.sin(turn), gate, site };
      return {
        in: add({ id: `${what}-in`, from: "outside", to: name, ...place }),
        out: add({ id: `${what}-out`, from: name, to: "outside", ...place }),
      };
    });
    const entrances = Array.from({ length: buildings }, (_, index) => {
      const gate = gates.push(`${name}-building-${index + 1}`) - 1;
      return add({
        id: `${name}-building-${index + 1}-in`,
        gate,
        from: name,
        to: `${name}-building-${index + 1}`,
        x: x + (random.next() - 0.5) * wide * 0.8,
        y: (random.next() - 0.5) * wide * 0.8,
        site,
      });
    });
    return { perimeter: doors, buildings: entrances };
  });
  return { gates, points, sites };
}

/** A walk of 1.3 m/s along ways a third longer than the straight line, in seconds. */
export function walkSeconds(a: PlanPoint, b: PlanPoint): number {
  return (Math.hypot(a.x - b.x, a.y - b.y) * 1.33) / 1.3;
}
