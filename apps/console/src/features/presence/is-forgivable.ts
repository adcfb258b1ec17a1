import { AT_DOOR_MS, type EventItem } from "@menshen/wire";

/** Refused for where the gates know them to be, and its gate still knows who that was. */
export function isForgivable({ kind, granted, reasons, earliestAt }: EventItem, now = Date.now()): boolean {
  return (
    kind === "access" &&
    granted === false &&
    reasons?.some(({ code }) => code === "anti-passback") === true &&
    now - earliestAt < AT_DOOR_MS
  );
}
