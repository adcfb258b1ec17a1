import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

/** Settings of the engine that a community may change, by the names of the detection package. */
export const TUNABLE = [
  "prior",
  "lateHours",
  "fastestTimesWalk",
  "counterSlackMinutes",
  "conflictAfterSeconds",
  "watchScore",
  "secondFactorScore",
  "caseDays",
] as const;
export type Tunable = (typeof TUNABLE)[number];
export type Tuned = { readonly [Name in Tunable]?: number };

export interface StoredSettings {
  readonly tuned: Tuned;
  readonly amnestyUntil?: number;
  readonly revision: number;
}

export interface Walk {
  /** Ids of access points, the smaller one first. */
  readonly a: string;
  readonly b: string;
  readonly seconds: number;
}

export async function selectSettings(db: Reader): Promise<StoredSettings> {
  const row = await db
    .selectFrom("detection_setting")
    .select(["tuned", "amnesty_until", "revision"])
    .executeTakeFirstOrThrow();
  const tuned: { [Name in Tunable]?: number } = {};
  for (const name of TUNABLE) {
    const value = row.tuned[name];
    if (typeof value === "number") tuned[name] = value;
  }
  return { tuned, revision: row.revision, ...optional("amnestyUntil", row.amnesty_until) };
}

export async function updateSettings(
  trx: Trx,
  { tuned, amnestyUntil }: Omit<StoredSettings, "revision">,
): Promise<void> {
  await trx
    .updateTable("detection_setting")
    .set((eb) => ({
      tuned: JSON.stringify(tuned),
      amnesty_until: optionalMoment(amnestyUntil),
      revision: eb("revision", "+", 1),
    }))
    .execute();
}

export async function selectWalks(db: Reader): Promise<readonly Walk[]> {
  return db.selectFrom("detection_walk").select(["a", "b", "seconds"]).orderBy("a").orderBy("b").execute();
}

/** All walks anew. */
export async function replaceWalks(trx: Trx, walks: readonly Walk[]): Promise<void> {
  await trx.deleteFrom("detection_walk").execute();
  if (walks.length > 0) await trx.insertInto("detection_walk").values(walks).execute();
}

/** What the cases that stand were last judged with; `undefined` before the first time. */
export async function selectJudgedWith(db: Reader): Promise<string | undefined> {
  const row = await db.selectFrom("detection_setting").select("judged_with").executeTakeFirstOrThrow();
  return row.judged_with ?? undefined;
}

export async function updateJudgedWith(db: Reader, judgedWith: string, at: number): Promise<void> {
  await db
    .updateTable("detection_setting")
    .set({ judged_with: judgedWith, judged_at: moment(at) })
    .execute();
}

/** What the engine works with, as it stands in the list of changes. */
export interface SettingsSnapshot {
  readonly tuned: Tuned;
  readonly walks: readonly Walk[];
  readonly amnestyUntil?: number;
}

export interface SettingsChange {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
  readonly isUndo: boolean;
  readonly before: SettingsSnapshot;
  readonly after: SettingsSnapshot;
}

/** Newest first. */
export async function selectSettingsChanges(db: Reader, limit: number): Promise<readonly SettingsChange[]> {
  const rows = await db
    .selectFrom("detection_change")
    .innerJoin("staff", "staff.id", "detection_change.staff_id")
    .select(["at", "reason", "is_undo", "before", "after", "staff.display_name as by"])
    .orderBy("detection_change.id", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ is_undo: isUndo, ...row }) => ({ ...row, isUndo }));
}

export async function insertSettingsChange(
  trx: Trx,
  change: Omit<SettingsChange, "by"> & { readonly staffId: string },
): Promise<void> {
  const { at, staffId, reason, isUndo, before, after } = change;
  await trx
    .insertInto("detection_change")
    .values({
      at: moment(at),
      staff_id: staffId,
      reason,
      is_undo: isUndo,
      before: JSON.stringify(before),
      after: JSON.stringify(after),
    })
    .execute();
}
