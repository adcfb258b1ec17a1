import { randomBytes } from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import { decide, loadSnapshot, type Snapshot } from "@menshen/policy";
import { loadScenarioTables, type ScenarioTable } from "@menshen/testkit/scenarios";
import { decodePolicyDocument, SNAPSHOT_MAX_BYTES } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { keysLocked } from "../../keys/key-vault.ts";
import { makeStorageKey } from "../../keys/storage-key.ts";
import { storeModel } from "../../testing/store-model.ts";
import { startTestDatabase } from "../../testing/test-database.ts";
import { makeCardKeys } from "../credentials/index.ts";
import { makeKeyringMaker } from "./keyring.ts";
import { makeModelCache } from "./model-cache.ts";
import { makePublisher } from "./publisher.ts";

const { db } = await startTestDatabase();
const tables = loadScenarioTables();
const storageKey = makeStorageKey(randomBytes(32));
/** Rules do not need keys. */
const keys = () => {
  throw keysLocked();
};

/** From the database through the server's compiler, its encoding and back, as a gate would load it. */
async function publish(table: ScenarioTable): Promise<ReadonlyMap<string, Snapshot>> {
  await storeModel(db, table.model, table.at);
  const publisher = makePublisher({
    db,
    clock: { now: () => table.at },
    cache: makeModelCache(db),
    keyrings: makeKeyringMaker({
      storageKey,
      cardKeys: makeCardKeys({ keys, communityId: table.model.communityId }),
      keys,
    }),
    aliro: () => Promise.resolve(undefined),
    holders: () => Promise.resolve(undefined),
    settle: () => {},
    life: Duration.ms(table.until - table.at),
  });
  const snapshots = new Map<string, Snapshot>();
  for (const gateId of new Set(table.scenarios.map((scenario) => scenario.gateId))) {
    const { snapshot } = await publisher.compileFor(gateId, { snapshotVersion: 1 });
    const loaded = loadSnapshot(decodePolicyDocument(snapshot ?? new Uint8Array(), SNAPSHOT_MAX_BYTES));
    if (!loaded.ok) throw new Error(`${loaded.error.code} at ${loaded.error.where}`);
    snapshots.set(gateId, loaded.snapshot);
  }
  return snapshots;
}

// The same tables as the policy package and the gate run.
for (const table of tables) {
  const snapshots = await publish(table);
  describe(`scenarios: ${table.name}`, () => {
    test.each(table.scenarios)(
      "$name",
      ({ gateId, presentation, companion, accessPointId, doorState, now, expected }) => {
        expect(decide(snapshots.get(gateId), presentation, accessPointId, doorState, now, companion)).toEqual(
          expected,
        );
      },
    );
  });
}

test("there are as many scenarios as were written", () => {
  expect(tables.flatMap(({ scenarios }) => scenarios).length).toBeGreaterThanOrEqual(250);
});
