import { DetectionError } from "./errors.ts";
import type { Settings } from "./rules.ts";
import { LEARNT_WEIGHTS } from "./weights.ts";

export const DEFAULT_SETTINGS: Settings = {
  weights: LEARNT_WEIGHTS,
  prior: 0.005,
  lateHours: 26,
  maxHeldEvents: 4_000_000,
  maxCredentials: 10_000_000,
  earlyCards: 65_536,
  fastestTimesWalk: 4.3,
  counterSlackMinutes: 60,
  conflictAfterSeconds: 120,
  watchScore: 5,
  secondFactorScore: 14,
  caseDays: 7,
  endGraceMinutes: 10,
  strangersAMinute: 12,
};

const LIMITS: Readonly<Partial<Record<keyof Settings, readonly [number, number]>>> = {
  prior: [1e-6, 0.5],
  lateHours: [0, 24 * 31],
  maxHeldEvents: [1, 1e9],
  maxCredentials: [1, 2 ** 30],
  earlyCards: [0, 2 ** 26],
  fastestTimesWalk: [1, 50],
  counterSlackMinutes: [0, 24 * 60],
  conflictAfterSeconds: [0, 3_600],
  watchScore: [0.1, 10],
  secondFactorScore: [10, 1_000],
  caseDays: [0, 366],
  endGraceMinutes: [0, 7 * 24 * 60],
  strangersAMinute: [1, 60],
};

/** Completes settings with the defaults. Throws `invalid-settings` on a number outside its limits. */
export function completeSettings(some: Partial<Settings>): Settings {
  const settings = { ...DEFAULT_SETTINGS, ...some };
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    const value: unknown = Object.entries(settings).find(([key]) => key === name)?.[1];
    if (typeof value !== "number" || !(value >= least && value <= most)) {
      throw new DetectionError(
        "invalid-settings",
        `\`${name}\`: expected a number from ${least} to ${most}, came \`${String(value)}\``,
      );
    }
  }
  return settings;
}
