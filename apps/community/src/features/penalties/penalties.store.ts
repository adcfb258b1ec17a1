import {
  APPEAL_STATES,
  type AppealState,
  PENALTY_PARTIES,
  type Penalty,
  type PenaltyInput,
} from "@menshen/wire";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { known } from "../../view-record/index.ts";

function select(db: Reader) {
  return db
    .selectFrom("penalty")
    .selectAll("penalty")
    .select(({ selectFrom }) => [
      selectFrom("evidence_leaf")
        .select("index")
        .whereRef("evidence_leaf.leaf_id", "=", "penalty.leaf_id")
        .as("leaf_index"),
      selectFrom("evidence_leaf")
        .select("index")
        .whereRef("evidence_leaf.leaf_id", "=", "penalty.removal_leaf_id")
        .as("removal_leaf_index"),
    ])
    .orderBy("published_at", "desc")
    .orderBy("id");
}

function penaltyOf(row: Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number]): Penalty {
  const { removed_at: at, removed_why: why, removal_leaf_id: leafId } = row;
  return {
    id: row.id,
    party: known(PENALTY_PARTIES, row.party),
    authority: row.authority,
    documentNumber: row.document_number,
    decidedOn: row.decided_on,
    ground: row.ground,
    amountFen: row.amount_fen,
    appeal: known(APPEAL_STATES, row.appeal),
    publishedAt: row.published_at,
    leafId: row.leaf_id,
    ...optional("leafIndex", row.leaf_index),
    ...(at === null || why === null || leafId === null
      ? {}
      : { removed: { at, why, leafId, ...optional("leafIndex", row.removal_leaf_index) } }),
  };
}

/** Newest first, those that were taken off among them. */
export async function selectPenalties(db: Reader): Promise<readonly Penalty[]> {
  return (await select(db).execute()).map(penaltyOf);
}

/** Locked until the end of the transaction. */
export async function lockPenalty(trx: Trx, id: string): Promise<Penalty | undefined> {
  const row = await select(trx).where("id", "=", id).forUpdate().executeTakeFirst();
  return row === undefined ? undefined : penaltyOf(row);
}

export async function insertPenalty(
  trx: Trx,
  penalty: PenaltyInput & {
    readonly id: string;
    readonly publishedAt: number;
    readonly publishedBy: string;
    readonly leafId: string;
  },
): Promise<void> {
  await trx
    .insertInto("penalty")
    .values({
      id: penalty.id,
      party: penalty.party,
      authority: penalty.authority,
      document_number: penalty.documentNumber,
      decided_on: penalty.decidedOn,
      ground: penalty.ground,
      amount_fen: penalty.amountFen,
      published_at: moment(penalty.publishedAt),
      published_by: penalty.publishedBy,
      leaf_id: penalty.leafId,
    })
    .execute();
}

export async function updateAppeal(trx: Trx, id: string, appeal: AppealState): Promise<void> {
  await trx.updateTable("penalty").set({ appeal }).where("id", "=", id).execute();
}

export async function updateRemoved(
  trx: Trx,
  id: string,
  { at, why, leafId }: NonNullable<Penalty["removed"]>,
): Promise<void> {
  await trx
    .updateTable("penalty")
    .set({ removed_at: moment(at), removed_why: why, removal_leaf_id: leafId })
    .where("id", "=", id)
    .execute();
}
