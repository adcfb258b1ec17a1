import { randomUUID } from "node:crypto";
import { CHANGE_REASON_CODES, type KeyAct, type KeyRequest } from "@menshen/wire";
import { sql } from "kysely";
import type { StaffAuthor } from "../../authority/authorise.ts";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

/** So long a request waits for a second person: into the next shift, and not into another week. */
export const KEY_REQUEST_MS = 12 * 3_600_000;
const MOST_LISTED = 20;

/** What is to be done: to start the next version, or to end one. */
export type KeyWork =
  | { readonly act: "start"; readonly version?: undefined }
  | { readonly act: "end"; readonly version: number };

export interface StoredKeyRequest {
  readonly id: string;
  readonly work: KeyWork;
  readonly askedBy: string;
  readonly expiresAt: number;
  readonly decision: string | null;
}

/** Keeps a request; returns its id. */
export async function insertKeyRequest(
  trx: Trx,
  { actor, reason }: StaffAuthor,
  work: KeyWork,
  at: number,
): Promise<string> {
  const id = randomUUID();
  await trx
    .insertInto("key_request")
    .values({
      id,
      act: work.act,
      version: work.version ?? null,
      requested_by: actor.staffId,
      reason_code: reason.code,
      reason_text: reason.text ?? null,
      requested_at: moment(at),
      expires_at: moment(at + KEY_REQUEST_MS),
      decision: null,
      decided_by: null,
    })
    .execute();
  return id;
}

/** Locked until the end of the transaction, so that of two who decide at once the second sees what the first did. */
export async function lockKeyRequest(trx: Trx, id: string): Promise<StoredKeyRequest | undefined> {
  const row = await trx
    .selectFrom("key_request")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : {
        id: row.id,
        work: workOf(row),
        askedBy: row.requested_by,
        expiresAt: row.expires_at,
        decision: row.decision,
      };
}

/** Whether the same waits for a second person already. */
export async function isAskedFor(trx: Trx, work: KeyWork, at: number): Promise<boolean> {
  const row = await trx
    .selectFrom("key_request")
    .select("id")
    .where("act", "=", work.act)
    .where("version", "is not distinct from", work.version ?? null)
    .where("decision", "is", null)
    .where("expires_at", ">", moment(at))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function writeKeyDecision(
  trx: Trx,
  id: string,
  decided: {
    readonly decision: "done" | "withdrawn";
    readonly staffId: string;
    readonly at: number;
    readonly version: number | undefined;
  },
): Promise<void> {
  await trx
    .updateTable("key_request")
    .set({
      decision: decided.decision,
      decided_by: decided.staffId,
      decided_at: moment(decided.at),
      version: decided.version ?? null,
    })
    .where("id", "=", id)
    .execute();
}

/** Those that wait and then the others, newest first, as `staffId` sees them at `now`. */
export async function selectKeyRequests(
  db: Reader,
  filter: { readonly id?: string },
  staffId: string,
  now: number,
): Promise<KeyRequest[]> {
  const rows = await db
    .selectFrom("key_request")
    .innerJoin("staff as asker", "asker.id", "key_request.requested_by")
    .leftJoin("staff as decider", "decider.id", "key_request.decided_by")
    .selectAll("key_request")
    .select(["asker.display_name as asked_name", "decider.display_name as decided_name"])
    .$if(filter.id !== undefined, (query) => query.where("key_request.id", "=", filter.id ?? ""))
    .orderBy(sql`key_request.decision is null and key_request.expires_at > ${moment(now)}`, "desc")
    .orderBy("key_request.requested_at", "desc")
    .limit(MOST_LISTED)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    act: row.act,
    ...optional("version", row.version),
    requestedBy: row.asked_name,
    own: row.requested_by === staffId,
    reason: {
      code: CHANGE_REASON_CODES.find((code) => code === row.reason_code) ?? "other",
      ...optional("text", row.reason_text),
    },
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    state: row.decision ?? (row.expires_at <= now ? "expired" : "waiting"),
    ...optional("decidedBy", row.decided_name),
    ...optional("decidedAt", row.decided_at),
  }));
}

function workOf({ act, version }: { readonly act: KeyAct; readonly version: number | null }): KeyWork {
  if (act === "start") return { act };
  if (version === null) throw new CommunityError("internal", "expected the version that is to end");
  return { act, version };
}
