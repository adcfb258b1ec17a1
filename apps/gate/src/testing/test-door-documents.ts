import { credentialKeyOf } from "@menshen/credentials";
import {
  coseSign1,
  ed25519Generate,
  fromHex,
  hpkeGenerate,
  hpkeSeal,
  primitives,
  sha256,
} from "@menshen/crypto/node";
import {
  AccessRuleId,
  type AreaId,
  BuildingId,
  type CredentialKey,
  type DoorRules,
  DwellingId,
  type GateId,
  type Holder,
  Instant,
  PersonId,
  ResidencyId,
} from "@menshen/domain";
import { type CommunityModel, compileSnapshot, type SnapshotDocument } from "@menshen/policy";
import {
  type DoorRulesMessage,
  doorRulesMessage,
  encodePolicyDocument,
  externalAad,
  type Keyring,
  keyring as keyringCodec,
  type SignedMessageType,
  type SitePeer,
  sealedKeyring,
  snapshotMessage,
} from "@menshen/wire";
import type { DocumentMessage } from "../held/held-documents.ts";
import { TEST_COMMUNITY_ID } from "./test-community.ts";

/** A person of the keyring. Their credentials are cards that are numbers, by name. */
export interface TestPerson {
  readonly holder: Holder;
  readonly isStaff: boolean;
  readonly needsEscort: boolean;
  readonly credentials: readonly string[];
}

export const GRANT_MS = 4_000;
export const HELD_LIMIT_MS = 20_000;
const PRE_ALARM_MS = 10_000;
const HOUR_MS = 3_600_000;
const UID_BYTES = 4;

/** What the card of that name tells a reader. */
export function uidOf(credential: string): Uint8Array {
  return sha256(Buffer.from(credential)).slice(0, UID_BYTES);
}

export function cardKeyOf(credential: string): CredentialKey {
  return credentialKeyOf(primitives, "uid", uidOf(credential));
}

