import { INCIDENT_GRADES, type IncidentGrade, type ReportClock, type ReportSettings } from "@menshen/wire";

const HOUR_MS = 3_600_000;

/** A clock as stored. */
export type StoredClock = Omit<ReportClock, "alarm"> & {
  readonly halfAlarmAt?: number;
  readonly nearlyAlarmAt?: number;
};

/** The clocks that an incident of a grade has, beginning when it was opened. */
export function clocksFor(
  settings: ReportSettings,
  grade: IncidentGrade,
  openedAt: number,
): readonly Pick<StoredClock, "authority" | "startedAt" | "dueAt">[] {
  const isOf = (from: IncidentGrade) => INCIDENT_GRADES.indexOf(grade) >= INCIDENT_GRADES.indexOf(from);
  return settings.items
    .filter(({ isOn, fromGrade }) => isOn && isOf(fromGrade))
    .map(({ authority, hours }) => ({ authority, startedAt: openedAt, dueAt: openedAt + hours * HOUR_MS }));
}

/** When half, and nine tenths, of the time are over. */
export function alarmTimes({ startedAt, dueAt }: Pick<StoredClock, "startedAt" | "dueAt">) {
  const lastsMs = dueAt - startedAt;
  return { halfAt: startedAt + lastsMs / 2, nearlyAt: startedAt + (lastsMs / 10) * 9 };
}

/** What a clock says at `now`; nothing once it was reported in time. */
export function alarmOf(clock: StoredClock, now: number): ReportClock["alarm"] {
  const { reportedAt, dueAt, missedAt } = clock;
  if (missedAt !== undefined || (reportedAt === undefined && now >= dueAt)) return "missed";
  if (reportedAt !== undefined) return undefined;
  const { halfAt, nearlyAt } = alarmTimes(clock);
  if (now >= nearlyAt) return "nearly";
  return now >= halfAt ? "half" : undefined;
}
