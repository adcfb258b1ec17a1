import {
  COMPLAINT_CATEGORIES,
  COMPLAINT_CHANNELS,
  COMPLAINT_KINDS,
  COMPLAINT_STATES,
  type ComplaintStep,
  PASSING_CAUSES,
  STAFF_BODIES,
  type StaffBody,
} from "@menshen/wire";
import { type SqlBool, sql } from "kysely";
import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { known } from "../../view-record/index.ts";
import type { AnswerClock } from "./deadlines.ts";

type Row = Awaited<ReturnType<typeof selectRow>>;

/** A complaint as stored; text and nonce are sealed. Times in Unix milliseconds. */
export type StoredComplaint = NonNullable<ReturnType<typeof complaintOf>>;

const MOST_LISTED = 500;

/** With what is shown beside it: the name of whom it is about, and why it came to the body that has it. */
function complaints(db: Reader) {
  return db
    .selectFrom("complaint")
    .leftJoin("staff", "staff.id", "complaint.about_staff_id")
    .selectAll("complaint")
    .select("staff.display_name as about_staff")
    .select((eb) =>
      eb
        .selectFrom("complaint_step as step")
        .select("step.cause")
        .whereRef("step.complaint_id", "=", "complaint.id")
        .whereRef("step.to_body", "=", "complaint.body")
        .orderBy("step.id", "desc")
        .limit(1)
        .as("came_by"),
    );
}

function complaintOf(row: NonNullable<Row>) {
  return {
    id: row.id,
    kind: known(COMPLAINT_KINDS, row.kind),
    category: known(COMPLAINT_CATEGORIES, row.category),
    channel: known(COMPLAINT_CHANNELS, row.channel),
    body: known(STAFF_BODIES, row.body),
    aboutBody: row.about_body === null ? undefined : known(STAFF_BODIES, row.about_body),
    aboutStaffId: row.about_staff_id ?? undefined,
    aboutStaff: row.about_staff ?? undefined,
    cameBy: row.came_by === null ? undefined : known(PASSING_CAUSES, row.came_by),
    personId: row.person_id ?? undefined,
    text: row.text ?? undefined,
    nonce: row.nonce,
    receipt: row.receipt,
    receivedAt: row.received_at,
    remindFirstAt: row.remind_first_at,
    remindAgainAt: row.remind_again_at,
    answerBy: row.answer_by,
    reminders: row.reminders,
    late: row.late,
    state: known(COMPLAINT_STATES, row.state),
    answeredAt: row.answered_at ?? undefined,
  };
}

function selectRow(db: Reader, id: string) {
  return complaints(db).where("complaint.id", "=", id).executeTakeFirst();
}

/** Locked until the end of the transaction: deadlines and answers follow each other. */
export async function lockComplaint(trx: Trx, id: string): Promise<StoredComplaint | undefined> {
  await trx.selectFrom("complaint").select("id").where("id", "=", id).forUpdate().executeTakeFirst();
  return selectComplaint(trx, id);
}

export async function selectComplaint(db: Reader, id: string): Promise<StoredComplaint | undefined> {
  const row = await selectRow(db, id);
  return row === undefined ? undefined : complaintOf(row);
}

export async function selectIdByCode(db: Reader, codeHash: Uint8Array): Promise<string | undefined> {
  const row = await db
    .selectFrom("complaint")
    .select("id")
    .where("code_hash", "=", codeHash)
    .executeTakeFirst();
  return row?.id;
}

/** Newest first. */
export async function selectOwn(db: Reader, personId: string): Promise<readonly StoredComplaint[]> {
  const rows = await complaints(db)
    .where("complaint.person_id", "=", personId)
    .orderBy("received_at", "desc")
    .orderBy("complaint.id")
    .limit(MOST_LISTED)
    .execute();
  return rows.map(complaintOf);
}

/** What a body has to answer, by deadline; or what it answered, newest first. Not what is about `staffId`. */
export async function selectQueue(
  db: Reader,
  body: StaffBody,
  staffId: string,
  isAnswered: boolean,
): Promise<readonly StoredComplaint[]> {
  const rows = await complaints(db)
    .where("complaint.body", "=", body)
    .where("complaint.state", isAnswered ? "<>" : "=", "open")
    .where((eb) => eb.or([eb("about_staff_id", "is", null), eb("about_staff_id", "<>", staffId)]))
    .orderBy(isAnswered ? sql`answered_at desc` : sql`answer_by`)
    .orderBy("complaint.id")
    .limit(MOST_LISTED)
    .execute();
  return rows.map(complaintOf);
}

/** Open ones of which a time is over: a reminder, or the deadline. */
export async function selectDueIds(db: Reader, now: number): Promise<readonly string[]> {
  const at = moment(now);
  const isDue = sql<SqlBool>`(answer_by <= ${at} and not late)
    or (reminders < 1 and remind_first_at <= ${at}) or (reminders < 2 and remind_again_at <= ${at})`;
  const rows = await db
    .selectFrom("complaint")
    .select("id")
    .where("state", "=", "open")
    .where(isDue)
    .orderBy("answer_by")
    .orderBy("id")
    .execute();
  return rows.map(({ id }) => id);
}

export interface NewComplaint extends AnswerClock {
  readonly id: string;
  readonly kind: string;
  readonly category: string;
  readonly channel: string;
  readonly body: StaffBody;
  readonly aboutBody: StaffBody | undefined;
  readonly aboutStaffId: string | undefined;
  readonly personId: string | undefined;
  readonly codeHash: Uint8Array | undefined;
  readonly text: Uint8Array;
  readonly nonce: Uint8Array;
  readonly commitment: Uint8Array;
  readonly leafId: string;
  readonly receipt: string;
  readonly receivedAt: number;
  readonly enteredBy: string | undefined;
}