const id = (digit: string, number: number) =>
  `${digit.repeat(8)}-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** All doors of `rules`, which everybody may pass at any time by the access rules. */
function modelOf({ accessPoints, outsideAreaId }: DoorRules, people: readonly TestPerson[]): CommunityModel {
  const areas = new Set<AreaId>([
    outsideAreaId,
    ...accessPoints.flatMap(({ fromAreaId, toAreaId }) => [fromAreaId, toAreaId]),
  ]);
  const building = BuildingId(id("f", 1));
  const dwelling = DwellingId(id("f", 2));
  const portals = new Map(accessPoints.map(({ portalId, gateId }) => [portalId, gateId]));
  return {
    communityId: TEST_COMMUNITY_ID,
    timeZone: "Asia/Shanghai",
    outsideAreaId,
    areas: [...areas].map((area) => ({ id: area, staffOnly: false })),
    buildings: [{ id: building, areaId: outsideAreaId }],
    dwellings: [{ id: dwelling, buildingId: building }],
    portals: [...portals].map(([portalId, gateId]) => ({
      id: portalId,
      gateId,
      unlockMs: GRANT_MS,
      heldOpenLimitMs: HELD_LIMIT_MS,
    })),
    accessPoints: accessPoints.map(({ gateId: _, ...accessPoint }) => ({
      ...accessPoint,
      minimumGrade: "E",
    })),
    residencies: people.map((_, i) => ({
      id: ResidencyId(id("2", i + 1)),
      personId: PersonId(id("3", i + 1)),
      role: "tenant",
      dwellingId: dwelling,
      validity: {},
    })),
    credentials: people.flatMap(({ credentials }, i) =>
      credentials.map((credential) => ({
        key: cardKeyOf(credential),
        kind: "uid" as const,
        grade: "E" as const,
        personId: PersonId(id("3", i + 1)),
        status: "active" as const,
        validity: {},
      })),
    ),
    schedules: [],
    holidays: [],
    rules: [
      {
        id: AccessRuleId(id("4", 1)),
        number: 1,
        who: { roles: ["tenant"] },
        where: { accessPointIds: accessPoints.map((accessPoint) => accessPoint.id) },
        minimumGrade: "E",
        validity: {},
      },
    ],
    offers: [],
    gradeCaps: [],
    modes: [],
  };
}

/** @param peers where the other gates are; default nowhere that could be reached */
export function doorRulesOf(
  rules: DoorRules,
  gateId: GateId,
  version: number,
  at: number,
  peers?: readonly SitePeer[],
): DoorRulesMessage {
  const { outsideAreaId, areas, portals, accessPoints, presenceMs } = rules;
  const own = new Set(
    accessPoints.filter((point) => point.gateId === gateId).map(({ portalId }) => portalId),
  );
  const others = new Set(accessPoints.map((point) => point.gateId).filter((other) => other !== gateId));
  return {
    version: 1,
    gateId,
    doorRulesVersion: version,
    issuedAt: Instant(at),
    communityId: TEST_COMMUNITY_ID,
    areas: [...areas],
    portals: portals
      .filter(({ portalId }) => own.has(portalId))
      .map(({ plate, floors, ...rule }) => ({
        ...rule,
        plate: plate === true,
        ...(floors === undefined ? {} : { floors: [...floors] }),
      })),
    accessPoints: [...accessPoints],
    peers:
      peers === undefined
        ? [...others].map((other) => ({
            gateId: other,
            host: "127.0.0.1",
            port: 1,
            keySha256: new Uint8Array(32),
          }))
        : [...peers],
    presenceHours: presenceMs / HOUR_MS,
    alarms: { preAlarmMs: PRE_ALARM_MS },
    outsideAreaId,
  };
}

/** The snapshot of a gate; whether residents have two ways in is not what is tested here. */
export function snapshotOf(
  rules: DoorRules,
  people: readonly TestPerson[],
  gateId: GateId,
  atMs: number,
): SnapshotDocument {
  const model = modelOf(rules, people);
  return compileSnapshot(model, {
    gateId,
    version: 1,
    at: Instant(atMs),
    until: Instant(atMs + 300 * 24 * HOUR_MS),
    verdict: { accepted: true, violations: [], alarms: [], model, waivers: [] },
  }).document;
}

export function keyringOf(gateId: GateId, version: number, persons: readonly TestPerson[]): Keyring {
  return {
    version: 1,
    gateId,
    keyringVersion: version,
    doorGroup: 1,
    trailKeys: [],
    cards: [],
    sharedKeys: [],
    desfireApplication: new Uint8Array(3),
    holders: persons.flatMap(({ credentials, holder, isStaff, needsEscort }) =>
      credentials.map((credential) => ({
        credentialKey: cardKeyOf(credential),
        holder: fromHex(holder),
        isStaff,
        needsEscort,
      })),
    ),
  };
}

/** A community as its gates see it: who it is, and the documents that it signs. */
export interface TestPublisher {
  readonly policyKey: Uint8Array;
  readonly sealingKey: Awaited<ReturnType<typeof hpkeGenerate>>;
  snapshot(gateId: GateId): SentDocument;
  keyring(gateId: GateId, version: number, people: readonly TestPerson[]): Promise<SentDocument>;
  doorRules(gateId: GateId, version: number, rules: DoorRules): SentDocument;
}

export interface SentDocument {
  readonly kind: DocumentMessage;
  readonly message: Uint8Array;
}

export async function makeTestPublisher(
  rules: DoorRules,
  people: readonly TestPerson[],
  atMs: number,
): Promise<TestPublisher> {
  const policyKey = ed25519Generate();
  const sealingKey = await hpkeGenerate();
  const sign = (type: SignedMessageType, payload: Uint8Array) =>
    coseSign1({ payload, key: policyKey, externalAad: externalAad(type) });
  return {
    policyKey: policyKey.publicKey,
    sealingKey,
    snapshot(gateId) {
      const payload = snapshotMessage.encode({
        version: 1,
        gateId,
        communityId: TEST_COMMUNITY_ID,
        snapshotVersion: 1,
        issuedAt: Instant(atMs),
        document: encodePolicyDocument(snapshotOf(rules, people, gateId, atMs)),
      });
      return { kind: "snapshot", message: sign("snapshot", payload) };
    },
    async keyring(gateId, version, persons) {
      const sealed = await hpkeSeal({
        recipientPublicKey: sealingKey.publicKey,
        info: externalAad("keyring"),
        plaintext: keyringCodec.encode(keyringOf(gateId, version, persons)),
      });
      const message = sealedKeyring.encode({
        version: 1,
        gateId,
        keyringVersion: version,
        encapsulatedKey: sealed.enc,
        ciphertext: sealed.ciphertext,
      });
      return { kind: "keyring", message: sign("keyring", message) };
    },
    doorRules(gateId, version, next) {
      const payload = doorRulesMessage.encode(doorRulesOf(next, gateId, version, atMs));
      return { kind: "door-rules", message: sign("door-rules", payload) };
    },
  };
}
