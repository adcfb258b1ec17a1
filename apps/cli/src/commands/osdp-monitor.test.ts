import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex, randomBytes } from "@menshen/crypto/node";
import {
  type ByteStream,
  makeBus,
  makePeripheralLine,
  openTransport,
  parseScbk,
  systemTimers,
} from "@menshen/osdp";
import { makeVirtualReader } from "@menshen/virtual-devices";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { menshen, menshenHere } from "../testing/menshen.ts";

const KEY = parseScbk(fromHex("a1b2c3d4e5f60718293a4b5c6d7e8f90"));
const CARD = fromHex("deadbeef");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "menshen-monitor-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A gate's bus and a reader, and the second adapter that hears both of them. */
async function busyLine(ear: ByteStream) {
  const socket = join(folder, "bus.sock");
  const line = makePeripheralLine({
    transport: await openTransport(`unix-listen:${socket}`),
    timers: systemTimers,
    random: randomBytes,
  });
  const reader = makeVirtualReader(line, { address: 1, timers: systemTimers, key: KEY });
  const port = await openTransport(`unix:${socket}`);
  const overheard: ByteStream = {
    get isOpen() {
      return port.isOpen;
    },
    write(bytes) {
      ear.write(bytes);
      port.write(bytes);
    },
    listen: (listener) =>
      port.listen({
        opened: () => listener.opened(),
        closed: () => listener.closed(),
        received(bytes) {
          ear.write(bytes);
          listener.received(bytes);
        },
      }),
    close: () => port.close(),
  };
  const bus = makeBus({
    transport: overheard,
    pds: [{ address: 1, security: { kind: "secure-channel", key: KEY } }],
    onEvent: () => undefined,
    timers: systemTimers,
  });
  return {
    reader,
    bus,
    async stop() {
      await bus.stop();
      await line.stop();
    },
  };
}

test("a second adapter hears the line: a line for each frame, a capture without keys and cards, a clean end", async () => {
  const socket = join(folder, "ear.sock");
  const capture = join(folder, "line.pcapng");
  const ear = await openTransport(`unix-listen:${socket}`);
  const run = menshen(["osdp", "monitor", `unix:${socket}`, "--write", capture]);
  let isHeard = false;
  ear.listen({
    opened: () => {
      isHeard = true;
    },
    received: () => {
      throw new Error("expected a monitor to be silent");
    },
    closed: () => undefined,
  });
  await vi.waitFor(() => expect(isHeard).toBe(true), { timeout: 30_000, interval: 20 });
  const { reader, bus, stop } = await busyLine(ear);
  try {
    expect(await run.line(/ > id 1 seq 0/)).toMatch(/^\d\d:\d\d:\d\d\.\d{3} > id 1 seq 0 1 bytes$/);
    await run.line(/ < pdid 1 /);
    await run.line(/ > chlng 1 seq \d SCS_11 /);
    await vi.waitFor(() => expect(bus.status(1).secure).toBe(true), { timeout: 30_000, interval: 20 });
    reader.swipe({ bitCount: 32, bytes: CARD }, 0);
    await run.line(/ < raw 1 seq \d SCS_18 /);
  } finally {
    run.child.kill("SIGTERM");
    await run.ended;
    await stop();
    await ear.close();
  }
  const ended = await run.ended;
  expect(ended.code).toBe(0);
  expect(ended.stderr).toBe("");
  expect(ended.stdout).toMatch(/^\d+ frames; 0 bytes that belong to none$/m);
  const bytes = readFileSync(capture);
  // pcapng: section header block, byte-order magic.
  expect(bytes.subarray(0, 4).toString("hex")).toBe("0a0d0d0a");
  expect(bytes.includes(Buffer.from(KEY))).toBe(false);
  expect(bytes.includes(Buffer.from(CARD))).toBe(false);
  expect(bytes.includes(Buffer.from(socket))).toBe(false);
  expect(statSync(capture).mode & 0o077).toBe(0);
}, 120_000);

test("a line that stays silent, a file that is there already, and a line that is none are told by their exit codes", async () => {
  const socket = join(folder, "silent.sock");
  const silent = await openTransport(`unix-listen:${socket}`);
  const quiet = await menshenHere(["osdp", "monitor", `unix:${socket}`, "--for", "1"]);
  await silent.close();
  expect(quiet).toMatchObject({ code: 69, stdout: "0 frames; 0 bytes that belong to none\n" });
  const taken = join(folder, "line.pcapng");
  const again = await menshenHere(["osdp", "monitor", `unix:${socket}`, "--write", taken]);
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toContain("name a file that is not there yet");
  const usage = await menshenHere(["osdp", "monitor", `unix:${socket}`, "--for", "0"]);
  expect(usage).toMatchObject({ code: 2, stdout: "" });
}, 120_000);
