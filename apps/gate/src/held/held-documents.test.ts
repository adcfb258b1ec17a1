import {
  coseSign1,
  ed25519Generate,
  hpkeGenerate,
  hpkeSeal,
  type SigningKey,
  sha256,
} from "@menshen/crypto/node";
import { AreaId, CommunityId, CredentialKey, GateId, Instant } from "@menshen/domain";
import { diffSnapshots, type SnapshotDocument } from "@menshen/policy";
import {
  type DoorRulesMessage,
  deltaMessage,
  doorRulesMessage,
  encodePolicyDocument,
  externalAad,
  type Keyring,
  keyring as keyringCodec,
  modesMessage,
  type PassesMessage,
  passesMessage,
  type SignedMessageType,
  sealedKeyring,
  snapshotMessage,
} from "@menshen/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { GateError } from "../errors.ts";
import { makeSeal } from "../keys/seal.ts";
import type { StoredDocument } from "../store/state-file.ts";
import { TEST_COMMUNITY_ID } from "../testing/test-community.ts";
import { GATE, PORTAL, testDocument, testModel } from "../testing/test-site.ts";
import { type HeldDocuments, openHeldDocuments } from "./held-documents.ts";

const AT = 1_800_000_000_000;
const OTHER_GATE = GateId("aaaaaaaa-0000-4000-8000-000000000002");
const credential = (number: number) => ({
  key: CredentialKey(new Uint8Array(16).fill(number)),
  kind: "desfire" as const,
  grade: "B" as const,
});
const first = testDocument(testModel([credential(1), credential(2)]), 5, AT);
const second = testDocument(testModel([credential(1)]), 6, AT);

let policyKey: SigningKey;
let sealingKey: Awaited<ReturnType<typeof hpkeGenerate>>;
beforeAll(async () => {
  policyKey = ed25519Generate();
  sealingKey = await hpkeGenerate();
});

const sign = (type: SignedMessageType, payload: Uint8Array, key = policyKey) =>
  coseSign1({ payload, key, externalAad: externalAad(type) });

function snapshotOf(document: SnapshotDocument, changes: { gateId?: GateId; version?: number } = {}) {
  return snapshotMessage.encode({
    version: 1,
    gateId: changes.gateId ?? GATE,
    communityId: TEST_COMMUNITY_ID,
    snapshotVersion: changes.version ?? document.version,
    issuedAt: Instant(AT),
    document: encodePolicyDocument(document),
  });
}

function deltaOf(base: SnapshotDocument, next: SnapshotDocument, hashOf = next) {
  return deltaMessage.encode({
    version: 1,
    gateId: GATE,
    communityId: TEST_COMMUNITY_ID,
    baseVersion: base.version,
    snapshotVersion: next.version,
    issuedAt: Instant(AT),
    delta: encodePolicyDocument(diffSnapshots(base, next)),
    documentHash: sha256(encodePolicyDocument(hashOf)),
  });
}

async function keyringOf(version: number, changes: Partial<Keyring> = {}, outerVersion = version) {
  const keyring: Keyring = {
    version: 1,
    gateId: GATE,
    keyringVersion: version,
    doorGroup: 3,
    trailKeys: [],
    cards: [
      {
        credentialKey: new Uint8Array(16).fill(1),
        kind: "desfire",
        keys: [{ number: 3, keyVersion: 1, key: new Uint8Array(16).fill(0x5a) }],
      },
    ],
    sharedKeys: [],
    desfireApplication: Uint8Array.of(1, 2, 3),
    ...changes,
  };
  const sealed = await hpkeSeal({
    recipientPublicKey: sealingKey.publicKey,
    info: externalAad("keyring"),
    plaintext: keyringCodec.encode(keyring),
  });
  return sealedKeyring.encode({
    version: 1,
    gateId: GATE,
    keyringVersion: outerVersion,
    encapsulatedKey: sealed.enc,
    ciphertext: sealed.ciphertext,
  });
}

function modesOf(generation: number, gateId = GATE) {
  return modesMessage.encode({
    version: 1,
    gateId,
    generation,
    issuedAt: Instant(AT),
    portals: [{ portalId: PORTAL, mode: "locked", lockdown: 0, generation }],
  });
}

