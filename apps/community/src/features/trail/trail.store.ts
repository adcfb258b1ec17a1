import { moment, type Reader, type Trx } from "../../database/database.ts";

/** One look at personal data. */
export interface PersonalView {
  readonly id: string;
  readonly at: number;
  readonly staffId: string;
  readonly gateId: string;
  readonly sequence: number;
  readonly reasonCode: string;
  readonly reasonText: string | undefined;
  readonly personId: string | undefined;
}

/** The pseudonym that a gate wrote for an event; `pseudonym` is undefined where no credential was read. */
export async function selectPseudonym(
  db: Reader,
  gateId: string,
  sequence: number,
): Promise<{ readonly at: number; readonly pseudonym: Uint8Array | undefined } | undefined> {
  const row = await db
    .selectFrom("event")
    .select(["at", "pseudonym"])
    .where("gate_id", "=", gateId)
    .where("sequence", "=", sequence)
    .executeTakeFirst();
  return row && { at: row.at, pseudonym: row.pseudonym ?? undefined };
}

export async function insertView(trx: Trx, view: PersonalView): Promise<void> {
  await trx
    .insertInto("personal_view")
    .values({
      id: view.id,
      at: moment(view.at),
      staff_id: view.staffId,
      gate_id: view.gateId,
      sequence: view.sequence,
      reason_code: view.reasonCode,
      reason_text: view.reasonText ?? null,
      person_id: view.personId ?? null,
    })
    .execute();
}

/** Name and dwellings of a credential's holder. */
export async function selectHolder(db: Reader, credentialId: string) {
  const rows = await db
    .selectFrom("credential")
    .innerJoin("person", "person.id", "credential.person_id")
    .leftJoin("residency", (join) =>
      join.onRef("residency.person_id", "=", "person.id").on("residency.removed_at", "is", null),
    )
    .leftJoin("dwelling", "dwelling.id", "residency.dwelling_id")
    .leftJoin("building", "building.id", "dwelling.building_id")
    .select([
      "person.id",
      "person.display_name",
      "credential.label",
      "credential.state",
      "dwelling.name as dwelling",
      "building.name as building",
    ])
    .where("credential.id", "=", credentialId)
    .execute();
  const [row] = rows;
  if (row === undefined) return undefined;
  const dwellings = rows.flatMap(({ building, dwelling }) =>
    dwelling === null ? [] : [`${building ?? ""} ${dwelling}`.trim()],
  );
  return {
    personId: row.id,
    personName: row.display_name,
    dwellingNames: [...new Set(dwellings)],
    credentialLabel: row.label,
    credentialState: row.state,
  };
}
