import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openInProcessChannel } from "@menshen/credentials";
import { fromHex, randomBytes } from "@menshen/crypto/node";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  type SmallSite,
  signIn,
  startCommunity,
  startGate,
  waitForGate,
} from "@menshen/testkit/system";
import { blankNtag424, makeNtag424Card, personaliseCard, type VirtualCard } from "@menshen/virtual-devices";
import {
  accessPointEndpoints,
  areaEndpoints,
  commandEndpoints,
  credentialEndpoints,
  doorRulesEndpoints,
  type EventItem,
  eventEndpoints,
  gateEndpoints,
  presenceEndpoints,
  ruleEndpoints,
} from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "./harness/ports.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

/** osdp_LED: temporary control 2 shows a colour for a time, colour 1 is red. */
const SHOW_FOR_A_WHILE = 2;
const RED = 1;

/**
 * An area with a door at each of two gates: rules set over HTTP, two gate processes that tell each other over the site
 * network, a server that goes away.
 */
describe("an area that two gates share", () => {
  const { runId, stateDir } = makeRun("area");
  let server: CommunityServer | undefined;
  let api: Api;
  let site: SmallSite;
  let sideId: string;
  const gates: SiteGate[] = [];
  const processes: GateProcess[] = [];
  let resident: SiteCard;
  let neighbour: SiteCard;
  let secondCard: VirtualCard;

  const doorOf = (index: number): SiteDoor => {
    const door = gates[index]?.doors[0];
    if (door === undefined) throw new Error(`gate ${index} has no door`);
    return door;
  };
  const eventsAt = async (index: number): Promise<EventItem[]> =>
    (await api.call(eventEndpoints.list, { query: { portalId: doorOf(index).portalId, kind: "access" } }))
      .items;

  /** Every gate holds everything that the server made for it. */
  async function upToDate(): Promise<void> {
    for (const { gateId } of gates)
      await waitForGate(api, gateId, { and: ({ doorRules }) => doorRules.desired > 0 });
  }

  /** Presents a card until the reader's lamp tells the outcome: what the gate decided, with the server or without. */
  async function tap(index: number, card: VirtualCard): Promise<"opened" | "refused"> {
    const door = doorOf(index);
    await eventually("the door is locked", 10_000, () => !door.door.released);
    const before = door.releases.length;
    let isRefused = false;
    refused[index] = () => {
      isRefused = true;
    };
    await door.reader.hold(card);
    await eventually("an answer", 10_000, () => isRefused || door.releases.length > before);
    return door.releases.length > before ? "opened" : "refused";
  }
  const refused: (() => void)[] = [];

  beforeAll(async () => {
    const [http = 0, gateTls = 0, mqtt = 0, ...sitePorts] = await freePorts(5);
    server = await startCommunity({ runId, stateDir, ports: { http, gateTls, mqtt } });
    api = await signIn(server.signInLink);
    site = await makeSmallSite(api);
    const side = await api.call(areaEndpoints.create, { body: { name: "侧院", staffOnly: false } });
    sideId = side.id;
    await api.call(ruleEndpoints.create, {
      body: {
        name: "侧院",
        who: { roles: ["tenant"] },
        where: { areaIds: [sideId, site.outsideId] },
        minimumGrade: "E",
        validity: {},
      },
    });
    for (const [index, port] of sitePorts.entries()) {
      const gateDir = join(stateDir, `gate-${index}`);
      mkdirSync(gateDir);
      const gate = await makeSiteGate({
        api,
        server,
        site,
        name: `控制器 ${index + 1}`,
        stateDir: gateDir,
        doorCount: 1,
        planOf: () => ({ toAreaId: sideId }),
      });
      gates.push(gate);
      const [door] = gate.doors;
      await api.call(accessPointEndpoints.create, {
        body: {
          portalId: door?.portalId ?? "",
          name: "出",
          fromAreaId: sideId,
          toAreaId: site.outsideId,
          minimumGrade: "E",
        },
      });
      const config = JSON.parse(readFileSync(gate.configFile, "utf8"));
      writeFileSync(gate.configFile, JSON.stringify({ ...config, site: { host: "127.0.0.1", port } }));
      await api.call(doorRulesEndpoints.setSite, {
        params: { gateId: gate.gateId },
        body: { host: "127.0.0.1", port, revision: 1 },
      });
    }
    resident = await makeResident(api, site, "陈静", "desfire");
    neighbour = await makeResident(api, site, "王强", "desfire");
    secondCard = await anotherCard(resident.personId);
    await api.call(doorRulesEndpoints.setArea, {
      params: { areaId: sideId },
      body: {
        counted: true,
        antiPassback: "hard",
        countsOnlyConfirmed: false,
        // Nobody enters while the gates do not hear each other: an entry shows that they do.
        whenApart: "refuse",
        staffFirst: false,
        twoPersons: false,
        revision: 1,
      },
    });
    for (const [index, gate] of gates.entries()) {
      processes.push(await startGate({ runId, configFile: gate.configFile }));
      doorOf(index).onReaderEvent((event) => {
        if (event.kind !== "led") return;
        const { control, onColour } = event.control.temporary;
        if (control === SHOW_FOR_A_WHILE && onColour === RED) refused[index]?.();
      });
    }
    await upToDate();
    for (const { gateId } of gates) {
      await eventually("the readers speak by their own keys", 30_000, async () => {
        const { readers } = await api.call(gateEndpoints.status, { params: { id: gateId } });
        return readers.length === 2 && readers.every(({ online, secureChannel }) => online && secureChannel);
      });
    }
  });

  afterAll(async () => {
    await endInOrder(...processes, server);
    for (const { doors } of gates) for (const door of doors) await door.close();
  });

  /** A second card of a person, of another kind. */
  async function anotherCard(personId: string): Promise<VirtualCard> {
    const identifier = "04f1f2f3f4f580";
    const { personalisation } = await api.call(credentialEndpoints.enrol, {
      body: { kind: "ntag424", identifier, personId, dwellingId: site.dwellingId },
    });
    const uid = fromHex(identifier);
    const card = makeNtag424Card(blankNtag424(uid), randomBytes);
    await personaliseCard(openInProcessChannel(card), {
      kind: "ntag424",
      uid,
      keys: (personalisation?.keys ?? []).map((key) => ({ ...key, value: fromHex(key.value) })),
    });
    return card;
  }

  it("knows a person by any of their cards at either gate (complaint 17)", async () => {
    await eventually("both gates hear each other", 30_000, async () => {
      return (await tap(0, resident.card)) === "opened";
    });
    await eventually("the guard sees one inside", 30_000, async () => {
      const { areas } = await api.call(presenceEndpoints.counts, {});
      return areas.some(({ areaId, persons, apart }) => areaId === sideId && persons === 1 && !apart);
    });
    expect(await tap(1, secondCard)).toBe("refused");
    await eventually("why is stored", 10_000, async () => {
      const [event] = await eventsAt(1);
      return event?.granted === false && event.reasons?.some(({ code }) => code === "anti-passback") === true;
    });
  });

  it("lets in again whom a guard forgives", async () => {
    const command = await api.call(commandEndpoints.forgive, {
      body: { personId: resident.personId },
    });
    await eventually("the gate did it", 10_000, async () => {
      return (await api.call(commandEndpoints.get, { params: { id: command.id } })).state === "done";
    });
    await eventually("nobody counts as inside", 30_000, async () => {
      const { areas } = await api.call(presenceEndpoints.counts, {});
      return areas.some(({ areaId, persons }) => areaId === sideId && persons === 0);
    });
    expect(await tap(1, secondCard)).toBe("opened");
  });

  it("goes on without the server: gates tell each other", async () => {
    await endInOrder(server);
    server = undefined;
    expect(await tap(0, neighbour.card)).toBe("opened");
    // Refused where they entered too, and by then the other gate has heard of it.
    expect(await tap(0, neighbour.card)).toBe("refused");
    expect(await tap(1, neighbour.card)).toBe("refused");
  });
});
