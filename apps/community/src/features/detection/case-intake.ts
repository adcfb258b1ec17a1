import { createHash } from "node:crypto";
import { type Case, STEPS } from "@menshen/detection";
import { sql } from "kysely";
import { type Database, moment, type Trx } from "../../database/database.ts";

/** A suspicion of the engine, and the epoch in which its name of a card holds. */
export interface FoundCase {
  readonly found: Case;
  readonly epoch: number;
}

/**
 * Writes down what the engine found. The same suspicion told again changes nothing, whenever the process died before: a
 * case is known by its card's name, and a step by the case.
 */
export async function storeCases(db: Database, cases: readonly FoundCase[], now: number): Promise<void> {
  if (cases.length === 0) return;
  await db.transaction().execute(async (trx) => {
    // One writer at a time, so that two cannot both find no case of a card.
    await sql`select pg_advisory_xact_lock(hashtext('menshen detection'))`.execute(trx);
    await lockCasesOf(trx, cases);
    for (const one of cases) await storeCase(trx, one, now);
  });
}

/** In the order of `lockCases`, before the first of them is written. */
async function lockCasesOf(trx: Trx, cases: readonly FoundCase[]): Promise<void> {
  const credentials = cases.map(({ found }) => Buffer.from(found.credential, "hex"));
  await trx
    .selectFrom("detection_case")
    .select("id")
    .where("credential", "=", sql<Buffer>`any(${credentials}::bytea[])`)
    .orderBy("id")
    .forUpdate()
    .execute();
}

async function storeCase(trx: Trx, { found, epoch }: FoundCase, now: number): Promise<void> {
  const credential = Buffer.from(found.credential, "hex");
  const before = await trx
    .selectFrom("detection_case")
    .select(["id", "step", "score", "reached_at", "closed_at", "explained_at"])
    .where("credential", "=", credential)
    .orderBy("opened_at", "desc")
    .limit(1)
    .executeTakeFirst();
  // Whoever closed a case knew the signs that came before.
  if (before !== undefined && before.closed_at !== null && found.at <= before.closed_at) return;
  if (before === undefined || before.closed_at !== null) {
    const id = caseId(found, before?.closed_at ?? 0);
    const { numInsertedOrUpdatedRows: added } = await trx
      .insertInto("detection_case")
      .values({
        id,
        credential,
        epoch,
        kind: found.kind,
        opened_at: moment(found.at),
        ...reached(found),
        assigned_to: null,
        merged_into: null,
        hold_id: null,
        closed_by: null,
        finding: null,
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .executeTakeFirst();
    if (added === 1n) await note(trx, id, now, "raised", found.step);
    return;
  }
  const isFurther = rank(found.step) > rank(before.step);
  if (!isFurther && before.explained_at === null) return;
  await trx
    .updateTable("detection_case")
    .set((eb) => ({
      ...(isFurther ? reached(found) : {}),
      explained_at: null,
      revision: eb("revision", "+", 1),
    }))
    .where("id", "=", before.id)
    .execute();
  await note(trx, before.id, now, isFurther ? "step" : "raised-again", found.step);
}

function reached(found: Case) {
  return {
    reached_at: moment(found.at),
    step: found.step,
    score: found.score,
    probability: found.probability,
    signs: JSON.stringify(found.signs),
  };
}

/**
 * After all was judged anew: cases that nothing speaks for any more are marked, so that nobody works on what a late record
 * has explained. What somebody took up, or closed, stays as it is.
 */
export async function markExplained(
  db: Database,
  judged: { readonly sinceEpoch: number; readonly found: ReadonlySet<string>; readonly now: number },
): Promise<number> {
  const { sinceEpoch, found, now } = judged;
  return db.transaction().execute(async (trx) => {
    const open = await trx
      .selectFrom("detection_case")
      .select(["id", "credential"])
      .where("epoch", ">=", sinceEpoch)
      .where("closed_at", "is", null)
      .where("explained_at", "is", null)
      .where("assigned_to", "is", null)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("detection_measure")
              .select("detection_measure.id")
              .whereRef("case_id", "=", "detection_case.id"),
          ),
        ),
      )
      // As `lockCases` does; what somebody takes up meanwhile is left out.
      .orderBy("id")
      .forUpdate()
      .execute();
    const gone = open.filter(
      ({ credential }) => credential !== null && !found.has(Buffer.from(credential).toString("hex")),
    );
    for (const { id } of gone) {
      await trx
        .updateTable("detection_case")
        .set((eb) => ({ explained_at: moment(now), revision: eb("revision", "+", 1) }))
        .where("id", "=", id)
        .execute();
      await note(trx, id, now, "explained", null);
    }
    return gone.length;
  });
}

async function note(trx: Trx, caseId: string, at: number, what: string, step: string | null): Promise<void> {
  await trx
    .insertInto("detection_note")
    .values({ case_id: caseId, at: moment(at), what, step, staff_id: null, reason: null })
    .execute();
}

/** The same for the same card and what closed the case before: told twice, it is one case. */
function caseId(found: Case, closedAt: number): string {
  const bytes = createHash("sha256")
    .update(`menshen/case/v1\n${found.credential}\n${closedAt}`)
    .digest()
    .subarray(0, 16);
  // RFC 9562 §5.8: version 8, variant 10.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function rank(step: string): number {
  const steps: readonly string[] = STEPS;
  return steps.indexOf(step);
}
