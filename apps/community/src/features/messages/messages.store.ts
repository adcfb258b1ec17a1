import { INCIDENT_KINDS, type OwnCommercialMessage, type OwnNotice } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { known } from "../../view-record/index.ts";
import type { ConsentInForce } from "./consent-source.ts";

const MOST_LISTED = 200;

/** A message that was sent, with its exact counts; whoever shows them rounds. */
export interface StoredMessage {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly sentAt: number;
  readonly addressed: number;
  readonly read: number;
}

export async function insertNotice(
  trx: Trx,
  notice: {
    readonly id: string;
    readonly title: string;
    readonly text: string;
    readonly sentAt: number;
    readonly sentBy: string | undefined;
    readonly personIds: readonly string[];
  },
): Promise<void> {
  const { id, title, text, sentAt, sentBy, personIds } = notice;
  await trx
    .insertInto("service_notice")
    .values({ id, title, text, sent_at: moment(sentAt), sent_by: sentBy ?? null })
    .execute();
  await sql`insert into service_notice_recipient (notice_id, person_id)
    select ${id}::uuid, unnest(${[...personIds]}::uuid[])`.execute(trx);
}

/** Newest first. */
export async function selectNotices(db: Reader, id?: string): Promise<readonly StoredMessage[]> {
  const { rows } = await sql<Omit<StoredMessage, "sentAt"> & { sent_at: number }>`
    select id, title, text, sent_at, count(person_id) as addressed, count(read_at) as read
    from service_notice left join service_notice_recipient on notice_id = id
    ${id === undefined ? sql`` : sql`where id = ${id}::uuid`}
    group by id order by sent_at desc, id limit ${MOST_LISTED}`.execute(db);
  return rows.map(({ sent_at: sentAt, ...row }) => ({ ...row, sentAt }));
}

export async function selectOwnNotices(db: Reader, personId: string): Promise<readonly OwnNotice[]> {
  const rows = await db
    .selectFrom("service_notice_recipient as to")
    .innerJoin("service_notice as notice", "notice.id", "to.notice_id")
    .leftJoin("incident", "incident.notice_id", "notice.id")
    .select(["notice.id", "notice.title", "notice.text", "notice.sent_at", "to.read_at"])
    .select(["incident.id as incident_id", "incident.kind", "incident.published_at"])
    .where("to.person_id", "=", personId)
    .orderBy("notice.sent_at", "desc")
    .orderBy("notice.id")
    .limit(MOST_LISTED)
    .execute();
  return rows.map(({ id, title, text, ...row }) => ({
    ...{ id, title, text, sentAt: row.sent_at },
    ...optional("readAt", row.read_at),
    ...(row.incident_id === null || row.kind === null
      ? {}
      : {
          incident: {
            id: row.incident_id,
            kind: known(INCIDENT_KINDS, row.kind),
            ...optional("publishedAt", row.published_at),
          },
        }),
  }));
}

/** Whether it is a notice to this person; the first time stays. */
export async function markRead(db: Reader, id: string, personId: string, at: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("service_notice_recipient")
    .set({ read_at: sql`coalesce(read_at, ${moment(at)})` })
    .where("notice_id", "=", id)
    .where("person_id", "=", personId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function insertCommercial(
  trx: Trx,
  message: {
    readonly id: string;
    readonly title: string;
    readonly text: string;
    readonly advertiserId: string;
    readonly sentAt: number;
    readonly sentBy: string;
    readonly to: readonly { readonly personId: string; readonly consent: ConsentInForce }[];
  },
): Promise<void> {
  const { id, title, text, advertiserId, sentAt, sentBy, to } = message;
  await trx
    .insertInto("commercial_message")
    .values({ id, title, text, advertiser_id: advertiserId, sent_at: moment(sentAt), sent_by: sentBy })
    .execute();
  await trx
    .insertInto("commercial_message_recipient")
    .values(
      to.map(({ personId, consent }) => ({
        message_id: id,
        person_id: personId,
        consent_id: consent.consentId,
      })),
    )
    .execute();
}

/** Newest first. */
export async function selectCommercial(
  db: Reader,
  id?: string,
): Promise<readonly (StoredMessage & { readonly advertiser: string })[]> {
  const { rows } = await sql<Omit<StoredMessage, "sentAt"> & { sent_at: number; advertiser: string }>`
    select message.id, title, text, sent_at, advertiser.name as advertiser,
      count(person_id) as addressed, count(read_at) as read
    from commercial_message message join sharing_recipient advertiser on advertiser.id = advertiser_id
    left join commercial_message_recipient on message_id = message.id
    ${id === undefined ? sql`` : sql`where message.id = ${id}::uuid`}
    group by message.id, advertiser.name order by sent_at desc, message.id limit ${MOST_LISTED}`.execute(db);
  return rows.map(({ sent_at: sentAt, ...row }) => ({ ...row, sentAt }));
}

export async function selectOwnCommercial(
  db: Reader,
  personId: string,
): Promise<readonly OwnCommercialMessage[]> {
  const rows = await db
    .selectFrom("commercial_message_recipient as to")
    .innerJoin("commercial_message as message", "message.id", "to.message_id")
    .innerJoin("sharing_recipient as advertiser", "advertiser.id", "message.advertiser_id")
    .select([
      "message.id",
      "message.title",
      "message.text",
      "message.sent_at as sentAt",
      "advertiser.name as advertiser",
      "to.consent_id as consentId",
    ])
    .where("to.person_id", "=", personId)
    .orderBy("message.sent_at", "desc")
    .orderBy("message.id")
    .limit(MOST_LISTED)
    .execute();
  return rows;
}

/** That somebody has opened their commercial messages. */
export async function markCommercialRead(db: Reader, personId: string, at: number): Promise<void> {
  await db
    .updateTable("commercial_message_recipient")
    .set({ read_at: moment(at) })
    .where("person_id", "=", personId)
    .where("read_at", "is", null)
    .execute();
}

/** When these people last said that they want no more. */
export async function selectStops(
  db: Reader,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (personIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("commercial_stop")
    .select(["person_id", "at"])
    .where("person_id", "in", [...personIds])
    .execute();
  return new Map(rows.map((row) => [row.person_id, row.at]));
}

export async function upsertStop(db: Reader, personId: string, at: number): Promise<void> {
  await db
    .insertInto("commercial_stop")
    .values({ person_id: personId, at: moment(at) })
    .onConflict((conflict) => conflict.column("person_id").doUpdateSet({ at: moment(at) }))
    .execute();
}

/**
 * Commercial messages that went to somebody without a consent in force then: no consent of that person to this purpose and
 * advertiser, one given later or withdrawn before, or stopped since it was given. The receipts are read anew, not what was thought then.
 */
export async function countWithoutConsent(db: Reader): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from commercial_message_recipient sent
    join commercial_message message on message.id = sent.message_id
    join sharing_recipient advertiser on advertiser.id = message.advertiser_id
    where not exists (
      select from consent join consent_notice notice on notice.id = consent.notice_id
      where consent.record_id::text = sent.consent_id and consent.person_id = sent.person_id
        and notice.purpose = 'commercial-messages'
        and notice.text::jsonb -> 'processor' ->> 'name' = advertiser.name
        and consent.given_at <= message.sent_at and consent.until_at > message.sent_at
        and (consent.withdrawn_at is null or consent.withdrawn_at > message.sent_at)
        and not exists (
          select from commercial_stop stop where stop.person_id = sent.person_id
            and stop.at >= consent.given_at and stop.at <= message.sent_at))`.execute(db);
  return rows[0]?.count ?? 0;
}
