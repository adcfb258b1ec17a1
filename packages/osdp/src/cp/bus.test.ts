import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { decodeFrame, encodePlainFrame } from "../frame/frame.ts";
import { OsdpError } from "../osdp-error.ts";
import { KEY, makeRig, OTHER_KEY, readerSettings } from "../rig.fixture.ts";

const LED = {
  reader: 0,
  led: 0,
  temporary: { control: 2, onTicks: 1, offTicks: 1, onColour: 2, offColour: 0, timerTicks: 10 },
  permanent: { control: 0, onTicks: 0, offTicks: 0, onColour: 0, offColour: 0 },
};

function commandCodes(frames: readonly Uint8Array[]): string[] {
  return frames.map((bytes) => {
    const frame = decodeFrame(bytes, false);
    if (typeof frame === "string") throw new Error(frame);
    return `${frame.address}:${frame.code.toString(16)}`;
  });
}

describe("coming online", () => {
  test("goes through ID, CAP, CHLNG and SCRYPT to sealed polls", async () => {
    const rig = makeRig();
    rig.readers.add(readerSettings(1));
    await rig.timers.advance(0);
    expect(commandCodes(rig.line.sentByPanel)).toEqual(["1:61", "1:62", "1:76", "1:77", "1:60"]);
    expect(rig.take()).toEqual(["bus connected", "secure-channel established", "online"]);
    expect(rig.bus.status(1)).toMatchObject({ online: true, secure: true, identity: { serial: 1_001 } });
  });

  test("a plain reader is marked as such", async () => {
    const rig = makeRig({ pds: [{ address: 1, security: { kind: "plain" } }] });
    const reader = rig.readers.add(readerSettings(1, { secureChannelRequired: false }));
    await rig.timers.advance(0);
    expect(rig.bus.status(1)).toMatchObject({ online: true, secure: false });
    reader.report({ kind: "raw", reader: 0, format: 0, bitCount: 8, bits: Uint8Array.of(0x5a) });
    await rig.timers.advance(60);
    expect(rig.events.at(-1)).toEqual({
      kind: "card-raw",
      address: 1,
      secure: false,
      stale: false,
      reader: 0,
      format: 0,
      bitCount: 8,
      bits: Uint8Array.of(0x5a),
    });
  });

  test("a card that the reader kept from before is told as stale, the next one is not", async () => {
    const rig = makeRig();
    const reader = rig.readers.add(readerSettings(1));
    const card = { kind: "raw", reader: 0, format: 0, bitCount: 8, bits: Uint8Array.of(0x5a) } as const;
    reader.report(card);
    await rig.timers.advance(60);
    reader.report(card);
    await rig.timers.advance(60);
    const cards = rig.events.filter((event) => event.kind === "card-raw");
    expect(cards.map(({ stale }) => stale)).toEqual([true, false]);
  });

  test("polls at its interval, and the interval can be changed", async () => {
    const rig = makeRig({
      pds: [{ address: 1, security: { kind: "secure-channel", key: KEY }, pollIntervalMs: 20 }],
    });
    rig.readers.add(readerSettings(1));
    await rig.timers.advance(0);
    rig.line.sentByPanel.length = 0;
    await rig.timers.advance(200);
    expect(rig.line.sentByPanel).toHaveLength(10);
    rig.bus.setPollInterval(1, 100);
    await rig.timers.advance(20);
    rig.line.sentByPanel.length = 0;
    await rig.timers.advance(1_000);
    expect(rig.line.sentByPanel).toHaveLength(10);
  });

  test("several waiting reports are fetched one after the other without waiting for the interval", async () => {
    const rig = makeRig();
    const reader = rig.readers.add(readerSettings(1));
    await rig.timers.advance(0);
    rig.take();
    for (const digit of [0x31, 0x32, 0x33])
      reader.report({ kind: "keypad", reader: 0, digits: Uint8Array.of(digit) });
    await rig.timers.advance(50);
    expect(rig.take()).toEqual(["keypad", "keypad", "keypad"]);
  });

  test("a reply in parts is told once, whole, and an unknown code as it is", async () => {
    const rig = makeRig();
    const reader = rig.readers.add(readerSettings(1));
    await rig.timers.advance(0);
    reader.report({ kind: "opaque", code: 0x80, data: fromHex("030000000200a1a2") });
    reader.report({ kind: "opaque", code: 0x80, data: fromHex("030002000100a3") });
    reader.report({ kind: "opaque", code: 0x80, data: fromHex("030002000100a3") });
    reader.report({ kind: "opaque", code: 0xe7, data: fromHex("c0de") });
    await rig.timers.advance(50);
    expect(rig.events.slice(-2)).toEqual([
      { kind: "opaque-reply", address: 1, code: 0x80, data: fromHex("a1a2a3") },
      { kind: "opaque-reply", address: 1, code: 0xe7, data: fromHex("c0de") },
    ]);
  });

  test("a real line rests for two characters after each answer, a socket does not", async () => {
    const sentWithin = async (baudRate: number, forMs: number) => {
      const rig = makeRig({ timing: { baudRate } });
      rig.readers.add(readerSettings(1));
      await rig.timers.advance(forMs);
      return commandCodes(rig.line.sentByPanel);
    };
    expect(await sentWithin(0, 0)).toEqual(["1:61", "1:62", "1:76", "1:77", "1:60"]);
    expect(await sentWithin(9_600, 2)).toEqual(["1:61"]);
    expect(await sentWithin(9_600, 5)).toEqual(["1:61", "1:62", "1:76"]);
  });

  test("sixteen readers on one line are all served, and one more is refused", async () => {
    const pds = Array.from({ length: 16 }, (_, address) => ({
      address,
      security: { kind: "secure-channel", key: KEY } as const,
    }));
    const rig = makeRig({ pds });
    for (const { address } of pds) rig.readers.add(readerSettings(address));
    await rig.timers.advance(100);
    expect(pds.every(({ address }) => rig.bus.status(address).online)).toBe(true);
    rig.line.sentByPanel.length = 0;
    await rig.timers.advance(50);
    expect(new Set(commandCodes(rig.line.sentByPanel)).size).toBe(16);
    expect(() => makeRig({ pds: [...pds, { address: 16, security: { kind: "plain" } }] })).toThrow(OsdpError);
    expect(() => makeRig({ pds: [pds[0], pds[0]].flatMap((pd) => pd ?? []) })).toThrow(
      "address 0 stands twice",
    );
  });

  test("the broadcast address finds a single reader whatever its address", async () => {
    const rig = makeRig({ pds: [{ address: 127, security: { kind: "plain" } }] });
    rig.readers.add(readerSettings(42, { secureChannelRequired: false }));
    await rig.timers.advance(0);
    expect(rig.bus.status(127).identity?.serial).toBe(1_042);
  });
});

