import { moment, type Reader, type Trx } from "../../database/database.ts";

/** A visitor pass that the resident who signed it took back. */
export interface Revocation {
  /** Credential key of the phone pass that signed it, 16 bytes. */
  readonly delegate: Uint8Array;
  /** 8 bytes. */
  readonly passId: Uint8Array;
  /** When the pass would be over: Unix milliseconds. */
  readonly until: number;
}

/** The same once more changes nothing, but that the later end counts. */
export async function insertRevocation(
  trx: Trx,
  revocation: Revocation & { readonly personId: string },
): Promise<void> {
  await trx
    .insertInto("visitor_revocation")
    .values({
      delegate: revocation.delegate,
      pass_id: revocation.passId,
      until: moment(revocation.until),
      person_id: revocation.personId,
    })
    .onConflict((conflict) =>
      conflict.columns(["delegate", "pass_id"]).doUpdateSet((eb) => ({
        until: eb.fn<number>("greatest", ["visitor_revocation.until", "excluded.until"]),
      })),
    )
    .execute();
}

/** How many of a person's are in force. */
export async function countRevocations(db: Reader, personId: string, now: number): Promise<number> {
  const { count } = await db
    .selectFrom("visitor_revocation")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("person_id", "=", personId)
    .where("until", ">", moment(now))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Those that gates have to know, those that last longest first if there are more than `limit`. */
export async function selectRevocations(
  db: Reader,
  now: number,
  limit: number,
): Promise<readonly Revocation[]> {
  const rows = await db
    .selectFrom("visitor_revocation")
    .select(["delegate", "pass_id", "until"])
    .where("until", ">", moment(now))
    .orderBy("until", "desc")
    .orderBy("pass_id")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    delegate: new Uint8Array(row.delegate),
    passId: new Uint8Array(row.pass_id),
    until: row.until,
  }));
}

/** Forgets those whose passes are over. */
export async function deleteOldRevocations(trx: Trx, now: number): Promise<void> {
  await trx.deleteFrom("visitor_revocation").where("until", "<=", moment(now)).execute();
}
