import type {
  AreaRules,
  AreaRulesSet,
  DoorRuleSettingsSet,
  DoorRules,
  PortalRules,
  PortalRulesSet,
  SiteAddress,
  SiteAddressSet,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Fields } from "../../change-record/changed-fields.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { demandFresh, found, lockRecord } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import {
  putAreaRules,
  putPortalRules,
  putSettings,
  putSite,
  selectAreaRules,
  selectPortalRules,
  selectSettings,
  selectSites,
} from "./door-rules.store.ts";
import { areaRuleOf, portalRuleOf } from "./rules-of.ts";

export type DoorRulesService = ReturnType<typeof makeDoorRulesService>;

/** What gates ask beyond "may this person": of areas, of doors, and where they hear each other. */
export function makeDoorRulesService({
  db,
  change,
}: {
  readonly db: Database;
  readonly change: ChangeRunner;
}) {
  async function all(reader: Reader): Promise<DoorRules> {
    return {
      areas: [...(await selectAreaRules(reader))],
      portals: [...(await selectPortalRules(reader))],
      sites: [...(await selectSites(reader))],
      ...(await selectSettings(reader)),
    };
  }

  async function area(trx: Trx, areaId: string): Promise<AreaRules> {
    return found((await selectAreaRules(trx, areaId))[0], "area");
  }
  async function portal(trx: Trx, portalId: string): Promise<PortalRules> {
    return found((await selectPortalRules(trx, portalId))[0], "door");
  }
  async function site(trx: Trx, gateId: string): Promise<SiteAddress> {
    return found((await selectSites(trx, gateId))[0], "gate");
  }

  /** Gates hear of it: the rules are a part of what they ask, as access rules are. */
  async function tell(scope: ChangeScope, what: string, entityId: string, before: Fields, after: Fields) {
    await scope.touch("rules");
    await scope.record({ action: `${what}.changed`, entity: what, entityId, before, after });
  }

  return {
    async read(actor: Actor): Promise<DoorRules> {
      authorise(actor, "doors.read");
      return all(db);
    },

    /**
     * Throws `only-path` if the rule could keep residents out where they have no other way, `conflict` where nobody is
     * seen to leave, `stale-revision`.
     */
    async setArea(author: StaffAuthor, areaId: string, input: AreaRulesSet): Promise<AreaRules> {
      authorise(author.actor, "doors.write");
      areaRuleOf({ areaId, ...input });
      return change(
        author,
        async (scope) => {
          await lockRecord(scope.trx, "area", areaId);
          const before = await area(scope.trx, areaId);
          demandFresh(before, input.revision);
          await putAreaRules(scope.trx, areaId, input);
          await tell(scope, "area-rule", areaId, fieldsOf(before), fieldsOf(input));
          return area(scope.trx, areaId);
        },
        { guarded: true },
      );
    },

    /** Throws as {@link setArea} does. */
    async setPortal(author: StaffAuthor, portalId: string, input: PortalRulesSet): Promise<PortalRules> {
      authorise(author.actor, "doors.write");
      portalRuleOf({ portalId, ...input });
      return change(
        author,
        async (scope) => {
          await lockRecord(scope.trx, "portal", portalId);
          const before = await portal(scope.trx, portalId);
          demandFresh(before, input.revision);
          for (const { areaId, scheduleId } of input.floors ?? []) {
            await area(scope.trx, areaId);
            if (scheduleId !== undefined) await demandSchedule(scope.trx, scheduleId);
          }
          await putPortalRules(scope.trx, portalId, input);
          await tell(scope, "portal-rule", portalId, fieldsOf(before), fieldsOf(input));
          return portal(scope.trx, portalId);
        },
        { guarded: true },
      );
    },

    async setSite(author: StaffAuthor, gateId: string, input: SiteAddressSet): Promise<SiteAddress> {
      authorise(author.actor, "gates.write");
      if ((input.host === undefined) !== (input.port === undefined)) {
        throw refusal("invalid-request", "an address is a host and a port");
      }
      return change(author, async (scope) => {
        await lockRecord(scope.trx, "gate", gateId);
        const before = await site(scope.trx, gateId);
        demandFresh(before, input.revision);
        await putSite(scope.trx, gateId, input);
        await tell(
          scope,
          "site-address",
          gateId,
          { host: before.host, port: before.port },
          { host: input.host, port: input.port },
        );
        return site(scope.trx, gateId);
      });
    },

    async setSettings(author: StaffAuthor, input: DoorRuleSettingsSet): Promise<DoorRules> {
      authorise(author.actor, "doors.write");
      return change(author, async (scope) => {
        await scope.trx.selectFrom("door_rule_setting").select("revision").forUpdate().execute();
        const before = await selectSettings(scope.trx);
        demandFresh(before, input.revision);
        await putSettings(scope.trx, input);
        await tell(scope, "door-rule-setting", "door-rules", fieldsOf(before), fieldsOf(input));
        return all(scope.trx);
      });
    },
  };
}

/** Throws `not-found` for a schedule that is none, or was removed. */
async function demandSchedule(trx: Trx, id: string): Promise<void> {
  const there = await trx
    .selectFrom("schedule")
    .select("id")
    .where("id", "=", id)
    .where("removed_at", "is", null)
    .forShare()
    .executeTakeFirst();
  if (there === undefined) throw refusal("not-found", "no such schedule");
}

/** What is recorded of a rule: all but what it is called and how often it changed. */
function fieldsOf({ revision: _, ...fields }: { readonly revision: number } & Fields): Fields {
  const {
    areaId: _area,
    areaName: _areaName,
    portalId: _portal,
    portalName: _name,
    gateId: _gate,
    ...rest
  } = fields;
  return rest;
}
