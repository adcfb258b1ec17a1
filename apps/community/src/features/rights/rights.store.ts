import { RIGHTS_KINDS, type RightsRequest } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";
import type { SealedText } from "../../keys/person-keys.ts";

const STATES = ["open", "done", "refused"] as const;

const requests = (db: Reader) => db.selectFrom("rights_request").selectAll();
type Row = Awaited<ReturnType<ReturnType<typeof requests>["executeTakeFirstOrThrow"]>>;

function requestOf(row: Row): RightsRequest {
  return {
    id: row.id,
    personId: row.person_id,
    kind: parse(RIGHTS_KINDS, row.kind),
    words: row.words,
    askedAt: row.asked_at,
    dueAt: row.due_at,
    state: parse(STATES, row.state),
    ...optional("answeredAt", row.answered_at),
    ...optional("reason", row.reason),
  };
}

/** The open ones by when they are due, then the answered ones, the latest first. */
export async function selectRequests(db: Reader): Promise<readonly RightsRequest[]> {
  const rows = await requests(db)
    .orderBy((eb) => eb("state", "!=", "open"))
    .orderBy("due_at")
    .limit(500)
    .execute();
  return rows.map(requestOf);
}

export async function selectRequestsOf(db: Reader, personId: string): Promise<readonly RightsRequest[]> {
  const rows = await requests(db)
    .where("person_id", "=", personId)
    .orderBy("asked_at", "desc")
    .limit(100)
    .execute();
  return rows.map(requestOf);
}

/** Locks a request until the transaction is over. */
export async function lockRequest(trx: Trx, id: string): Promise<RightsRequest | undefined> {
  await sql`select 1 from rights_request where id = ${id} for update`.execute(trx);
  const row = await requests(trx).where("id", "=", id).executeTakeFirst();
  return row && requestOf(row);
}

export async function insertRequest(
  trx: Trx,
  request: Pick<RightsRequest, "id" | "personId" | "kind" | "askedAt" | "dueAt"> & {
    readonly words: SealedText;
  },
): Promise<void> {
  await trx
    .insertInto("rights_request")
    .values({
      id: request.id,
      person_id: request.personId,
      kind: request.kind,
      words: request.words,
      asked_at: moment(request.askedAt),
      due_at: moment(request.dueAt),
      staff_id: null,
      reason: null,
    })
    .execute();
}

export async function answerRequest(
  trx: Trx,
  id: string,
  answer: {
    readonly state: "done" | "refused";
    readonly reason: SealedText;
    readonly staffId: string;
    readonly at: number;
  },
): Promise<void> {
  await trx
    .updateTable("rights_request")
    .set({
      state: answer.state,
      reason: answer.reason,
      staff_id: answer.staffId,
      answered_at: moment(answer.at),
    })
    .where("id", "=", id)
    .execute();
}

type Line = Record<string, unknown>;

/** What the tables have about one person, line by line. Keys and sealed numbers are left out: they open nothing for anybody. */
export async function selectCopy(db: Reader, personId: string) {
  const read = async (query: ReturnType<typeof sql<Line>>) =>
    [...(await query.execute(db)).rows].map((row) => ({ ...row }));
  const [person = {}] = await read(sql<Line>`
    select id, display_name as "displayName", removed_at as "removedAt" from person where id = ${personId}`);
  return {
    person,
    residencies: await read(sql<Line>`
      select residency.id, role, building.name as building, dwelling.name as dwelling,
        valid_from as "from", valid_until as "until", residency.removed_at as "removedAt"
      from residency left join dwelling on dwelling.id = dwelling_id
      left join building on building.id = building_id
      where person_id = ${personId} order by residency.id`),
    ends: await read(sql<Line>`
      select residency_id as "residencyId", state, asked_by as "askedBy", ground, asked_at as "askedAt",
        told_at as "toldAt", objection, answered_at as "answeredAt", decision_reason as "decisionReason",
        decided_at as "decidedAt", ends_at as "endsAt"
      from residency_end join residency on residency.id = residency_id
      where person_id = ${personId} order by asked_at`),
    credentials: await read(sql<Line>`
      select id, kind, grade, label, state, enrolled_at as "enrolledAt", state_changed_at as "stateChangedAt",
        valid_from as "from", valid_until as "until", encode(substring(key for 8), 'hex') as "keyStart"
      from credential where person_id = ${personId} order by enrolled_at, id`),
    keys: await read(sql<Line>`
      select registered_at as "registeredAt", registered_by as "registeredBy", ended_at as "endedAt"
      from resident_key where person_id = ${personId} order by id`),
    passkeys: await read(sql<Line>`
      select name, created_at as "createdAt", last_used_at as "lastUsedAt"
      from resident_passkey where person_id = ${personId} order by created_at, id`),
    looks: await read(sql<Line>`
      select at, body, role, purpose as "reason", purpose_text as "text", what
      from personal_view where person_id = ${personId} order by at`),
    refusedReads: await read(sql<Line>`
      select at, what from resident_refused_read where asked_person_id = ${personId} order by at`),
    statements: (
      await sql<{ topic: string; statement: string }>`
      select topic, statement from evidence_statement
      where subject_kind = 'person' and subject_id = ${personId} order by statement`.execute(db)
    ).rows.map(({ topic, statement }) => ({ topic, statement })),
  };
}

function parse<const Words extends readonly string[]>(words: Words, text: string): Words[number] {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new CommunityError("internal", "a stored word of a request is unknown");
  return word;
}
