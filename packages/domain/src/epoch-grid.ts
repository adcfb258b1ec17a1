import { DomainError } from "./errors.ts";

const DAY_MS = 86_400_000;

/** How long an epoch lasts unless a community was set up otherwise: four weeks. */
export const DEFAULT_EPOCH_MS = 28 * DAY_MS;
/** Shares of an epoch are destroyed this many days after its end at the latest; a vote may shorten it. */
export const MAX_RETENTION_DAYS = 30;

/**
 * The epochs of a community, the same for its whole life. Epoch n ≥ 1 covers
 * [anchorMs + (n − 1) · epochMs, anchorMs + n · epochMs).
 */
export interface EpochGrid {
  /** Unix milliseconds of the first epoch's start. */
  readonly anchorMs: number;
  readonly epochMs: number;
}

/** The epoch of an instant in Unix milliseconds; `undefined` before the first one. */
export function epochAt(grid: EpochGrid, atMs: number): number | undefined {
  const number = Math.floor((atMs - grid.anchorMs) / grid.epochMs) + 1;
  return number >= 1 ? number : undefined;
}

/** First instant of an epoch, Unix milliseconds. Throws `DomainError("invalid-value")` unless it is 1 or above. */
export function epochStart(grid: EpochGrid, epoch: number): number {
  if (!Number.isSafeInteger(epoch) || epoch < 1) {
    throw new DomainError("invalid-value", `epoch: expected 1 or above, came \`${epoch}\``);
  }
  return grid.anchorMs + (epoch - 1) * grid.epochMs;
}

/** First instant behind an epoch. */
export function epochEnd(grid: EpochGrid, epoch: number): number {
  return epochStart(grid, epoch) + grid.epochMs;
}

/**
 * When the shares of an epoch are destroyed, and with them everything sealed in it.
 *
 * Throws `DomainError("invalid-value")` unless `retentionDays` is a whole number of 0 to 30.
 */
export function epochDeath(grid: EpochGrid, epoch: number, retentionDays: number): number {
  if (!Number.isInteger(retentionDays) || retentionDays < 0 || retentionDays > MAX_RETENTION_DAYS) {
    throw new DomainError("invalid-value", `retention: expected 0 to 30 days, came \`${retentionDays}\``);
  }
  return epochEnd(grid, epoch) + retentionDays * DAY_MS;
}

/**
 * Start of the oldest epoch that is not dead: what was sealed before it nobody can open any more. Throws as
 * {@link epochDeath} does.
 */
export function deadBefore(grid: EpochGrid, nowMs: number, retentionDays: number): number {
  let epoch = epochAt(grid, nowMs) ?? 1;
  while (epoch > 1 && epochDeath(grid, epoch - 1, retentionDays) > nowMs) epoch -= 1;
  return epochStart(grid, epoch);
}
