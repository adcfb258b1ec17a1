import { credentialKeyOf } from "@menshen/credentials";
import {
  coseVerify1,
  fromHex,
  hpkeOpen,
  p256Generate,
  p256Sign,
  primitives,
  toHex,
} from "@menshen/crypto/node";
import { parseEntryBundle, parseLeaf, watchHome } from "@menshen/evidence";
import {
  type DownKind,
  externalAad,
  keyring,
  passesMessage,
  passTexts,
  personEndpoints,
  residentEndpoints,
  sealedKeyring,
} from "@menshen/wire";
import { eventually } from "../../gate-link/testing/eventually.ts";
import type { TestGate } from "../../gate-link/testing/test-gate.ts";
import { joinResident, type TestResident } from "../../testing/test-resident.ts";
import type { TestClient, TestServer } from "../../testing/test-server.ts";

const _reason = { code: "resident-request" } as const;

/** Residents with their phones, and what a gate and a home get to know of passes. */
export function makePassWorld(world: {
  readonly server: TestServer;
  readonly operate: TestClient;
  /** Connected. */
  readonly gate: TestGate;
  readonly communityId: string;
}) {
  const { server, operate, gate, communityId } = world;

  /** Somebody with the resident app. */
  const joined = (personId: string) => joinResident(server, operate, personId);

  async function newPerson(displayName: string, role: "tenant" | "family", dwellingId: string) {
    const created = await operate.call(personEndpoints.create, {
      body: { displayName, residency: { role, dwellingId } },
    });
    return created.id;
  }

  /** A key that a browser would hold, and what it signs to be enrolled. */
  function makePhone(personId: string) {
    const key = p256Generate();
    const publicKey = toHex(key.publicKey);
    const proof = toHex(p256Sign(key.secretKey, passTexts.enrol(personId, key.publicKey)));
    return {
      key,
      credentialKey: toHex(credentialKeyOf(primitives, "phone-pass", key.publicKey)),
      enrolment: { publicKey, proof, label: "我的手机" },
      revocation(passId: string, until: number) {
        const text = passTexts.revoke(communityId, fromHex(passId), until);
        const credentialKey = toHex(credentialKeyOf(primitives, "phone-pass", key.publicKey));
        return { credentialKey, passId, until, signature: toHex(p256Sign(key.secretKey, text)) };
      },
    };
  }

  /** The payload of the newest message of a kind, its signature checked. */
  function newest(kind: DownKind): Uint8Array {
    const message = gate.received.findLast((received) => received.kind === kind)?.payload;
    if (message === undefined) return new Uint8Array();
    const key = { alg: "EdDSA", publicKey: gate.enrolment?.policyKey ?? new Uint8Array() } as const;
    const verified = coseVerify1({ message, key, externalAad: externalAad(kind) });
    if (!verified.verified) throw new Error(verified.reason);
    return verified.payload;
  }

  const told = () =>
    eventually("passes", () =>
      newest("passes").length > 0 ? passesMessage.decode(newest("passes")) : undefined,
    );

  async function phonesInKeyring(): Promise<readonly string[]> {
    const payload = newest("keyring");
    if (payload.length === 0) return [];
    const sealed = sealedKeyring.decode(payload);
    const plaintext = await hpkeOpen({
      key: gate.sealingKey,
      enc: sealed.encapsulatedKey,
      ciphertext: sealed.ciphertext,
      info: externalAad("keyring"),
    });
    return (keyring.decode(plaintext ?? new Uint8Array()).phones ?? []).map(
      ({ credentialKey, publicKey }) => {
        if (toHex(credentialKey) !== toHex(credentialKeyOf(primitives, "phone-pass", publicKey))) {
          throw new Error("a phone's key under another name");
        }
        return toHex(credentialKey);
      },
    );
  }

  /** What a home finds in the log by itself: how often each of its numbers was issued, and ended. */
  async function foundBy(resident: Pick<TestResident, "client" | "personId">) {
    await server.logRunner.settle();
    const { items } = await resident.client.call(residentEndpoints.homes);
    const watch = watchHome(primitives, fromHex(items[0]?.homeKey ?? ""));
    const published = await server.evidenceLog.published();
    if (published === undefined) throw new Error("expected a log");
    const { size } = published.signed.checkpoint;
    const bundle = await server.evidenceLog.readTile(
      size >= 256 ? "tile/entries/000" : `tile/entries/000.p/${size}`,
    );
    for (const [index, entry] of (parseEntryBundle(bundle ?? new Uint8Array()) ?? []).entries()) {
      const parsed = parseLeaf(entry);
      if (parsed.parsed) watch.see(index, parsed.leaf);
    }
    const explained = items[0]?.credentials ?? [];
    return watch.found().map(({ number, issuedAt, endedAt }) => ({
      number,
      issued: issuedAt.length,
      ended: endedAt.length,
      visit: explained.find((one) => one.number === number)?.visit,
    }));
  }

  return { joined, newPerson, makePhone, newest, told, phonesInKeyring, foundBy };
}
