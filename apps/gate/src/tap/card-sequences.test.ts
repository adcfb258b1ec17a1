import {
  authenticateCard,
  type CardChannel,
  credentialKeyOf,
  openInProcessChannel,
} from "@menshen/credentials";
import { fromHex, primitives, randomBytes } from "@menshen/crypto/node";
import { loadSnapshot } from "@menshen/policy";
import { blankStorageCard, makeStorageCard } from "@menshen/virtual-devices";
import { expect, test } from "vitest";
import { testDocument, testModel } from "../testing/test-site.ts";
import { makeCardSequences } from "./card-sequences.ts";

const UID = fromHex("04000000000380");
const STRANGER = fromHex("04000000000480");
const START_MS = 1_800_057_600_000;

function snapshotOf() {
  const key = credentialKeyOf(primitives, "uid", UID);
  const loaded = loadSnapshot(testDocument(testModel([{ key, kind: "uid", grade: "E" }]), 7, START_MS));
  if (!loaded.ok) throw new Error("expected a snapshot");
  return loaded.snapshot;
}
const snapshot = snapshotOf();

/** A gate with a disk that outlives it. */
function gate(disk: Map<string, number>, wrap: (channel: CardChannel) => CardChannel = (channel) => channel) {
  const sequences = makeCardSequences({
    last: [...disk].map(([name, stored]) => [fromHex(name), stored]),
    nameOf: (credentialKey) => credentialKey.map((byte) => byte ^ 0xff),
    save: (name, stored) => {
      disk.set(Buffer.from(name).toString("hex"), stored);
      return Promise.resolve(true);
    },
  });
  return async (
    state: ReturnType<typeof blankStorageCard>,
    known: typeof snapshot | undefined = snapshot,
  ) => {
    const channel = wrap(openInProcessChannel(makeStorageCard(state)));
    const options = { primitives, doorGroup: 1, random: randomBytes, keyFor: () => undefined };
    const reading = await authenticateCard(channel, options);
    const counted = await sequences.counted(reading, channel, known);
    return counted.outcome === "presented" ? counted.presentation.evidence : counted.outcome;
  };
}

test("a card of the community counts, and a gate that starts again still knows it (complaint 14)", async () => {
  const disk = new Map<string, number>();
  const state = blankStorageCard("ultralight", UID);
  expect(await gate(disk)(state)).toEqual({});
  const copy = structuredClone(state);
  expect(await gate(disk)(state)).toEqual({ counter: 1 });
  expect(await gate(disk)(state)).toEqual({ counter: 2 });
  expect(await gate(disk)(copy)).toEqual({ counter: 1, counterMark: "went-back" });
  // The copy does not make the gate forget how far the card was.
  expect(await gate(disk)(state)).toEqual({ counter: 3 });
  expect([...disk.values()].map((stored) => Math.floor(stored / 65_536))).toEqual([4]);
});

test("a stranger's card, a gate without a snapshot and a bus write nothing", async () => {
  const stranger = blankStorageCard("ultralight", STRANGER);
  const own = blankStorageCard("ultralight", UID);
  const blank = [stranger.memory.slice(), own.memory.slice()];
  expect(await gate(new Map())(stranger)).toEqual({});
  const bus = gate(new Map(), (channel) => ({ ...channel, kind: "osdp-xwr" }));
  expect(await bus(own)).toEqual({});
  const sequences = makeCardSequences({
    last: [],
    nameOf: (key) => key,
    save: () => Promise.reject(new Error("not asked")),
  });
  const channel = openInProcessChannel(makeStorageCard(own));
  const reading = await authenticateCard(channel, {
    primitives,
    doorGroup: 1,
    random: randomBytes,
    keyFor: () => undefined,
  });
  expect(await sequences.counted(reading, channel, undefined)).toEqual(reading);
  expect([stranger.memory, own.memory]).toEqual(blank);
});
