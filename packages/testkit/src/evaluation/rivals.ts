import type { CityCommunity, CityEvent } from "@menshen/virtual-devices";

/** What others do, run on the same events: each answers with the events (by number) at which it raises an alarm. */
export interface RivalRule {
  readonly name: string;
  readonly alarms: (community: CityCommunity) => number[];
}

/** An e-bike over a walk of 1.3 m/s. */
const FASTEST_TIMES_WALK = 4.3;
const TOLERANCE_MS = 15_000;
const PASSBACK_MS = 4 * 3_600_000;

/** Impossible travel, anti-passback, and a counter with lock-out, as systems sold today have them. */
export const RIVAL_RULES: readonly RivalRule[] = [
  { name: "impossible travel alone", alarms: impossibleTravel },
  { name: "anti-passback alone", alarms: antiPassback },
  { name: "counter with lock-out", alarms: counterLockOut },
];

/** Numbers of the granted events in the order of their gates' times. */
function inOrder({ events }: CityCommunity): number[] {
  return events
    .map((_, index) => index)
    .filter((index) => events[index]?.result === "granted")
    .sort((a, b) => (events[a]?.at ?? 0) - (events[b]?.at ?? 0));
}

function impossibleTravel(community: CityCommunity): number[] {
  const walks = new Map(
    community.doors.walks.flatMap(({ a, b, seconds }) => [
      [`${a}/${b}`, seconds],
      [`${b}/${a}`, seconds],
    ]),
  );
  const last = new Map<string, CityEvent>();
  return inOrder(community).filter((index) => {
    const event = community.events[index];
    if (event === undefined) return false;
    const before = last.get(event.credential);
    last.set(event.credential, event);
    if (before === undefined) return false;
    const walk = walks.get(`${before.accessPoint}/${event.accessPoint}`) ?? 0;
    return event.at - before.at + TOLERANCE_MS < (walk / FASTEST_TIMES_WALK) * 1_000;
  });
}

function antiPassback(community: CityCommunity): number[] {
  const points = new Map(community.doors.accessPoints.map((point) => [point.id, point]));
  const entered = new Map<string, CityEvent>();
  return inOrder(community).filter((index) => {
    const event = community.events[index];
    const point = event && points.get(event.accessPoint);
    if (event === undefined || point === undefined) return false;
    if (point.to === "outside") entered.delete(event.credential);
    if (point.from !== "outside") return false;
    const before = entered.get(event.credential);
    entered.set(event.credential, event);
    if (before === undefined || event.sequence === before.sequence) return false;
    return event.at - before.at < PASSBACK_MS;
  });
}

/** In the order of arrival, as a server that hears of taps would: any value not above the last one. */
function counterLockOut(community: CityCommunity): number[] {
  const highest = new Map<string, number>();
  const seen = new Set<string>();
  return community.events.flatMap((event, index) => {
    const { credential, counter, gate, sequence } = event;
    if (counter === undefined || seen.has(`${gate}/${sequence}`)) return [];
    seen.add(`${gate}/${sequence}`);
    const before = highest.get(credential);
    highest.set(credential, Math.max(counter, before ?? counter));
    return before !== undefined && counter <= before ? [index] : [];
  });
}
