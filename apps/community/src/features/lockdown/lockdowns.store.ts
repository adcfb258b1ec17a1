import { randomUUID } from "node:crypto";
import { LOCKDOWN_ENDINGS, type Lockdown, type lockdownEndpoints, type QueryOf } from "@menshen/wire";
import { cutPage, decodeCursor } from "../../database/cursor.ts";
import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

const DEFAULT_LIMIT = 50;
/** So long a request to end early waits for a second person. */
export const END_REQUEST_MS = 600_000;

/** A lockdown with what only the server needs. */
export interface StoredLockdown extends Omit<Lockdown, "adoptedCount" | "endRequest"> {
  readonly endAsked?: { readonly staffId: string; readonly by: string; readonly at: number };
}

function lockdowns(db: Reader) {
  return db
    .selectFrom("lockdown")
    .innerJoin("staff as starter", "starter.id", "lockdown.started_by")
    .leftJoin("staff as asker", "asker.id", "lockdown.end_asked_by")
    .leftJoin("staff as agreer", "agreer.id", "lockdown.agreed_by")
    .selectAll("lockdown")
    .select([
      "starter.display_name as started_name",
      "asker.display_name as asked_name",
      "agreer.display_name as agreed_name",
    ]);
}

type Row = Awaited<ReturnType<ReturnType<typeof lockdowns>["executeTakeFirstOrThrow"]>>;

function stored(row: Row): StoredLockdown {
  const how = LOCKDOWN_ENDINGS.find((ending) => ending === row.ended_how);
  return {
    id: row.id,
    planId: row.plan_id,
    name: row.name,
    rank: row.rank,
    level: row.level,
    ...optional("instruction", row.instruction),
    drill: row.drill,
    portalIds: [...row.portal_ids],
    startedBy: row.started_name,
    reasonCode: row.reason_code,
    ...optional("reasonText", row.reason_text),
    startedAt: row.started_at,
    until: row.until,
    ...(row.end_asked_by === null || row.end_asked_at === null || row.ended_at !== null
      ? {}
      : { endAsked: { staffId: row.end_asked_by, by: row.asked_name ?? "", at: row.end_asked_at } }),
    ...(row.ended_at === null || how === undefined
      ? {}
      : {
          ended: {
            at: row.ended_at,
            how,
            ...(how === "early" ? optional("by", row.asked_name) : {}),
            ...optional("agreedBy", row.agreed_name),
          },
        }),
  };
}

/** With `lock`, until the end of the transaction. */
export async function selectLockdown(
  db: Reader,
  id: string,
  lock = false,
): Promise<StoredLockdown | undefined> {
  if (lock) await db.selectFrom("lockdown").select("id").where("id", "=", id).forUpdate().execute();
  const row = await lockdowns(db).where("lockdown.id", "=", id).executeTakeFirst();
  return row && stored(row);
}

/** Newest first. */
export async function selectLockdowns(db: Reader, query: QueryOf<typeof lockdownEndpoints.list>) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  let select = lockdowns(db)
    .orderBy("lockdown.started_at", "desc")
    .orderBy("lockdown.id", "desc")
    .limit(limit + 1);
  if (query.active) select = select.where("lockdown.ended_at", "is", null);
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, ["number", "string"]);
    select = select.where((eb) =>
      eb(eb.refTuple("lockdown.started_at", "lockdown.id"), "<", eb.tuple(moment(at), eb.val(id))),
    );
  }
  const { rows, ...page } = cutPage(await select.execute(), limit, (row) => [row.started_at, row.id]);
  return { items: rows.map(stored), ...page };
}

/** Lockdowns whose time is over at `now` and that nobody ended. */
export async function selectOverdue(db: Reader, now: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("lockdown")
    .select("id")
    .where("ended_at", "is", null)
    .where("until", "<=", moment(now))
    .execute();
  return rows.map(({ id }) => id);
}

export async function insertLockdown(
  trx: Trx,
  started: Pick<StoredLockdown, "planId" | "name" | "rank" | "level" | "drill" | "portalIds" | "until"> & {
    readonly instruction: string | undefined;
    readonly staffId: string;
    readonly reasonCode: string;
    readonly reasonText: string | undefined;
    readonly startedAt: number;
  },
): Promise<string> {
  const id = randomUUID();
  await trx
    .insertInto("lockdown")
    .values({
      id,
      plan_id: started.planId,
      name: started.name,
      rank: started.rank,
      level: started.level,
      instruction: started.instruction ?? null,
      drill: started.drill,
      portal_ids: started.portalIds,
      started_by: started.staffId,
      reason_code: started.reasonCode,
      reason_text: started.reasonText ?? null,
      started_at: moment(started.startedAt),
      until: moment(started.until),
      end_asked_by: null,
      ended_how: null,
      agreed_by: null,
    })
    .execute();
  return id;
}

/** Notes who asks to end it early; nobody takes the request back. */
export async function writeEndRequest(
  trx: Trx,
  id: string,
  request: { readonly staffId: string; readonly at: number } | undefined,
): Promise<void> {
  await trx
    .updateTable("lockdown")
    .set({ end_asked_by: request?.staffId ?? null, end_asked_at: optionalMoment(request?.at) })
    .where("id", "=", id)
    .execute();
}

export async function writeEnd(
  trx: Trx,
  id: string,
  end: { readonly at: number; readonly how: "time" | "early"; readonly agreedBy?: string },
): Promise<void> {
  await trx
    .updateTable("lockdown")
    .set({ ended_at: moment(end.at), ended_how: end.how, agreed_by: end.agreedBy ?? null })
    .where("id", "=", id)
    .execute();
}
