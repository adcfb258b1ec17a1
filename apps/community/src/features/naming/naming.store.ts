import { type NamingStatement, namingStart, type OwnersVote } from "@menshen/domain";
import { type LeafEvidence, NAMING_SCOPES, type NamingScope, OwnersVoteFields } from "@menshen/wire";
import { sql } from "kysely";
import { Value } from "typebox/value";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import { known } from "../../view-record/index.ts";

/** A motion of the owners to name everyone. */
export interface StoredMotion {
  readonly title: string;
  readonly documentNumber: string;
  /** Hexadecimal. */
  readonly minutesSha256: string;
  /** `YYYY-MM-DD` */
  readonly votedOn: string;
  readonly vote: OwnersVote;
}

/** A decision to name somebody. Times in Unix milliseconds. */
export interface StoredDecision {
  readonly id: string;
  readonly scope: NamingScope;
  readonly days: number;
  /** As decided. */
  readonly fromAt: number;
  readonly untilAt: number | undefined;
  readonly notice: string | undefined;
  readonly motion: StoredMotion | undefined;
  readonly recordedAt: number;
  readonly recordedBy: { readonly id: string; readonly name: string };
  readonly confirmedAt: number | undefined;
  readonly confirmedBy: string | undefined;
  readonly withdrawnAt: number | undefined;
  readonly withdrawnBy: string | undefined;
  readonly leafId: string | undefined;
  /** Since when it stands in a published checkpoint. */
  readonly provenAt: number | undefined;
}

/** Newest first. */
export async function selectDecisions(db: Reader): Promise<readonly StoredDecision[]> {
  const rows = await db
    .selectFrom("naming_decision as decision")
    .innerJoin("staff as recorder", "recorder.id", "decision.recorded_by")
    .leftJoin("staff as confirmer", "confirmer.id", "decision.confirmed_by")
    .leftJoin("staff as withdrawer", "withdrawer.id", "decision.withdrawn_by")
    .leftJoin("naming_evidence as evidence", "evidence.decision_id", "decision.id")
    .selectAll("decision")
    .select([
      "recorder.display_name as recorder_name",
      "confirmer.display_name as confirmer_name",
      "withdrawer.display_name as withdrawer_name",
      "evidence.proven_at",
    ])
    .orderBy("decision.recorded_at", "desc")
    .orderBy("decision.id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    scope: known(NAMING_SCOPES, row.scope),
    days: row.days,
    fromAt: row.from_at,
    untilAt: row.until_at ?? undefined,
    notice: row.notice ?? undefined,
    motion: motionOf(row),
    recordedAt: row.recorded_at,
    recordedBy: { id: row.recorded_by, name: row.recorder_name },
    confirmedAt: row.confirmed_at ?? undefined,
    confirmedBy: row.confirmer_name ?? undefined,
    withdrawnAt: row.withdrawn_at ?? undefined,
    withdrawnBy: row.withdrawer_name ?? undefined,
    leafId: row.leaf_id ?? undefined,
    provenAt: row.proven_at ?? undefined,
  }));
}

function motionOf(row: {
  readonly title: string | null;
  readonly document_number: string | null;
  readonly minutes_sha256: string | null;
  readonly voted_on: string | null;
  readonly vote: unknown;
}): StoredMotion | undefined {
  const {
    title,
    document_number: documentNumber,
    minutes_sha256: minutesSha256,
    voted_on: votedOn,
    vote,
  } = row;
  if (title === null || documentNumber === null || minutesSha256 === null || votedOn === null)
    return undefined;
  if (!Value.Check(OwnersVoteFields, vote)) throw new CommunityError("internal", "a stored vote is none");
  return { title, documentNumber, minutesSha256, votedOn, vote };
}

/**
 * When a decision begins to name: as decided, and everyone a week after the announcement at the earliest. The gates count
 * the same; `undefined` while the log does not show it.
 */
export function startOf({ scope, fromAt, recordedAt, provenAt }: StoredDecision): number | undefined {
  if (provenAt === undefined) return undefined;
  return namingStart({ scope, atMs: recordedAt, fromMs: fromAt } satisfies NamingStatement, provenAt);
}

