import { moment, type Reader, type Trx } from "../../database/database.ts";
import { EVENT_KIND_NUMBERS, readStoredEntry } from "../../gate-link/index.ts";
import { selectHeldEntries } from "./holds.store.ts";

const LISTED = 500;

export type CaseRow = Awaited<ReturnType<ReturnType<typeof cases>["executeTakeFirstOrThrow"]>>;
export type MeasureRow = Awaited<ReturnType<typeof selectMeasures>>[number];
export type AppealRow = Awaited<ReturnType<typeof selectAppeals>>[number];

const cases = (db: Reader) =>
  db
    .selectFrom("detection_case")
    .leftJoin("staff", "staff.id", "detection_case.assigned_to")
    .selectAll("detection_case")
    .select("staff.display_name as assigned_name");

/** Open ones by danger, closed ones by time. */
export async function selectCases(db: Reader, state: "open" | "closed"): Promise<readonly CaseRow[]> {
  const query = cases(db).where("closed_at", state === "open" ? "is" : "is not", null);
  const ordered =
    state === "open"
      ? query.orderBy((eb) => eb("explained_at", "is not", null)).orderBy("score", "desc")
      : query.orderBy("closed_at", "desc");
  return ordered.orderBy("detection_case.id").limit(LISTED).execute();
}

export async function selectCase(db: Reader, id: string): Promise<CaseRow | undefined> {
  return cases(db).where("detection_case.id", "=", id).executeTakeFirst();
}

/** Locks cases until the transaction is over, in one order for all: who waits for one holds none that others wait for. */
export async function lockCases(trx: Trx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .selectFrom("detection_case")
    .select("id")
    .where("id", "in", ids)
    .orderBy("id")
    .forUpdate()
    .execute();
}

/** Locks a case, and another beside it. */
export async function lockCase(trx: Trx, id: string, beside = id): Promise<CaseRow | undefined> {
  await lockCases(trx, [id, beside]);
  return selectCase(trx, id);
}

export type CaseChange = Partial<{
  readonly assigned_to: string | null;
  readonly merged_into: string | null;
  readonly hold_id: string | null;
  readonly finding: string | null;
  readonly closed_by: string | null;
  readonly closed_at: ReturnType<typeof moment> | null;
}>;

