import { moment, type Reader, type Trx } from "../../database/database.ts";

/** What is kept of somebody beside name and home, as it is stored. */
export interface StoredEnrolment {
  readonly contact: Uint8Array | null;
  readonly issuer: string | null;
  readonly checkedAt: number | null;
  /** `YYYY-MM-DD` */
  readonly guardianUntil: string | null;
}

/** Undefined for nobody. */
export function selectEnrolment(db: Reader, personId: string): Promise<StoredEnrolment | undefined> {
  return db
    .selectFrom("person")
    .leftJoin("person_contact", "person_contact.person_id", "person.id")
    .leftJoin("person_identity_check", "person_identity_check.person_id", "person.id")
    .leftJoin("person_guardian_need", "person_guardian_need.person_id", "person.id")
    .select([
      "person_contact.sealed as contact",
      "person_identity_check.issuer",
      "person_identity_check.checked_at as checkedAt",
      "person_guardian_need.until_on as guardianUntil",
    ])
    .where("person.id", "=", personId)
    .executeTakeFirst();
}

export async function upsertContact(
  trx: Trx,
  personId: string,
  sealed: Uint8Array,
  at: number,
): Promise<void> {
  await trx
    .insertInto("person_contact")
    .values({ person_id: personId, sealed, by_person: true, set_at: moment(at) })
    .onConflict((conflict) =>
      conflict.column("person_id").doUpdateSet({ sealed, by_person: true, set_at: moment(at) }),
    )
    .execute();
}

/** Whose contact is kept without a consent that runs; one that is suspended by a new notice runs on. */
export async function selectContactsRunOut(db: Reader, now: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("person_contact")
    .select("person_contact.person_id")
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("consent")
            .innerJoin("consent_notice", "consent_notice.id", "consent.notice_id")
            .select("consent.record_id")
            .whereRef("consent.person_id", "=", "person_contact.person_id")
            .where("consent_notice.purpose", "=", "service-contact")
            .where("consent.withdrawn_at", "is", null)
            .where("consent.until_at", ">", moment(now)),
        ),
      ),
    )
    .execute();
  return rows.map(({ person_id: id }) => id);
}

/** Says whether there was one. */
export async function deleteContact(trx: Trx, personId: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("person_contact")
    .where("person_id", "=", personId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function upsertCheck(trx: Trx, personId: string, issuer: string, at: number): Promise<void> {
  await trx
    .insertInto("person_identity_check")
    .values({ person_id: personId, issuer, checked_at: moment(at) })
    .onConflict((conflict) => conflict.column("person_id").doUpdateSet({ issuer, checked_at: moment(at) }))
    .execute();
}

export async function replaceGuardianNeed(
  trx: Trx,
  personId: string,
  until: string | undefined,
): Promise<void> {
  await trx.deleteFrom("person_guardian_need").where("person_id", "=", personId).execute();
  if (until === undefined) return;
  await trx.insertInto("person_guardian_need").values({ person_id: personId, until_on: until }).execute();
}

/** Children whose day has come need nobody any more, and nothing of it is kept. */
export async function deleteGrownUp(db: Reader, today: string): Promise<void> {
  await db.deleteFrom("person_guardian_need").where("until_on", "<=", today).execute();
}
