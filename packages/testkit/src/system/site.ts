import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openInProcessChannel } from "@menshen/credentials";
import { fromHex, randomBytes, sha256, toHex } from "@menshen/crypto/node";
import {
  blankDesfire,
  blankNtag424,
  type CardKind,
  makeDesfireCard,
  makeNtag424Card,
  makeUidCard,
  personaliseCard,
  type VirtualCard,
} from "@menshen/virtual-devices";
import {
  accessPointEndpoints,
  buildingEndpoints,
  type Credential,
  communityEndpoints,
  credentialEndpoints,
  dwellingEndpoints,
  gateEndpoints,
  personEndpoints,
  portalEndpoints,
  readerEndpoints,
  ruleEndpoints,
} from "@menshen/wire";
import type { Api } from "./api.ts";
import {
  CONTACT_INPUT,
  EXIT_INPUT,
  FIRE_INPUT,
  type FieldDoor,
  makeFieldDoor,
  READER_ADDRESS,
  STRIKE_OUTPUT,
  UNIT_ADDRESS,
} from "./field.ts";
import type { CommunityServer } from "./servers.ts";

export interface SiteDoor extends FieldDoor {
  readonly portalId: string;
  readonly accessPointId: string;
  readonly readerId: string;
}

export interface SiteGate {
  readonly gateId: string;
  readonly stateDir: string;
  readonly configFile: string;
  readonly doors: readonly SiteDoor[];
  /** What the screen at the first door says to its gate; absent where there is none. */
  readonly kioskToken: string | undefined;
}

export interface SiteCard {
  readonly credential: Credential;
  readonly personId: string;
  readonly card: VirtualCard;
}

/** One building, one dwelling, an outside and an inside, and a rule that lets residents in at grade C. */
export interface SmallSite {
  readonly outsideId: string;
  readonly insideId: string;
  readonly dwellingId: string;
  readonly buildingId: string;
}

export async function makeSmallSite(api: Api): Promise<SmallSite> {
  const { outsideAreaId, groundsAreaId } = await api.call(communityEndpoints.get, {});
  const building = await api.call(buildingEndpoints.create, { body: { name: "1 号楼" } });
  const dwelling = await api.call(dwellingEndpoints.create, {
    body: { buildingId: building.id, name: "101" },
  });
  await api.call(ruleEndpoints.create, {
    body: {
      name: "住户进出",
      who: { roles: ["owner", "tenant", "family", "helper"] },
      where: { areaIds: [groundsAreaId] },
      minimumGrade: "E",
      validity: {},
    },
  });
  return {
    outsideId: outsideAreaId,
    insideId: groundsAreaId,
    dwellingId: dwelling.id,
    buildingId: building.id,
  };
}

/** Where a door differs from the others: what lies behind it, and when and how it opens. */
export interface DoorPlan {
  readonly toAreaId?: string;
  readonly minimumGrade?: "C";
  readonly unlockScheduleId?: string;
  readonly unlockMs?: number;
}

