import type { StateTone } from "@menshen/ui";
import { daysLeft } from "@menshen/ui/complaints";
import type { QueuedComplaint } from "@menshen/wire";

const DAY_MS = 86_400_000;

/** How urgent a complaint is: the name of its words, the days in them, and the mark. */
export interface ComplaintClock {
  readonly name: "left" | "today" | "reminded" | "urgent" | "late" | "judged" | "waits";
  readonly days: number;
  readonly tone: StateTone;
}

/** The clock of a complaint at a moment. */
export function complaintClock(
  { state, answerBy, reminders, late }: Pick<QueuedComplaint, "state" | "answerBy" | "reminders" | "late">,
  now: number,
): ComplaintClock {
  if (state === "closed") return { name: "judged", days: 0, tone: "granted" };
  if (state === "answered") return { name: "waits", days: 0, tone: "quiet" };
  if (late || now >= answerBy) {
    return { name: "late", days: Math.max(1, Math.ceil((now - answerBy) / DAY_MS)), tone: "alarm" };
  }
  const days = daysLeft(answerBy, now);
  if (days === 0) return { name: "today", days, tone: "alarm" };
  if (reminders >= 2) return { name: "urgent", days, tone: "alarm" };
  return reminders === 1
    ? { name: "reminded", days, tone: "refused" }
    : { name: "left", days, tone: "quiet" };
}
