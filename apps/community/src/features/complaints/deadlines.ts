import { STAFF_BODIES, type StaffBody } from "@menshen/wire";
import { localDays } from "../trail/index.ts";

/** Hangzhou property regulation art. 50. The day it came does not count (Civil Code art. 201). */
const ANSWER_DAYS = 10;
const REMIND_FIRST_DAY = 5;
const REMIND_AGAIN_DAY = 8;
/** How long a writer may say that an answer will not do. */
export const VERDICT_MS = 30 * 86_400_000;

/** Times that a body was given, Unix milliseconds. */
export interface AnswerClock {
  /** Beginning of the fifth, and of the eighth day. */
  readonly remindFirstAt: number;
  readonly remindAgainAt: number;
  /** Exclusive: the end of the tenth day (Civil Code art. 203). */
  readonly answerBy: number;
}

/** The clock of a body that has a complaint since `at`, by days of the community's time zone. */
export function answerClock(timeZone: string, at: number): AnswerClock {
  const days = localDays(timeZone, at, ANSWER_DAYS + 1);
  const beginOf = (day: number) => days[day]?.[0] ?? at;
  return {
    remindFirstAt: beginOf(REMIND_FIRST_DAY),
    remindAgainAt: beginOf(REMIND_AGAIN_DAY),
    answerBy: days[ANSWER_DAYS]?.[1] ?? at,
  };
}

/**
 * The body above: the property company, the committee, the city, in this order.
 *
 * @param able bodies in which somebody could answer; others are passed over, the last one never
 * @returns undefined where there is none above that it is not about
 */
export function nextBody(
  body: StaffBody,
  aboutBody: StaffBody | undefined,
  able: ReadonlySet<StaffBody>,
): StaffBody | undefined {
  const above = STAFF_BODIES.slice(STAFF_BODIES.indexOf(body) + 1).filter((one) => one !== aboutBody);
  return above.find((one) => able.has(one)) ?? above.at(-1);
}