export async function updateCase(trx: Trx, id: string, change: CaseChange): Promise<void> {
  await trx
    .updateTable("detection_case")
    .set((eb) => ({ ...change, revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

export async function insertNote(
  trx: Trx,
  note: {
    readonly caseId: string;
    readonly at: number;
    readonly what: string;
    readonly step?: string;
    readonly staffId?: string;
    readonly reason?: string;
  },
): Promise<void> {
  await trx
    .insertInto("detection_note")
    .values({
      case_id: note.caseId,
      at: moment(note.at),
      what: note.what,
      step: note.step ?? null,
      staff_id: note.staffId ?? null,
      reason: note.reason ?? null,
    })
    .execute();
}

export async function selectNotes(db: Reader, caseId: string) {
  return db
    .selectFrom("detection_note")
    .leftJoin("staff", "staff.id", "detection_note.staff_id")
    .select(["at", "what", "step", "reason", "staff.display_name as by"])
    .where("case_id", "=", caseId)
    .orderBy("detection_note.id", "desc")
    .limit(LISTED)
    .execute();
}

/** Of several cases, the oldest first. */
export async function selectMeasures(db: Reader, caseIds: readonly string[]) {
  if (caseIds.length === 0) return [];
  return db
    .selectFrom("detection_measure")
    .innerJoin("staff", "staff.id", "detection_measure.taken_by")
    .select(["detection_measure.id", "case_id", "measure", "taken_at", "reason", "ended_at", "end_reason"])
    .select("staff.display_name as taken_by_name")
    .where("case_id", "in", caseIds)
    .orderBy("taken_at")
    .orderBy("detection_measure.id")
    .execute();
}

export async function insertMeasure(
  trx: Trx,
  measure: {
    readonly id: string;
    readonly caseId: string;
    readonly measure: string;
    readonly at: number;
    readonly staffId: string;
    readonly reason: string;
  },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows: added } = await trx
    .insertInto("detection_measure")
    .values({
      id: measure.id,
      case_id: measure.caseId,
      measure: measure.measure,
      taken_at: moment(measure.at),
      taken_by: measure.staffId,
      reason: measure.reason,
      ended_by: null,
      end_reason: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return added === 1n;
}

/** Ends those in force, of one id or all but some; answers which. */
export async function endMeasures(
  trx: Trx,
  caseId: string,
  which: { readonly id: string } | { readonly except: readonly string[] },
  end: { readonly at: number; readonly staffId: string | undefined; readonly reason: string },
): Promise<readonly string[]> {
  let query = trx
    .updateTable("detection_measure")
    .set({ ended_at: moment(end.at), ended_by: end.staffId ?? null, end_reason: end.reason })
    .where("case_id", "=", caseId)
    .where("ended_at", "is", null);
  if ("id" in which) query = query.where("id", "=", which.id);
  else if (which.except.length > 0) query = query.where("measure", "not in", which.except);
  return (await query.returning("measure").execute()).map(({ measure }) => measure);
}

export async function selectAppeals(db: Reader, caseIds: readonly string[]) {
  if (caseIds.length === 0) return [];
  return db
    .selectFrom("detection_appeal")
    .leftJoin("staff", "staff.id", "detection_appeal.entered_by")
    .select(["detection_appeal.id", "case_id", "words", "at", "answered_at", "outcome", "reason"])
    .select("staff.display_name as entered_by_name")
    .where("case_id", "in", caseIds)
    .orderBy("at")
    .orderBy("detection_appeal.id")
    .execute();
}

export async function insertAppeal(
  trx: Trx,
  appeal: {
    readonly id: string;
    readonly caseId: string;
    readonly words: string;
    readonly at: number;
    readonly staffId?: string;
  },
): Promise<void> {
  await trx
    .insertInto("detection_appeal")
    .values({
      id: appeal.id,
      case_id: appeal.caseId,
      words: appeal.words,
      at: moment(appeal.at),
      entered_by: appeal.staffId ?? null,
      answered_by: null,
      outcome: null,
      reason: null,
    })
    .execute();
}

/** False if it was answered before, or is none of this case. */
export async function answerAppeal(
  trx: Trx,
  which: { readonly id: string; readonly caseId: string },
  answer: {
    readonly outcome: string;
    readonly reason: string;
    readonly staffId: string;
    readonly at: number;
  },
): Promise<boolean> {
  const { numUpdatedRows: changed } = await trx
    .updateTable("detection_appeal")
    .set({
      outcome: answer.outcome,
      reason: answer.reason,
      answered_by: answer.staffId,
      answered_at: moment(answer.at),
    })
    .where("id", "=", which.id)
    .where("case_id", "=", which.caseId)
    .where("answered_at", "is", null)
    .executeTakeFirst();
  return changed === 1n;
}

export async function selectAnswers(db: Reader, caseIds: readonly string[]) {
  if (caseIds.length === 0) return [];
  return db.selectFrom("detection_answer").selectAll().where("case_id", "in", caseIds).execute();
}

/** False if there was an answer already. */
export async function insertAnswer(
  trx: Trx,
  answer: {
    readonly caseId: string;
    readonly answer: string;
    readonly at: number;
    readonly personId?: string;
  },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows: added } = await trx
    .insertInto("detection_answer")
    .values({
      case_id: answer.caseId,
      answer: answer.answer,
      at: moment(answer.at),
      person_id: answer.personId ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return added === 1n;
}

/** A tap as signs name it. */
export function tapName(tap: { readonly gateId: string; readonly sequence: number }): string {
  return `${tap.gateId} ${tap.sequence}`;
}

/** One stored tap of a card. */
export interface StoredTap {
  readonly at: number;
  readonly gateId: string;
  readonly sequence: number;
  readonly accessPointId: string;
  readonly granted: boolean;
  readonly counter?: number;
  readonly keyVersion?: number;
  readonly fingerprint?: number;
}

/** Taps under a name of an epoch, newest first; of a case under a hold also those that only the hold still keeps. */
export async function selectTaps(
  db: Reader,
  { credential, hold_id }: { readonly credential: Uint8Array | null; readonly hold_id?: string | null },
  limit: number,
): Promise<readonly StoredTap[]> {
  if (credential === null) return [];
  const [keyId, pseudonym] = [credential.subarray(0, 8), credential.subarray(8)];
  const rows = await db
    .selectFrom("event")
    .select(["gate_id as gateId", "sequence", "entry"])
    .where("pseudonym", "=", pseudonym)
    .where("kind", "=", EVENT_KIND_NUMBERS.access)
    .orderBy("at", "desc")
    .orderBy("position", "desc")
    .limit(limit)
    .execute();
  const stored = new Set(rows.map(tapName));
  const held = (await selectHeldEntries(db, hold_id ?? null)).filter((one) => !stored.has(tapName(one)));
  const taps = [...rows, ...held].flatMap((row) => {
    const entry = readStoredEntry(row.entry);
    if (entry?.kind !== "access") return [];
    const { body } = entry;
    if (body.pseudonym === undefined || Buffer.compare(body.pseudonym, pseudonym) !== 0) return [];
    if (body.pseudonymKeyId === undefined || Buffer.compare(body.pseudonymKeyId, keyId) !== 0) return [];
    const { counter, keyVersion, fingerprint } = body.evidence ?? {};
    return [
      {
        at: entry.earliest,
        gateId: row.gateId,
        sequence: row.sequence,
        accessPointId: body.accessPointId,
        granted: body.granted,
        ...(counter === undefined ? {} : { counter }),
        ...(keyVersion === undefined ? {} : { keyVersion }),
        ...(fingerprint === undefined ? {} : { fingerprint }),
      },
    ];
  });
  return held.length === 0 ? taps : taps.toSorted((one, other) => other.at - one.at).slice(0, limit);
}

/** Cases near in time that share a door or a rule with one; for `similarTo` to judge. */
export async function selectNeighbours(db: Reader, row: CaseRow, withinMs: number) {
  return db
    .selectFrom("detection_case")
    .select(["id", "opened_at", "step", "kind", "signs"])
    .where("id", "!=", row.id)
    .where("opened_at", ">=", moment(row.opened_at - withinMs))
    .where("opened_at", "<=", moment(row.opened_at + withinMs))
    .where("forgotten_at", "is", null)
    .orderBy("opened_at", "desc")
    .limit(LISTED)
    .execute();
}

export async function selectMerged(db: Reader, id: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("detection_case")
    .select("id")
    .where("merged_into", "=", id)
    .orderBy("opened_at")
    .execute();
  return rows.map((row) => row.id);
}

/** What closed cases were found to be, with what the engine had thought of them. */
export async function selectFindings(db: Reader) {
  return db
    .selectFrom("detection_case")
    .select(["id", "finding", "probability", "closed_by"])
    .where("finding", "is not", null)
    .where("merged_into", "is", null)
    .execute();
}

export async function countOpen(db: Reader): Promise<number> {
  const { count } = await db
    .selectFrom("detection_case")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("closed_at", "is", null)
    .where("explained_at", "is", null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Cards that gates are to treat in some way, by the name of their epoch. */
export async function selectInForce(db: Reader) {
  return db
    .selectFrom("detection_measure")
    .innerJoin("detection_case", "detection_case.id", "case_id")
    .select(["credential", "epoch", "measure"])
    .where("ended_at", "is", null)
    .where("credential", "is not", null)
    .orderBy("detection_case.id")
    .orderBy("measure")
    .execute();
}

/** What of cases goes with its epoch, but what a hold in force keeps. */
export async function forgetBefore(trx: Trx, epoch: number, now: number): Promise<readonly string[]> {
  const due = await trx
    .selectFrom("detection_case")
    .leftJoin("opening", "opening.id", "hold_id")
    .select(["detection_case.id", "closed_at"])
    .where("epoch", "<", epoch)
    .where("forgotten_at", "is", null)
    .where((eb) =>
      eb.or([
        eb("hold_id", "is", null),
        eb("opening.hold_until", "is", null),
        eb("opening.hold_until", "<=", moment(now)),
        eb("opening.hold_ended_at", "is not", null),
        // Custodians who refused, or did not answer in time, keep nothing.
        eb("opening.state", "<>", "answered"),
      ]),
    )
    // As `lockCases` does.
    .orderBy("detection_case.id")
    .forUpdate("detection_case")
    .execute();
  for (const { id, closed_at } of due) {
    await trx
      .updateTable("detection_case")
      .set((eb) => ({
        credential: null,
        signs: "[]",
        forgotten_at: moment(now),
        ...(closed_at === null ? { closed_at: moment(now), finding: "undecided" } : {}),
        revision: eb("revision", "+", 1),
      }))
      .where("id", "=", id)
      .execute();
    await endMeasures(trx, id, { except: [] }, { at: now, staffId: undefined, reason: "the epoch is over" });
  }
  return due.map(({ id }) => id);
}
