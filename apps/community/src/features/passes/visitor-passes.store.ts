import { type DwellingVisitorPass, VISIT_PURPOSES, type VisitorPassCreate } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

const MOST_LISTED = 200;

/** A visitor pass that the community signs. */
export interface NewVisitorPass {
  readonly passId: Uint8Array;
  readonly credentialKey: Uint8Array;
  readonly homeId: string;
  readonly terms: VisitorPassCreate;
  readonly at: number;
  readonly staffId: string;
}

export async function insertVisitorPass(trx: Trx, pass: NewVisitorPass): Promise<void> {
  const { terms } = pass;
  await trx
    .insertInto("visitor_pass")
    .values({
      pass_id: pass.passId,
      credential_key: pass.credentialKey,
      home_id: pass.homeId,
      purpose: terms.purpose,
      portal_ids: terms.portalIds,
      not_before: moment(terms.notBefore),
      not_after: moment(terms.notAfter),
      weekdays: terms.weekdays ?? null,
      windows: terms.windows === undefined ? null : JSON.stringify(terms.windows),
      uses: terms.uses ?? null,
      issued_at: moment(pass.at),
      issued_by: pass.staffId,
    })
    .execute();
}

/** Those of a dwelling's present home, newest first. */
export async function selectVisitorPasses(
  db: Reader,
  dwellingId: string,
  now: number,
): Promise<readonly DwellingVisitorPass[]> {
  const rows = await db
    .selectFrom("visitor_pass as pass")
    .innerJoin("staff", "staff.id", "pass.issued_by")
    .select([
      "pass.pass_id",
      "pass.purpose",
      "pass.portal_ids",
      "pass.not_before",
      "pass.not_after",
      "pass.weekdays",
      "pass.windows",
      "pass.uses",
      "pass.issued_at",
      "pass.revoked_at",
      "staff.display_name",
      sql<boolean>`exists (select from credential_leaf l join evidence_leaf e using (leaf_id)
        where l.pass_id = pass.pass_id
          and e.index < (select max(size) from evidence_checkpoint where published is not null))`.as(
        "published",
      ),
    ])
    .where(
      sql<boolean>`pass.home_id in (select id from home where dwelling_id = ${dwellingId} and ended_at is null)`,
    )
    .orderBy("pass.issued_at", "desc")
    .orderBy("pass.pass_id")
    .limit(MOST_LISTED)
    .execute();
  return rows.map((row) => {
    const state = row.revoked_at !== null ? "revoked" : row.not_after < now ? "over" : "active";
    return {
      passId: Buffer.from(row.pass_id).toString("hex"),
      dwellingId,
      purpose: parsePurpose(row.purpose),
      portalIds: [...row.portal_ids],
      notBefore: row.not_before,
      notAfter: row.not_after,
      ...optional("weekdays", weekdaysOf(row.weekdays)),
      ...optional("windows", row.windows === null ? null : row.windows.map((window) => ({ ...window }))),
      ...optional("uses", row.uses),
      issuedAt: row.issued_at,
      staffName: row.display_name,
      state,
      ...(state === "active" ? { log: row.published ? "published" : "on-its-way" } : {}),
    };
  });
}

/** Marks one as taken back; whether it was there and was not yet. */
export async function revokeVisitorPass(trx: Trx, passId: Uint8Array, at: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("visitor_pass")
    .set({ revoked_at: moment(at) })
    .where("pass_id", "=", passId)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function visitorPassExists(db: Reader, passId: Uint8Array): Promise<boolean> {
  const row = await db
    .selectFrom("visitor_pass")
    .select("pass_id")
    .where("pass_id", "=", passId)
    .executeTakeFirst();
  return row !== undefined;
}

/** One that gates are to ask the log about. */
export interface LivingPass {
  readonly passId: Uint8Array;
  readonly dwellingId: string;
  readonly portalIds: readonly string[];
  /** Its last moment. */
  readonly notAfter: number;
}

/** Those that are neither over nor taken back, the first to end first. */
export async function selectLivingPasses(
  db: Reader,
  now: number,
  limit: number,
): Promise<readonly LivingPass[]> {
  const { rows } = await sql<{
    pass_id: Uint8Array;
    dwelling_id: string;
    portal_ids: readonly string[];
    not_after: number;
  }>`
    select v.pass_id, h.dwelling_id, v.portal_ids, v.not_after from visitor_pass v
    join home h on h.id = v.home_id and h.ended_at is null
    where v.revoked_at is null and v.not_after >= ${moment(now)}
    order by v.not_after, v.pass_id limit ${limit}`.execute(db);
  return rows.map((row) => ({
    passId: new Uint8Array(row.pass_id),
    dwellingId: row.dwelling_id,
    portalIds: row.portal_ids,
    notAfter: row.not_after,
  }));
}

/** Passes that are over and whose leaf in the log has not ended. */
export async function selectPassesToEnd(trx: Trx, now: number): Promise<readonly Uint8Array[]> {
  const { rows } = await sql<{ pass_id: Uint8Array }>`
    select v.pass_id from visitor_pass v
    join credential_leaf l on l.pass_id = v.pass_id and l.ended_at is null
    where v.not_after < ${moment(now)} order by v.pass_id limit 500`.execute(trx);
  return rows.map((row) => row.pass_id);
}

/** Forgets what was over before `before`: nobody asks any more what an entry of then was made with. */
export async function deleteOldPasses(trx: Trx, before: number): Promise<void> {
  await trx.deleteFrom("visitor_pass").where("not_after", "<", moment(before)).execute();
}

function parsePurpose(text: string): DwellingVisitorPass["purpose"] {
  const purpose = VISIT_PURPOSES.find((candidate) => candidate === text);
  if (purpose === undefined) throw new CommunityError("internal", "stored purpose of a visit is unknown");
  return purpose;
}

function weekdaysOf(stored: readonly number[] | null): DwellingVisitorPass["weekdays"] | null {
  const days = [1, 2, 3, 4, 5, 6, 7] as const;
  return stored === null ? null : days.filter((day) => stored.includes(day));
}
