import { sql } from "kysely";
import { refusal } from "../errors.ts";
import { isDuplicate, moment, type Trx } from "./database.ts";

/** Tables whose rows have `id`, `revision` and `removed_at`. */
export type RecordTable =
  | "area"
  | "building"
  | "dwelling"
  | "person"
  | "residency"
  | "schedule"
  | "gate"
  | "portal"
  | "access_point"
  | "reader"
  | "access_rule"
  | "lockdown_plan"
  | "floor_plan"
  | "own_role"
  | "market_listing";

interface Revised {
  readonly revision: number;
}

/** The row, or `not-found` naming what was looked for. */
export function found<Row>(row: Row | undefined, what: string): Row {
  if (row === undefined) throw refusal("not-found", `no such ${what}`);
  return row;
}

/** Throws `stale-revision` if the caller saw an older state. */
export function demandFresh(row: Revised, revision: number): void {
  if (row.revision !== revision) {
    throw refusal("stale-revision", "somebody else changed this meanwhile: read it again");
  }
}

/** Throws `conflict` for a removed record: it must be restored first. */
export function demandPresent(row: { readonly removedAt?: number }, what: string): void {
  if (row.removedAt !== undefined) throw refusal("conflict", `this ${what} was removed: restore it first`);
}

/** Locks one row until the end of the transaction, so that two changes of it follow each other. */
export async function lockRecord(trx: Trx, table: RecordTable, id: string): Promise<void> {
  await sql`select 1 from ${sql.table(table)} where id = ${id} for update`.execute(trx);
}

/** Sets or clears `removed_at`. */
export async function setRemoved(
  trx: Trx,
  table: RecordTable,
  id: string,
  removedAt: number | undefined,
): Promise<void> {
  const at = removedAt === undefined ? null : moment(removedAt);
  await sql`update ${sql.table(table)} set removed_at = ${at}, revision = revision + 1 where id = ${id}`.execute(
    trx,
  );
}

/** Runs a statement that may meet a name in use; then throws `conflict` with `detail`. */
export async function unlessTaken<T>(statement: Promise<T>, detail: string): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    if (isDuplicate(error)) throw refusal("conflict", detail);
    throw error;
  }
}

/** `{ name: value }` if there is a value, for optional fields of answers. */
export function optional<const Name extends string, T>(
  name: Name,
  value: T | null | undefined,
): { [K in Name]?: T } {
  const fields: { [K in Name]?: T } = Object.create(Object.prototype);
  if (value !== null && value !== undefined) Reflect.set(fields, name, value);
  return fields;
}
