/** Where a viewer of the live stream goes on: after which event, and after which change of an alarm. */
export interface LiveCursor {
  readonly event: number;
  /** Absent: nothing of alarms was seen yet. */
  readonly alarm?: number;
}

/** No event and no change has a longer number. */
const CURSOR = /^(\d{1,15})(?:\.(\d{1,15}))?$/;

/** A cursor as the ids of the stream carry it; `undefined` for anything else. */
export function parseLiveCursor(text: string): LiveCursor | undefined {
  const [, event, alarm] = CURSOR.exec(text) ?? [];
  if (event === undefined) return undefined;
  return { event: Number(event), ...(alarm === undefined ? {} : { alarm: Number(alarm) }) };
}

export function formatLiveCursor({ event, alarm }: LiveCursor): string {
  return alarm === undefined ? `${event}` : `${event}.${alarm}`;
}