describe("commands", () => {
  test("go out at once and settle with the reader's answer", async () => {
    const rig = makeRig();
    const seen: unknown[] = [];
    rig.readers.add(readerSettings(1), {
      led: (leds) => seen.push(leds) > 0,
      buzzer: () => false,
      localStatus: () => ({ tamper: false, powerFailed: true }),
    });
    await rig.timers.advance(0);
    rig.take();
    await expect(rig.bus.led(1, [LED])).resolves.toEqual({ accepted: true, reply: { kind: "ack" } });
    expect(seen).toEqual([[LED]]);
    const buzzer = { reader: 0, tone: 2, onTicks: 1, offTicks: 1, repeat: 1 };
    await expect(rig.bus.buzzer(1, buzzer)).resolves.toEqual({
      accepted: false,
      reason: "nak",
      nakReason: 9,
    });
    await expect(rig.bus.output(1, [{ output: 0, control: 5, timerTicks: 30 }])).resolves.toEqual({
      accepted: false,
      reason: "nak",
      nakReason: 3,
    });
    await expect(rig.bus.send(1, { kind: "lstat" })).resolves.toMatchObject({ accepted: true });
    expect(rig.take()).toEqual(["nak 9", "nak 3", "tamper reported off", "power"]);
  });

  test("to a reader that is not online are refused at once", async () => {
    const rig = makeRig();
    await expect(rig.bus.led(1, [LED])).resolves.toEqual({ accepted: false, reason: "offline" });
  });

  test("what cannot be encoded is refused before it waits", async () => {
    const rig = makeRig();
    rig.readers.add(readerSettings(1));
    await rig.timers.advance(0);
    const text = { reader: 0, command: 1, temporarySeconds: 0, row: 1, column: 1, text: new Uint8Array(256) };
    expect(() => rig.bus.text(1, text)).toThrow(OsdpError);
    expect(() => rig.bus.mfg(1, 0x123456, new Uint8Array(1_421))).toThrow(OsdpError);
    expect(() => rig.bus.led(9, [LED])).toThrow("no peripheral with address `9`");
  });

  test("are never carried out late: they expire while the reader is silent, and the link with them", async () => {
    const rig = makeRig();
    const opened: unknown[] = [];
    rig.readers.add(readerSettings(1), { output: (outputs) => opened.push(outputs) > 0 });
    await rig.timers.advance(0);
    rig.line.toReader = () => [];
    const first = rig.bus.output(1, [{ output: 0, control: 5, timerTicks: 30 }], { expiryMs: 1_000 });
    const second = rig.bus.output(1, [{ output: 0, control: 5, timerTicks: 30 }], { expiryMs: 500 });
    await rig.timers.advance(2_000);
    await expect(first).resolves.toEqual({ accepted: false, reason: "expired" });
    await expect(second).resolves.toEqual({ accepted: false, reason: "expired" });
    rig.line.toReader = (bytes) => [bytes];
    await rig.timers.advance(10_000);
    expect(rig.bus.status(1).online).toBe(true);
    expect(opened).toEqual([]);
  });

  test("that wait when the reader goes are told so, and not sent when it returns", async () => {
    const rig = makeRig();
    const opened: unknown[] = [];
    rig.readers.add(readerSettings(1), { output: (outputs) => opened.push(outputs) > 0 });
    await rig.timers.advance(0);
    rig.line.toReader = () => [];
    const outcomes = [1, 2].map(() =>
      rig.bus.output(1, [{ output: 0, control: 5, timerTicks: 30 }], { expiryMs: 60_000 }),
    );
    await rig.timers.advance(100);
    rig.line.setConnected(false);
    await expect(outcomes[0]).resolves.toEqual({ accepted: false, reason: "expired" });
    await expect(outcomes[1]).resolves.toEqual({ accepted: false, reason: "offline" });
    rig.line.toReader = (bytes) => [bytes];
    rig.line.setConnected(true);
    await rig.timers.advance(1_000);
    expect(rig.bus.status(1).online).toBe(true);
    expect(opened).toEqual([]);
  });

  test("submitted from within an event go out in the next turn", async () => {
    const lit: number[] = [];
    const rig = makeRig({
      onEvent: (event) => {
        if (event.kind === "card-raw") void rig.bus.led(1, [LED]);
      },
    });
    const reader = rig.readers.add(readerSettings(1), { led: (leds) => lit.push(leds.length) > 0 });
    await rig.timers.advance(0);
    reader.report({ kind: "raw", reader: 0, format: 1, bitCount: 26, bits: fromHex("a1b2c3c0") });
    await rig.timers.advance(50);
    expect(lit).toEqual([1]);
  });

  test("more than 32 waiting are refused", async () => {
    const rig = makeRig();
    rig.readers.add(readerSettings(1));
    await rig.timers.advance(0);
    rig.line.toReader = () => [];
    const outcomes = Array.from({ length: 34 }, () => rig.bus.led(1, [LED]));
    await expect(outcomes[33]).resolves.toEqual({ accepted: false, reason: "queue-full" });
    await rig.bus.stop();
    await expect(outcomes[0]).resolves.toEqual({ accepted: false, reason: "stopped" });
    await expect(outcomes[32]).resolves.toEqual({ accepted: false, reason: "stopped" });
  });

  test("COMSET moves a reader to another address and the bus follows it", async () => {
    const rig = makeRig();
    const reader = rig.readers.add(readerSettings(1), { comset: ({ baudRate }) => baudRate === 115_200 });
    await rig.timers.advance(0);
    rig.take();
    await expect(rig.bus.comset(1, { address: 9, baudRate: 115_200 })).resolves.toMatchObject({
      accepted: true,
    });
    expect(rig.take()).toEqual(["line-settings"]);
    expect(reader.address).toBe(9);
    rig.line.sentByPanel.length = 0;
    await rig.timers.advance(500);
    expect(new Set(commandCodes(rig.line.sentByPanel))).toEqual(new Set(["9:60"]));
    expect(rig.bus.status(1)).toMatchObject({ online: true, repeatedCommands: 0 });
  });
});

