import { Instant } from "@menshen/domain";
import { expect, test } from "vitest";
import { makeTrials } from "./trial.ts";
import type { TrialOrder, TrialOutcome } from "./trial-judge.ts";

const NOW = Instant(1_800_000_000_000);
const FOUND: TrialOutcome = { events: 7, present: { watch: 1 }, tried: {}, more: [], fewer: [] };

/** Trials that end when the test says, on a server whose last position comes when the test says. */
function rig() {
  const threads: {
    readonly order: TrialOrder;
    readonly progressed: (share: number) => void;
    readonly end: PromiseWithResolvers<TrialOutcome>;
    stopped: number;
  }[] = [];
  const positions: PromiseWithResolvers<number>[] = [];
  const logged: string[] = [];
  const trials = makeTrials({
    clock: { now: () => NOW },
    logger: { error: (_fields: unknown, text?: string) => void logged.push(text ?? "") },
    lastPosition() {
      const position = Promise.withResolvers<number>();
      positions.push(position);
      return position.promise;
    },
    startTrial(order, progressed) {
      const thread = { order, progressed, end: Promise.withResolvers<TrialOutcome>(), stopped: 0 };
      threads.push(thread);
      const stop = () => {
        thread.stopped += 1;
      };
      return { outcome: thread.end.promise, stop };
    },
  });
  /** Lets everything that waits for what is known go on. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { trials, threads, positions, logged, settled };
}

test("a trial judges up to what was stored when it began, and shows how far it is and what it found", async () => {
  const { trials, threads, positions, settled, logged } = rig();
  expect([trials.latest(), trials.stop()]).toEqual([undefined, undefined]);
  const begun = trials.begin({ caseDays: 3 });
  positions[0]?.resolve(42);
  await settled();
  expect(threads.map(({ order }) => order)).toEqual([{ tuned: { caseDays: 3 }, position: 42, now: NOW }]);
  threads[0]?.progressed(0.4);
  expect(trials.latest()).toEqual({ ...begun, progress: 0.4 });
  threads[0]?.end.resolve(FOUND);
  await settled();
  const over = { ...begun, ...FOUND, state: "over", progress: 1 };
  expect(trials.latest()).toEqual(over);
  // What is over was not stopped.
  expect(trials.stop()).toEqual(over);
  expect(logged).toEqual([]);
});

test("one that is stopped ends its thread at once, and what it still says is not shown", async () => {
  const { trials, threads, positions, settled, logged } = rig();
  const begun = trials.begin({});
  positions[0]?.resolve(1);
  await settled();
  threads[0]?.progressed(0.2);
  expect(trials.stop()).toEqual({ ...begun, state: "stopped", progress: 0.2 });
  expect(threads[0]?.stopped).toBe(1);
  threads[0]?.progressed(0.9);
  threads[0]?.end.reject(new Error("terminated"));
  await settled();
  expect(trials.latest()).toEqual({ ...begun, state: "stopped", progress: 0.2 });
  expect(logged).toEqual([]);
});

test("one that is stopped, or followed by another, before it ran starts no thread", async () => {
  const { trials, threads, positions, settled } = rig();
  trials.begin({});
  trials.stop();
  trials.begin({ caseDays: 1 });
  const last = trials.begin({ caseDays: 2 });
  for (const position of positions) position.resolve(5);
  await settled();
  expect(threads.map(({ order }) => order.tuned)).toEqual([{ caseDays: 2 }]);
  expect(trials.latest()).toEqual(last);
});

test("one that is begun stops the one before, whose end says nothing of it", async () => {
  const { trials, threads, positions, settled, logged } = rig();
  trials.begin({});
  positions[0]?.resolve(1);
  await settled();
  const second = trials.begin({ caseDays: 2 });
  positions[1]?.resolve(1);
  await settled();
  expect(threads.map(({ stopped }) => stopped)).toEqual([1, 0]);
  threads[0]?.progressed(0.9);
  threads[0]?.end.resolve(FOUND);
  await settled();
  expect(trials.latest()).toEqual(second);
  threads[1]?.end.reject(new Error("out of memory"));
  await settled();
  expect(trials.latest()).toEqual({ ...second, state: "failed" });
  expect(logged).toEqual(["a trial of other numbers ended early"]);
});
