import { sha256, toHex } from "@menshen/crypto/node";
import type { Instant } from "@menshen/domain";
import { type CanonicalJson, canonicalJson, type RecordTableName } from "@menshen/wire";
import type { LeafRecorder } from "./leaf-recorder.ts";
import { runSql, type SqlScope } from "./sql-runner.ts";

/** A line of a record that only grows: what leaves hold of it. */
export interface RecordedLine {
  readonly id: string;
  /** SHA-256 of the line in canonical JSON, hexadecimal. */
  readonly sha256: string;
}

/** Tables whose lines are held by leaves of the topic `administration-recorded`. */
export type LineTable = Exclude<RecordTableName, "personal-view">;

/** Longer transactions make several leaves: a statement has a largest length. */
const LINES_IN_LEAF = 500;

/**
 * The columns that make a line, as SQL. JSON goes in as the text that PostgreSQL gives for `jsonb`, which is the same
 * for the same value; an absent value is left out. What may change later is no part of a line.
 */
const LINES: Readonly<Record<LineTable, string>> = {
  change: `select id::text, jsonb_strip_nulls(jsonb_build_object('id', id, 'at', (extract(epoch from at) * 1000)::bigint,
      'staffId', staff_id, 'duty', duty, 'action', action, 'entity', entity, 'entityId', entity_id,
      'reasonCode', reason_code, 'reasonText', reason_text, 'before', before::text, 'after', after::text)) as line
    from change`,
  "gate-alarm": `select id::text, jsonb_build_object('id', id, 'gateId', gate_id, 'kind', kind, 'sequence', sequence,
      'firstAt', (extract(epoch from first_at) * 1000)::bigint) as line
    from gate_alarm`,
};

/** Lines as they stand in the database now, by id; those that are not there are missing. */
export async function readLines(
  scope: SqlScope,
  table: LineTable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RecordedLine>> {
  const rows = await runSql<{ id: string; line: { readonly [name: string]: CanonicalJson } }>(
    scope,
    `${LINES[table]} where id = any ($1::bigint[])`,
    [ids],
  );
  const bytes = new TextEncoder();
  return new Map(
    rows.map(({ id, line }) => [id, { id, sha256: toHex(sha256(bytes.encode(canonicalJson(line)))) }]),
  );
}

/**
 * Puts lines into the evidence log, in the transaction that wrote them: one leaf for all of it (more for very many), with
 * the hash of each. Editing or deleting a line later contradicts its leaf.
 *
 * @returns the leaves' ids
 */
export async function recordLines(
  leaves: LeafRecorder,
  trx: SqlScope,
  at: Instant,
  table: LineTable,
  ids: readonly string[],
): Promise<readonly string[]> {
  const leafIds: string[] = [];
  const lines = await readLines(trx, table, ids);
  const rows = ids.flatMap((id) => lines.get(id) ?? []).map(({ id, sha256: hash }) => ({ id, sha256: hash }));
  for (let first = 0; first < rows.length; first += LINES_IN_LEAF) {
    const leaf = {
      at,
      topic: "administration-recorded",
      subject: { kind: "community" },
      statement: { table, rows: rows.slice(first, first + LINES_IN_LEAF) },
    } as const;
    leafIds.push(await leaves.record(trx, leaf));
  }
  return leafIds;
}
