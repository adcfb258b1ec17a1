import { AccessCapability, type AccessData } from "@menshen/credentials";
import { Instant } from "@menshen/domain";
import { zoneTransitions } from "@menshen/policy";
import type { AccessDocumentOrder } from "@menshen/wire";

const MINUTE_S = 60;
const DAY_S = 86_400;
const WEEKLY = 2;

/**
 * What a document says of each of its doors: to unlock for a moment, in the windows asked for or at any time. That it holds
 * from `from` to `until` is the document's own validity.
 */
export function accessOf(
  windows: AccessDocumentOrder["windows"],
  timeZone: string,
  period: { readonly from: Instant; readonly until: Instant },
): AccessData {
  const capabilities = AccessCapability.momentary;
  if (windows === undefined) return { rules: [{ capabilities }], schedules: [] };
  const [zone] = zoneTransitions(timeZone, period.from, Instant(period.from + 1));
  const offsetS = zone?.offsetSeconds ?? 0;
  // On the clock on the wall at the door, a day early: a window over midnight may have begun then.
  const firstDayS = (Math.floor((period.from / 1_000 + offsetS) / DAY_S) - 1) * DAY_S;
  const endS = Math.ceil(period.until / 1_000) + offsetS + DAY_S;
  const schedules = windows.map(({ weekdays, startMinute, endMinute }) => {
    const minutes = endMinute > startMinute ? endMinute - startMinute : endMinute + 1_440 - startMinute;
    return {
      startS: firstDayS + startMinute * MINUTE_S,
      endS,
      recurrence: {
        durationS: minutes * MINUTE_S,
        mask: weekdays.reduce((mask, weekday) => mask | (1 << (weekday - 1)), 0),
        pattern: WEEKLY,
        interval: 1,
        ordinal: 0,
      },
      utc: false,
    };
  });
  return { rules: [{ capabilities, allowSchedules: 2 ** schedules.length - 1 }], schedules };
}