/** A gate with its doors: registered at the server, its hardware made, its configuration file written. */
export async function makeSiteGate(options: {
  api: Api;
  server: CommunityServer;
  site: SmallSite;
  name: string;
  stateDir: string;
  doorCount: number;
  clockSocket?: string;
  /** The first door has a screen that reads codes. */
  hasKiosk?: boolean;
  planOf?: (index: number) => DoorPlan;
}): Promise<SiteGate> {
  const { api, server, site, name, stateDir } = options;
  const gate = await api.call(gateEndpoints.create, { body: { name, doorGroup: 1 } });
  const doors: SiteDoor[] = [];
  for (let index = 0; index < options.doorCount; index++) {
    const { toAreaId = site.insideId, minimumGrade = "E", ...portalPlan } = options.planOf?.(index) ?? {};
    const portal = await api.call(portalEndpoints.create, {
      body: {
        gateId: gate.id,
        name: `${name} 门 ${index + 1}`,
        unlockMs: 1_000,
        heldOpenLimitMs: 10_000,
        ...portalPlan,
      },
    });
    const accessPoint = await api.call(accessPointEndpoints.create, {
      body: {
        portalId: portal.id,
        name: "进",
        fromAreaId: site.outsideId,
        toAreaId,
        minimumGrade,
      },
    });
    const reader = await api.call(readerEndpoints.create, {
      body: {
        gateId: gate.id,
        name: `${name} 读卡器 ${index + 1}`,
        kind: "osdp",
        accessPointId: accessPoint.id,
      },
    });
    const field = await makeFieldDoor(join(stateDir, `bus-${index}.sock`));
    doors.push({ ...field, portalId: portal.id, accessPointId: accessPoint.id, readerId: reader.id });
  }
  const units = await Promise.all(
    doors.map((_, index) =>
      api.call(readerEndpoints.create, {
        body: { gateId: gate.id, name: `${name} 单元 ${index + 1}`, kind: "io" },
      }),
    ),
  );
  const [first] = doors;
  const kiosk =
    options.hasKiosk === true && first !== undefined
      ? await makeKiosk(api, gate.id, name, first.accessPointId)
      : undefined;
  const code = await api.call(gateEndpoints.enrolmentCode, { params: { id: gate.id } });
  const configFile = join(stateDir, "gate.json");
  const unitOf = (index: number) => units[index]?.id ?? "";
  writeFileSync(
    configFile,
    JSON.stringify({
      stateDir: join(stateDir, "state"),
      community: { enrolUrl: `https://${server.gateTls}`, enrolmentCode: code.code },
      statusPage: { host: "127.0.0.1", port: 0 },
      doorGroup: 1,
      buses: doors.map((door, index) => ({
        id: `bus-${index}`,
        transport: door.transport,
        readers: [
          {
            readerId: door.readerId,
            address: READER_ADDRESS,
            role: "reader",
            accessPointId: door.accessPointId,
            secureChannel: "install",
          },
          { readerId: unitOf(index), address: UNIT_ADDRESS, role: "io", secureChannel: "install" },
        ],
      })),
      portals: doors.map((door, index) => ({
        portalId: door.portalId,
        lock: { kind: "osdp-output", readerId: unitOf(index), output: STRIKE_OUTPUT },
        contact: { kind: "osdp-input", readerId: unitOf(index), input: CONTACT_INPUT, normallyClosed: true },
        exitButton: { kind: "osdp-input", readerId: unitOf(index), input: EXIT_INPUT, normallyClosed: false },
        fireInput: { kind: "osdp-input", readerId: unitOf(index), input: FIRE_INPUT, normallyClosed: false },
      })),
      ...(kiosk === undefined ? {} : { kiosk: { host: "127.0.0.1", port: 0, places: [kiosk.place] } }),
      ...(options.clockSocket === undefined
        ? {}
        : { clock: { source: "injected", socket: options.clockSocket } }),
    }),
  );
  return { gateId: gate.id, stateDir, configFile, doors, kioskToken: kiosk?.token };
}

/** A screen at one access point, and what its gate's configuration says of it. */
async function makeKiosk(api: Api, gateId: string, name: string, accessPointId: string) {
  const reader = await api.call(readerEndpoints.create, {
    body: { gateId, name: `${name} 门口屏`, kind: "kiosk", accessPointId },
  });
  const token = Buffer.from(randomBytes(32)).toString("base64url");
  const tokenSha256 = toHex(sha256(new TextEncoder().encode(token)));
  return { token, place: { readerId: reader.id, accessPointId, tokenSha256, doorName: name } };
}

let uidCounter = 0;
/** How long a card that is a mere number goes on: less than the year at first allowed, and longer than any test lives. */
const LEGACY_MS = 300 * 86_400_000;

/** Moves a person in and gives them a card, personalised with the keys that the enrolment answered. */
export async function makeResident(
  api: Api,
  site: SmallSite,
  name: string,
  kind: CardKind,
): Promise<SiteCard> {
  const person = await api.call(personEndpoints.create, {
    body: { displayName: name, residency: { role: "tenant", dwellingId: site.dwellingId } },
  });
  const uidHex = `04${(++uidCounter).toString(16).padStart(10, "0")}80`;
  const uid = fromHex(uidHex);
  const enrolled = await api.call(credentialEndpoints.enrol, {
    body: {
      kind,
      identifier: uidHex,
      personId: person.id,
      dwellingId: site.dwellingId,
      ...(kind === "uid" ? { until: Date.now() + LEGACY_MS } : {}),
    },
  });
  const card =
    kind === "desfire"
      ? makeDesfireCard(blankDesfire(uid), randomBytes)
      : kind === "ntag424"
        ? makeNtag424Card(blankNtag424(uid), randomBytes)
        : makeUidCard(uid);
  const { personalisation } = enrolled;
  if (personalisation !== undefined) {
    await personaliseCard(openInProcessChannel(card), {
      kind: personalisation.kind,
      uid,
      keys: personalisation.keys.map((key) => ({ ...key, value: fromHex(key.value) })),
    });
  }
  return { credential: enrolled.credential, personId: person.id, card };
}
