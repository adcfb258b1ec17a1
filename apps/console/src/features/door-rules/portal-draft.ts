import type { PortalRules, PortalRulesSet } from "@menshen/wire";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const USUAL_TAPS_SECONDS = 3;
const USUAL_HOLD_MINUTES = 30;

/** One floor of a lift in the form; a line that is not complete is `null` where something lacks. */
export interface FloorDraft {
  readonly output: number | null;
  readonly areaId: string | null;
  /** When anybody may go there; nothing chosen: never. */
  readonly scheduleId?: string | null | undefined;
}

/** Rules of a door as its form holds them; an empty number is `null`, as its field gives it. */
export interface PortalDraft {
  readonly interlockGroup: number | null;
  /** Absent with `holds`: a door has one of both. */
  readonly twoPersonSeconds?: number | null;
  readonly holds: boolean;
  readonly holdWithinSeconds?: number | null;
  readonly holdMinutes?: number | null;
  readonly preAlarmSeconds: number | null;
  readonly turnstile: boolean;
  readonly plate: boolean;
  readonly floors: readonly FloorDraft[];
}

const unit = (ms: number | undefined, unitMs: number) => (ms === undefined ? null : ms / unitMs);

/** The form as it opens; times that were never set stand at what is usual. */
export function portalDraft(rules: PortalRules): PortalDraft {
  const { doubleTapHold, interlockGroup, plate, turnstile } = rules;
  return {
    interlockGroup: interlockGroup ?? null,
    twoPersonSeconds: unit(rules.twoPersonWithinMs, SECOND_MS),
    holds: doubleTapHold !== undefined,
    holdWithinSeconds: unit(doubleTapHold?.withinMs, SECOND_MS) ?? USUAL_TAPS_SECONDS,
    holdMinutes: unit(doubleTapHold?.forMs, MINUTE_MS) ?? USUAL_HOLD_MINUTES,
    preAlarmSeconds: unit(rules.preAlarmMs, SECOND_MS),
    ...{ turnstile, plate },
    floors: rules.floors ?? [],
  };
}

/** What is sent: nothing that was left empty, and no floor that lacks its relay or its area. */
export function portalRulesOf(draft: PortalDraft, revision: number): PortalRulesSet {
  const { interlockGroup, plate, preAlarmSeconds, turnstile } = draft;
  const twoPersonSeconds = draft.holds ? null : (draft.twoPersonSeconds ?? null);
  const floors = draft.floors.flatMap(({ areaId, output, scheduleId }) =>
    areaId === null || output === null
      ? []
      : [{ areaId, output, ...(typeof scheduleId === "string" ? { scheduleId } : {}) }],
  );
  return {
    ...{ turnstile, plate, revision },
    ...(interlockGroup === null ? {} : { interlockGroup }),
    ...(twoPersonSeconds === null ? {} : { twoPersonWithinMs: twoPersonSeconds * SECOND_MS }),
    ...(draft.holds
      ? {
          doubleTapHold: {
            withinMs: (draft.holdWithinSeconds ?? USUAL_TAPS_SECONDS) * SECOND_MS,
            forMs: (draft.holdMinutes ?? USUAL_HOLD_MINUTES) * MINUTE_MS,
          },
        }
      : {}),
    ...(preAlarmSeconds === null ? {} : { preAlarmMs: preAlarmSeconds * SECOND_MS }),
    ...(floors.length === 0 ? {} : { floors }),
  };
}
