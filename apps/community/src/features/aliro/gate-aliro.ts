import { createHash } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type { Reader } from "../../database/database.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { PlanGateAliro } from "../publishing/index.ts";
import { selectHolders, selectKeys } from "./aliro.store.ts";
import { certificatePeriod, gateReader, signerOf } from "./aliro-secrets.ts";
import { issueRevocations, planRevocations } from "./revocations.ts";

/** As many groups a gate shows itself as: the present one, and the one before while telephones move. */
export const MAX_GROUPS = 2;

export function makeGateAliro(dependencies: {
  readonly db: Reader;
  readonly clock: Clock;
  readonly storageKey: StorageKey;
}): PlanGateAliro {
  const { db, clock, storageKey } = dependencies;
  return async (gateId, doorGroup) => {
    const keys = await selectKeys(db);
    const groups = keys.filter((key) => key.doorGroup === doorGroup).slice(0, MAX_GROUPS);
    if (groups.length === 0) return undefined;
    const at = clock.now();
    const issuers = keys.filter(({ use }) => use === "documents");
    const [signing] = issuers;
    const revocations = signing && planRevocations(await selectHolders(db, at));
    const hash = createHash("sha256").update(`${certificatePeriod(at)} ${revocations?.iteration};`);
    for (const { id, readerVersion } of [...groups, ...issuers]) hash.update(`${id} ${readerVersion};`);
    for (const holder of revocations?.over ?? []) hash.update(holder.hash);
    return {
      signature: hash.digest("hex"),
      make: () => ({
        readers: groups.map((group) => gateReader(storageKey, group, gateId, at)),
        documentIssuers: issuers.map(({ publicKey }) => publicKey),
        ...(signing === undefined || revocations === undefined
          ? {}
          : { revocations: issueRevocations(signerOf(storageKey, signing), revocations) }),
      }),
    };
  };
}