function passesOf(passesVersion: number, changes: Partial<PassesMessage> = {}) {
  return passesMessage.encode({
    version: 1,
    gateId: GATE,
    passesVersion,
    issuedAt: Instant(AT),
    communityId: TEST_COMMUNITY_ID,
    communityKey: new Uint8Array(32),
    visits: { on: true, longestS: 86_400 },
    revoked: [],
    deskPasses: [],
    tokenKeys: [],
    ...changes,
  });
}

function doorRulesOf(doorRulesVersion: number, changes: Partial<DoorRulesMessage> = {}) {
  return doorRulesMessage.encode({
    version: 1,
    gateId: GATE,
    doorRulesVersion,
    issuedAt: Instant(AT),
    communityId: TEST_COMMUNITY_ID,
    areas: [],
    portals: [{ portalId: PORTAL, interlockGroup: 3, plate: false }],
    accessPoints: [],
    peers: [],
    presenceHours: 24,
    alarms: { preAlarmMs: 10_000 },
    outsideAreaId: AreaId("a0000000-0000-4000-8000-000000000001"),
    ...changes,
  });
}

/** A disk that keeps documents, or does what the test says. */
function disk() {
  const stored = new Map<string, StoredDocument>();
  const state: { fails: "no" | "before" | "after" } = { fails: "no" };
  return {
    stored,
    state,
    remote: {
      documents: () => Promise.resolve([...stored.values()]),
      save: (document: StoredDocument) => {
        if (state.fails !== "before") stored.set(document.kind, document);
        return state.fails === "no"
          ? Promise.resolve()
          : Promise.reject(new GateError("disk-full", "no room"));
      },
    },
  };
}

const seal = makeSeal(new Uint8Array(32).fill(4));

async function open(from = disk()): Promise<{ held: HeldDocuments; from: typeof from; changes: string[] }> {
  const changes: string[] = [];
  const held = await openHeldDocuments({
    state: from.remote,
    seal,
    identity: {
      gateId: GATE,
      communityId: TEST_COMMUNITY_ID,
      policyKey: policyKey.publicKey,
      sealingKey,
    },
    earliestMs: () => AT,
    changed: (what) => changes.push(what),
    unreadable: () => changes.push("unreadable"),
  });
  return { held, from, changes };
}

describe("documents", () => {
  test("are in force and stored sealed, and are there after a restart", async () => {
    const { held, from, changes } = await open();
    expect(held.versions()).toEqual({
      snapshot: 0,
      keyring: 0,
      modes: 0,
      trail: 0,
      passes: 0,
      "door-rules": 0,
    });
    expect(await held.receive("snapshot", sign("snapshot", snapshotOf(first)))).toEqual({
      what: "snapshot",
      documentVersion: 5,
      ok: true,
      changed: true,
    });
    expect(await held.receive("keyring", sign("keyring", await keyringOf(2)))).toMatchObject({ ok: true });
    expect(await held.receive("modes", sign("modes", modesOf(7)))).toMatchObject({ ok: true });
    expect(await held.receive("passes", sign("passes", passesOf(3)))).toMatchObject({ ok: true });
    expect(await held.receive("door-rules", sign("door-rules", doorRulesOf(2)))).toMatchObject({ ok: true });
    expect(changes).toEqual(["snapshot", "keyring", "modes", "passes", "door-rules"]);

    for (const { bytes } of from.stored.values()) {
      expect(Buffer.from(bytes).includes(Buffer.alloc(16, 0x5a))).toBe(false);
    }
    const { held: again } = await open(from);
    expect(again.versions()).toEqual({
      snapshot: 5,
      keyring: 2,
      modes: 7,
      trail: 0,
      passes: 3,
      "door-rules": 2,
    });
    expect(again.doorRules()?.rules.portals[0]?.interlockGroup).toBe(3);
    expect(again.passes()?.visits.longestS).toBe(86_400);
    expect(again.snapshot()?.credentialCount).toBe(2);
    expect(again.cardKeys()?.of(CredentialKey(new Uint8Array(16).fill(1)))?.keys[0]?.key).toEqual(
      new Uint8Array(16).fill(0x5a),
    );
    expect(again.modes()?.portals[0]?.mode).toBe("locked");
  });

  test("a delta takes effect on its base only", async () => {
    const { held, from } = await open();
    const delta = sign("delta", deltaOf(first, second));
    expect(await held.receive("delta", delta)).toMatchObject({
      ok: false,
      error: "base-differs",
      documentVersion: 6,
    });
    await held.receive("snapshot", sign("snapshot", snapshotOf(first)));
    expect(await held.receive("delta", sign("delta", deltaOf(first, second, first)))).toMatchObject({
      ok: false,
      error: "base-differs",
    });
    expect(await held.receive("delta", delta)).toMatchObject({ ok: true, documentVersion: 6 });
    expect(held.snapshot()?.credentialCount).toBe(1);
    expect((await open(from)).held.snapshot()?.version).toBe(6);
  });

  test("the same version again is answered and changes nothing", async () => {
    const { held, changes } = await open();
    const message = sign("snapshot", snapshotOf(first));
    await held.receive("snapshot", message);
    expect(await held.receive("snapshot", message)).toEqual({
      what: "snapshot",
      documentVersion: 5,
      ok: true,
      changed: false,
    });
    expect(changes).toEqual(["snapshot"]);
  });

  test("a new keyring wipes the old one's keys", async () => {
    const { held } = await open();
    await held.receive("keyring", sign("keyring", await keyringOf(1)));
    const old = held.cardKeys()?.of(CredentialKey(new Uint8Array(16).fill(1)))?.keys[0]?.key;
    expect(old).toEqual(new Uint8Array(16).fill(0x5a));
    await held.receive("keyring", sign("keyring", await keyringOf(2, { cards: [] })));
    expect(old).toEqual(new Uint8Array(16));
    expect(held.cardKeys()?.of(CredentialKey(new Uint8Array(16).fill(1)))).toBeUndefined();
  });
});

