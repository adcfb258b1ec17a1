import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { makeBus } from "./cp/bus.ts";
import type { Bus } from "./cp/bus-api.ts";
import type { BusEvent } from "./cp/bus-event.ts";
import { makeManualTimers } from "./manual-timers.fixture.ts";
import { type Command, decodeCommand } from "./message/command.ts";
import { decodeReply } from "./message/reply.ts";
import { makePeripheralLine } from "./pd/peripheral-line.ts";
import { parseLabScbk } from "./secure/scbk.ts";
import {
  type CapturedExchange,
  frameOf,
  messageOf,
  readTranscript,
  scriptedRandom,
} from "./transcript.fixture.ts";
import type { ByteStream, ByteStreamListener } from "./transport/byte-stream.ts";

const ADDRESS = 5;
const CLIENT_UID = fromHex("12fe020044332211");
const IDENTITY = {
  vendor: 0x12feca,
  model: 2,
  version: 1,
  serial: 0x11223344,
  firmware: { major: 1, minor: 2, build: 3 },
};
const MACHINE_MADE = new Set(["ID", "CAP", "CHLNG/CCRYPT", "SCRYPT", "POLL"]);

/** The far side of a line, played by the test. */
function makeScriptedLine() {
  let listener: ByteStreamListener | undefined;
  const written: string[] = [];
  const stream: ByteStream = {
    isOpen: true,
    write: (bytes) => written.push(toHex(bytes)),
    listen(next) {
      listener = next;
      next.opened();
    },
    close: async () => undefined,
  };
  return { stream, written, receive: (hex: string) => listener?.received(fromHex(hex)) };
}

function ask(bus: Bus, command: Command): Promise<unknown> {
  if (command.kind === "keyset") return bus.keyset(ADDRESS, parseLabScbk(command.key));
  if (command.kind === "chlng" || command.kind === "scrypt")
    throw new Error("the handshake is the bus's own");
  return bus.send(ADDRESS, command);
}

/** Plays the captured peripheral to our panel and returns what the panel wrote and told. */
async function replayAsPanel(exchanges: readonly CapturedExchange[], key: string, installWindow: boolean) {
  const timers = makeManualTimers();
  const line = makeScriptedLine();
  const events: BusEvent[] = [];
  const challenges = exchanges.filter(({ command }) => command.code === "CHLNG/CCRYPT");
  const bus: Bus = makeBus({
    transport: line.stream,
    pds: [
      {
        address: ADDRESS,
        security: { kind: "secure-channel", key: parseLabScbk(fromHex(key)) },
        pollIntervalMs: 100,
      },
    ],
    onEvent: (event) => events.push(event),
    timers,
    random: scriptedRandom(challenges.map(({ command }) => frameOf(command).payload)),
  });
  if (installWindow) bus.openInstallWindow(ADDRESS, 60_000);
  const outcomes: Promise<unknown>[] = [];
  for (const [index, { command, reply }] of exchanges.entries()) {
    while (line.written.length === 0) await timers.advance(1);
    expect(line.written.splice(0)).toEqual([command.frame]);
    // Asked for before the answer to the one before arrives: after a report our panel would poll again at once.
    const next = exchanges[index + 1];
    if (next !== undefined && bus.status(ADDRESS).online && !MACHINE_MADE.has(next.command.code)) {
      outcomes.push(ask(bus, decodeCommand(messageOf(next.command))));
    }
    line.receive(reply.frame);
    await timers.settle();
  }
  const settled = await Promise.all(outcomes);
  const status = bus.status(ADDRESS);
  const told = [...events];
  await bus.stop();
  return { events: told, settled, status };
}

/** Plays the captured panel to our peripheral and checks every answer. */
async function replayAsPeripheral(exchanges: readonly CapturedExchange[], key: string | undefined) {
  const timers = makeManualTimers();
  const line = makeScriptedLine();
  const random: Uint8Array[] = [];
  for (const [index, { reply }] of exchanges.entries()) {
    if (reply.code !== "CCRYPT") continue;
    const { payload } = frameOf(reply);
    random.push(payload.slice(8, 16));
    // Without a key the cryptogram is noise as well.
    if (key === undefined && index === 2) random.push(payload.slice(16));
  }
  const peripherals = makePeripheralLine({ transport: line.stream, timers, random: scriptedRandom(random) });
  const keysets: string[] = [];
  const peripheral = peripherals.add(
    {
      address: ADDRESS,
      identity: IDENTITY,
      capabilities: [
        [1, 1, 4],
        [2, 1, 2],
        [3, 1, 0],
        [4, 2, 1],
        [5, 1, 1],
        [6, 1, 1],
        [8, 1, 0],
        [9, 1, 0],
        [10, 0, 1],
        [16, 2, 0],
      ].map(([code = 0, compliance = 0, items = 0]) => ({ function: code, compliance, items })),
      clientUid: CLIENT_UID,
      statusProtection: { kind: "mac-only", blockType: 0x15 },
      ...(key === undefined ? {} : { key: parseLabScbk(fromHex(key)) }),
    },
    {
      led: () => true,
      buzzer: () => true,
      text: () => true,
      output: () => true,
      inputStates: () => [0, 0, 0, 0],
      outputStates: () => [1, 0],
      readerStates: () => [0],
      localStatus: () => ({ tamper: false, powerFailed: false }),
      mfg: () => ({ kind: "ack" }),
      keyset(next) {
        keysets.push(toHex(next));
        return true;
      },
    },
  );
  for (const { command, reply } of exchanges) {
    if (command.code === "POLL" && reply.code !== "ACK") peripheral.report(decodeReply(messageOf(reply)));
    line.receive(command.frame);
    await timers.settle();
    expect(line.written.splice(0)).toEqual([reply.frame]);
  }
  const link = peripheral.link;
  await peripherals.stop();
  return { keysets, link };
}

