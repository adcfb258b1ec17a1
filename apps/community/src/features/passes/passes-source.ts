import type { SigningKey } from "@menshen/crypto/node";
import { AccessPointId, Instant } from "@menshen/domain";
import { MAX_TOKEN_KEYS, MAX_TOLD_PASSES } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { PassesContent, PassesSource } from "../../gate-link/index.ts";
import { selectGate } from "../devices/index.ts";
import { selectDoors } from "./doors.store.ts";
import type { Places } from "./places.ts";
import { selectRevocations } from "./revocations.store.ts";
import { selectPassSettings } from "./settings.store.ts";
import { selectTokenKeys } from "./token-keys.store.ts";
import { type LivingPass, selectLivingPasses } from "./visitor-passes.store.ts";

/** What gates are told of passes: the desk's key, what residents may sign, what was taken back, keys of tokens. */
export function makePassesSource(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly places: Places;
  /** Ed25519. */
  readonly communityKey: SigningKey;
}): PassesSource {
  const { db, clock, places, communityKey } = dependencies;

  /** The doors of a gate at which a pass opens: those of its portals that lead to the home. */
  async function placesAt(gateId: string, { dwellingId, portalIds }: LivingPass): Promise<AccessPointId[]> {
    const home = await places.ofDwelling(db, clock.now(), dwellingId);
    if (home === undefined) return [];
    const doors = await selectDoors(db, home.accessPointIds);
    return doors
      .filter((door) => door.gateId === gateId && portalIds.includes(door.portalId))
      .flatMap((door) => door.accessPointIds.map((id) => AccessPointId(id)))
      .toSorted();
  }

  return {
    async read(gateId): Promise<PassesContent> {
      const doorGroup = (await selectGate(db, gateId))?.doorGroup;
      const now = clock.now();
      const { visitsOn, longestVisitS } = await selectPassSettings(db);
      const deskPasses: PassesContent["deskPasses"][number][] = [];
      for (const pass of await selectLivingPasses(db, now, MAX_TOLD_PASSES)) {
        const accessPointIds = await placesAt(gateId, pass);
        if (accessPointIds.length === 0) continue;
        deskPasses.push({ passId: pass.passId, until: Instant(pass.notAfter), accessPointIds });
      }
      return {
        communityKey: communityKey.publicKey,
        visits: { on: visitsOn, longestS: longestVisitS },
        revoked: (await selectRevocations(db, now, MAX_TOLD_PASSES)).map(({ passId, until, delegate }) => ({
          passId,
          until: Instant(until),
          delegate,
        })),
        deskPasses,
        tokenKeys: (await selectTokenKeys(db, now))
          .flatMap(({ evidence, publicKey, doorGroup: group, from, until, quota }) =>
            evidence === undefined || group !== doorGroup
              ? []
              : [
                  {
                    publicKey,
                    doorGroup: group,
                    from: Instant(from),
                    until: Instant(until),
                    quota,
                    evidence,
                  },
                ],
          )
          .slice(0, MAX_TOKEN_KEYS),
      };
    },
  };
}