describe("refused", () => {
  test("a signature that is not the community's, or for another type of message", async () => {
    const { held } = await open();
    const refusal = {
      what: "snapshot",
      documentVersion: 0,
      ok: false,
      error: "bad-signature",
      changed: false,
    };
    expect(await held.receive("snapshot", sign("snapshot", snapshotOf(first), ed25519Generate()))).toEqual(
      refusal,
    );
    expect(await held.receive("snapshot", sign("delta", snapshotOf(first)))).toEqual(refusal);
    expect(await held.receive("snapshot", Uint8Array.of(1, 2, 3))).toEqual(refusal);
    const broken = sign("snapshot", snapshotOf(first)).map((byte, i) => (i === 200 ? byte ^ 1 : byte));
    expect(await held.receive("snapshot", broken)).toEqual(refusal);
    expect(held.snapshot()).toBeUndefined();
  });

  test("an older version, another gate's, and what is inside of another gate or version", async () => {
    const { held } = await open();
    await held.receive("snapshot", sign("snapshot", snapshotOf(second)));
    await held.receive("modes", sign("modes", modesOf(4)));
    await held.receive("keyring", sign("keyring", await keyringOf(4)));
    await held.receive("passes", sign("passes", passesOf(4)));
    await held.receive("door-rules", sign("door-rules", doorRulesOf(4)));
    type Kind = "snapshot" | "keyring" | "modes" | "passes" | "door-rules";
    const error = async (kind: Kind, message: Uint8Array) => {
      const outcome = await held.receive(kind, sign(kind, message));
      return outcome.ok ? "ok" : outcome.error;
    };
    expect(await error("snapshot", snapshotOf(first))).toBe("older-version");
    expect(await error("modes", modesOf(3))).toBe("older-version");
    expect(await error("keyring", await keyringOf(3))).toBe("older-version");
    expect(await error("passes", passesOf(3))).toBe("older-version");
    expect(await error("passes", passesOf(4))).toBe("ok");
    expect(await error("passes", passesOf(9, { gateId: OTHER_GATE }))).toBe("wrong-gate");
    const otherCommunity = CommunityId("c0000000-0000-4000-8000-000000000002");
    expect(await error("passes", passesOf(9, { communityId: otherCommunity }))).toBe("invalid");
    expect(await error("passes", modesOf(9))).toBe("invalid");
    expect(await error("door-rules", doorRulesOf(3))).toBe("older-version");
    expect(await error("door-rules", doorRulesOf(4))).toBe("ok");
    expect(await error("door-rules", doorRulesOf(9, { gateId: OTHER_GATE }))).toBe("wrong-gate");
    expect(await error("door-rules", doorRulesOf(9, { communityId: otherCommunity }))).toBe("invalid");
    expect(await error("door-rules", passesOf(9))).toBe("invalid");
    const twoThings = { portalId: PORTAL, twoPersonRule: { withinMs: 5_000 }, plate: false };
    const portals = [{ ...twoThings, doubleTapHold: { withinMs: 2_000, forMs: 60_000 } }];
    expect(await error("door-rules", doorRulesOf(9, { portals }))).toBe("invalid");
    expect(await error("snapshot", snapshotOf(first, { gateId: OTHER_GATE, version: 9 }))).toBe("wrong-gate");
    expect(await error("modes", modesOf(9, OTHER_GATE))).toBe("wrong-gate");
    expect(await error("keyring", await keyringOf(9, { gateId: OTHER_GATE }))).toBe("wrong-gate");
    expect(await error("snapshot", snapshotOf(first, { version: 9 }))).toBe("invalid");
    expect(await error("keyring", await keyringOf(9, {}, 10))).toBe("invalid");
    expect(held.versions()).toEqual({
      snapshot: 6,
      keyring: 4,
      modes: 4,
      trail: 0,
      passes: 4,
      "door-rules": 4,
    });
  });

  test("a keyring that is sealed to another gate, and a document that is none", async () => {
    const { held } = await open();
    const other = await hpkeGenerate();
    const sealed = await hpkeSeal({
      recipientPublicKey: other.publicKey,
      info: externalAad("keyring"),
      plaintext: Uint8Array.of(1),
    });
    const message = sealedKeyring.encode({
      version: 1,
      gateId: GATE,
      keyringVersion: 1,
      encapsulatedKey: sealed.enc,
      ciphertext: sealed.ciphertext,
    });
    expect(await held.receive("keyring", sign("keyring", message))).toMatchObject({ error: "cannot-open" });
    const nothing = snapshotMessage.encode({
      version: 1,
      gateId: GATE,
      communityId: TEST_COMMUNITY_ID,
      snapshotVersion: 1,
      issuedAt: Instant(AT),
      document: Uint8Array.of(0xff),
    });
    expect(await held.receive("snapshot", sign("snapshot", nothing))).toMatchObject({ error: "invalid" });
  });
});

