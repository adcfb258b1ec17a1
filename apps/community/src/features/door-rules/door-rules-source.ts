import { AccessPointId, AreaId, GateId, PortalId } from "@menshen/domain";
import { MAX_CARD_STEPS } from "@menshen/wire";
import type { Database } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import type { DoorRulesContent, DoorRulesSource } from "../../gate-link/index.ts";
import { selectCommunity } from "../community/index.ts";
import { readCardSteps } from "../detection/index.ts";
import { selectAreaRules, selectPortalRules, selectSettings, selectSites } from "./door-rules.store.ts";
import { areaRuleOf, portalRuleOf } from "./rules-of.ts";

/** A door that is left open warns so long before the alarm, unless it has a rule of its own. */
const PRE_ALARM_MS = 10_000;

/** What gates are told of areas, persons and doors. */
export function makeDoorRulesSource({ db }: { readonly db: Database }): DoorRulesSource {
  return {
    read: (gateId) =>
      // One moment of the community: areas and the doors into them belong together.
      db
        .transaction()
        .setIsolationLevel("repeatable read")
        .setAccessMode("read only")
        .execute(async (trx): Promise<DoorRulesContent> => {
          const community = await selectCommunity(trx);
          if (community === undefined) throw new CommunityError("internal", "the community is not set up");
          const areas = (await selectAreaRules(trx)).flatMap((rules) => areaRuleOf(rules) ?? []);
          const portals = (await selectPortalRules(trx)).filter((rules) => rules.gateId === gateId);
          const points = await trx
            .selectFrom("access_point")
            .innerJoin("portal", "portal.id", "access_point.portal_id")
            .select(["access_point.id", "portal_id", "gate_id", "from_area_id", "to_area_id"])
            .where("access_point.removed_at", "is", null)
            .where("portal.removed_at", "is", null)
            .orderBy("access_point.id")
            .execute();
          const { presenceHours } = await selectSettings(trx);
          const cards = await readCardSteps(trx);
          return {
            outsideAreaId: AreaId(community.outsideAreaId),
            areas: areas.toSorted((one, other) => (one.areaId < other.areaId ? -1 : 1)),
            portals: portals
              .map(portalRuleOf)
              .map(({ plate, ...rule }) => ({ ...rule, plate: plate ?? false }))
              .toSorted((one, other) => (one.portalId < other.portalId ? -1 : 1)),
            accessPoints: points.map((point) => ({
              id: AccessPointId(point.id),
              portalId: PortalId(point.portal_id),
              gateId: GateId(point.gate_id),
              fromAreaId: AreaId(point.from_area_id),
              toAreaId: AreaId(point.to_area_id),
            })),
            presenceHours,
            ...(cards.length === 0 ? {} : { cards: cards.slice(0, MAX_CARD_STEPS) }),
            alarms: { preAlarmMs: PRE_ALARM_MS },
            // Where nobody is counted, gates have nothing to tell each other.
            sites:
              areas.length === 0
                ? []
                : (await selectSites(trx))
                    .flatMap(({ gateId: id, host, port }) =>
                      host === undefined || port === undefined ? [] : [{ gateId: GateId(id), host, port }],
                    )
                    .toSorted((one, other) => (one.gateId < other.gateId ? -1 : 1)),
          };
        }),
  };
}
