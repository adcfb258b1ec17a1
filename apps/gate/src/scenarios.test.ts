import { coseSign1, ed25519Generate, hpkeGenerate } from "@menshen/crypto/node";
import { compileSnapshot } from "@menshen/policy";
import { loadScenarioTables } from "@menshen/testkit/scenarios";
import { encodePolicyDocument, externalAad, snapshotMessage } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { openHeldDocuments } from "./held/held-documents.ts";
import { makeSeal } from "./keys/seal.ts";
import { decideTap } from "./tap/decide-tap.ts";

/** The tables that policy package and server run too, here from the signed message on. */
const tables = loadScenarioTables();

test("there are tables", () => {
  expect(tables.length).toBeGreaterThan(3);
});

describe.each(tables.map((table) => [table.name, table] as const))("%s", (_name, table) => {
  const gateIds = [...new Set(table.scenarios.map(({ gateId }) => gateId))];

  test.each(gateIds)("gate %s answers as written", async (gateId) => {
    const policyKey = ed25519Generate();
    const { model, at, until } = table;
    const { document } = compileSnapshot(model, { gateId, version: 3, at, until });
    const held = await openHeldDocuments({
      state: { documents: () => Promise.resolve([]), save: () => Promise.resolve() },
      seal: makeSeal(new Uint8Array(32).fill(1)),
      identity: {
        gateId,
        communityId: model.communityId,
        policyKey: policyKey.publicKey,
        sealingKey: await hpkeGenerate(),
      },
      earliestMs: () => at,
      changed: () => undefined,
      unreadable: () => undefined,
    });
    const payload = snapshotMessage.encode({
      version: 1,
      gateId,
      communityId: model.communityId,
      snapshotVersion: 3,
      issuedAt: at,
      document: encodePolicyDocument(document),
    });
    const message = coseSign1({ payload, key: policyKey, externalAad: externalAad("snapshot") });
    expect(await held.receive("snapshot", message)).toMatchObject({ ok: true });

    for (const scenario of table.scenarios.filter((one) => one.gateId === gateId)) {
      const { decision } = decideTap({
        snapshot: held.snapshot(),
        place: { accessPointId: scenario.accessPointId, lockOnOutdoorReader: false },
        candidates: [scenario.presentation],
        doorState: scenario.doorState,
        now: scenario.now,
        companion: scenario.companion,
      });
      expect({ scenario: scenario.name, ...decision }).toEqual({
        scenario: scenario.name,
        ...scenario.expected,
      });
    }
  });
});