describe("a new key", () => {
  test("is in force once the reader has proved it", async () => {
    const rig = makeRig();
    const stored: string[] = [];
    rig.readers.add(readerSettings(1), { keyset: (key) => stored.push(toHex(key)) > 0 });
    await rig.timers.advance(0);
    rig.take();
    await expect(rig.bus.keyset(1, OTHER_KEY)).resolves.toEqual({ accepted: true, reply: { kind: "ack" } });
    expect(stored).toEqual([toHex(OTHER_KEY)]);
    await rig.timers.advance(100);
    expect(rig.take()).toEqual(["secure-channel lost rekey", "secure-channel established", "key-set"]);
    expect(rig.bus.status(1)).toMatchObject({ online: true, secure: true });
  });

  test("that the reader refuses leaves the old one in force", async () => {
    const rig = makeRig();
    rig.readers.add(readerSettings(1), { keyset: () => false });
    await rig.timers.advance(0);
    await expect(rig.bus.keyset(1, OTHER_KEY)).resolves.toEqual({
      accepted: false,
      reason: "nak",
      nakReason: 9,
    });
    await rig.timers.advance(500);
    expect(rig.bus.status(1)).toMatchObject({ online: true, secure: true });
    expect(rig.take()).toEqual(["bus connected", "secure-channel established", "online", "nak 9"]);
  });

  test("that only a forged acknowledgement accepted is not believed", async () => {
    const rig = makeRig();
    const stored: string[] = [];
    rig.readers.add(readerSettings(1), { keyset: (key) => stored.push(toHex(key)) > 0 });
    await rig.timers.advance(0);
    rig.line.toReader = (bytes) => {
      const frame = decodeFrame(bytes, false);
      if (typeof frame === "string" || frame.code !== 0x75) return [bytes];
      rig.line.inject(encodePlainFrame({ ...frame, reply: true }, 0x40, new Uint8Array(0)));
      return [];
    };
    await expect(rig.bus.keyset(1, OTHER_KEY)).resolves.toEqual({ accepted: false, reason: "not-secure" });
    await rig.timers.advance(500);
    expect(stored).toEqual([]);
    expect(rig.bus.status(1)).toMatchObject({ online: true, secure: true });
    expect(rig.take()).not.toContain("key-set");
  });

  test("whose acknowledgement is lost is found by trying both", async () => {
    const rig = makeRig();
    rig.readers.add(readerSettings(1), { keyset: () => true });
    await rig.timers.advance(0);
    rig.line.toPanel = () => [];
    const outcome = rig.bus.keyset(1, OTHER_KEY, { expiryMs: 500 });
    await rig.timers.advance(2_000);
    await expect(outcome).resolves.toEqual({ accepted: false, reason: "expired" });
    rig.line.toPanel = (bytes) => [bytes];
    await rig.timers.advance(6_000);
    expect(rig.bus.status(1)).toMatchObject({ online: true, secure: true });
    expect(rig.take().filter((event) => event === "key-set")).toHaveLength(1);
  });

  test("cannot be given to a plain reader", async () => {
    const rig = makeRig({ pds: [{ address: 1, security: { kind: "plain" } }] });
    rig.readers.add(readerSettings(1, { secureChannelRequired: false }));
    await rig.timers.advance(0);
    await expect(rig.bus.keyset(1, OTHER_KEY)).resolves.toEqual({ accepted: false, reason: "not-secure" });
    expect(() => rig.bus.openInstallWindow(1, 1_000)).toThrow(OsdpError);
  });
});

