import { DomainError } from "./errors.ts";
import type { Branded } from "./ids.ts";

/** Milliseconds since 1970-01-01T00:00:00Z, a whole number within ±8.64e15. */
export type Instant = Branded<number, "Instant">;

export function Instant(epochMs: number): Instant {
  if (!Number.isSafeInteger(epochMs) || Math.abs(epochMs) > 8.64e15) {
    throw new DomainError("invalid-time", `instant: expected whole milliseconds, came \`${epochMs}\``);
  }
  return epochMs as Instant;
}

/** A length of time in whole milliseconds. */
export type Duration = Branded<number, "Duration">;

function duration(ms: number): Duration {
  if (!Number.isSafeInteger(Math.round(ms))) {
    throw new DomainError("invalid-time", `duration: expected milliseconds, came \`${ms}\``);
  }
  return Math.round(ms) as Duration;
}

export const Duration = {
  ms: (value: number) => duration(value),
  seconds: (value: number) => duration(value * 1_000),
  minutes: (value: number) => duration(value * 60_000),
  hours: (value: number) => duration(value * 3_600_000),
  days: (value: number) => duration(value * 86_400_000),
} as const;

/**
 * What a gate knows of the time: it is somewhere in `earliest`..`latest` (both included, `earliest` ≤ `latest`), and
 * never before the gate's last journal entry.
 */
export interface TimeInterval {
  readonly earliest: Instant;
  readonly latest: Instant;
}

/** Throws `DomainError("invalid-time")` unless `earliest` ≤ `latest`. */
export function TimeInterval(earliest: Instant, latest: Instant): TimeInterval {
  if (!(earliest <= latest)) {
    throw new DomainError(
      "invalid-time",
      `interval: expected earliest before latest, came \`${earliest}\` and \`${latest}\``,
    );
  }
  return { earliest, latest };
}
