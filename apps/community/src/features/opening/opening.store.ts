import { fromHex } from "@menshen/crypto/node";
import type { CustodianSet, UnopenedReason } from "@menshen/custody";
import { parseCustodianSet } from "@menshen/custody";
import type { CustodianRefusal, OpeningState } from "@menshen/wire";
import { type Selectable, sql } from "kysely";
import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import type { OpeningCustodianTable, OpeningTable } from "../../database/opening-tables.ts";
import { EVENT_KIND_NUMBERS } from "../../gate-link/index.ts";

export type OpeningRow = Selectable<OpeningTable>;
export type OpeningCustodianRow = Selectable<OpeningCustodianTable>;

/** An entry in scope. Whose keys it was sealed to, or why it cannot be opened. */
export interface ScopedEntry {
  readonly position: number;
  readonly gateId: string;
  readonly sequence: number;
  /** As the gate wrote it. */
  readonly entry: Uint8Array;
  readonly ceremony: string | undefined;
  readonly unopened: string | undefined;
}

export async function selectSealMaxDays(db: Reader): Promise<number> {
  const row = await db.selectFrom("opening_setting").select("seal_max_days").executeTakeFirstOrThrow();
  return row.seal_max_days;
}

export async function updateSealMaxDays(trx: Trx, days: number): Promise<void> {
  await trx.updateTable("opening_setting").set({ seal_max_days: days }).execute();
}

/** `false` if the document was handed in before: its name is its content. */
export async function insertDocument(
  trx: Trx,
  document: {
    readonly sha256: Uint8Array;
    readonly kind: string;
    readonly sealed: Uint8Array;
    readonly at: number;
    readonly staffId: string;
  },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows: added } = await trx
    .insertInto("opening_document")
    .values({
      sha256: document.sha256,
      kind: document.kind,
      sealed: document.sealed,
      handed_in_at: moment(document.at),
      staff_id: document.staffId,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return added === 1n;
}

/** Those of the digests (hexadecimal) whose documents are here. */
export async function selectDocuments(db: Reader, digests: readonly string[]): Promise<ReadonlySet<string>> {
  if (digests.length === 0) return new Set();
  const rows = await db
    .selectFrom("opening_document")
    .select(sql<string>`encode(sha256, 'hex')`.as("digest"))
    .where("sha256", "in", digests.map(fromHex))
    .execute();
  return new Set(rows.map(({ digest }) => digest));
}

export async function selectAccessPointIds(db: Reader): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom("access_point").select("id").execute();
  return new Set(rows.map(({ id }) => id));
}

/** Doors by name, removed ones too. */
export async function selectDoorNames(
  db: Reader,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const rows = await db
    .selectFrom("access_point")
    .innerJoin("portal", "portal.id", "access_point.portal_id")
    .select(["access_point.id", "access_point.name", "portal.name as portal_name"])
    .where("access_point.id", "in", ids)
    .execute();
  return rows.map(({ id, name, portal_name }) => ({ id, name: `${portal_name} · ${name}` }));
}

/** The custodians in force; `undefined` before the first were appointed. */
export async function selectPresentSet(db: Reader): Promise<CustodianSet | undefined> {
  const row = await db
    .selectFrom("custodian_set")
    .select("encoded")
    .where("in_force_since", "is not", null)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : parseCustodianSet(row.encoded);
}

/** Every set that ever was in force, the oldest first. */
export async function selectSetsInForce(db: Reader): Promise<readonly CustodianSet[]> {
  const rows = await db
    .selectFrom("custodian_set")
    .select("encoded")
    .where("in_force_since", "is not", null)
    .orderBy("version")
    .execute();
  return rows.map(({ encoded }) => parseCustodianSet(encoded));
}

/** Access entries by these doors in the window, in the order of the doors' journals; at most `limit`. */
export async function selectEntriesOfDoors(
  db: Reader,
  scope: { readonly accessPointIds: readonly string[]; readonly from: number; readonly until: number },
  limit: number,
): Promise<readonly { readonly gateId: string; readonly sequence: number; readonly entry: Uint8Array }[]> {
  return db
    .selectFrom("event")
    .select(["gate_id as gateId", "sequence", "entry"])
    .where("kind", "=", EVENT_KIND_NUMBERS.access)
    .where("subject", "in", [...scope.accessPointIds])
    .where("at", ">=", moment(scope.from))
    .where("at", "<", moment(scope.until))
    .orderBy("at")
    .orderBy("position")
    .limit(limit)
    .execute();
}

