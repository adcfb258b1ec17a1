import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

/** Drives the clocks of one gate: both run wrong by a constant rate, as an oscillator does. */
export interface DrivenClock {
  /** Moves the gate to the moment at which the true time is `trueMs`; resolves when its timers until then have run. */
  moveTo(trueMs: number): Promise<void>;
  /** Lets the gate's clock follow a true clock until the returned function is called. */
  follow(trueNow: () => number): () => Promise<void>;
  close(): void;
}

const DAY_MS = 86_400_000;
const FOLLOW_EVERY_MS = 20;
const START_MS = 60_000;

/**
 * @param options.socket where the gate listens for its clock; it may appear later
 * @param options.trueMs true time at which the gate's wall clock is still right
 * @param options.driftMsPerDay how much the gate's clocks gain on the true time in a day
 */
export function driveClock(options: {
  readonly socket: string;
  readonly trueMs: number;
  readonly driftMsPerDay: number;
}): DrivenClock {
  const rate = 1 + options.driftMsPerDay / DAY_MS;
  let connection: Promise<{ socket: Socket; ask: (line: string) => Promise<string> }> | undefined;

  async function connect() {
    for (const end = performance.now() + START_MS; ; await delay(50)) {
      const socket = createConnection(options.socket);
      const isOpen = await new Promise<boolean>((resolve) => {
        socket.once("connect", () => resolve(true));
        socket.once("error", () => resolve(false));
      });
      if (!isOpen) {
        if (performance.now() > end) throw new Error("the gate does not ask for its clock");
        continue;
      }
      const waiting: ((answer: string) => void)[] = [];
      socket.on("error", () => socket.destroy());
      createInterface({ input: socket }).on("line", (line) => waiting.shift()?.(line));
      const ask = (line: string) =>
        new Promise<string>((resolve) => {
          waiting.push(resolve);
          socket.write(`${line}\n`);
        });
      return { socket, ask };
    }
  }

  async function moveTo(trueMs: number): Promise<void> {
    connection ??= connect();
    const { ask } = await connection;
    const elapsedMs = (trueMs - options.trueMs) * rate;
    const line = { wallMs: Math.round(options.trueMs + elapsedMs), monotonicMs: 1_000 + elapsedMs };
    const answer = await ask(JSON.stringify(line));
    if (answer.includes("error")) throw new Error(`the gate refused its clock: ${answer}`);
  }

  return {
    moveTo,
    follow(trueNow) {
      let following = true;
      const running = (async () => {
        while (following) {
          await moveTo(trueNow());
          await delay(FOLLOW_EVERY_MS);
        }
      })();
      return async () => {
        following = false;
        await running;
      };
    },
    close() {
      void connection?.then(({ socket }) => socket.destroy());
    },
  };
}
