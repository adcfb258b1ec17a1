import { CONSENT_PURPOSES, type ConsentNotice, type ConsentPurpose, type NoticeDraft } from "@menshen/domain";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";

/** A notice as it was published. */
export interface StoredNotice {
  readonly id: string;
  readonly notice: ConsentNotice;
  /** What the hash covers. */
  readonly text: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly publishedAt: number;
}

export interface StoredDraft {
  readonly id: string;
  readonly seriesId: string;
  readonly draft: NoticeDraft;
  readonly draftedAt: number;
  readonly revision: number;
}

/** Every published notice, newest first. */
export async function selectNotices(db: Reader, communityId: string): Promise<readonly StoredNotice[]> {
  const rows = await db
    .selectFrom("consent_notice")
    .select(["id", "series_id", "draft", "version", "purpose", "text", "sha256", "published_at"])
    .where("version", "is not", null)
    .orderBy("published_at", "desc")
    .orderBy("version", "desc")
    .execute();
  return rows.flatMap(({ id, series_id, draft, version, purpose, text, sha256, published_at }) => {
    const known = parsePurpose(purpose);
    if (version === null || known === undefined || text === null) return [];
    if (sha256 === null || published_at === null) return [];
    const notice = noticeOf(draft, { communityId, seriesId: series_id, version, purpose: known });
    return [{ id, notice, text, sha256, publishedAt: published_at }];
  });
}

/** What a draft becomes when it is published. */
export function noticeOf(
  draft: NoticeDraft,
  place: Pick<ConsentNotice, "communityId" | "seriesId" | "version" | "purpose">,
): ConsentNotice {
  const { controller, processor, subProcessors, endsAt = 0, deleteWithinDays, texts } = draft;
  return { ...place, controller, processor, subProcessors, endsAt, deleteWithinDays, texts };
}

export function parsePurpose(text: string | null): ConsentPurpose | undefined {
  return CONSENT_PURPOSES.find((purpose) => purpose === text);
}

export async function selectDrafts(db: Reader): Promise<readonly StoredDraft[]> {
  const rows = await db
    .selectFrom("consent_notice")
    .select(["id", "series_id", "draft", "drafted_at", "revision"])
    .where("version", "is", null)
    .orderBy("drafted_at", "desc")
    .execute();
  return rows.map(({ id, series_id, draft, drafted_at, revision }) => ({
    id,
    seriesId: series_id,
    draft,
    draftedAt: drafted_at,
    revision,
  }));
}

/** Versions follow each other: one change of notices at a time. */
export async function lockNotices(trx: Trx): Promise<void> {
  await sql`lock table consent_notice in share row exclusive mode`.execute(trx);
}

/** A second draft of a series is refused as a duplicate. */
export async function insertDraft(
  trx: Trx,
  row: {
    readonly id: string;
    readonly seriesId: string;
    readonly draft: NoticeDraft;
    readonly at: number;
    readonly staffId: string;
  },
): Promise<void> {
  await trx
    .insertInto("consent_notice")
    .values({
      id: row.id,
      series_id: row.seriesId,
      draft: JSON.stringify(row.draft),
      drafted_at: moment(row.at),
      drafted_by: row.staffId,
    })
    .execute();
}

export async function updateDraft(trx: Trx, id: string, draft: NoticeDraft): Promise<void> {
  await trx
    .updateTable("consent_notice")
    .set(({ eb }) => ({ draft: JSON.stringify(draft), revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .where("version", "is", null)
    .execute();
}

export async function deleteDraft(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom("consent_notice").where("id", "=", id).where("version", "is", null).execute();
}

export async function updatePublished(
  trx: Trx,
  id: string,
  published: {
    readonly notice: ConsentNotice;
    readonly text: string;
    readonly sha256: string;
    readonly leafId: string;
    readonly at: number;
    readonly staffId: string;
  },
): Promise<void> {
  const { notice, text, sha256, leafId, at, staffId } = published;
  await trx
    .updateTable("consent_notice")
    .set({
      version: notice.version,
      purpose: notice.purpose,
      text,
      sha256,
      leaf_id: leafId,
      published_at: moment(at),
      published_by: staffId,
    })
    .where("id", "=", id)
    .execute();
}
