import {
  accessPointEndpoints,
  areaEndpoints,
  buildingEndpoints,
  communityEndpoints,
  credentialEndpoints,
  dwellingEndpoints,
  gateEndpoints,
  personEndpoints,
  portalEndpoints,
  readerEndpoints,
  ruleEndpoints,
} from "@menshen/wire";
import type { TestClient, TestServer } from "./test-server.ts";

/** A small community, made through the API: a gate with two doors, a building with two homes, a rule for residents. */
export interface TestSite {
  readonly operate: TestClient;
  readonly secure: TestClient;
  readonly outsideAreaId: string;
  readonly groundsAreaId: string;
  readonly lobbyAreaId: string;
  readonly buildingId: string;
  readonly dwellingIds: readonly [string, string];
  readonly gateId: string;
  readonly portals: { readonly north: string; readonly house: string };
  readonly points: {
    readonly northIn: string;
    readonly northOut: string;
    readonly houseIn: string;
    readonly houseOut: string;
  };
  readonly readerId: string;
  readonly ruleId: string;
  /** A person who lives in the first dwelling, with a DESFire card. */
  readonly resident: {
    readonly personId: string;
    readonly residencyId: string;
    readonly credentialId: string;
    /** As the desk reader wrote it onto the card, hexadecimal. */
    readonly cardKey: string;
  };
}

export const CARD_UID = "04a1b2c3d4e5f6";

export async function buildSite(server: TestServer): Promise<TestSite> {
  const operate = await server.founder();
  const secure = await server.founder("secure");
  const { outsideAreaId, groundsAreaId } = await operate.call(communityEndpoints.get);
  const lobby = await secure.call(areaEndpoints.create, { body: { name: "1号楼门厅", staffOnly: false } });
  const building = await operate.call(buildingEndpoints.create, {
    body: { name: "1号楼", areaId: lobby.id },
  });
  const dwelling = (name: string) =>
    operate.call(dwellingEndpoints.create, { body: { buildingId: building.id, name } });
  const first = await dwelling("101");
  const second = await dwelling("102");
  const gate = await secure.call(gateEndpoints.create, { body: { name: "北门控制器", doorGroup: 1 } });
  const portal = (name: string, buildingId?: string) =>
    secure.call(portalEndpoints.create, {
      body: {
        gateId: gate.id,
        name,
        unlockMs: 5_000,
        heldOpenLimitMs: 30_000,
        position: { x: 100, y: 200 },
        ...(buildingId === undefined ? {} : { buildingId }),
      },
    });
  const north = await portal("北门");
  const house = await portal("1号楼大门", building.id);
  const point = (portalId: string, name: string, fromAreaId: string, toAreaId: string) =>
    secure.call(accessPointEndpoints.create, {
      body: { portalId, name, fromAreaId, toAreaId, minimumGrade: "D" },
    });
  const northIn = await point(north.id, "北门进", outsideAreaId, groundsAreaId);
  const northOut = await point(north.id, "北门出", groundsAreaId, outsideAreaId);
  const houseIn = await point(house.id, "1号楼进", groundsAreaId, lobby.id);
  const houseOut = await point(house.id, "1号楼出", lobby.id, groundsAreaId);
  const reader = await secure.call(readerEndpoints.create, {
    body: { gateId: gate.id, name: "北门外读卡器", kind: "osdp", accessPointId: northIn.id },
  });
  const rule = await operate.call(ruleEndpoints.create, {
    body: {
      name: "住户",
      who: { roles: ["owner", "tenant", "family", "helper"] },
      where: { areaIds: [outsideAreaId, groundsAreaId, lobby.id] },
      minimumGrade: "D",
      validity: {},
    },
  });
  const person = await operate.call(personEndpoints.create, {
    body: { displayName: "李奶奶", residency: { role: "owner", dwellingId: first.id } },
  });
  const { credential, personalisation } = await operate.call(credentialEndpoints.enrol, {
    body: { kind: "desfire", identifier: CARD_UID, personId: person.id, dwellingId: first.id },
  });
  return {
    operate,
    secure,
    outsideAreaId,
    groundsAreaId,
    lobbyAreaId: lobby.id,
    buildingId: building.id,
    dwellingIds: [first.id, second.id],
    gateId: gate.id,
    portals: { north: north.id, house: house.id },
    points: { northIn: northIn.id, northOut: northOut.id, houseIn: houseIn.id, houseOut: houseOut.id },
    readerId: reader.id,
    ruleId: rule.id,
    resident: {
      personId: person.id,
      residencyId: person.residencies[0]?.id ?? "",
      credentialId: credential.id,
      cardKey: personalisation?.keys.find((key) => key.number === 1)?.value ?? "",
    },
  };
}
