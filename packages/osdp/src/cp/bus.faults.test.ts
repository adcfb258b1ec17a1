import { toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { decodeFrame, encodePlainFrame, type Frame } from "../frame/frame.ts";
import { KEY, makeRig, readerSettings } from "../rig.fixture.ts";

const NO_DATA = new Uint8Array(0);
const ACK = 0x40;
const NAK = 0x41;
const BUSY = 0x79;

function frameOf(bytes: Uint8Array): Frame {
  const frame = decodeFrame(bytes, false);
  if (typeof frame === "string") throw new Error(frame);
  return frame;
}

/** The same frame with one bit of its MAC turned and its CRC set right again; frames without MAC as they are. */
function withWrongMac(bytes: Uint8Array): Uint8Array {
  if (frameOf(bytes).mac === undefined) return bytes;
  const bent = bytes.slice();
  bent[bytes.length - 3] = (bent[bytes.length - 3] ?? 0) ^ 0x01;
  return withCrc(bent);
}

function withCrc(bytes: Uint8Array): Uint8Array {
  let crc = 0x1d0f;
  for (const byte of bytes.subarray(0, -2)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return Uint8Array.of(...bytes.subarray(0, -2), crc & 0xff, crc >> 8);
}

async function onlineRig() {
  const rig = makeRig();
  const reader = rig.readers.add(readerSettings(1));
  await rig.timers.advance(0);
  expect(rig.take()).toEqual(["bus connected", "secure-channel established", "online"]);
  return { ...rig, reader };
}

describe("inside a secure channel", () => {
  test("one wrong MAC is counted and survived by repeating the command", async () => {
    const { bus, line, timers, take } = await onlineRig();
    let bend = 1;
    line.toPanel = (bytes) => (bend-- > 0 ? [withWrongMac(bytes)] : [bytes]);
    await timers.advance(600);
    expect(take()).toEqual(["mac-failure"]);
    expect(bus.status(1)).toMatchObject({ online: true, secure: true, macFailures: 1, repeatedCommands: 1 });
  });

  test("the third wrong MAC ends the session: tamper, alarm, offline, then a new handshake", async () => {
    const { bus, line, timers, events, take } = await onlineRig();
    let bend = 3;
    line.toPanel = (bytes) => (bend-- > 0 ? [withWrongMac(bytes)] : [bytes]);
    await timers.advance(900);
    expect(events.filter(({ kind }) => kind === "mac-failure")).toEqual([
      { kind: "mac-failure", address: 1, fault: "wrong-mac", count: 1, alarm: false },
      { kind: "mac-failure", address: 1, fault: "wrong-mac", count: 2, alarm: false },
      { kind: "mac-failure", address: 1, fault: "wrong-mac", count: 3, alarm: true },
    ]);
    await timers.advance(5_000);
    expect(take().filter((event) => event !== "mac-failure")).toEqual([
      "secure-channel lost mac-failures",
      "tamper secure-channel-lost on",
      "offline secure-channel-lost",
      "secure-channel established",
      "online",
      "tamper secure-channel-lost off",
    ]);
    expect(bus.status(1)).toMatchObject({ online: true, secure: true });
  });

  test("a line that keeps forging is held off after ten failures", async () => {
    const { line, timers, take } = await onlineRig();
    // Handshakes pass, everything after them is bent.
    line.toPanel = (bytes) => [withWrongMac(bytes)];
    await timers.advance(15_000);
    const told = take();
    expect(told.indexOf("offline mac-failures")).toBeGreaterThan(0);
    const before = told.slice(0, told.indexOf("offline mac-failures"));
    expect(before.filter((event) => event === "mac-failure")).toHaveLength(10);
    expect(before.filter((event) => event === "offline secure-channel-lost")).toHaveLength(3);
  });

  test("a replayed reply is not taken for the new one", async () => {
    const { bus, line, reader, timers, take } = await onlineRig();
    reader.report({ kind: "raw", reader: 0, format: 1, bitCount: 8, bits: Uint8Array.of(0x77) });
    let recorded: Uint8Array | undefined;
    line.toPanel = (bytes) => {
      if (frameOf(bytes).code === 0x50) recorded = bytes;
      return [bytes];
    };
    await timers.advance(50);
    expect(take()).toEqual(["card-raw"]);
    // The reader is cut off and its card report played again for each of the next polls.
    line.toReader = () => [];
    line.toPanel = () => [];
    for (let i = 0; i < 12; i += 1) {
      if (recorded !== undefined) line.inject(recorded);
      await timers.advance(250);
    }
    expect(take()).not.toContain("card-raw");
    expect(bus.status(1).macFailures).toBeLessThanOrEqual(3);
  });

  test("a command played to the reader again is not carried out again", async () => {
    const opened: number[] = [];
    const rig = makeRig();
    rig.readers.add(readerSettings(1), { output: (outputs) => opened.push(outputs.length) > 0 });
    await rig.timers.advance(0);
    await rig.bus.output(1, [{ output: 0, control: 5, timerTicks: 50 }]);
    const recorded = rig.line.sentByPanel.findLast((bytes) => frameOf(bytes).code === 0x68);
    rig.line.toReader = (bytes) => (recorded === undefined ? [bytes] : [bytes, recorded]);
    await rig.timers.advance(500);
    expect(opened).toEqual([1]);
  });

  test("replies that overtake each other are not mixed up", async () => {
    const { bus, line, reader, timers, take } = await onlineRig();
    let held: Uint8Array | undefined;
    line.toPanel = (bytes) => {
      const before = held;
      held = bytes;
      return before === undefined ? [] : [before];
    };
    reader.report({ kind: "keypad", reader: 0, digits: Uint8Array.of(0x31) });
    reader.report({ kind: "keypad", reader: 0, digits: Uint8Array.of(0x32) });
    await timers.advance(3_000);
    line.toPanel = (bytes) => [bytes];
    await timers.advance(3_000);
    expect(take().filter((event) => event === "keypad")).toHaveLength(2);
    expect(bus.status(1)).toMatchObject({ online: true, secure: true });
  });

  test("a plain reply is nobody's reply, and counts as an attempt to forge", async () => {
    const { bus, events, line, timers } = await onlineRig();
    let forge = 1;
    line.toPanel = (bytes) => {
      if (forge-- <= 0) return [bytes];
      const { sequence } = frameOf(bytes);
      const header = { address: 1, reply: true, sequence, check: "crc16", mark: false } as const;
      return [encodePlainFrame(header, 0x50, Uint8Array.of(0, 1, 8, 0, 0x99)), bytes];
    };
    await timers.advance(500);
    expect(events).toEqual([
      { kind: "mac-failure", address: 1, fault: "plain-reply", count: 1, alarm: false },
    ]);
    expect(bus.status(1)).toMatchObject({ online: true, secure: true });
  });

  test("a reader that lost its session says so and gets a new one", async () => {
    const { bus, readers, timers, take } = await onlineRig();
    await timers.advance(20_000);
    readers.remove(1);
    readers.add(readerSettings(1));
    await timers.advance(1_000);
    expect(take()).toEqual([
      "secure-channel lost sequence",
      "tamper secure-channel-lost on",
      "offline secure-channel-lost",
      "secure-channel established",
      "online",
      "tamper secure-channel-lost off",
    ]);
    expect(bus.status(1)).toMatchObject({ online: true, secure: true });
  });
});

describe("downgrade", () => {
  test("a PDCAP that denies any security changes nothing for a provisioned reader", async () => {
    const rig = makeRig();
    rig.readers.add(readerSettings(1, { capabilities: [{ function: 9, compliance: 0, items: 0 }] }));
    await rig.timers.advance(1_000);
    expect(rig.bus.status(1)).toMatchObject({ online: true, secure: true });
  });

  test("a reader that cannot do a secure channel is never served plain", async () => {
    const rig = makeRig();
    rig.line.toReader = (bytes) => {
      const frame = frameOf(bytes);
      if (frame.code !== 0x76) return [bytes];
      rig.line.inject(encodePlainFrame({ ...frame, reply: true }, NAK, Uint8Array.of(5)));
      return [];
    };
    rig.readers.add(readerSettings(1, { secureChannelRequired: false }));
    await rig.timers.advance(30_000);
    expect(rig.bus.status(1)).toMatchObject({ online: false, secure: false });
    const codes = new Set(rig.line.sentByPanel.map((bytes) => frameOf(bytes).code));
    expect(codes).toEqual(new Set([0x61, 0x62, 0x76]));
    expect(rig.take()).toEqual([
      "bus connected",
      "secure-channel refused",
      "tamper key-mismatch on",
      "offline key-mismatch",
    ]);
  });

  test("SCBK-D from the panel outside the reader's install mode is refused", async () => {
    const rig = makeRig();
    rig.readers.add(readerSettings(1));
    const header = { address: 1, reply: false, sequence: 0, check: "crc16", mark: false } as const;
    const challenge = encodePlainFrame(header, 0x76, new Uint8Array(8), {
      type: 0x11,
      data: Uint8Array.of(0),
    });
    await rig.timers.advance(0);
    rig.line.sentByReader.length = 0;
    rig.line.toReader = () => [challenge];
    await rig.timers.advance(50);
    expect(rig.line.sentByReader.map((bytes) => toHex(frameOf(bytes).payload))).toEqual(["06"]);
  });
});

describe("a plain link", () => {
  test("does not take a reply with the sequence number of another command", async () => {
    const rig = makeRig({ pds: [{ address: 1, security: { kind: "plain" } }] });
    const reader = rig.readers.add(readerSettings(1, { secureChannelRequired: false }));
    await rig.timers.advance(0);
    reader.report({ kind: "raw", reader: 0, format: 1, bitCount: 8, bits: Uint8Array.of(0x77) });
    let recorded: Uint8Array | undefined;
    rig.line.toPanel = (bytes) => {
      if (frameOf(bytes).code === 0x50) recorded = bytes;
      // From then on the recorded report comes first in answer to every command but the one it belongs to.
      else if (recorded !== undefined && frameOf(recorded).sequence !== frameOf(bytes).sequence) {
        return [recorded, bytes];
      }
      return [bytes];
    };
    await rig.timers.advance(2_000);
    expect(recorded).toBeDefined();
    expect(rig.take().filter((event) => event === "card-raw")).toHaveLength(1);
    expect(rig.bus.status(1)).toMatchObject({ online: true, repeatedCommands: 0 });
  });
});

describe("the line", () => {
  test("damaged, truncated and oversized replies are waited out and asked for again", async () => {
    const { bus, line, timers, take } = await onlineRig();
    const bent: ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => bytes.slice(0, -3),
      (bytes) => bytes.map((byte, index) => (index === 9 ? byte ^ 0xff : byte)),
      (bytes) => Uint8Array.of(0x53, 0x81, 0xff, 0xff, 0x07, ...bytes.subarray(5)),
      () => new Uint8Array(0),
    ];
    line.toPanel = (bytes) => [bent.shift()?.(bytes) ?? bytes];
    await timers.advance(4_000);
    expect(take()).toEqual([]);
    expect(bus.status(1)).toMatchObject({ online: true, secure: true, repeatedCommands: 4, macFailures: 0 });
  });

  test("noise before and between frames does not hide them", async () => {
    const { bus, line, timers, take } = await onlineRig();
    const noise = Uint8Array.of(0x00, 0x53, 0x81, 0x0e, 0xff, 0x53, 0x53, 0xff);
    line.toPanel = (bytes) => [Uint8Array.of(...noise, ...bytes, ...noise)];
    line.toReader = (bytes) => [Uint8Array.of(...noise, ...bytes)];
    await timers.advance(10_000);
    expect(take()).toEqual([]);
    expect(bus.status(1).online).toBe(true);
  });

  test("a dead reader goes offline after eight seconds and comes back by itself", async () => {
    const { bus, line, timers, take } = await onlineRig();
    line.toReader = () => [];
    await timers.advance(7_900);
    expect(take()).toEqual([]);
    await timers.advance(1_000);
    expect(take()).toEqual([
      "secure-channel lost no-reply",
      "tamper secure-channel-lost on",
      "offline no-reply",
    ]);
    await timers.advance(60_000);
    expect(take()).toEqual([]);
    line.toReader = (bytes) => [bytes];
    await timers.advance(6_000);
    expect(take()).toEqual(["secure-channel established", "online", "tamper secure-channel-lost off"]);
    expect(bus.status(1)).toMatchObject({ online: true, secure: true });
  });

  test("a pulled cable is noticed at once, and the return needs no help", async () => {
    const { line, timers, take } = await onlineRig();
    line.setConnected(false);
    expect(take()).toEqual([
      "bus disconnected",
      "secure-channel lost transport-closed",
      "tamper secure-channel-lost on",
      "offline transport-closed",
    ]);
    await timers.advance(10_000);
    line.setConnected(true);
    await timers.advance(0);
    expect(take()).toEqual([
      "bus connected",
      "secure-channel established",
      "online",
      "tamper secure-channel-lost off",
    ]);
  });

  test("fifteen dead readers take at most a fifth of the line from the living one", async () => {
    const pds = Array.from({ length: 16 }, (_, address) => ({
      address,
      security: { kind: "secure-channel", key: KEY } as const,
    }));
    const rig = makeRig({ pds });
    rig.readers.add(readerSettings(15));
    await rig.timers.advance(10_000);
    expect(rig.bus.status(15)).toMatchObject({ online: true, secure: true });
    rig.line.sentByPanel.length = 0;
    await rig.timers.advance(20_000);
    const dead = rig.line.sentByPanel.filter((bytes) => frameOf(bytes).address !== 15).length;
    expect(dead * 200).toBeLessThanOrEqual(20_000 / 5 + 200);
    expect(dead).toBeGreaterThan(10);
    // 20 s at one poll each 50 ms, less what the dead ones took.
    expect(rig.line.sentByPanel.length - dead).toBeGreaterThan(300);
  });

  test("a reader that is busy for ever is given up after ten seconds", async () => {
    const { bus, reader, timers, take } = await onlineRig();
    reader.setBusy(true);
    await timers.advance(9_000);
    expect(take()).toEqual([]);
    await timers.advance(2_000);
    expect(take()).toEqual(["secure-channel lost busy", "tamper secure-channel-lost on", "offline busy"]);
    reader.setBusy(false);
    await timers.advance(10_000);
    expect(bus.status(1)).toMatchObject({ online: true, secure: true });
  });

  test("a short BUSY repeats the same bytes later", async () => {
    const { bus, line, reader, timers, take } = await onlineRig();
    line.sentByPanel.length = 0;
    reader.setBusy(true);
    await timers.advance(250);
    reader.setBusy(false);
    const sent = new Set(line.sentByPanel.map(toHex));
    expect(line.sentByPanel.length).toBeGreaterThanOrEqual(3);
    expect(sent.size).toBe(1);
    await timers.advance(200);
    expect(take()).toEqual([]);
    expect(bus.status(1)).toMatchObject({ online: true, secure: true });
  });

  test("a storm of NAKs takes the reader offline and is told in few words", async () => {
    const rig = makeRig({ pds: [{ address: 1, security: { kind: "plain" } }] });
    rig.readers.add(readerSettings(1, { secureChannelRequired: true }));
    await rig.timers.advance(120_000);
    const told = rig.take();
    expect(told.slice(0, 4)).toEqual(["bus connected", "online", "nak 6", "offline refused"]);
    // Every attempt ends in the same refusal; they come ever more slowly.
    expect(told.length).toBeLessThan(90);
  });

  test("two readers with one address are noticed", async () => {
    const rig = makeRig({ pds: [{ address: 1, security: { kind: "plain" } }] });
    rig.readers.add(readerSettings(1, { secureChannelRequired: false }));
    const twin = encodePlainFrame(
      { address: 1, reply: true, sequence: 1, check: "crc16", mark: false },
      ACK,
      NO_DATA,
    );
    await rig.timers.advance(0);
    rig.take();
    rig.line.toPanel = (bytes) => [bytes, twin];
    await rig.timers.advance(25_000);
    expect(rig.take().filter((event) => event === "stray-reply")).toHaveLength(3);
    expect(rig.bus.status(1).strayReplies).toBeGreaterThan(100);
  });

  test("a reader that floods costs neither memory nor the other reader", async () => {
    const security = { kind: "secure-channel", key: KEY } as const;
    const rig = makeRig({
      pds: [
        { address: 1, security },
        { address: 2, security },
      ],
    });
    rig.readers.add(readerSettings(2));
    const junk = new Uint8Array(64 * 1024).map((_, index) => [0x53, 0x81, 0xa0, 0x05][index % 4] ?? 0);
    for (let i = 0; i < 40; i += 1) {
      rig.line.inject(junk);
      await rig.timers.advance(50);
    }
    expect(
      rig.events.filter((event) => event.kind === "bus" && event.state === "flooded").length,
    ).toBeLessThan(4);
    await rig.timers.advance(3_000);
    expect(rig.bus.status(2)).toMatchObject({ online: true, secure: true });
  });

  test("an unsolicited BUSY or a reply from a stranger does not disturb", async () => {
    const { bus, line, timers, take } = await onlineRig();
    const header = { address: 1, reply: true, sequence: 0, check: "crc16", mark: false } as const;
    line.inject(encodePlainFrame({ ...header, address: 77 }, ACK, NO_DATA));
    line.inject(encodePlainFrame({ ...header, reply: false }, 0x60, NO_DATA));
    await timers.advance(10);
    expect(take()).toEqual([]);
    line.inject(encodePlainFrame(header, BUSY, NO_DATA));
    await timers.advance(1_000);
    expect(take()).toEqual(["stray-reply"]);
    expect(bus.status(1)).toMatchObject({ online: true, secure: true });
  });
});
