import { sql } from "kysely";
import { moment, type Reader } from "../../database/database.ts";

const KIND = "phone-pass";

/** A phone pass that lives: in use, or blocked by the desk. */
export interface StoredPhone {
  readonly id: string;
  readonly key: Uint8Array;
  readonly personId: string;
  readonly label: string;
  readonly state: "active" | "blocked";
  readonly enrolledAt: number;
  /** Its public key under the storage key. */
  readonly sealed: Uint8Array;
}

/** The living phone passes of a person, the oldest first. */
export async function selectPhones(db: Reader, personId: string): Promise<readonly StoredPhone[]> {
  const rows = await db
    .selectFrom("credential")
    .select(["id", "key", "person_id", "label", "state", "enrolled_at", "sealed_identifier"])
    .where("kind", "=", KIND)
    .where("person_id", "=", personId)
    .where("state", "in", ["active", "blocked"])
    .orderBy("enrolled_at")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    key: new Uint8Array(row.key),
    personId: row.person_id,
    label: row.label,
    state: row.state === "blocked" ? "blocked" : "active",
    enrolledAt: row.enrolled_at,
    sealed: row.sealed_identifier,
  }));
}

/** Dwellings where a person lives now. */
export async function selectDwellingsOf(
  db: Reader,
  personId: string,
  at: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ dwelling_id: string }>`
    select distinct r.dwelling_id from residency r join dwelling d on d.id = r.dwelling_id and d.removed_at is null
    where r.person_id = ${personId} and r.removed_at is null
      and (r.valid_from is null or r.valid_from <= ${moment(at)})
      and (r.valid_until is null or r.valid_until > ${moment(at)})`.execute(db);
  return rows.map((row) => row.dwelling_id);
}
