import { isDeepStrictEqual } from "node:util";
import {
  AccessPointId,
  AreaId,
  type AreaRule,
  CommunityId,
  type DoorRules,
  Duration,
  GateId,
  Instant,
  PortalId,
  type PortalRule,
  parseAreaRule,
  parsePortalRule,
} from "@menshen/domain";
import { playDoorStory } from "@menshen/testkit/door-play";
import { DOOR_STORY_START_MS, loadDoorStories } from "@menshen/testkit/door-scenarios";
import { rulesWorldOf } from "@menshen/testkit/door-site";
import {
  accessPointEndpoints,
  areaEndpoints,
  communityEndpoints,
  doorRulesEndpoints,
  doorRulesMessage,
  gateEndpoints,
  portalEndpoints,
} from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { makeDoorRulesSource } from "./door-rules-source.ts";

// The stories of packages/policy/scenarios/door-rules, their rules set over HTTP and read as gates are told them.

const tables = loadDoorStories();
const server = await startTestServer({}, Instant(Date.now()));
const secure = await server.founder("secure");
const community = await secure.call(communityEndpoints.get);
const source = makeDoorRulesSource({ db: server.db });

/** What the server calls each thing of the stories' site, and back. */
const names = await buildStorySite();

async function buildStorySite() {
  const rules = tables[0]?.stories[0]?.rules;
  if (rules === undefined) throw new Error("expected stories");
  const { outsideAreaId, groundsAreaId } = community;
  const toServer = new Map<string, string>([[rules.outsideAreaId, outsideAreaId]]);
  const fromServer = new Map<string, string>([[outsideAreaId, rules.outsideAreaId]]);
  const learn = (id: string, serverId: string) => {
    toServer.set(id, serverId);
    fromServer.set(serverId, id);
  };
  const idAt = (id: string) => toServer.get(id) ?? "";
  for (const [index, point] of rules.accessPoints.entries()) {
    for (const areaId of [point.fromAreaId, point.toAreaId]) {
      if (toServer.has(areaId)) continue;
      // The yard is what every community begins with behind the street.
      if (toServer.size === 1) learn(areaId, groundsAreaId);
      else
        learn(
          areaId,
          (await secure.call(areaEndpoints.create, { body: { name: `区域 ${index}`, staffOnly: false } })).id,
        );
    }
    if (!toServer.has(point.gateId)) {
      const body = { name: `控制器 ${index}`, doorGroup: 1 };
      learn(point.gateId, (await secure.call(gateEndpoints.create, { body })).id);
    }
    if (!toServer.has(point.portalId)) {
      const body = {
        gateId: idAt(point.gateId),
        name: `门 ${index}`,
        unlockMs: 5_000,
        heldOpenLimitMs: 30_000,
      };
      learn(point.portalId, (await secure.call(portalEndpoints.create, { body })).id);
    }
    const body = {
      portalId: idAt(point.portalId),
      name: `方向 ${index}`,
      fromAreaId: idAt(point.fromAreaId),
      toAreaId: idAt(point.toAreaId),
      minimumGrade: "D" as const,
    };
    learn(point.id, (await secure.call(accessPointEndpoints.create, { body })).id);
  }
  const back = (id: string) => fromServer.get(id) ?? "";
  return { idAt, back };
}

const areaBody = (rule: AreaRule | undefined) => ({
  counted: rule !== undefined,
  antiPassback: rule?.antiPassback ?? "off",
  ...(rule?.timedMs === undefined ? {} : { timedMs: rule.timedMs }),
  ...(rule?.occupancyLimit === undefined ? {} : { occupancyLimit: rule.occupancyLimit }),
  countsOnlyConfirmed: rule?.countsOnlyConfirmed ?? false,
  whenApart: rule?.whenApart ?? "admit",
  staffFirst: rule?.firstPersonIn === "staff",
  twoPersons: rule?.minimumPersons === 2,
  ...(rule?.escort === undefined ? {} : { escort: rule.escort }),
});

