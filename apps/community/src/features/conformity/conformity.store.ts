import type { ConformityItem } from "@menshen/wire";
import { type Database, moment } from "../../database/database.ts";

export interface StoredState {
  readonly state: ConformityItem["state"];
  readonly since: number;
}

export async function selectStates(db: Database): Promise<ReadonlyMap<string, StoredState>> {
  const rows = await db.selectFrom("conformity_state").selectAll().execute();
  return new Map(rows.map(({ row_id, state, since }) => [row_id, { state, since: since }]));
}

/** Two who find the same change at once leave one moment: the first one's. */
export async function upsertState(db: Database, rowId: string, { state, since }: StoredState): Promise<void> {
  await db
    .insertInto("conformity_state")
    .values({ row_id: rowId, state, since: moment(since) })
    .onConflict((conflict) =>
      conflict
        .column("row_id")
        .doUpdateSet({ state, since: moment(since) })
        .whereRef("conformity_state.state", "<>", "excluded.state"),
    )
    .execute();
}