describe("transcript under SCBK, 118 exchanges", () => {
  const exchanges = readTranscript("scbk");
  const key = "000102030405060708090a0b0c0d0e0f";

  test("our panel sends every captured command byte for byte", async () => {
    expect(exchanges).toHaveLength(118);
    const { events, settled, status } = await replayAsPanel(exchanges, key, false);

    expect(status).toMatchObject({
      online: true,
      secure: true,
      macFailures: 0,
      repeatedCommands: 0,
      strayReplies: 0,
    });
    expect(settled).toEqual(settled.map(() => expect.objectContaining({ accepted: true })));
    expect(events.slice(0, 3)).toEqual([
      { kind: "bus", state: "connected" },
      { kind: "secure-channel", address: 5, state: "established", key: "scbk" },
      {
        kind: "online",
        address: 5,
        secure: true,
        identity: IDENTITY,
        capabilities: expect.arrayContaining([{ function: 9, compliance: 1, items: 0 }]),
      },
    ]);
    expect(events).toContainEqual({
      kind: "card-raw",
      address: 5,
      secure: true,
      stale: false,
      reader: 0,
      format: 1,
      bitCount: 26,
      bits: fromHex("a1b2c3c0"),
    });
    expect(events).toContainEqual({
      kind: "keypad",
      address: 5,
      secure: true,
      stale: false,
      reader: 0,
      digits: new TextEncoder().encode("1234"),
    });
    expect(events).toContainEqual({ kind: "input", address: 5, secure: true, states: [1, 0, 0, 0] });
    expect(events).toContainEqual({ kind: "tamper", address: 5, cause: "reported", active: true });
  });

  test("our peripheral gives every captured answer byte for byte", async () => {
    const { link } = await replayAsPeripheral(exchanges, key);
    expect(link).toEqual({ online: true, secure: true, key: "scbk" });
  });
});

describe("transcript of an installation, 122 exchanges", () => {
  const exchanges = readTranscript("install-keyset");
  const key = "00112233445566778899aabbccddeeff";

  test("our panel sends every captured command byte for byte", async () => {
    expect(exchanges).toHaveLength(122);
    const { events, settled, status } = await replayAsPanel(exchanges, key, true);

    expect(status).toMatchObject({ online: true, secure: true, installWindowOpen: false, macFailures: 0 });
    expect(settled[0]).toEqual({ accepted: true, reply: { kind: "ack" } });
    const milestones = events.filter(({ kind }) =>
      ["secure-channel", "key-set", "install-window", "online", "offline", "tamper"].includes(kind),
    );
    expect(
      milestones.map((event) => ("state" in event ? `${event.kind} ${event.state}` : event.kind)),
    ).toEqual([
      "install-window opened",
      "secure-channel established",
      "secure-channel lost",
      "secure-channel established",
      "key-set",
      "install-window closed",
      "online",
      "secure-channel lost",
      "secure-channel established",
      "key-set",
      // both reported by LSTATR: none when asked, one when it happens
      "tamper",
      "tamper",
    ]);
  });

  test("our panel stops at the cryptogram that is meant to fail when no window is open", async () => {
    const timers = makeManualTimers();
    const line = makeScriptedLine();
    const events: BusEvent[] = [];
    const bus = makeBus({
      transport: line.stream,
      pds: [{ address: ADDRESS, security: { kind: "secure-channel", key: parseLabScbk(fromHex(key)) } }],
      onEvent: (event) => events.push(event),
      timers,
      random: scriptedRandom([fromHex("ab39881d772a808b")]),
    });
    for (const { reply } of exchanges.slice(0, 3)) {
      await timers.advance(1);
      line.receive(reply.frame);
    }
    await timers.advance(1_000);
    expect(line.written).toEqual(exchanges.slice(0, 3).map(({ command }) => command.frame));
    expect(events.slice(1)).toEqual([
      { kind: "secure-channel", address: 5, state: "refused", key: "scbk" },
      { kind: "tamper", address: 5, cause: "key-mismatch", active: true },
      { kind: "offline", address: 5, reason: "key-mismatch" },
    ]);
    await bus.stop();
  });

  test("our peripheral gives every captured answer byte for byte", async () => {
    const { keysets, link } = await replayAsPeripheral(exchanges, undefined);
    expect(keysets).toEqual([key, key]);
    expect(link).toEqual({ online: true, secure: true, key: "scbk" });
  });
});
