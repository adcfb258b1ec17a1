const DAY_BEGINS_HOUR = 7;
const DAY_ENDS_HOUR = 18;

/** Whether the sun may stand on the screen: it is light then, and dark at night, when a bright one blinds. */
export function isDaylight(epochMs: number, timeZone: string): boolean {
  const hour = Number(
    new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hourCycle: "h23", timeZone }).format(epochMs),
  );
  return hour >= DAY_BEGINS_HOUR && hour < DAY_ENDS_HOUR;
}
