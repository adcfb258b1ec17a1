import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { listenForClock, makeDrivenClock } from "./injected-clock-source.ts";

test("timers run in order of time, each at its own time", async () => {
  const clock = makeDrivenClock(1_000_000, 0, "b");
  const seen: string[] = [];
  const note = (name: string) => () =>
    seen.push(`${name} ${clock.source.monotonicMs()} ${clock.source.wallMs()}`);
  clock.source.schedule(300, note("c"));
  clock.source.schedule(100, () => {
    note("a")();
    clock.source.schedule(200, note("b"));
  });
  const cancel = clock.source.schedule(150, note("never"));
  cancel();
  clock.source.schedule(5_000, note("later"));
  await clock.moveTo(1_001_000, 1_000);
  expect(seen).toEqual(["a 100 1000100", "b 200 1000200", "c 300 1000300"]);
  expect(clock.source.monotonicMs()).toBe(1_000);
});

test("the monotonic clock never goes back", async () => {
  const clock = makeDrivenClock(1_000, 500, "b");
  await clock.moveTo(0, 100);
  expect(clock.source.monotonicMs()).toBe(500);
  expect(clock.source.wallMs()).toBe(0);
});

test("a driver on a Unix socket moves both clocks and hears when it is done", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gate-clock-"));
  const clock = await listenForClock(join(folder, "clock.sock"));
  const socket = createConnection(join(folder, "clock.sock"));
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const ask = async (text: string): Promise<unknown> => {
    socket.write(`${text}\n`);
    return JSON.parse(String((await lines.next()).value));
  };
  try {
    expect(await ask("nonsense")).toEqual({ error: "expected wallMs and monotonicMs" });
    expect(await ask('{"wallMs":5000,"monotonicMs":100,"bootId":"x"}')).toEqual({
      wallMs: 5_000,
      monotonicMs: 100,
    });
    await clock.ready;
    expect(clock.source.bootId).toBe("x");
    const ran: number[] = [];
    clock.source.schedule(150, () => ran.push(clock.source.monotonicMs()));
    expect(await ask('{"wallMs":5100,"monotonicMs":200}')).toEqual({ wallMs: 5_100, monotonicMs: 200 });
    expect(ran).toEqual([150]);
  } finally {
    socket.destroy();
    await clock.close();
    rmSync(folder, { recursive: true });
  }
});
