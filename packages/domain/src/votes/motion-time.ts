const DAY_MS = 86_400_000;

/** Property management regulations, article 14: all owners are told no later than 15 days before. */
export const AGENDA_NOTICE_MS = 15 * DAY_MS;
/** Our choice: long enough for paper, short enough that an end comes. */
export const LEAST_VOTING_MS = DAY_MS;
export const MOST_VOTING_MS = 60 * DAY_MS;
/** Nobody votes next year on what was announced today. */
export const MOST_AHEAD_MS = 120 * DAY_MS;
/** For how many heads one person may stand in on one motion. Our choice, so that nobody collects votes. */
export const MOST_PROXIES = 3;

/** When a vote is: Unix milliseconds, `closesAt` exclusive. */
export interface VotingTimes {
  readonly opensAt: number;
  readonly closesAt: number;
}

/** Why a motion cannot be published with these times. */
export type TimesFault = "notice-too-short" | "too-far-ahead" | "voting-too-short" | "voting-too-long";

/** @returns `undefined` if the times are in order for a motion that is published at `publishedAt` */
export function faultOfTimes(
  { opensAt, closesAt }: VotingTimes,
  publishedAt: number,
): TimesFault | undefined {
  if (opensAt - publishedAt < AGENDA_NOTICE_MS) return "notice-too-short";
  if (opensAt - publishedAt > MOST_AHEAD_MS) return "too-far-ahead";
  if (closesAt - opensAt < LEAST_VOTING_MS) return "voting-too-short";
  if (closesAt - opensAt > MOST_VOTING_MS) return "voting-too-long";
  return undefined;
}

/**
 * - `draft`: nobody but the committee sees it; `announced`: on the published agenda, not open yet;
 * - `open`; `closed`: over and not counted; `counted`; `withdrawn` before it opened.
 */
export const MOTION_STAGES = ["draft", "announced", "open", "closed", "counted", "withdrawn"] as const;
export type MotionStage = (typeof MOTION_STAGES)[number];

/** How a motion stands at a moment. Only what was published ever opens. */
export function stageOf(
  motion: VotingTimes & {
    readonly publishedAt?: number | undefined;
    readonly withdrawnAt?: number | undefined;
    readonly countedAt?: number | undefined;
  },
  now: number,
): MotionStage {
  if (motion.withdrawnAt !== undefined) return "withdrawn";
  if (motion.publishedAt === undefined) return "draft";
  if (motion.countedAt !== undefined) return "counted";
  if (now < motion.opensAt) return "announced";
  return now < motion.closesAt ? "open" : "closed";
}
