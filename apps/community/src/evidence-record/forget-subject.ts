import { type LeafSubject, subjectIdOf } from "./leaf-subject.ts";
import { runSql, type SqlScope } from "./sql-runner.ts";

/**
 * Destroys what the leaves about a subject said, and their salts: from then on the commitments in the log tell nothing to
 * anybody, whoever knows what might have stood there.
 *
 * @returns how many statements went
 */
export async function forgetSubject(
  trx: SqlScope,
  subject: Exclude<LeafSubject, { readonly kind: "community" }>,
): Promise<number> {
  const values = [subject.kind, subjectIdOf(subject)];
  const gone = await runSql<{ leaf_id: string }>(
    trx,
    "delete from evidence_statement where subject_kind = $1 and subject_id = $2 returning leaf_id",
    values,
  );
  await runSql(trx, "delete from keys.subject_salt where kind = $1 and id = $2", values);
  return gone.length;
}
