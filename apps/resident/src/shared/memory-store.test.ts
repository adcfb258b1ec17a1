import { expect, test } from "vitest";
import type { TrailEntry } from "../device/device-store.ts";
import { makeMemoryStore } from "./memory-store.ts";

const entry = (id: string, at: number): TrailEntry => ({
  id,
  at,
  accessPointId: "a",
  kind: "desfire",
  granted: true,
  reason: "rule-allows",
  keyStart: "00",
});

test("keeps entries once each, newest first, and how far they were read", async () => {
  const store = makeMemoryStore();
  await store.keepTrail([entry("a 1", 10), entry("a 2", 30)], { nextBucket: 1, readAt: 40 });
  await store.keepTrail([entry("a 2", 30), entry("a 3", 20)]);
  expect((await store.entries()).map(({ id }) => id)).toEqual(["a 2", "a 3", "a 1"]);
  expect(await store.progress()).toEqual({ nextBucket: 1, readAt: 40 });
});

test("another store knows nothing of it", async () => {
  const store = makeMemoryStore();
  const owner = { communityId: "c", seed: new Uint8Array(32), isPending: false, hasConfirmedCode: true };
  await store.keepOwner(owner);
  await store.remember("me", { name: "x" });
  expect(await store.owner()).toBe(owner);
  expect(await store.remembered("me")).toEqual({ name: "x" });
  const next = makeMemoryStore();
  expect([await next.owner(), await next.remembered("me"), await next.entries()]).toEqual([
    undefined,
    undefined,
    [],
  ]);
});
