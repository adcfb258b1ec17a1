import { VOTE_MATTERS, type VoteMatter } from "@menshen/domain";
import type { VoteResult } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { known } from "../../view-record/index.ts";

/** A motion as it is kept. Times in Unix milliseconds. */
export interface StoredMotion {
  readonly id: string;
  readonly matter: VoteMatter;
  readonly title: string;
  readonly text: string;
  readonly subject: string | undefined;
  readonly opensAt: number;
  readonly closesAt: number;
  readonly revision: number;
  readonly publishedAt: number | undefined;
  readonly agendaSha256: string | undefined;
  readonly rollSha256: string | undefined;
  readonly withdrawnAt: number | undefined;
  readonly countedAt: number | undefined;
  readonly result: VoteResult | undefined;
  readonly usedFor: string | undefined;
  readonly isSecret: boolean;
  /** Of a secret vote, once custodians made it; encoded. */
  readonly ballotKey: Uint8Array | undefined;
  readonly ballotCeremony: string | undefined;
  /** The sums, still sealed; encoded. */
  readonly tally: Uint8Array | undefined;
  readonly tallyShares: number;
  readonly heads: number;
  readonly areaDm2: number;
  readonly votedHeads: number;
  readonly papersWaiting: number;
  readonly proxies: number;
}

/** A head of one motion. */
export interface StoredHead {
  readonly number: number;
  readonly areaDm2: number;
  readonly dwellingNames: readonly string[];
}

function motions(db: Reader) {
  return db
    .selectFrom("motion")
    .selectAll("motion")
    .select([
      sql<number>`(select count(*) from motion_head where motion_id = motion.id)`.as("heads"),
      sql<number>`(select coalesce(sum(area_dm2), 0)::bigint from motion_head where motion_id = motion.id)`.as(
        "area_dm2",
      ),
      sql<number>`(select count(*) from motion_ballot where motion_id = motion.id)`.as("voted_heads"),
      sql<number>`(select count(*) from motion_paper where motion_id = motion.id and confirmed_at is null)`.as(
        "papers_waiting",
      ),
      sql<number>`(select count(*) from motion_proxy where motion_id = motion.id)`.as("proxies"),
      sql<number>`(select count(*) from motion_tally_share where motion_id = motion.id)`.as("tally_shares"),
    ]);
}

function stored(
  row: Awaited<ReturnType<ReturnType<typeof motions>["executeTakeFirstOrThrow"]>>,
): StoredMotion {
  return {
    id: row.id,
    matter: known(VOTE_MATTERS, row.matter),
    title: row.title,
    text: row.text,
    subject: row.subject ?? undefined,
    opensAt: row.opens_at,
    closesAt: row.closes_at,
    revision: row.revision,
    publishedAt: row.published_at ?? undefined,
    agendaSha256: row.agenda_sha256 ?? undefined,
    rollSha256: row.roll_sha256 ?? undefined,
    withdrawnAt: row.withdrawn_at ?? undefined,
    countedAt: row.counted_at ?? undefined,
    // Written by `updateCounted` alone.
    result: (row.result ?? undefined) as VoteResult | undefined,
    usedFor: row.used_for ?? undefined,
    isSecret: row.is_secret,
    ballotKey: row.ballot_key === null ? undefined : new Uint8Array(row.ballot_key),
    ballotCeremony: row.ballot_ceremony ?? undefined,
    tally: row.tally === null ? undefined : new Uint8Array(row.tally),
    tallyShares: row.tally_shares,
    heads: row.heads,
    areaDm2: row.area_dm2,
    votedHeads: row.voted_heads,
    papersWaiting: row.papers_waiting,
    proxies: row.proxies,
  };
}

/** Newest first; drafts too. */
export async function selectMotions(db: Reader, limit: number): Promise<readonly StoredMotion[]> {
  const rows = await motions(db).orderBy("created_at", "desc").orderBy("id").limit(limit).execute();
  return rows.map(stored);
}