describe("the install window", () => {
  function freshReader(rig: ReturnType<typeof makeRig>) {
    const stored: string[] = [];
    const { key: _none, ...fresh } = readerSettings(1);
    rig.readers.add(fresh, { keyset: (key) => stored.push(toHex(key)) > 0 });
    return stored;
  }

  test("hands the key over, proves it and closes", async () => {
    const rig = makeRig();
    const stored = freshReader(rig);
    rig.bus.openInstallWindow(1, 60_000);
    await rig.timers.advance(0);
    expect(stored).toEqual([toHex(KEY)]);
    expect(rig.take()).toEqual([
      "install-window opened operator",
      "bus connected",
      "secure-channel established",
      "secure-channel lost rekey",
      "secure-channel established",
      "key-set",
      "install-window closed used",
      "online",
    ]);
    expect(rig.bus.status(1)).toMatchObject({ online: true, secure: true, installWindowOpen: false });
  });

  test("without it a fresh reader stays out, and is told of once", async () => {
    const rig = makeRig();
    const stored = freshReader(rig);
    await rig.timers.advance(60_000);
    expect(stored).toEqual([]);
    expect(rig.take()).toEqual([
      "bus connected",
      "secure-channel refused",
      "tamper key-mismatch on",
      "offline key-mismatch",
    ]);
    rig.bus.openInstallWindow(1, 1_000);
    await rig.timers.advance(0);
    expect(rig.take().slice(-2)).toEqual(["online", "tamper key-mismatch off"]);
  });

  test("closes by its own clock, and SCBK-D is over with it", async () => {
    const rig = makeRig();
    rig.bus.openInstallWindow(1, 30_000);
    await rig.timers.advance(29_999);
    expect(rig.bus.status(1).installWindowOpen).toBe(true);
    await rig.timers.advance(1);
    expect(rig.bus.status(1).installWindowOpen).toBe(false);
    const stored = freshReader(rig);
    await rig.timers.advance(20_000);
    expect(stored).toEqual([]);
    expect(rig.take()).toEqual([
      "install-window opened operator",
      "bus connected",
      "offline no-reply",
      "install-window closed expired",
      "secure-channel refused",
      "tamper key-mismatch on",
    ]);
  });

  test("can be closed by hand and is not opened for longer than allowed", async () => {
    const rig = makeRig();
    rig.bus.openInstallWindow(1, 30_000);
    rig.bus.closeInstallWindow(1);
    expect(rig.take().slice(-1)).toEqual(["install-window closed operator"]);
    expect(() => rig.bus.openInstallWindow(1, 15 * 60_000 + 1)).toThrow(OsdpError);
    expect(() => rig.bus.openInstallWindow(1, 0)).toThrow(OsdpError);
    expect(() => rig.bus.openInstallWindow(1, Number.NaN)).toThrow(OsdpError);
  });

  test("a reader that holds the right key is not offered SCBK-D", async () => {
    const rig = makeRig();
    rig.readers.add(readerSettings(1));
    rig.bus.openInstallWindow(1, 30_000);
    await rig.timers.advance(100);
    expect(rig.events.filter(({ kind }) => kind === "secure-channel")).toEqual([
      { kind: "secure-channel", address: 1, state: "established", key: "scbk" },
    ]);
  });
});

describe("stop", () => {
  test("leaves no timer and sends nothing more", async () => {
    const rig = makeRig();
    rig.readers.add(readerSettings(1));
    await rig.timers.advance(100);
    await rig.readers.stop();
    await rig.bus.stop();
    rig.line.sentByPanel.length = 0;
    await rig.timers.advance(20_000);
    expect(rig.line.sentByPanel).toEqual([]);
    expect(rig.timers.pendingTimers).toBe(0);
    expect(rig.take().slice(-2)).toEqual(["secure-channel lost stopped", "offline stopped"]);
    await expect(rig.bus.led(1, [LED])).resolves.toEqual({ accepted: false, reason: "stopped" });
  });
});
