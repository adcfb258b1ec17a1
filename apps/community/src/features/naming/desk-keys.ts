import { randomBytes, toHex, x25519PublicKey } from "@menshen/crypto/node";
import { deskKeyId } from "@menshen/custody";
import { Instant } from "@menshen/domain";
import type { TrailNaming } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import type { TrailSource } from "../../gate-link/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { localDays } from "../trail/index.ts";
import { deleteOldDeskKeys, insertDeskKey, selectDeskKeys } from "./desk-keys.store.ts";
import {
  insertEvidence,
  isLive,
  lockNaming,
  selectDecisions,
  selectEvidence,
  startOf,
  updateEvidence,
} from "./naming.store.ts";

const DAY_MS = 86_400_000;
/** Today's and tomorrow's go out: a gate that is cut off for longer names nobody. */
const DAYS_AHEAD = 2;

/** The duty desk's keys: made a day ahead, destroyed when their time is over. */
export function makeDeskKeys(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly storageKey: StorageKey;
  readonly timeZone: string;
  readonly proveLeaf: TrailSource["proveIssue"];
  readonly fallingShort: TrailSource["fallingShort"];
}) {
  const { db, clock, storageKey, timeZone, proveLeaf, fallingShort } = dependencies;

  /**
   * Stores the proof of each decision that a published checkpoint covers by now, and a new one in place of one that does
   * not convince gates any more because more witnesses are asked for.
   *
   * @returns whether any was renewed
   */
  async function prove(): Promise<boolean> {
    const now = clock.now();
    let renewed = false;
    for (const decision of await selectDecisions(db)) {
      if (!isLive(decision, now) || decision.leafId === undefined) continue;
      const stored = await selectEvidence(db, decision.id);
      if (stored !== undefined && (await fallingShort([stored.checkpoint])).size === 0) continue;
      const evidence = await proveLeaf(decision.leafId);
      if (evidence === undefined) continue;
      if (stored === undefined) await insertEvidence(db, decision.id, evidence, now);
      else if ((await fallingShort([evidence.checkpoint])).size === 0) {
        await updateEvidence(db, decision.id, evidence);
        renewed = true;
      }
    }
    return renewed;
  }

  return {
    /**
     * Destroys keys whose time is over and makes those of today and tomorrow for decisions that the log shows.
     *
     * @returns whether gates must hear of new ones, or of a renewed proof
     */
    async review(): Promise<boolean> {
      const renewed = await prove();
      const made = await db.transaction().execute(async (trx) => {
        await lockNaming(trx);
        const now = clock.now();
        await deleteOldDeskKeys(trx, now);
        const there = await selectDeskKeys(trx, now);
        let made = false;
        for (const decision of await selectDecisions(trx)) {
          const start = startOf(decision);
          if (start === undefined || !isLive(decision, now)) continue;
          for (const [midnight, nextMidnight] of localDays(timeZone, now, DAYS_AHEAD)) {
            const fromAt = Math.max(midnight, start);
            const untilAt = Math.min(nextMidnight, decision.untilAt ?? nextMidnight);
            const known = there.some((key) => key.decisionId === decision.id && key.day === midnight);
            if (known || fromAt >= untilAt) continue;
            const secretKey = randomBytes(32);
            const publicKey = x25519PublicKey(secretKey);
            const id = deskKeyId(publicKey);
            await insertDeskKey(trx, {
              id,
              decisionId: decision.id,
              day: midnight,
              fromAt,
              untilAt,
              publicKey,
              sealed: storageKey.seal(secretKey, deskKeyContext(id)),
              destroyAt: untilAt + decision.days * DAY_MS,
            });
            secretKey.fill(0);
            made = true;
          }
        }
        return made;
      });
      return made || renewed;
    },
  };
}

/** What a desk key's secret half is sealed under. */
export function deskKeyContext(id: Uint8Array): string {
  return `desk-key:${toHex(id)}`;
}

/** What gates are told: decisions that the log shows, each with the keys of today and tomorrow. */
export async function selectTrailNaming(db: Reader, now: number): Promise<readonly TrailNaming[]> {
  const keys = (await selectDeskKeys(db, now)).filter(({ untilAt }) => untilAt > now);
  const naming: TrailNaming[] = [];
  for (const decision of await selectDecisions(db)) {
    const deskKeys = keys
      .filter(({ decisionId }) => decisionId === decision.id)
      .slice(0, DAYS_AHEAD)
      .map(({ fromAt, untilAt, publicKey }) => ({
        from: Instant(fromAt),
        until: Instant(untilAt),
        key: publicKey,
      }));
    if (!isLive(decision, now) || deskKeys.length === 0) continue;
    const evidence = await selectEvidence(db, decision.id);
    if (evidence !== undefined) naming.push({ scope: decision.scope, evidence, deskKeys });
  }
  return naming;
}
