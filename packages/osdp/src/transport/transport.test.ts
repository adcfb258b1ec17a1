import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex, toHex } from "@menshen/crypto/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeBus } from "../cp/bus.ts";
import type { Bus } from "../cp/bus-api.ts";
import type { BusEvent } from "../cp/bus-event.ts";
import { makePeripheralLine } from "../pd/peripheral-line.ts";
import type { PeripheralLine } from "../pd/peripheral-settings.ts";
import { KEY, readerSettings } from "../rig.fixture.ts";
import type { ByteStream } from "./byte-stream.ts";
import { openTransport, type TransportOptions } from "./open.ts";

const RETRY = { retryMs: 20 };
const CARD = { reader: 0, format: 1, bitCount: 26, bits: fromHex("a1b2c3c0") };

let directory: string;
const cleanups: (() => Promise<void>)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "osdp-"));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  rmSync(directory, { recursive: true, force: true });
});

async function open(where: string, options: TransportOptions = RETRY): Promise<ByteStream> {
  const stream = await openTransport(where, options);
  cleanups.push(() => stream.close());
  return stream;
}

function isKind<K extends BusEvent["kind"]>(
  event: BusEvent,
  kind: K,
): event is Extract<BusEvent, { kind: K }> {
  return event.kind === kind;
}

/** A panel that tells what happens, and a way to wait for it. */
async function startPanel(where: string, { baudRate = 0, pollIntervalMs = 5 } = {}) {
  const events: BusEvent[] = [];
  const waiting = new Set<() => void>();
  const bus: Bus = makeBus({
    transport: await open(where, { ...RETRY, ...(baudRate === 0 ? {} : { baudRate }) }),
    pds: [{ address: 3, security: { kind: "secure-channel", key: KEY }, pollIntervalMs, cardMode: 1 }],
    onEvent(event) {
      events.push(event);
      for (const check of waiting) check();
    },
    timing: { baudRate, reconnectMinMs: 20, reconnectMaxMs: 50 },
  });
  cleanups.push(() => bus.stop());
  /** The first event of this kind that is not taken yet; taken then. */
  function next<K extends BusEvent["kind"]>(kind: K): Promise<Extract<BusEvent, { kind: K }>> {
    return new Promise((resolve) => {
      const check = () => {
        const event = events.find((candidate) => isKind(candidate, kind));
        if (event === undefined || !isKind(event, kind)) return;
        events.splice(events.indexOf(event), 1);
        waiting.delete(check);
        resolve(event);
      };
      waiting.add(check);
      check();
    });
  }
  return { bus, next };
}

async function startReader(
  where: string,
): Promise<{ line: PeripheralLine; reader: ReturnType<PeripheralLine["add"]> }> {
  const line = makePeripheralLine({ transport: await open(where) });
  cleanups.push(() => line.stop());
  const reader = line.add(readerSettings(3), { led: () => true });
  return { line, reader };
}

/** Comes online, reports, obeys, passes APDUs: the whole way of a tap. */
async function exercise(
  panel: Awaited<ReturnType<typeof startPanel>>,
  reader: ReturnType<PeripheralLine["add"]>,
) {
  expect(await panel.next("online")).toMatchObject({ address: 3, secure: true });
  reader.report({ kind: "raw", ...CARD });
  expect(await panel.next("card-raw")).toMatchObject({ kind: "card-raw", address: 3, secure: true, ...CARD });
  const LED = { onTicks: 1, offTicks: 0, onColour: 2, offColour: 0, control: 1 };
  const leds = [{ reader: 0, led: 0, temporary: { ...LED, timerTicks: 0 }, permanent: LED }];
  await expect(panel.bus.led(3, leds)).resolves.toEqual({ accepted: true, reply: { kind: "ack" } });
  reader.insertCard({
    protocol: "contactless",
    csn: fromHex("04aabbccddeeff"),
    transceive: async (apdu) => Uint8Array.of(...apdu.toReversed(), 0x90, 0x00),
  });
  expect(await panel.next("xrd")).toMatchObject({ report: { kind: "card-present", status: "contactless" } });
  const channel = panel.bus.openCard(3);
  const apdu = Uint8Array.from({ length: 255 }, (_, index) => index);
  expect(toHex(await channel.transceive(apdu))).toBe(`${toHex(apdu.toReversed())}9000`);
  await channel.close();
}