const portalBody = (rule: PortalRule | undefined) => ({
  ...(rule?.interlockGroup === undefined ? {} : { interlockGroup: rule.interlockGroup }),
  ...(rule?.twoPersonRule === undefined ? {} : { twoPersonWithinMs: rule.twoPersonRule.withinMs }),
  ...(rule?.doubleTapHold === undefined ? {} : { doubleTapHold: rule.doubleTapHold }),
  ...(rule?.preAlarmMs === undefined ? {} : { preAlarmMs: rule.preAlarmMs }),
  turnstile: rule?.turnstile !== undefined,
  plate: rule?.plate ?? false,
});

/** Sets a story's rules, and takes back those of the one before; what stands already is left. */
async function setRules(rules: DoorRules): Promise<void> {
  const { areas, portals, presenceHours, tellsAtDoor, revision } = await secure.call(doorRulesEndpoints.get);
  const hours = rules.presenceMs / Duration.hours(1);
  if (hours !== presenceHours) {
    await secure.call(doorRulesEndpoints.setSettings, {
      body: { presenceHours: hours, tellsAtDoor, revision },
    });
  }
  for (const { areaId, areaName: _, revision: areaRevision, ...now } of areas) {
    const wanted = areaBody(rules.areas.find((one) => names.idAt(one.areaId) === areaId));
    if (isDeepStrictEqual(now, wanted)) continue;
    const body = { ...wanted, revision: areaRevision };
    await secure.call(doorRulesEndpoints.setArea, { params: { areaId }, body });
  }
  for (const { portalId, portalName: _, gateId: __, revision: portalRevision, ...now } of portals) {
    const wanted = portalBody(rules.portals.find((one) => names.idAt(one.portalId) === portalId));
    if (isDeepStrictEqual(now, wanted)) continue;
    const body = { ...wanted, revision: portalRevision };
    await secure.call(doorRulesEndpoints.setPortal, { params: { portalId }, body });
  }
}

/** The rules as the gates of the site are told them, in bytes, under the stories' names. */
async function toldRules(gates: Iterable<GateId>): Promise<DoorRules> {
  const messages = [];
  for (const gate of gates) {
    const gateId = GateId(names.idAt(gate));
    const { sites: _, ...content } = await source.read(gateId);
    const bytes = doorRulesMessage.encode({
      version: 1,
      gateId,
      doorRulesVersion: 1,
      issuedAt: Instant(DOOR_STORY_START_MS),
      communityId: CommunityId(community.id),
      peers: [],
      ...content,
    });
    messages.push(doorRulesMessage.decode(bytes));
  }
  const [first] = messages;
  if (first === undefined) throw new Error("expected gates");
  return {
    outsideAreaId: AreaId(names.back(first.outsideAreaId)),
    areas: first.areas.map((rule) => parseAreaRule({ ...rule, areaId: AreaId(names.back(rule.areaId)) })),
    portals: messages.flatMap(({ portals }) =>
      portals.map(({ plate, ...rule }) =>
        parsePortalRule({
          ...rule,
          portalId: PortalId(names.back(rule.portalId)),
          ...(plate ? { plate } : {}),
        }),
      ),
    ),
    accessPoints: first.accessPoints.map((point) => ({
      id: AccessPointId(names.back(point.id)),
      portalId: PortalId(names.back(point.portalId)),
      gateId: GateId(names.back(point.gateId)),
      fromAreaId: AreaId(names.back(point.fromAreaId)),
      toAreaId: AreaId(names.back(point.toAreaId)),
    })),
    presenceMs: Duration.hours(first.presenceHours),
  };
}

describe.each(tables)("door stories told to gates: $name", ({ stories }) => {
  test.each(stories)("$name", async (story) => {
    await setRules(story.rules);
    const rules = await toldRules(story.gates.keys());
    const { written, came } = await playDoorStory(story, rulesWorldOf({ ...story, rules }));
    expect(came).toEqual(written);
  });
});
