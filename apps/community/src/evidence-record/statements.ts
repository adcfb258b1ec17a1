import { primitives } from "@menshen/crypto/node";
import { leafSalt } from "@menshen/evidence";
import { uuidBytes } from "@menshen/wire";
import type { StorageKey } from "../keys/storage-key.ts";
import type { LeafSubject } from "./leaf-subject.ts";
import { runSql, type SqlScope } from "./sql-runner.ts";
import { readSaltKeys, subjectName } from "./subject-salts.ts";

/** A statement with all that opens its leaf. */
export interface OpenedStatement {
  readonly leafId: string;
  readonly topic: string;
  /** Canonical JSON. */
  readonly statement: string;
  /** 32 bytes; absent once the subject's salt key was destroyed. */
  readonly salt?: Uint8Array;
  /** Place in the log; absent while the log has not taken it. */
  readonly index?: number;
}

interface StatementRow {
  readonly leaf_id: string;
  readonly topic: string;
  readonly subject_kind: LeafSubject["kind"];
  readonly subject_id: string;
  readonly statement: string;
  readonly index: string | number | null;
}

/**
 * Statements of these leaves with their salts, in the order asked for; leaves that do not exist are left out. Whoever
 * calls decides who may see them. Throws `keys-unreadable`.
 */
export async function openStatements(
  scope: SqlScope,
  storageKey: StorageKey,
  leafIds: readonly string[],
): Promise<readonly OpenedStatement[]> {
  const rows = await runSql<StatementRow>(
    scope,
    `select statement.leaf_id, topic, subject_kind, subject_id, statement, leaf.index
     from unnest($1::uuid[]) with ordinality as wanted (leaf_id, n)
     join evidence_statement as statement using (leaf_id)
     left join evidence_leaf as leaf on leaf.leaf_id = statement.leaf_id
     order by n`,
    [leafIds],
  );
  const saltKeys = await readSaltKeys(
    scope,
    storageKey,
    rows.map(({ subject_kind: kind, subject_id: id }) => ({ kind, id })),
  );
  return rows.map((row) => {
    const saltKey = saltKeys.get(subjectName(row.subject_kind, row.subject_id));
    return {
      leafId: row.leaf_id,
      topic: row.topic,
      statement: row.statement,
      ...(saltKey === undefined ? {} : { salt: leafSalt(primitives, saltKey, uuidBytes(row.leaf_id)) }),
      ...(row.index === null ? {} : { index: Number(row.index) }),
    };
  });
}
