import type { Reader } from "../../database/database.ts";
import { CommunityError, refusal } from "../../errors.ts";
import { type OpenedStatement, openStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";

/** Each ballot beside what its leaf says. Throws `internal` for one whose statement is gone. */
export async function openBallots<Ballot extends { readonly leafId: string }>(
  reader: Reader,
  storageKey: StorageKey,
  ballots: readonly Ballot[],
): Promise<readonly (readonly [Ballot, OpenedStatement])[]> {
  const statements = await openStatements(
    reader,
    storageKey,
    ballots.map(({ leafId }) => leafId),
  );
  const byLeaf = new Map(statements.map((statement) => [statement.leafId, statement]));
  return ballots.map((ballot) => {
    const statement = byLeaf.get(ballot.leafId);
    if (statement === undefined) throw new CommunityError("internal", "a ballot without its statement");
    return [ballot, statement];
  });
}

/** The refusal to count anything while one ballot is not in order. */
export function forged() {
  return refusal(
    "conflict",
    "a ballot is not what its voter signed: nothing is counted until that is cleared up",
  );
}
