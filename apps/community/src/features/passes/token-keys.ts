import { tokenKeyId } from "@menshen/credentials";
import { blindRsaGenerateAside, primitives, toHex } from "@menshen/crypto/node";
import { TOKEN_DAYS_AHEAD, TOKEN_KEY_TOPIC } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { LeafRecorder } from "../../evidence-record/index.ts";
import type { TrailSource } from "../../gate-link/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { selectDoorGroups } from "../credentials/index.ts";
import { localDays } from "../trail/index.ts";
import { selectPassSettings } from "./settings.store.ts";
import {
  deleteOldCounts,
  deleteOldTokenKeys,
  insertTokenKey,
  lockTokenKeys,
  selectTokenKeys,
  updateTokenEvidence,
} from "./token-keys.store.ts";

/** Makes the issuing keys of one-time tokens ahead of their days, and destroys them behind. */
export interface TokenKeys {
  /**
   * Destroys keys whose day is over, makes those of today and tomorrow for every door group in use, and stores the proofs of
   * those that the log has published by now.
   *
   * @returns whether gates must hear of it
   */
  readonly review: () => Promise<boolean>;
  /** Stores proofs alone; whether there were any. */
  readonly prove: () => Promise<boolean>;
}

export function makeTokenKeys(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly storageKey: StorageKey;
  readonly leaves: LeafRecorder;
  readonly timeZone: string;
  readonly proveLeaf: TrailSource["proveIssue"];
}): TokenKeys {
  const { db, clock, storageKey, leaves, timeZone, proveLeaf } = dependencies;

  async function make(doorGroup: number, from: number, until: number): Promise<void> {
    const { publicKey, secretKey } = await blindRsaGenerateAside();
    const keyId = tokenKeyId(primitives, publicKey);
    const sealed = storageKey.seal(secretKey, tokenKeyContext(keyId));
    secretKey.fill(0);
    await db.transaction().execute(async (trx) => {
      await lockTokenKeys(trx);
      const at = clock.now();
      const there = await selectTokenKeys(trx, at);
      if (there.some((key) => key.doorGroup === doorGroup && key.from === from)) return;
      const { tokenKeyQuota: quota } = await selectPassSettings(trx);
      const leafId = await leaves.record(trx, {
        at,
        topic: TOKEN_KEY_TOPIC,
        subject: { kind: "community" },
        statement: { keyId: toHex(keyId), doorGroup, from, until, quota },
        public: true,
      });
      await insertTokenKey(trx, { keyId, doorGroup, from, until, publicKey, quota, leafId, sealed });
    });
  }

  async function prove(): Promise<boolean> {
    let added = false;
    for (const { keyId, leafId, evidence } of await selectTokenKeys(db, clock.now())) {
      if (evidence !== undefined) continue;
      const proven = await proveLeaf(leafId);
      if (proven === undefined) continue;
      await updateTokenEvidence(db, keyId, proven);
      added = true;
    }
    return added;
  }

  return {
    prove,
    async review() {
      const now = clock.now();
      const days = localDays(timeZone, now, TOKEN_DAYS_AHEAD);
      const gone = await db.transaction().execute(async (trx) => {
        await deleteOldCounts(trx, days[0]?.[0] ?? now);
        return deleteOldTokenKeys(trx, now);
      });
      const { tokensPerDay } = await selectPassSettings(db);
      const there = await selectTokenKeys(db, now);
      const groups = tokensPerDay === 0 ? [] : await selectDoorGroups(db);
      for (const [from, until] of days) {
        for (const doorGroup of groups) {
          if (!there.some((key) => key.doorGroup === doorGroup && key.from === from)) {
            await make(doorGroup, from, until);
          }
        }
      }
      return (await prove()) || gone > 0;
    },
  };
}

/** What an issuing key's secret half is sealed under. */
export function tokenKeyContext(keyId: Uint8Array): string {
  return `token-key:${toHex(keyId)}`;
}
