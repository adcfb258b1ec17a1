import type { GateId, Instant } from "@menshen/domain";
import { type Applied, DOCUMENT_KINDS, type DocumentKind } from "@menshen/wire";
import type { Pool } from "pg";
import { dateOf, instantOf } from "./database.ts";
import { MARK_STALE, type Queryable } from "./gate-store.ts";

/** A row of `gate_document`. */
export interface DocumentRow {
  readonly what: DocumentKind;
  readonly version: number;
  readonly message: Uint8Array;
  readonly content: Uint8Array;
  readonly madeAt: Instant;
}

export interface DocumentStateRow {
  readonly what: DocumentKind;
  readonly desired: number;
  readonly applied: number;
}

/** `stale`: what the gate should hold changed since documents were last compiled. */
export async function readWanted(
  pool: Pool,
  gateId: GateId,
): Promise<{ readonly wanted: string; readonly stale: boolean } | undefined> {
  const { rows } = await pool.query<{ wanted: string; stale: boolean }>(
    "select wanted, wanted > made as stale from gate_device where gate_id = $1",
    [gateId],
  );
  return rows[0];
}

export async function readStaleGates(pool: Pool): Promise<readonly GateId[]> {
  const { rows } = await pool.query<{ gate_id: GateId }>(
    "select gate_id from gate_device where wanted > made and enrolment = 'enrolled' order by gate_id",
  );
  return rows.map((row) => row.gate_id);
}

/** `wanted` as it was read before compiling: a change in between leaves the gate stale. */
export async function recordMade(db: Queryable, gateId: GateId, wanted: string): Promise<void> {
  await db.query("update gate_device set made = greatest(made, $2) where gate_id = $1", [gateId, wanted]);
}

/** One row per kind, with zeros for a kind that was never made. */
export async function readDocumentStates(pool: Pool, gateId: GateId): Promise<readonly DocumentStateRow[]> {
  const { rows } = await pool.query<{ what: DocumentKind; desired: string; applied: string }>(
    "select what, desired, applied from gate_document_state where gate_id = $1",
    [gateId],
  );
  return DOCUMENT_KINDS.map((what) => {
    const row = rows.find((candidate) => candidate.what === what);
    return { what, desired: Number(row?.desired ?? 0), applied: Number(row?.applied ?? 0) };
  });
}

export async function readDesiredDocument(
  pool: Pool,
  gateId: GateId,
  state: DocumentStateRow,
): Promise<DocumentRow | undefined> {
  return await readDocument(pool, gateId, state.what, state.desired);
}

export async function readDocument(
  pool: Pool,
  gateId: GateId,
  what: DocumentKind,
  version: number,
): Promise<DocumentRow | undefined> {
  const { rows } = await pool.query<{ message: Buffer; content: Buffer; made_at: Date }>(
    "select message, content, made_at from gate_document where gate_id = $1 and what = $2 and version = $3",
    [gateId, what, version],
  );
  const [row] = rows;
  return row === undefined
    ? undefined
    : { what, version, message: row.message, content: row.content, madeAt: instantOf(row.made_at) };
}

/**
 * Makes a document the desired one, and forgets those that nothing needs any more. Nothing happens if the gate said
 * meanwhile that it holds a version as high ({@link recordHeld}): it is stale then, and the next one is made above it.
 */
export async function insertDocument(db: Queryable, gateId: GateId, row: DocumentRow): Promise<void> {
  const { rowCount } = await db.query(
    `insert into gate_document_state as state (gate_id, what, desired) values ($1, $2, $3)
     on conflict (gate_id, what) do update set desired = excluded.desired, error = null
     where state.desired < excluded.desired`,
    [gateId, row.what, row.version],
  );
  if (rowCount !== 1) return;
  await db.query(
    `insert into gate_document (gate_id, what, version, message, content, made_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (gate_id, what, version) do nothing`,
    [gateId, row.what, row.version, row.message, row.content, dateOf(row.madeAt)],
  );
  await forgetOld(db, gateId, row.what);
}

/**
 * A gate says after connecting what it holds. Less than we thought: it was set back. More than we ever made: we were
 * (a restored backup), so the next version must be above its own, and the gate is stale; true in this case.
 */
export async function recordHeld(
  db: Queryable,
  gateId: GateId,
  what: DocumentKind,
  version: number,
): Promise<boolean> {
  await db.query(
    `insert into gate_document_state (gate_id, what, applied) values ($1, $2, $3)
     on conflict (gate_id, what) do update set applied = excluded.applied`,
    [gateId, what, version],
  );
  const { rowCount } = await db.query(
    "update gate_document_state set desired = $3 where gate_id = $1 and what = $2 and desired < $3",
    [gateId, what, version],
  );
  if (rowCount !== 1) return false;
  await db.query(MARK_STALE, [[gateId]]);
  return true;
}

export async function recordApplied(db: Queryable, applied: Applied): Promise<void> {
  if (applied.ok) {
    await db.query(
      `update gate_document_state set applied = $3, error = case when desired = $3 then null else error end
       where gate_id = $1 and what = $2`,
      [applied.gateId, applied.what, applied.documentVersion],
    );
    await forgetOld(db, applied.gateId, applied.what);
  } else {
    await db.query(
      "update gate_document_state set error = $4 where gate_id = $1 and what = $2 and desired = $3",
      [applied.gateId, applied.what, applied.documentVersion, applied.error ?? "invalid"],
    );
  }
}

async function forgetOld(db: Queryable, gateId: GateId, what: DocumentKind): Promise<void> {
  await db.query(
    `delete from gate_document d using gate_document_state s
     where d.gate_id = $1 and d.what = $2 and s.gate_id = d.gate_id and s.what = d.what
     and d.version <> s.desired and d.version <> s.applied`,
    [gateId, what],
  );
}
