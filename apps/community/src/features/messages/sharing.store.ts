import type { SharingRecipient, SharingRecipientInput } from "@menshen/wire";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

function select(db: Reader) {
  return db.selectFrom("sharing_recipient").selectAll().orderBy("since", "desc").orderBy("id");
}

function recipientOf(
  row: Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number],
): SharingRecipient {
  return {
    id: row.id,
    name: row.name,
    purpose: row.purpose,
    contact: row.contact,
    subProcessors: [...row.sub_processors],
    since: row.since,
    ...optional("endedAt", row.ended_at),
  };
}

/** Newest first, those that ended among them. */
export async function selectRecipients(db: Reader): Promise<readonly SharingRecipient[]> {
  return (await select(db).execute()).map(recipientOf);
}

export async function selectRecipient(db: Reader, id: string): Promise<SharingRecipient | undefined> {
  const row = await select(db).where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : recipientOf(row);
}

export async function insertRecipient(
  trx: Trx,
  recipient: SharingRecipientInput & {
    readonly id: string;
    readonly since: number;
    readonly staffId: string;
  },
): Promise<void> {
  await trx
    .insertInto("sharing_recipient")
    .values({
      id: recipient.id,
      name: recipient.name,
      purpose: recipient.purpose,
      contact: recipient.contact,
      sub_processors: [...recipient.subProcessors],
      since: moment(recipient.since),
      registered_by: recipient.staffId,
    })
    .execute();
}

export async function updateEnded(trx: Trx, id: string, at: number): Promise<void> {
  await trx
    .updateTable("sharing_recipient")
    .set({ ended_at: moment(at) })
    .where("id", "=", id)
    .execute();
}

export async function insertShare(
  trx: Trx,
  share: {
    readonly id: string;
    readonly recipientId: string;
    readonly personId: string;
    readonly at: number;
    readonly staffId: string;
    readonly consentId: string;
    readonly subProcessors: readonly string[];
    readonly leafId: string;
  },
): Promise<void> {
  await trx
    .insertInto("data_share")
    .values({
      id: share.id,
      recipient_id: share.recipientId,
      person_id: share.personId,
      at: moment(share.at),
      staff_id: share.staffId,
      consent_id: share.consentId,
      sub_processors: [...share.subProcessors],
      leaf_id: share.leafId,
    })
    .execute();
}

/** Name and homes of somebody who is not removed. */
export async function selectSharedPerson(db: Reader, personId: string) {
  const person = await db
    .selectFrom("person")
    .select(["id", "display_name as name"])
    .where("id", "=", personId)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  if (person === undefined) return undefined;
  const homes = await db
    .selectFrom("residency")
    .innerJoin("dwelling", "dwelling.id", "residency.dwelling_id")
    .innerJoin("building", "building.id", "dwelling.building_id")
    .select(["building.name as building", "dwelling.name as name"])
    .where("residency.person_id", "=", personId)
    .where("residency.removed_at", "is", null)
    .orderBy("dwelling.id")
    .execute();
  return { ...person, homes: homes.map(({ building, name }) => `${building} ${name}`) };
}
