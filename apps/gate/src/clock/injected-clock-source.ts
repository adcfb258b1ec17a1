import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { ClockSource } from "./clock-source.ts";

interface Timer {
  readonly atMonotonicMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** A clock that another process drives; for tests of months in minutes, never for a door. */
export interface InjectedClock {
  readonly source: ClockSource;
  /** Resolves when the driver has set the time for the first time. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** What a driver may send, one JSON object a line. */
interface ClockLine {
  readonly wallMs: number;
  readonly monotonicMs: number;
  readonly bootId?: string;
}

/** What a line says, or undefined for one that is not understood. */
export function parseClockLine(line: string): ClockLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { wallMs, monotonicMs, bootId }: Readonly<Record<string, unknown>> = { ...value };
  if (!Number.isFinite(wallMs) || !Number.isFinite(monotonicMs)) return undefined;
  if (bootId !== undefined && typeof bootId !== "string") return undefined;
  return {
    wallMs: Number(wallMs),
    monotonicMs: Number(monotonicMs),
    ...(bootId === undefined ? {} : { bootId }),
  };
}

/**
 * Timers on a clock that only moves when told. `moveTo` runs what became due in the order of its time, with the wall
 * clock interpolated, so that an event at 08:00 is stamped 08:00 although the driver jumped over it.
 */
export function makeDrivenClock(wallMs: number, monotonicMs: number, bootId: string) {
  let wall = wallMs;
  let monotonic = monotonicMs;
  let boot = bootId;
  let order = 0;
  let timers: Timer[] = [];

  function takeDue(untilMonotonicMs: number): Timer | undefined {
    let due: Timer | undefined;
    for (const timer of timers) {
      if (timer.cancelled || timer.atMonotonicMs > untilMonotonicMs) continue;
      if (
        due === undefined ||
        timer.atMonotonicMs < due.atMonotonicMs ||
        (timer.atMonotonicMs === due.atMonotonicMs && timer.order < due.order)
      ) {
        due = timer;
      }
    }
    if (due !== undefined) due.cancelled = true;
    timers = timers.filter((timer) => !timer.cancelled);
    return due;
  }

  const source: ClockSource = {
    wallMs: () => wall,
    monotonicMs: () => monotonic,
    get bootId() {
      return boot;
    },
    wallSurvivesPowerOff: true,
    schedule(atMonotonicMs, run) {
      const timer: Timer = { atMonotonicMs, order: order++, run, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  };

  return {
    source,
    /** Sets another boot id; only meaningful before the clock is first read. */
    setBootId(id: string) {
      boot = id;
    },
    /** Sets both clocks at once without running timers; for the very first setting. */
    setTo(toWallMs: number, toMonotonicMs: number) {
      wall = toWallMs;
      monotonic = toMonotonicMs;
    },
    /**
     * Moves the clocks; the monotonic clock never goes back. `between` is awaited after each timer, so that work
     * which a timer started can finish at its own time.
     */
    async moveTo(toWallMs: number, toMonotonicMs: number, between?: () => Promise<void>): Promise<void> {
      const target = Math.max(monotonic, toMonotonicMs);
      const fromMonotonic = monotonic;
      const fromWall = wall;
      for (let due = takeDue(target); due !== undefined; due = takeDue(target)) {
        monotonic = Math.max(monotonic, due.atMonotonicMs);
        const share = target === fromMonotonic ? 1 : (monotonic - fromMonotonic) / (target - fromMonotonic);
        wall = Math.round(fromWall + (toWallMs - fromWall) * share);
        due.run();
        if (between !== undefined) await between();
      }
      monotonic = target;
      wall = toWallMs;
    },
  };
}

/**
 * Listens on a Unix socket. Each line `{"wallMs":N,"monotonicMs":N,"bootId"?:S}` sets both clocks and is answered by
 * `{"wallMs":N,"monotonicMs":N}` after every timer due by then has run, or by `{"error":"…"}`.
 */
export async function listenForClock(path: string): Promise<InjectedClock> {
  await rm(path, { force: true });
  const driven = makeDrivenClock(0, 0, "injected");
  const connections = new Set<Socket>();
  let first = true;
  let announce: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    announce = resolve;
  });

  async function obey(line: string): Promise<string> {
    const wanted = parseClockLine(line);
    if (wanted === undefined) return JSON.stringify({ error: "expected wallMs and monotonicMs" });
    if (first) {
      first = false;
      if (wanted.bootId !== undefined) driven.setBootId(wanted.bootId);
      driven.setTo(wanted.wallMs, wanted.monotonicMs);
      announce();
    } else {
      await driven.moveTo(
        wanted.wallMs,
        wanted.monotonicMs,
        () => new Promise((resolve) => setImmediate(resolve)),
      );
    }
    return JSON.stringify({ wallMs: driven.source.wallMs(), monotonicMs: driven.source.monotonicMs() });
  }

  let queue: Promise<void> = Promise.resolve();
  const server: Server = createServer((socket) => {
    connections.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => connections.delete(socket));
    createInterface({ input: socket }).on("line", (line) => {
      queue = queue.then(async () => {
        const answer = await obey(line);
        if (!socket.destroyed) socket.write(`${answer}\n`);
      });
    });
  });
  server.listen(path);
  await once(server, "listening");
  return {
    source: driven.source,
    ready,
    async close() {
      for (const socket of connections) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