describe("a panel and a reader", () => {
  test("over a Unix socket", async () => {
    const path = join(directory, "line.sock");
    const { reader } = await startReader(`unix-listen:${path}`);
    await exercise(await startPanel(`unix:${path}`), reader);
  });

  test("over TCP, the reader connecting to the panel", async () => {
    const port = await freePort();
    const panel = await startPanel(`tcp-listen:127.0.0.1:${port}`);
    const { reader } = await startReader(`tcp:127.0.0.1:${port}`);
    await exercise(panel, reader);
  });

  test("over a pair of PTYs through serialport", async () => {
    const [near, far] = await startSocat();
    const { reader } = await startReader(far);
    await exercise(await startPanel(near, { baudRate: 115_200 }), reader);
  });

  test("in whatever order they start, and again after the reader was gone", async () => {
    const path = join(directory, "line.sock");
    const panel = await startPanel(`unix:${path}`);
    const first = await startReader(`unix-listen:${path}`);
    await exercise(panel, first.reader);
    await first.line.stop();
    expect(await panel.next("offline")).toMatchObject({ reason: "transport-closed" });
    expect(await panel.next("tamper")).toMatchObject({ cause: "secure-channel-lost", active: true });
    const second = await startReader(`unix-listen:${path}`);
    await exercise(panel, second.reader);
  });

  test("pass an APDU over a Unix socket without waiting for the next poll", async () => {
    const path = join(directory, "line.sock");
    const { reader } = await startReader(`unix-listen:${path}`);
    const pollIntervalMs = 500;
    const panel = await startPanel(`unix:${path}`, { pollIntervalMs });
    await panel.next("online");
    // Commands keep their order: once this is answered the reader is in mode 1.
    await panel.bus.xwr(3, { kind: "get-mode" });
    reader.insertCard({
      protocol: "contactless",
      csn: fromHex("04"),
      transceive: async () => fromHex("9000"),
    });
    await panel.next("xrd");
    const channel = panel.bus.openCard(3);
    const apdu = new Uint8Array(30);
    const timesMs: number[] = [];
    for (let i = 0; i < 21; i += 1) {
      const begunMs = performance.now();
      await channel.transceive(apdu);
      timesMs.push(performance.now() - begunMs);
    }
    const medianMs = timesMs.toSorted((a, b) => a - b)[10] ?? Number.POSITIVE_INFINITY;
    expect(medianMs).toBeLessThan(pollIntervalMs / 2);
    await channel.close();
  });
});

describe("listening", () => {
  test("the newest connection takes the line", async () => {
    const path = join(directory, "line.sock");
    const { reader } = await startReader(`unix-listen:${path}`);
    const first = await startPanel(`unix:${path}`);
    await first.next("online");
    await first.bus.stop();
    await exercise(await startPanel(`unix:${path}`), reader);
  });

  test("a socket file left by a killed process is replaced, a live one is not", async () => {
    const path = join(directory, "line.sock");
    const script = `require("net").createServer().listen(${JSON.stringify(path)},()=>process.kill(process.pid,"SIGKILL"))`;
    await new Promise((resolve) => spawn(process.execPath, ["-e", script]).once("exit", resolve));
    expect(existsSync(path)).toBe(true);
    await open(`unix-listen:${path}`);
    await expect(openTransport(`unix-listen:${path}`)).rejects.toMatchObject({ code: "transport-failed" });
  });

  test("a port in use is said so", async () => {
    const port = await freePort();
    await open(`tcp-listen:127.0.0.1:${port}`);
    await expect(openTransport(`tcp-listen:127.0.0.1:${port}`)).rejects.toMatchObject({
      code: "transport-failed",
    });
  });
});

test("a serial port that does not exist is waited for, and closing ends the wait", async () => {
  const stream = await openTransport(join(directory, "nothing"), RETRY);
  expect(stream.isOpen).toBe(false);
  stream.write(Uint8Array.of(1));
  await stream.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Two PTYs joined by socat, as soon as both are there. */
async function startSocat(): Promise<readonly [string, string]> {
  const ends = [join(directory, "near"), join(directory, "far")] as const;
  const child = spawn("socat", ["-d", "-d", ...ends.map((link) => `pty,raw,echo=0,link=${link}`)]);
  cleanups.push(async () => {
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill();
    await exited;
  });
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.stderr.on("data", (text) => {
      if (String(text).includes("starting data transfer loop")) resolve();
    });
  });
  return ends;
}