export async function insertComplaint(trx: Trx, complaint: NewComplaint): Promise<void> {
  await trx
    .insertInto("complaint")
    .values({
      id: complaint.id,
      kind: complaint.kind,
      category: complaint.category,
      channel: complaint.channel,
      body: complaint.body,
      about_body: complaint.aboutBody ?? null,
      about_staff_id: complaint.aboutStaffId ?? null,
      person_id: complaint.personId ?? null,
      code_hash: complaint.codeHash ?? null,
      text: complaint.text,
      nonce: complaint.nonce,
      commitment: complaint.commitment,
      leaf_id: complaint.leafId,
      receipt: complaint.receipt,
      received_at: moment(complaint.receivedAt),
      remind_first_at: moment(complaint.remindFirstAt),
      remind_again_at: moment(complaint.remindAgainAt),
      answer_by: moment(complaint.answerBy),
      entered_by: complaint.enteredBy ?? null,
    })
    .execute();
}

/** Gives a complaint to a body with a clock of its own, or leaves the clock that runs. */
export async function updateBody(trx: Trx, id: string, body: StaffBody, clock?: AnswerClock): Promise<void> {
  const fresh =
    clock === undefined
      ? {}
      : {
          remind_first_at: moment(clock.remindFirstAt),
          remind_again_at: moment(clock.remindAgainAt),
          answer_by: moment(clock.answerBy),
          reminders: 0,
          late: false,
        };
  await trx
    .updateTable("complaint")
    .set({ body, state: "open", ...fresh })
    .where("id", "=", id)
    .execute();
}

export async function updateState(
  trx: Trx,
  id: string,
  state: "answered" | "closed",
  answeredAt?: number,
): Promise<void> {
  await trx
    .updateTable("complaint")
    .set({ state, ...(answeredAt === undefined ? {} : { answered_at: optionalMoment(answeredAt) }) })
    .where("id", "=", id)
    .execute();
}

export async function updateReminders(trx: Trx, id: string, reminders: number): Promise<void> {
  await trx.updateTable("complaint").set({ reminders }).where("id", "=", id).execute();
}

export async function updateLate(trx: Trx, id: string): Promise<void> {
  await trx.updateTable("complaint").set({ late: true }).where("id", "=", id).execute();
}

export interface NewStep {
  readonly at: number;
  readonly kind: ComplaintStep["kind"];
  readonly body: StaffBody;
  readonly to?: StaffBody | undefined;
  readonly cause?: ComplaintStep["cause"];
  /** Sealed. */
  readonly text?: Uint8Array | undefined;
  readonly staffId?: string | undefined;
}

export async function insertStep(trx: Trx, complaintId: string, step: NewStep): Promise<void> {
  await trx
    .insertInto("complaint_step")
    .values({
      complaint_id: complaintId,
      at: moment(step.at),
      kind: step.kind,
      body: step.body,
      to_body: step.to ?? null,
      cause: step.cause ?? null,
      text: step.text ?? null,
      staff_id: step.staffId ?? null,
    })
    .execute();
}

const STEP_KINDS = [
  "received",
  "reminded",
  "passed-on",
  "answered",
  "late",
  "reopened",
  "satisfied",
] as const;

/** In order; texts are sealed. */
export async function selectSteps(db: Reader, complaintId: string) {
  const rows = await db
    .selectFrom("complaint_step as step")
    .leftJoin("staff", "staff.id", "step.staff_id")
    .selectAll("step")
    .select("staff.display_name as staff_name")
    .where("step.complaint_id", "=", complaintId)
    .orderBy("step.id")
    .execute();
  return rows.map((row) => ({
    at: row.at,
    kind: known(STEP_KINDS, row.kind),
    body: known(STAFF_BODIES, row.body),
    to: row.to_body === null ? undefined : known(STAFF_BODIES, row.to_body),
    cause: row.cause === null ? undefined : known(PASSING_CAUSES, row.cause),
    text: row.text ?? undefined,
    staffName: row.staff_name ?? undefined,
  }));
}

/** Accounts that are in use, in the order of their names. */
export async function selectStaff(db: Reader) {
  const rows = await db
    .selectFrom("staff")
    .select(["id", "display_name", "body", "roles"])
    .where("removed_at", "is", null)
    .orderBy("display_name")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.display_name,
    body: known(STAFF_BODIES, row.body),
    roles: row.roles,
  }));
}

/** Open ones whose deadline was before `due`: late in the last body, or not given on. */
export async function countOverdue(db: Reader, due: number): Promise<number> {
  const { count } = await db
    .selectFrom("complaint")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("state", "=", "open")
    .where("answer_by", "<=", moment(due))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Those that came before `receivedBefore` and have no place in the log, or no public statement. */
export async function countUnlogged(db: Reader, receivedBefore: number): Promise<number> {
  const { count } = await db
    .selectFrom("complaint")
    .leftJoin("evidence_leaf as leaf", "leaf.leaf_id", "complaint.leaf_id")
    .leftJoin("evidence_statement as said", (join) =>
      join.onRef("said.leaf_id", "=", "complaint.leaf_id").on("said.public", "=", true),
    )
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("complaint.received_at", "<=", moment(receivedBefore))
    .where((eb) => eb.or([eb("leaf.index", "is", null), eb("said.topic", "is", null)]))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Seals of texts whose time is over go; what leaves commit to stays. */
export async function forgetTexts(db: Reader, answeredBefore: number): Promise<void> {
  await db
    .updateTable("complaint")
    .set({ text: null })
    .where("state", "<>", "open")
    .where("text", "is not", null)
    .where("answered_at", "<", moment(answeredBefore))
    .execute();
}
