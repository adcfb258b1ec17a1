import { plateCredentialKey } from "@menshen/credentials/node";
import { parsePlate } from "@menshen/domain";
import { loadSnapshot } from "@menshen/policy";
import { makeLogger } from "@menshen/service-kit";
import type { AccessEntry } from "@menshen/wire";
import { expect, test } from "vitest";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { indexCardKeys } from "../held/card-keys.ts";
import type { SealedIdentity } from "../store/journal-draft.ts";
import { PLAIN_PORTAL } from "../testing/test-portal.ts";
import {
  ACCESS_POINT,
  GATE,
  READER,
  type TestModelChanges,
  testDocument,
  testModel,
} from "../testing/test-site.ts";
import { makeTapDesk } from "./tap-desk.ts";

const START_MS = 1_800_057_600_000;
const PIN_KEY = new Uint8Array(16).fill(7);
const plate = parsePlate("沪A12345");
const known = plateCredentialKey(PIN_KEY, plate);
const blocked = plateCredentialKey(PIN_KEY, parsePlate("沪A54321"));

/** A barrier at which one plate is somebody's, and another was. */
function rig(options: { takesPlates?: boolean; withKeys?: boolean; changes?: TestModelChanges } = {}) {
  const { takesPlates = true, withKeys = true, changes } = options;
  const driven = makeDrivenClock(START_MS, 0, "b");
  const clock = makeGateClock({
    source: driven.source,
    driftPpm: 0,
    saved: { bootId: "b", wallMs: START_MS, monotonicMs: 0, earliestMs: START_MS, latestMs: START_MS },
  });
  const model = testModel(
    [
      { key: known, kind: "plate", grade: "D" },
      { key: blocked, kind: "plate", grade: "D", status: "blocked" },
    ],
    changes,
  );
  const loaded = loadSnapshot(testDocument(model, 7, START_MS));
  if (!loaded.ok) throw new Error("expected a snapshot");
  const cardKeys = indexCardKeys({
    version: 1,
    gateId: GATE,
    keyringVersion: 1,
    doorGroup: 4,
    trailKeys: [],
    cards: [],
    sharedKeys: [{ kind: "pin", key: { number: 0, keyVersion: 1, key: PIN_KEY.slice() } }],
    desfireApplication: Uint8Array.of(0x53, 0x4d, 0xf5),
  });
  const entries: AccessEntry["body"][] = [];
  const identities: (SealedIdentity | undefined)[] = [];
  const log: string[] = [];
  const desk = makeTapDesk({
    clock,
    journal: {
      async append(record) {
        if (record.kind === "access") {
          entries.push(record.body);
          identities.push(record.identity);
        }
        return { stored: true, sequence: entries.length };
      },
    },
    snapshot: () => loaded.snapshot,
    cardKeys: () => (withKeys ? cardKeys : undefined),
    counterGuard: () => Promise.resolve(undefined),
    inPublicLog: () => Promise.resolve(true),
    takesPlates: () => takesPlates,
    placeOf: () => ({
      accessPointId: ACCESS_POINT,
      link: "pcsc",
      lockOnOutdoorReader: false,
      portal: {
        ...PLAIN_PORTAL,
        doorState: () => ({ mode: "normal", lockdown: 0, fireRelease: false }),
        isStanding: () => false,
        unlockMs: () => 1_000,
        granted: () => log.push("released"),
      },
    }),
    indicate: () => undefined,
    floods: { heldBack: () => undefined },
    logger: makeLogger({ app: "gate", level: "error" }),
  });
  return { desk, entries, identities, log };
}

test("a plate of a home opens the barrier, at grade D", async () => {
  const { desk, entries, identities, log } = rig();
  expect(await desk.plate(READER, plate)).toEqual({
    granted: true,
    reasons: [{ code: "rule-allows" }],
    forMs: 1_000,
  });
  expect(entries).toMatchObject([{ granted: true, kind: "plate", grade: "D", lockDriven: true }]);
  expect(identities).toEqual([{ kind: "plate", credentialKey: known }]);
  expect(log).toEqual(["released"]);
});

test("a door that asks for more refuses it, and says why", async () => {
  const { desk, log } = rig({ changes: { minimumGrade: "C" } });
  expect(await desk.plate(READER, plate)).toMatchObject({
    granted: false,
    reasons: [{ code: "grade-too-low", grade: "D" }],
  });
  expect(log).toEqual([]);
});

test("a rule that takes no plates refuses it", async () => {
  const { desk } = rig({ changes: { means: ["desfire"] } });
  expect(await desk.plate(READER, plate)).toMatchObject({
    reasons: [{ code: "means-not-allowed", kind: "plate" }],
  });
});

test("a plate that was blocked opens nothing", async () => {
  const { desk } = rig();
  expect(await desk.plate(READER, parsePlate("沪A54321"))).toMatchObject({
    granted: false,
    reasons: [{ code: "credential-blocked" }],
  });
});

test("of a vehicle that is nobody's here only that it came is kept", async () => {
  const { desk, entries, identities } = rig();
  expect(await desk.plate(READER, parsePlate("京A99999"))).toMatchObject({
    granted: false,
    reasons: [{ code: "credential-unknown" }],
  });
  expect(entries).toMatchObject([{ granted: false, kind: "plate" }]);
  expect(identities).toEqual([undefined]);
});

test("where no barrier takes plates, a camera opens nothing", async () => {
  const { desk, identities, log } = rig({ takesPlates: false });
  expect(await desk.plate(READER, plate)).toMatchObject({
    granted: false,
    reasons: [{ code: "means-not-allowed", kind: "plate" }],
  });
  expect([identities, log]).toEqual([[undefined], []]);
});

test("without keys nothing is decided", async () => {
  const { desk, entries } = rig({ withKeys: false });
  expect(await desk.plate(READER, plate)).toBeUndefined();
  expect(entries).toEqual([]);
});
