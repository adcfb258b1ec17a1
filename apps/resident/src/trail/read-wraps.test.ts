import { fromHex, primitives, randomBytes, x25519PublicKey } from "@menshen/crypto";
import { makeTrailOpener, type TrailText, wrapTrail } from "@menshen/custody";
import { uuidBytes } from "@menshen/wire";
import { expect, test } from "vitest";
import type { TrailEntry, TrailProgress } from "../device/device-store.ts";
import { type ReadingState, readWraps } from "./read-wraps.ts";

const SECRET = fromHex("07".repeat(32));
const OWN = x25519PublicKey(SECRET);
const NEIGHBOUR = x25519PublicKey(fromHex("08".repeat(32)));
const NORTH = "0b54bd1e-8bd0-4d2a-9b0c-0f5a3f4f3b10";

function passage(sequence: number, more: Partial<TrailText> = {}): TrailText {
  return {
    kind: "desfire",
    granted: true,
    reason: 0,
    timeMs: 1_795_420_800_000 + sequence,
    accessPoint: uuidBytes(NORTH),
    sequence,
    credential: fromHex("0102030405060708"),
    ...more,
  };
}

const wrap = (recipient: Uint8Array | undefined, text: TrailText) => wrapTrail(primitives, recipient, text);

/** A server with buckets of four events, and a device; notes which buckets were asked for. */
async function reader(buckets: Uint8Array[][], firstPosition = 0) {
  const asked: number[] = [];
  const stored = new Map<string, TrailEntry>();
  const told: ReadingState[] = [];
  let progress: TrailProgress | undefined;
  const open = await makeTrailOpener(SECRET);
  return {
    asked,
    stored,
    told,
    progress: () => progress,
    read: () =>
      readWraps({
        source: {
          extent: async () => ({ buckets: buckets.length, size: 4 }),
          bucket: async (index) => {
            asked.push(index);
            return Uint8Array.from(buckets[index]?.flatMap((bytes) => [...bytes]) ?? []);
          },
        },
        open,
        progress,
        firstPosition,
        async keep(entries, next) {
          for (const entry of entries) stored.set(entry.id, entry);
          progress = next;
        },
        told: (state) => told.push(state),
        now: () => 99,
      }),
  };
}

test("one's own entries open, a neighbour's and nobody's do not (privacy row L3)", async () => {
  const device = await reader([
    [
      wrap(NEIGHBOUR, passage(1)),
      wrap(OWN, passage(2)),
      wrap(undefined, passage(3)),
      wrap(OWN, passage(4, { granted: false, reason: 3, kind: "pin" })),
    ],
  ]);
  await device.read();
  expect([...device.stored.values()]).toEqual([
    {
      id: `${NORTH} 2`,
      at: 1_795_420_800_002,
      accessPointId: NORTH,
      kind: "desfire",
      granted: true,
      reason: "rule-allows",
      keyStart: "0102030405060708",
    },
    {
      id: `${NORTH} 4`,
      at: 1_795_420_800_004,
      accessPointId: NORTH,
      kind: "pin",
      granted: false,
      reason: "credential-blocked",
      keyStart: "0102030405060708",
    },
  ]);
});

test("a full bucket is read once, the last one again, and no entry twice", async () => {
  const last = [wrap(OWN, passage(9))];
  const buckets = [[wrap(OWN, passage(1))], [wrap(undefined, passage(5))], last];
  const device = await reader(buckets);
  await device.read();
  expect(device.asked).toEqual([0, 1, 2]);
  expect(device.progress()).toEqual({ nextBucket: 2, readAt: 99 });
  expect(device.told.at(-1)).toEqual({ bucketsDone: 3, bucketsTotal: 3, found: 2 });
  last.push(wrap(OWN, passage(10)));
  buckets.push([wrap(OWN, passage(13))]);
  await device.read();
  expect(device.asked).toEqual([0, 1, 2, 2, 3]);
  expect([...device.stored.keys()]).toEqual([1, 9, 10, 13].map((sequence) => `${NORTH} ${sequence}`));
});

test("nothing before the key was registered is asked for", async () => {
  const device = await reader([[], [], [wrap(OWN, passage(9))]], 9);
  await device.read();
  expect(device.asked).toEqual([2]);
});

test("an empty community has nothing to read, and that is noted", async () => {
  const device = await reader([]);
  await device.read();
  expect(device.progress()).toEqual({ nextBucket: 0, readAt: 99 });
  expect(device.told).toEqual([{ bucketsDone: 0, bucketsTotal: 0, found: 0 }]);
});

test("bytes that are no wrap are passed over, and a reason of a later version is kept as unknown", async () => {
  const device = await reader([
    [randomBytes(96), wrap(OWN, passage(1, { reason: 200 })), Uint8Array.of(1, 2, 3)],
  ]);
  await device.read();
  expect([...device.stored.values()].map(({ reason }) => reason)).toEqual(["unknown"]);
});
