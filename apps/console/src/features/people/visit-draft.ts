import { endOfTimeField, minuteOfClock } from "@menshen/ui";
import type { VisitorPassCreate } from "@menshen/wire";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";

const MINUTE_MS = 60_000;

/** What the form holds. Times are local, as inputs give them. */
export interface VisitDraft {
  purpose: VisitorPassCreate["purpose"];
  portalIds: string[];
  from: string;
  until: string;
  weekdays: NonNullable<VisitorPassCreate["weekdays"]>;
  hoursFrom?: string;
  hoursUntil?: string;
  uses: "once" | "many";
}

/** What is wrong with a draft, by the name of its text. */
export type VisitFault = "timeMissing" | "timeOrder" | "hoursOrder" | "tooLong";

/** The pass that a draft asks for, or what is wrong with its times. */
export function passOf(
  draft: VisitDraft,
  timeZone: string,
  longestS: number,
): { readonly pass: VisitorPassCreate } | { readonly fault: VisitFault } {
  const notBefore = localDateTimeToEpochMs(draft.from, timeZone);
  const typed = localDateTimeToEpochMs(draft.until, timeZone);
  if (notBefore === undefined || typed === undefined) return { fault: "timeMissing" };
  // The last minute that the field can hold: the whole day is meant.
  const end = draft.until.endsWith("T23:59") ? typed + MINUTE_MS : typed;
  if (end <= notBefore) return { fault: "timeOrder" };
  // Until 18:00 ends with the second before it.
  const notAfter = end - 1_000;
  if (end - notBefore > longestS * 1_000) return { fault: "tooLong" };
  const startMinute = minuteOfClock(draft.hoursFrom ?? "");
  const endMinute = endOfTimeField(draft.hoursUntil ?? "");
  if ((startMinute === undefined) !== (endMinute === undefined)) return { fault: "hoursOrder" };
  if (startMinute !== undefined && endMinute !== undefined && startMinute >= endMinute) {
    return { fault: "hoursOrder" };
  }
  return {
    pass: {
      purpose: draft.purpose,
      portalIds: draft.portalIds,
      notBefore,
      notAfter,
      ...(draft.weekdays.length === 0 || draft.weekdays.length === 7 ? {} : { weekdays: draft.weekdays }),
      ...(startMinute === undefined || endMinute === undefined
        ? {}
        : { windows: [{ startMinute, endMinute }] }),
      ...(draft.uses === "once" ? { uses: 1 } : {}),
    },
  };
}
