import type { LoggedStatement } from "@menshen/custody";
import type { EvidenceLog } from "@menshen/evidence/node";
import type { StorageKey } from "../keys/storage-key.ts";
import type { SqlScope } from "./sql-runner.ts";
import { openStatements } from "./statements.ts";

/**
 * Statements with all that shows strangers that they stand in the log, in the order asked for; `undefined` while one of them
 * is not in a published checkpoint, or for ever if its salt was destroyed. Throws `keys-unreadable`.
 */
export async function proveStatements(
  scope: SqlScope,
  storageKey: StorageKey,
  log: Pick<EvidenceLog, "proofOf">,
  leafIds: readonly string[],
): Promise<readonly LoggedStatement[] | undefined> {
  const proven: LoggedStatement[] = [];
  for (const { statement, salt, index } of await openStatements(scope, storageKey, leafIds)) {
    const proof = index === undefined ? undefined : await log.proofOf(index);
    if (salt === undefined || proof === undefined) return undefined;
    proven.push({ statement, salt, proof });
  }
  return proven.length === leafIds.length ? proven : undefined;
}