/** Those that were on an agenda, newest first. */
export async function selectPublished(db: Reader, limit: number): Promise<readonly StoredMotion[]> {
  const rows = await motions(db)
    .where("published_at", "is not", null)
    .orderBy("opens_at", "desc")
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(stored);
}

export async function selectMotion(db: Reader, id: string): Promise<StoredMotion | undefined> {
  const row = await motions(db).where("motion.id", "=", id).executeTakeFirst();
  return row && stored(row);
}

/** Until the end of the transaction, nobody else changes this motion or counts it. */
export async function lockMotion(trx: Trx, id: string): Promise<void> {
  await trx.selectFrom("motion").select("id").where("id", "=", id).forUpdate().execute();
}

export async function insertMotion(
  trx: Trx,
  motion: Pick<
    StoredMotion,
    "id" | "matter" | "title" | "text" | "subject" | "opensAt" | "closesAt" | "isSecret"
  > & {
    readonly at: number;
    readonly staffId: string;
  },
): Promise<void> {
  await trx
    .insertInto("motion")
    .values({
      id: motion.id,
      matter: motion.matter,
      title: motion.title,
      text: motion.text,
      subject: motion.subject ?? null,
      is_secret: motion.isSecret,
      ballot_ceremony: null,
      ballot_key: null,
      tally: null,
      opens_at: moment(motion.opensAt),
      closes_at: moment(motion.closesAt),
      created_at: moment(motion.at),
      created_by: motion.staffId,
      agenda_sha256: null,
      roll_sha256: null,
      result: null,
      used_for: null,
    })
    .execute();
}

/** Heads of one statement: four values each, and three a person, below PostgreSQL's 65,535. */
const HEADS_IN_BATCH = 5_000;

/** Puts the motion on the agenda, with its roll. */
export async function updatePublished(
  trx: Trx,
  id: string,
  published: { readonly at: number; readonly agendaSha256: string; readonly rollSha256: string },
  heads: readonly (StoredHead & { readonly personIds: readonly string[] })[],
): Promise<void> {
  await trx
    .updateTable("motion")
    .set((eb) => ({
      published_at: moment(published.at),
      agenda_sha256: published.agendaSha256,
      roll_sha256: published.rollSha256,
      revision: eb("revision", "+", 1),
    }))
    .where("id", "=", id)
    .execute();
  for (let from = 0; from < heads.length; from += HEADS_IN_BATCH) {
    const batch = heads.slice(from, from + HEADS_IN_BATCH);
    await trx
      .insertInto("motion_head")
      .values(
        batch.map((head) => ({
          motion_id: id,
          number: head.number,
          area_dm2: head.areaDm2,
          dwelling_names: [...head.dwellingNames],
        })),
      )
      .execute();
    const persons = batch.flatMap((head) =>
      head.personIds.map((personId) => ({ motion_id: id, number: head.number, person_id: personId })),
    );
    if (persons.length > 0) await trx.insertInto("motion_head_person").values(persons).execute();
  }
}

export async function updateWithdrawn(trx: Trx, id: string, at: number): Promise<void> {
  await trx
    .updateTable("motion")
    .set((eb) => ({ withdrawn_at: moment(at), revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

export async function updateCounted(trx: Trx, id: string, result: VoteResult): Promise<void> {
  await trx
    .updateTable("motion")
    .set((eb) => ({
      counted_at: moment(result.countedAt),
      result: JSON.stringify(result),
      revision: eb("revision", "+", 1),
    }))
    .where("id", "=", id)
    .execute();
}

export async function updateUsed(trx: Trx, id: string, usedFor: string): Promise<void> {
  await trx
    .updateTable("motion")
    .set((eb) => ({ used_for: usedFor, revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** Ascending by number. */
export async function selectHeads(db: Reader, motionId: string): Promise<readonly StoredHead[]> {
  const rows = await db
    .selectFrom("motion_head")
    .select(["number", "area_dm2", "dwelling_names"])
    .where("motion_id", "=", motionId)
    .orderBy("number")
    .execute();
  return rows.map((row) => ({
    number: row.number,
    areaDm2: row.area_dm2,
    dwellingNames: row.dwelling_names,
  }));
}