export async function insertOpening(
  trx: Trx,
  opening: Pick<
    OpeningRow,
    "id" | "path" | "requested_at" | "deadline" | "seal_until" | "statement" | "leaf_id" | "staff_id"
  > & {
    readonly review_due_at: number | undefined;
    readonly hold_until: number | undefined;
    readonly held_by: string | undefined;
  },
  entries: readonly ScopedEntry[],
  custodians: readonly Pick<OpeningCustodianRow, "set_version" | "custodian" | "body" | "on_call">[],
): Promise<void> {
  await trx
    .insertInto("opening")
    .values({
      ...opening,
      requested_at: moment(opening.requested_at),
      deadline: moment(opening.deadline),
      seal_until: moment(opening.seal_until),
      review_due_at: optionalMoment(opening.review_due_at),
      hold_until: optionalMoment(opening.hold_until),
      held_by: opening.held_by ?? null,
    })
    .execute();
  await insertEntries(trx, opening.id, entries, opening.requested_at);
  await trx
    .insertInto("opening_custodian")
    .values(custodians.map((custodian) => ({ ...custodian, opening_id: opening.id })))
    .execute();
}

/** Puts further entries behind those of a request, asks their custodians, and asks again those who have answered. */
export async function insertSupplement(
  trx: Trx,
  id: string,
  entries: readonly ScopedEntry[],
  custodians: readonly Pick<OpeningCustodianRow, "set_version" | "custodian" | "body" | "on_call">[],
  at: number,
): Promise<void> {
  await insertEntries(trx, id, entries, at);
  await trx
    .insertInto("opening_custodian")
    .values(custodians.map((custodian) => ({ ...custodian, opening_id: id })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await trx
    .updateTable("opening_custodian")
    .set({ asked_again_at: moment(at) })
    .where("opening_id", "=", id)
    .where("refused", "is", null)
    .where("answered_count", ">", 0)
    .execute();
}

/** @param at moment of the request: an entry that only a hold still keeps had come by then */
async function insertEntries(
  trx: Trx,
  openingId: string,
  entries: readonly ScopedEntry[],
  at: number,
): Promise<void> {
  if (entries.length === 0) return;
  await trx
    .insertInto("opening_entry")
    .values(
      entries.map(({ position, gateId, sequence, entry, ceremony, unopened }) => ({
        opening_id: openingId,
        position,
        gate_id: gateId,
        sequence,
        entry,
        ceremony: ceremony ?? null,
        unopened: unopened ?? null,
        received_at: sql<number>`coalesce(
          (select received_at from event where event.gate_id = ${gateId} and event.sequence = ${sequence}),
          ${moment(at)}::timestamptz)`,
      })),
    )
    .execute();
}

export async function selectOpening(db: Reader, id: string): Promise<OpeningRow | undefined> {
  return db.selectFrom("opening").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Locks the request until the end of the transaction: answers, refusals and the clock follow each other. */
export async function lockOpening(trx: Trx, id: string): Promise<OpeningRow | undefined> {
  return trx.selectFrom("opening").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

/** Newest first. */
export async function selectOpenings(db: Reader): Promise<readonly OpeningRow[]> {
  return db
    .selectFrom("opening")
    .selectAll()
    .orderBy("requested_at", "desc")
    .orderBy("id")
    .limit(500)
    .execute();
}

export async function selectRequested(db: Reader): Promise<readonly OpeningRow[]> {
  return db.selectFrom("opening").selectAll().where("state", "=", "requested").orderBy("deadline").execute();
}

export async function selectSealsOver(db: Reader, now: number): Promise<readonly OpeningRow[]> {
  return db
    .selectFrom("opening")
    .selectAll()
    .where("disclosed_at", "is", null)
    .where("state", "!=", "requested")
    .where("seal_until", "<=", moment(now))
    .orderBy("seal_until")
    .execute();
}

export async function selectReviewsOverdue(db: Reader, now: number): Promise<readonly OpeningRow[]> {
  return db
    .selectFrom("opening")
    .selectAll()
    .where("reviewed_at", "is", null)
    .where("review_due_at", "<", moment(now))
    .orderBy("review_due_at")
    .execute();
}

export async function selectEntries(db: Reader, id: string): Promise<readonly ScopedEntry[]> {
  const rows = await db
    .selectFrom("opening_entry")
    .selectAll()
    .where("opening_id", "=", id)
    .orderBy("position")
    .execute();
  return rows.map(({ position, gate_id, sequence, entry, ceremony, unopened }) => ({
    position,
    gateId: gate_id,
    sequence,
    entry,
    ceremony: ceremony ?? undefined,
    unopened: unopened ?? undefined,
  }));
}

export async function countEntries(db: Reader, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("opening_entry")
    .select(["opening_id", ({ fn }) => fn.countAll<number>().as("count")])
    .where("opening_id", "in", [...ids])
    .groupBy("opening_id")
    .execute();
  return new Map(rows.map(({ opening_id, count }) => [opening_id, Number(count)]));
}

export async function markUndecipherable(trx: Trx, id: string, positions: readonly number[]): Promise<void> {
  if (positions.length === 0) return;
  const unopened: UnopenedReason = "undecipherable";
  await trx
    .updateTable("opening_entry")
    .set({ unopened })
    .where("opening_id", "=", id)
    .where("position", "in", [...positions])
    .execute();
}

export async function selectCustodians(
  db: Reader,
  ids: readonly string[],
): Promise<readonly OpeningCustodianRow[]> {
  if (ids.length === 0) return [];
  return db
    .selectFrom("opening_custodian")
    .selectAll()
    .where("opening_id", "in", [...ids])
    .orderBy("set_version")
    .orderBy("custodian")
    .execute();
}

type CustodianKey = Pick<OpeningCustodianRow, "opening_id" | "set_version" | "custodian">;

function ofCustodian(trx: Trx, { opening_id, set_version, custodian }: CustodianKey) {
  return trx
    .updateTable("opening_custodian")
    .where("opening_id", "=", opening_id)
    .where("set_version", "=", set_version)
    .where("custodian", "=", custodian);
}

/** `again`: the custodian read the request with what came later, and so is not asked again. */
export async function countAnswers(
  trx: Trx,
  key: CustodianKey,
  counts: { readonly answered: number; readonly rejected: number; readonly again: boolean },
): Promise<void> {
  await ofCustodian(trx, key)
    .set((eb) => ({
      ...(counts.again ? { asked_again_at: null } : {}),
      answered_count: eb("answered_count", "+", counts.answered),
      rejected_count: eb("rejected_count", "+", counts.rejected),
    }))
    .execute();
}

export async function markRefused(trx: Trx, key: CustodianKey, reason: CustodianRefusal): Promise<void> {
  await ofCustodian(trx, key).set({ refused: reason }).execute();
}

export async function markReminded(trx: Trx, key: CustodianKey, at: number): Promise<void> {
  await ofCustodian(trx, key)
    .set({ reminded_at: moment(at) })
    .execute();
}

export async function markLate(trx: Trx, key: CustodianKey, at: number): Promise<void> {
  await ofCustodian(trx, key)
    .set({ late_at: moment(at) })
    .execute();
}

export interface StoredPartial {
  readonly position: number;
  readonly custodian: number;
  readonly sealed: Uint8Array;
}

/** `false` if this custodian's answer for the entry is there already. */
export async function insertPartial(trx: Trx, id: string, partial: StoredPartial): Promise<boolean> {
  const { numInsertedOrUpdatedRows: added } = await trx
    .insertInto("opening_partial")
    .values({ opening_id: id, ...partial })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return added === 1n;
}

export async function selectPartials(db: Reader, id: string): Promise<readonly StoredPartial[]> {
  return db
    .selectFrom("opening_partial")
    .select(["position", "custodian", "sealed"])
    .where("opening_id", "=", id)
    .orderBy("position")
    .orderBy("custodian")
    .execute();
}

/** Ends a request. Answers that were given open entries, so they go with it. */
export async function endOpening(
  trx: Trx,
  id: string,
  end: {
    readonly state: Exclude<OpeningState, "requested">;
    readonly at: number;
    readonly openedCount: number;
    readonly result?: Uint8Array;
    readonly concerned?: Uint8Array;
  },
): Promise<void> {
  await trx.deleteFrom("opening_partial").where("opening_id", "=", id).execute();
  await trx.deleteFrom("opening_held_partial").where("opening_id", "=", id).execute();
  await trx
    .updateTable("opening")
    .set({
      state: end.state,
      ended_at: moment(end.at),
      opened_count: end.openedCount,
      result: end.result ?? null,
      concerned: end.concerned ?? null,
    })
    .where("id", "=", id)
    .execute();
}

export async function markHandedOver(trx: Trx, id: string, at: number): Promise<void> {
  await trx
    .updateTable("opening")
    .set({ result: null, handed_over_at: moment(at) })
    .where("id", "=", id)
    .execute();
}

export async function updateSeal(trx: Trx, id: string, sealUntil: number): Promise<void> {
  await trx
    .updateTable("opening")
    .set({ seal_until: moment(sealUntil) })
    .where("id", "=", id)
    .execute();
}

export async function markReviewed(trx: Trx, id: string, outcome: string, at: number): Promise<void> {
  await trx
    .updateTable("opening")
    .set({ reviewed_at: moment(at), review_outcome: outcome })
    .where("id", "=", id)
    .execute();
}

/** Tells the persons; persons who are gone meanwhile are left out. */
export async function disclose(
  trx: Trx,
  id: string,
  concerned: readonly { readonly personId: string; readonly count: number }[],
  at: number,
): Promise<void> {
  for (const { personId, count } of concerned) {
    await sql`insert into opening_disclosure (opening_id, person_id, entry_count)
      select ${id}::uuid, id, ${count}::integer from person where id = ${personId}::uuid`.execute(trx);
  }
  await trx
    .updateTable("opening")
    .set({ disclosed_at: moment(at), concerned: null, result: null })
    .where("id", "=", id)
    .execute();
}

/** Who held a credential at a time, as the records say now. */
export async function selectHolder(
  db: Reader,
  credentialKey: Uint8Array,
  at: number,
): Promise<{ readonly personId: string; readonly name: string; readonly dwelling?: string } | undefined> {
  const row = await db
    .selectFrom("credential")
    .innerJoin("person", "person.id", "credential.person_id")
    .leftJoin("dwelling", "dwelling.id", "credential.dwelling_id")
    .leftJoin("building", "building.id", "dwelling.building_id")
    .select(["person.id as personId", "person.display_name as name"])
    .select(["dwelling.name as dwelling", "building.name as building"])
    .where("credential.key", "=", credentialKey)
    .where("credential.enrolled_at", "<=", moment(at))
    .orderBy("credential.enrolled_at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { personId, name, dwelling, building } = row;
  return {
    personId,
    name,
    ...(dwelling === null ? {} : { dwelling: `${building ?? ""} ${dwelling}`.trim() }),
  };
}

/** Leaves that tell of the certificates of gates, the latest of each gate first. */
export async function selectGateLeaves(db: Reader, gateIds: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ leaf_id: string }>`
    select leaf_id from (
      select distinct on (gate_id) gate_id, leaf_id from gate_certificate
      where gate_id = any(${[...gateIds]}::uuid[]) and leaf_id is not null
      order by gate_id, issued_at desc
    ) as latest order by gate_id`.execute(db);
  return rows.map(({ leaf_id }) => leaf_id);
}

/** Whether a document extended a seal before: each extension needs one of its own. */
export async function extendedBy(db: Reader, documentSha256: string): Promise<boolean> {
  // Not from the record of changes, whose lines go with their time.
  const { rows } = await sql`select 1 from evidence_statement
    where topic = 'opening-seal-extended' and statement::jsonb ->> 'documentSha256' = ${documentSha256}
    limit 1`.execute(db);
  return rows.length > 0;
}
