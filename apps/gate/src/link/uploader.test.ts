import { expect, test } from "vitest";
import { startUploader } from "./uploader.ts";

interface Sent {
  readonly first: number;
  readonly count: number;
  readonly acknowledge: () => void;
  readonly refuse: () => void;
}

/** A journal of `length` entries of 1 kB, and a server that answers when the test says. */
function rig(length: number, acknowledgedBefore = 0) {
  const state = { length, acknowledged: acknowledgedBefore };
  const sent: Sent[] = [];
  const faults: unknown[] = [];
  const uploader = startUploader({
    journal: {
      head: () => ({ sequence: state.length, hash: new Uint8Array(32) }),
      acknowledged: () => state.acknowledged,
      acknowledge: (sequence) => {
        expect(sequence).toBeGreaterThan(state.acknowledged);
        state.acknowledged = sequence;
      },
      read: (firstSequence, maxEntries, maxBytes) => {
        const count = Math.min(maxEntries, state.length - firstSequence + 1, Math.floor(maxBytes / 1_024));
        if (count <= 0) return Promise.resolve(undefined);
        const entries = Array.from({ length: count }, () => new Uint8Array(1_024));
        return Promise.resolve({ firstSequence, previousHash: new Uint8Array(32), entries });
      },
    },
    send: ({ firstSequence, entries }) =>
      new Promise((resolve, reject) => {
        sent.push({
          first: firstSequence,
          count: entries.length,
          acknowledge: resolve,
          refuse: () => reject(new Error("no answer")),
        });
      }),
    failed: (fault) => faults.push(fault),
  });
  return { state, sent, faults, uploader };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("four batches are on their way at once, in order, from the first unacknowledged entry", async () => {
  const { sent, state } = rig(2_000, 10);
  await settle();
  expect(sent.map(({ first, count }) => [first, count])).toEqual([
    [11, 248],
    [259, 248],
    [507, 248],
    [755, 248],
  ]);
  sent[1]?.acknowledge();
  await settle();
  expect(state.acknowledged).toBe(10);
  sent[0]?.acknowledge();
  await settle();
  expect(state.acknowledged).toBe(506);
  expect(sent.length).toBe(6);
  expect(sent[4]?.first).toBe(1_003);
});

test("a new entry is sent when it is there", async () => {
  const { sent, state, uploader } = rig(0);
  await settle();
  expect(sent).toEqual([]);
  state.length = 1;
  uploader.wake();
  await settle();
  expect(sent.map(({ first, count }) => [first, count])).toEqual([[1, 1]]);
  uploader.wake();
  await settle();
  expect(sent.length).toBe(1);
});

test("an unanswered batch is a fault of the connection, and nothing behind it counts", async () => {
  const { sent, state, faults } = rig(600);
  await settle();
  sent[1]?.acknowledge();
  sent[0]?.refuse();
  await settle();
  expect(faults.length).toBe(1);
  expect(state.acknowledged).toBe(0);
});

test("after a stop nothing is sent and no answer counts", async () => {
  const { sent, state, uploader } = rig(10);
  await settle();
  uploader.stop();
  sent[0]?.acknowledge();
  state.length = 20;
  uploader.wake();
  await settle();
  expect(state.acknowledged).toBe(0);
  expect(sent.length).toBe(1);
});
