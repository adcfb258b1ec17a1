import { Instant, type Weekday, weekdayOf } from "@menshen/domain";
import { PolicyError } from "./errors.ts";

const DAY_MS = 86_400_000;
/** Offsets are sampled this often; no zone has ever changed twice within half a day. */
const SAMPLE_MS = DAY_MS / 2;

/** From `since` on, local time is UTC plus `offsetSeconds`, until the next transition. */
export interface ZoneTransition {
  readonly since: Instant;
  readonly offsetSeconds: number;
}

/** A moment on the community's wall clock. */
export interface LocalTime {
  /** Days since 1970-01-01. */
  readonly dayNumber: number;
  readonly weekday: Weekday;
  /** 0..1439. */
  readonly minute: number;
}

/**
 * The offsets of a time zone for `from` ≤ t < `until`, the first entry at `from`. Reads the zone data of the machine
 * that compiles, so that gates need none.
 *
 * @throws {PolicyError} `unknown-time-zone`; `invalid-period` if `until` does not lie after `from`.
 */
export function zoneTransitions(timeZone: string, from: Instant, until: Instant): readonly ZoneTransition[] {
  if (!(from < until))
    throw new PolicyError("invalid-period", "zone transitions: expected from before until");
  const offsetAt = offsetReader(timeZone);
  const transitions: ZoneTransition[] = [{ since: from, offsetSeconds: offsetAt(from) }];
  let offset = offsetAt(from);
  for (let left: number = from; left < until - 1; ) {
    const right = Math.min(left + SAMPLE_MS, until - 1);
    const next = offsetAt(right);
    if (next !== offset) {
      transitions.push({ since: firstWith(next, left, right, offsetAt), offsetSeconds: next });
      offset = next;
    }
    left = right;
  }
  return transitions;
}

/** Local time at `at`, or undefined where the table does not reach. `until` is the table's end. */
export function localTimeAt(
  transitions: readonly ZoneTransition[],
  until: Instant,
  at: Instant,
): LocalTime | undefined {
  const current = transitions.findLast((transition) => transition.since <= at);
  if (current === undefined || at >= until) return undefined;
  const localMs = at + current.offsetSeconds * 1000;
  const dayNumber = Math.floor(localMs / DAY_MS);
  return {
    dayNumber,
    weekday: weekdayOf(dayNumber),
    minute: Math.floor((localMs - dayNumber * DAY_MS) / 60_000),
  };
}

/** First millisecond in `left` < t ≤ `right` with the offset that `right` has. */
function firstWith(offset: number, left: number, right: number, offsetAt: (atMs: number) => number): Instant {
  let before = left;
  let after = right;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle) === offset) after = middle;
    else before = middle;
  }
  return Instant(after);
}

function offsetReader(timeZone: string): (atMs: number) => number {
  const format = formatFor(timeZone);
  return (atMs) => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? Number.NaN;
    const localMs = Date.UTC(
      part("year"),
      part("month") - 1,
      part("day"),
      part("hour"),
      part("minute"),
      part("second"),
    );
    return localMs / 1000 - Math.floor(atMs / 1000);
  };
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw new PolicyError("unknown-time-zone", `time zone: expected an IANA name, came \`${timeZone}\``, {
      cause,
    });
  }
}
