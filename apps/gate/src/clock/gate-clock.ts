import { Instant, type TimeInterval } from "@menshen/domain";
import type { ClockSource } from "./clock-source.ts";

/** No gate of this program ran before this moment: 2026-01-01T00:00:00Z. */
export const EARLIEST_POSSIBLE_MS = 1_767_225_600_000;

/** How far `latest` lies ahead when nothing bounds it. */
const UNBOUNDED_MS = 20 * 365 * 86_400_000;

/** A battery-backed clock is believed over at most this long without power. */
const TRUSTED_OFF_MS = 7 * 86_400_000;

/** Granularity of a battery-backed clock and of reading it at boot. */
const REAL_TIME_CLOCK_ERROR_MS = 2_000;

/** A difference between wall and monotonic clock that counts as a step. */
const STEP_MS = 1_000;

/** What survives a restart; saved with every journal entry and every few minutes. */
export interface SavedClock {
  readonly bootId: string;
  readonly wallMs: number;
  readonly monotonicMs: number;
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** What the clock knew when the gate started, for the journal and the self-test. */
export type ClockStart =
  /** Same boot: the monotonic clock went on. */
  | "continued"
  /** Carried over a power-off by the battery-backed clock. */
  | "carried"
  /** The wall clock stands before a time that has already been, or too far after it, or there is none. */
  | "doubtful"
  /** Nothing was ever saved here. */
  | "first";

/**
 * The time as an interval: never before the last journal entry, widened by the drift bound while only the machine's
 * own oscillator is known, narrowed by answers of the community server.
 *
 * INVARIANT: `now().earliest` is never before the floor: the last journal entry, and before that the snapshot in force.
 */
export interface GateClock {
  now(): TimeInterval;
  /** Milliseconds of the monotonic clock, for durations. */
  monotonicMs(): number;
  /** How the clock came up. */
  readonly start: ClockStart;
  /** Milliseconds since the last discipline, or undefined if there was none in this process. */
  sinceDisciplineMs(): number | undefined;
  /** The wall clock as the system tells it, for display beside the interval only. */
  systemWallMs(): number;
  /**
   * Takes the server's time: `at` was written at some moment between `sentMonotonicMs` and now. Returns how far the
   * middle of the interval moved, and whether the two did not overlap or lie before the journal.
   */
  discipline(at: Instant, sentMonotonicMs: number): ClockDiscipline;
  /** Raises the floor: an entry with this earliest time is in the journal. */
  raiseFloor(earliest: Instant): void;
  /** If the system clock was stepped since the last call, by how many milliseconds. */
  takeStepMs(): number | undefined;
  saved(): SavedClock;
}

export interface ClockDiscipline {
  readonly movedMs: number;
  readonly roundTripMs: number;
  /** The server's time lay outside what the gate held possible. */
  readonly disagreed: boolean;
  /** The server's time lies before the last journal entry; the interval stays after it and is wide. */
  readonly beforeJournal: boolean;
}

/** Drift bound of the oscillators in small boxes over their temperature range; 5 s a day would be 58. */
export const DRIFT_PPM = 100;

/**
 * @param driftPpm how far the machine's oscillator may be off, parts per million (5 s a day is 58).
 * @param floorMs earliest time of the last journal entry, or of the snapshot in force, whichever is later.
 */
export function makeGateClock(options: {
  readonly source: ClockSource;
  readonly saved?: SavedClock | undefined;
  readonly driftPpm: number;
  readonly floorMs?: number | undefined;
}): GateClock {
  const { source, saved, driftPpm } = options;
  const drift = driftPpm / 1_000_000;
  let floorMs = Math.max(EARLIEST_POSSIBLE_MS, options.floorMs ?? EARLIEST_POSSIBLE_MS);
  const started = anchorAtStart(source, saved, drift, floorMs);
  let anchor = started.anchor;
  let disciplinedAt: number | undefined;
  let stepReference = source.wallMs() - source.monotonicMs();

  function now(): TimeInterval {
    const elapsedMs = Math.max(0, source.monotonicMs() - anchor.monotonicMs);
    const earliest = Math.max(Math.floor(anchor.earliestMs + elapsedMs * (1 - drift)), floorMs);
    const latest = Math.max(Math.ceil(anchor.latestMs + elapsedMs * (1 + drift)), earliest);
    return { earliest: Instant(earliest), latest: Instant(latest) };
  }

  return {
    now,
    start: started.start,
    monotonicMs: () => source.monotonicMs(),
    systemWallMs: () => source.wallMs(),
    sinceDisciplineMs: () => (disciplinedAt === undefined ? undefined : source.monotonicMs() - disciplinedAt),

    discipline(at, sentMonotonicMs) {
      const before = now();
      const monotonicMs = source.monotonicMs();
      const roundTripMs = Math.max(0, monotonicMs - sentMonotonicMs);
      // `at` was true at some moment of the round trip, so now it is between `at` and `at` plus the whole of it.
      const serverEarliest = at;
      const serverLatest = Math.ceil(at + roundTripMs * (1 + drift));
      const overlaps = serverEarliest <= before.latest && serverLatest >= before.earliest;
      const beforeJournal = serverLatest < floorMs;
      if (beforeJournal) {
        // Either the journal or the server is wrong by at least this much; the gap itself is the doubt.
        anchor = { monotonicMs, earliestMs: floorMs, latestMs: floorMs + (floorMs - serverEarliest) };
      } else if (overlaps) {
        anchor = {
          monotonicMs,
          earliestMs: Math.max(serverEarliest, before.earliest),
          latestMs: Math.min(serverLatest, before.latest),
        };
      } else {
        anchor = { monotonicMs, earliestMs: Math.max(serverEarliest, floorMs), latestMs: serverLatest };
      }
      disciplinedAt = monotonicMs;
      const after = now();
      const movedMs = Math.round((after.earliest + after.latest - before.earliest - before.latest) / 2);
      return { movedMs, roundTripMs: Math.round(roundTripMs), disagreed: !overlaps, beforeJournal };
    },

    raiseFloor(earliest) {
      floorMs = Math.max(floorMs, earliest);
    },

    takeStepMs() {
      const reference = source.wallMs() - source.monotonicMs();
      const steppedMs = Math.round(reference - stepReference);
      if (Math.abs(steppedMs) < STEP_MS) {
        // Slow slewing is not a step; follow it so that it never adds up to one.
        stepReference = reference;
        return undefined;
      }
      stepReference = reference;
      return steppedMs;
    },

    saved() {
      const interval = now();
      return {
        bootId: source.bootId,
        wallMs: source.wallMs(),
        monotonicMs: source.monotonicMs(),
        earliestMs: interval.earliest,
        latestMs: interval.latest,
      };
    },
  };
}

interface Anchor {
  readonly monotonicMs: number;
  readonly earliestMs: number;
  readonly latestMs: number;
}

function anchorAtStart(
  source: ClockSource,
  saved: SavedClock | undefined,
  drift: number,
  floorMs: number,
): { anchor: Anchor; start: ClockStart } {
  const monotonicMs = source.monotonicMs();
  if (saved === undefined) {
    const latestMs = Math.max(source.wallMs(), floorMs) + UNBOUNDED_MS;
    return { anchor: { monotonicMs, earliestMs: floorMs, latestMs }, start: "first" };
  }
  if (saved.bootId === source.bootId && monotonicMs >= saved.monotonicMs) {
    const elapsedMs = monotonicMs - saved.monotonicMs;
    return {
      anchor: {
        monotonicMs,
        earliestMs: Math.max(floorMs, saved.earliestMs + elapsedMs * (1 - drift)),
        latestMs: saved.latestMs + elapsedMs * (1 + drift),
      },
      start: "continued",
    };
  }
  // The saved difference between wall clock and interval is carried on, so a wall clock that is wrong but steady
  // does no harm.
  const offMs = source.wallMs() - saved.wallMs;
  const earliestMs = Math.max(floorMs, saved.earliestMs);
  if (source.wallSurvivesPowerOff && offMs >= -REAL_TIME_CLOCK_ERROR_MS && offMs <= TRUSTED_OFF_MS) {
    return {
      anchor: {
        monotonicMs,
        earliestMs: Math.max(earliestMs, saved.earliestMs + offMs * (1 - drift) - REAL_TIME_CLOCK_ERROR_MS),
        latestMs: saved.latestMs + offMs * (1 + drift) + REAL_TIME_CLOCK_ERROR_MS,
      },
      start: "carried",
    };
  }
  if (source.wallSurvivesPowerOff && offMs > TRUSTED_OFF_MS) {
    // Off for long, or a clock that jumped ahead: the truth lies between the last save and what the clock says.
    return {
      anchor: { monotonicMs, earliestMs, latestMs: saved.latestMs + offMs * (1 + drift) },
      start: "doubtful",
    };
  }
  return { anchor: { monotonicMs, earliestMs, latestMs: earliestMs + UNBOUNDED_MS }, start: "doubtful" };
}