/** Whether a decision names somebody now or later. */
export function isLive({ untilAt, withdrawnAt, leafId }: StoredDecision, now: number): boolean {
  return leafId !== undefined && withdrawnAt === undefined && (untilAt === undefined || untilAt > now);
}

export async function insertDecision(
  trx: Trx,
  decision: Pick<
    StoredDecision,
    "id" | "scope" | "days" | "fromAt" | "untilAt" | "notice" | "motion" | "leafId"
  > & {
    readonly recordedAt: number;
    readonly staffId: string;
  },
): Promise<void> {
  const { motion } = decision;
  await trx
    .insertInto("naming_decision")
    .values({
      id: decision.id,
      scope: decision.scope,
      days: decision.days,
      from_at: moment(decision.fromAt),
      until_at: decision.untilAt === undefined ? null : moment(decision.untilAt),
      notice: decision.notice ?? null,
      title: motion?.title ?? null,
      document_number: motion?.documentNumber ?? null,
      minutes_sha256: motion?.minutesSha256 ?? null,
      voted_on: motion?.votedOn ?? null,
      vote: motion === undefined ? null : JSON.stringify(motion.vote),
      recorded_at: moment(decision.recordedAt),
      recorded_by: decision.staffId,
      leaf_id: decision.leafId ?? null,
    })
    .execute();
}

export async function updateConfirmed(
  trx: Trx,
  id: string,
  confirmed: { readonly at: number; readonly staffId: string; readonly leafId: string },
): Promise<void> {
  await trx
    .updateTable("naming_decision")
    .set({ confirmed_at: moment(confirmed.at), confirmed_by: confirmed.staffId, leaf_id: confirmed.leafId })
    .where("id", "=", id)
    .execute();
}

export async function updateWithdrawn(
  trx: Trx,
  id: string,
  withdrawn: { readonly at: number; readonly staffId: string },
): Promise<void> {
  await trx
    .updateTable("naming_decision")
    .set({ withdrawn_at: moment(withdrawn.at), withdrawn_by: withdrawn.staffId })
    .where("id", "=", id)
    .execute();
}

/** Until the end of the transaction, nobody else changes decisions or their keys. */
export async function lockNaming(trx: Trx): Promise<void> {
  await sql`lock table naming_decision in share row exclusive mode`.execute(trx);
}

export async function insertEvidence(
  db: Reader,
  decisionId: string,
  evidence: LeafEvidence,
  provenAt: number,
): Promise<void> {
  await db
    .insertInto("naming_evidence")
    .values({ decision_id: decisionId, ...rowOf(evidence), proven_at: moment(provenAt) })
    .onConflict((conflict) => conflict.column("decision_id").doNothing())
    .execute();
}

/** Since when the decision is proven stays: its week is counted from the first proof. */
export async function updateEvidence(db: Reader, decisionId: string, evidence: LeafEvidence): Promise<void> {
  await db
    .updateTable("naming_evidence")
    .set(rowOf(evidence))
    .where("decision_id", "=", decisionId)
    .execute();
}

function rowOf({ statement, salt, leafIndex, treeSize, proof, checkpoint }: LeafEvidence) {
  return {
    statement,
    salt,
    leaf_index: leafIndex,
    tree_size: treeSize,
    proof: Buffer.concat(proof),
    checkpoint,
  };
}

const HASH_BYTES = 32;

export async function selectEvidence(db: Reader, decisionId: string): Promise<LeafEvidence | undefined> {
  const row = await db
    .selectFrom("naming_evidence")
    .selectAll()
    .where("decision_id", "=", decisionId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const proof = new Uint8Array(row.proof);
  return {
    statement: row.statement,
    salt: new Uint8Array(row.salt),
    leafIndex: row.leaf_index,
    treeSize: row.tree_size,
    proof: Array.from({ length: proof.length / HASH_BYTES }, (_, index) =>
      proof.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
    ),
    checkpoint: row.checkpoint,
  };
}
