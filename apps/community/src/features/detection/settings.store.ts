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