describe("a disk that fails", () => {
  test.each(["before", "after"] as const)(
    "%s the document was stored: it holds at once and is asked for again",
    async (moment) => {
      const { held, from } = await open();
      await held.receive("snapshot", sign("snapshot", snapshotOf(first)));
      from.state.fails = moment;
      expect(await held.receive("delta", sign("delta", deltaOf(first, second)))).toEqual({
        what: "snapshot",
        documentVersion: 6,
        ok: false,
        error: "cannot-store",
        changed: true,
      });
      expect(held.snapshot()?.credentialCount).toBe(1);
      from.state.fails = "no";
      expect((await open(from)).held.versions().snapshot).toBe(moment === "before" ? 5 : 6);
      // Sent again it is stored, not answered as known.
      from.stored.delete("snapshot");
      expect(await held.receive("snapshot", sign("snapshot", snapshotOf(second)))).toMatchObject({
        ok: true,
      });
      expect((await open(from)).held.versions().snapshot).toBe(6);
    },
  );

  test("what was sealed under another key is left out and asked for again", async () => {
    const { held, from } = await open();
    await held.receive("snapshot", sign("snapshot", snapshotOf(first)));
    await held.receive("modes", sign("modes", modesOf(7)));
    const snapshot = from.stored.get("snapshot");
    if (snapshot !== undefined) from.stored.set("snapshot", { ...snapshot, bytes: snapshot.bytes.slice(1) });
    expect((await open(from)).held.versions()).toEqual({
      snapshot: 0,
      keyring: 0,
      modes: 7,
      trail: 0,
      passes: 0,
      "door-rules": 0,
    });
  });

  test("that cannot be read at all is told, and the gate begins without", async () => {
    const from = disk();
    from.remote.documents = () => Promise.reject(new GateError("disk-failed", "no"));
    const { held, changes } = await open(from);
    expect(changes).toEqual(["unreadable"]);
    expect(held.snapshot()).toBeUndefined();
  });
});
