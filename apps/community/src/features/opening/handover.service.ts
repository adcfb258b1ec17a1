import { fromHex, sha256, toHex } from "@menshen/crypto/node";
import { type LoggedStatement, makePackage, type OpeningPackage, UNOPENED_REASONS } from "@menshen/custody";
import { formatVerifierKey } from "@menshen/evidence";
import type { OpeningKeys } from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { proveStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { KeyOfEpoch, KeyRing } from "../custody/index.ts";
import { decodeResult, type OpenedResult, resultContext } from "./opened-result.ts";
import {
  lockOpening,
  markHandedOver,
  type OpeningRow,
  type ScopedEntry,
  selectEntries,
  selectGateLeaves,
  selectSetsInForce,
} from "./opening.store.ts";
import type { PublishedLog } from "./opening-view.ts";
import type { PackageKey } from "./package-key.ts";
import { openableOf } from "./scope.ts";

/** What strangers need to know of the log. */
export type LogPins = Pick<OpeningKeys, "origin" | "logKey" | "witnesses" | "quorum">;

export type HandoverService = ReturnType<typeof makeHandoverService>;

/** What custodians opened leaves this server once, as a package that anybody can verify. */
export function makeHandoverService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly log: PublishedLog;
  readonly keyRing: KeyRing;
  readonly packageKey: PackageKey;
  readonly community: { readonly id: string; readonly name: () => Promise<string> };
  readonly logPins: () => LogPins;
}) {
  const { db, clock, change, storageKey, log, keyRing, packageKey, community, logPins } = dependencies;

  async function prove(leafIds: readonly string[]): Promise<readonly LoggedStatement[]> {
    const proven = await proveStatements(db, storageKey, log, leafIds);
    if (proven === undefined) {
      throw refusal("conflict", "not all leaves are in a published checkpoint yet: try again in a minute");
    }
    return proven;
  }

  async function contentOf(row: OpeningRow, result: OpenedResult): Promise<OpeningPackage> {
    const scoped = await selectEntries(db, row.id);
    const byPosition = new Map(scoped.map((entry) => [entry.position, entry]));
    const ceremonies = new Map<string, KeyOfEpoch>();
    for (const { epoch } of await openableOf(db, keyRing, scoped)) ceremonies.set(epoch.ceremony, epoch);
    const entries = result.entries.map(({ position, partials, text, holder }) => {
      const { gateId, entry } = found(byPosition.get(position), "entry");
      return {
        gateId,
        journal: entry,
        partials: partials.map(fromHex),
        text: fromHex(text),
        ...(holder === undefined ? {} : { holder }),
      };
    });
    const [request] = await prove([row.leaf_id]);
    return {
      communityId: community.id,
      communityName: await community.name(),
      madeAt: clock.now(),
      request: found(request, "leaf"),
      gates: await prove(await selectGateLeaves(db, [...new Set(entries.map(({ gateId }) => gateId))])),
      ceremonies: [...ceremonies.values()].map(({ certificate, vouches }) => ({ certificate, vouches })),
      entries,
      unopened: scoped.flatMap(unopenedOf),
    };
  }

  return {
    /**
     * Makes the package and forgets what was opened, in one transaction: a second hand-over has nothing to hand over.
     * Throws `conflict` if there is nothing, or not everything is in a published checkpoint yet.
     */
    async handOver(author: StaffAuthor, id: string) {
      authorise(author.actor, "openings.write");
      demandReason(author.reason);
      return change(author, async ({ trx, at, record }) => {
        const row = found(await lockOpening(trx, id), "request");
        if (row.result === null) {
          throw refusal(
            "conflict",
            row.handed_over_at === null ? "nothing was opened" : "the package was handed over already",
          );
        }
        const result = decodeResult(storageKey.open(row.result, resultContext(id)));
        const text = makePackage(await contentOf(row, result), packageKey.secretKey);
        const digest = toHex(sha256(new TextEncoder().encode(text)));
        await markHandedOver(trx, id, at);
        await record({
          action: "opening.handed-over",
          entity: "opening",
          entityId: id,
          after: { packageSha256: digest },
        });
        return { package: text, sha256: digest };
      });
    },

    /** What verifies packages of this community; for anybody, to be compared with what they were told elsewhere. */
    async keys(): Promise<OpeningKeys> {
      const sets = await selectSetsInForce(db);
      return {
        ...logPins(),
        communityKey: formatVerifierKey(packageKey.key),
        custodianSets: sets.map(({ version, threshold, members }) => ({
          version,
          threshold,
          members: members.map(({ body, identityKey }) => ({ body, identityKey: toHex(identityKey) })),
        })),
      };
    },
  };
}

function unopenedOf({ gateId, sequence, unopened }: ScopedEntry): OpeningPackage["unopened"] {
  const reason = UNOPENED_REASONS.find((candidate) => candidate === unopened);
  return reason === undefined ? [] : [{ gateId, sequence, reason }];
}
