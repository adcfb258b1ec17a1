import { formatClock, formatDay } from "@menshen/ui";
import { useDeskMoments } from "./desk-context.tsx";

/** Day and time in the community's zone, as a text. */
export function useDeskMoment(): (epochMs: number) => string {
  const format = useDeskMoments();
  return (epochMs) => `${formatDay(epochMs, format)} ${formatClock(epochMs, format)}`;
}

/** The day in the community's zone, as a text. */
export function useDeskDay(): (epochMs: number) => string {
  const format = useDeskMoments();
  return (epochMs) => formatDay(epochMs, format);
}
