import { randomBytes, x25519PublicKey } from "@menshen/crypto/node";
import { deskKeyId } from "@menshen/custody";
import { Instant } from "@menshen/domain";
import type { TrailNaming } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import type { TrailSource } from "../../gate-link/index.ts";
import { localDays } from "../trail/index.ts";
import {
  deleteDeskKey,
  insertDeskKey,
  selectAllDeskKeys,
  selectDeskKeys,
  updateSealed,
} from "./desk-keys.store.ts";
import type { DeskSecrets } from "./desk-secrets.ts";
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
  readonly secrets: DeskSecrets;
  readonly timeZone: string;
  readonly proveLeaf: TrailSource["proveIssue"];
  readonly fallingShort: TrailSource["fallingShort"];
}) {
  const { db, clock, secrets, timeZone, proveLeaf, fallingShort } = dependencies;

  /**
   * Destroys what is due, and leaves files and rows as pairs. The file goes before its row: a row without a file opens
   * nothing, and is found here. A file without a row is left by a crash, or by a decision that was withdrawn: its rows go
   * with the withdrawal, which may still fail, and their files after it.
   */
  async function tidy(): Promise<void> {
    await db.transaction().execute(async (trx) => {
      await lockNaming(trx);
      const now = clock.now();
      const keys = await selectAllDeskKeys(trx);
      for (const { id, destroyAt } of keys) if (destroyAt <= now) secrets.destroy(id);
      const kept: Uint8Array[] = [];
      for (const key of keys) {
        const { id } = key;
        const resealed = key.destroyAt <= now ? undefined : secrets.resealed(key);
        if (resealed !== undefined) await updateSealed(trx, id, resealed);
        // Another one is made for a day whose file was lost: what is named to this one, nobody reads.
        if (secrets.isLost(key)) await deleteDeskKey(trx, id);
        else kept.push(id);
      }
      secrets.destroyAllBut(kept);
    });
  }

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
    tidy,

    /**
     * Destroys keys whose time is over and makes those of today and tomorrow for decisions that the log shows.
     *
     * @returns whether gates must hear of new ones, or of a renewed proof
     */
    async review(): Promise<boolean> {
      await tidy();
      const renewed = await prove();
      const made = await db.transaction().execute(async (trx) => {
        await lockNaming(trx);
        const now = clock.now();
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
              sealed: secrets.seal(id, secretKey),
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
