import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { type CheckKind, decodeFrame, encodePlainFrame, type Sequence } from "../frame/frame.ts";
import { makeManualTimers } from "../manual-timers.fixture.ts";
import { OsdpError } from "../osdp-error.ts";
import { readerSettings } from "../rig.fixture.ts";
import { makeStreamPair } from "../transport/pair.ts";
import { makePeripheralLine } from "./peripheral-line.ts";
import type { PeripheralHandlers, PeripheralSettings } from "./peripheral-settings.ts";

const BUSY = "79";

/** A peripheral without secure channel and a hand to write frames with. */
function makeBench(more: Partial<PeripheralSettings> = {}, handlers: PeripheralHandlers = {}) {
  const timers = makeManualTimers();
  const [panel, far] = makeStreamPair();
  const line = makePeripheralLine({
    transport: far,
    timers,
    random: (size) => new Uint8Array(size).fill(0xb0),
  });
  const { key: _none, ...plain } = readerSettings(5, more);
  const reader = line.add({ ...plain, ...more }, handlers);
  const received: Uint8Array[] = [];
  panel.listen({
    opened: () => undefined,
    received: (bytes) => received.push(bytes),
    closed: () => undefined,
  });

  async function write(bytes: Uint8Array): Promise<string[]> {
    received.length = 0;
    panel.write(bytes);
    await timers.settle();
    return received.map((answer) => {
      const frame = decodeFrame(answer[0] === 0xff ? answer.subarray(1) : answer, answer[0] === 0xff);
      if (typeof frame === "string") throw new Error(frame);
      return `${frame.address}/${frame.sequence} ${toHex(Uint8Array.of(frame.code, ...frame.payload))}`;
    });
  }
  function send(
    sequence: Sequence,
    hex: string,
    frame: { address?: number; check?: CheckKind; mark?: boolean } = {},
  ) {
    const [code = 0, ...data] = fromHex(hex);
    const { address = 5, check = "crc16", mark = false } = frame;
    return write(
      encodePlainFrame({ address, reply: false, sequence, check, mark }, code, Uint8Array.from(data)),
    );
  }
  return { timers, line, reader, received, send, write };
}

describe("sequence numbers", () => {
  test("0 begins, 1 2 3 1 follow, and the answer carries the command's", async () => {
    const { send } = makeBench();
    expect(await send(0, "60")).toEqual(["5/0 40"]);
    expect(await send(1, "60")).toEqual(["5/1 40"]);
    expect(await send(2, "60")).toEqual(["5/2 40"]);
    expect(await send(3, "60")).toEqual(["5/3 40"]);
    expect(await send(1, "60")).toEqual(["5/1 40"]);
  });

  test("the same command again gets the same answer again and is carried out once", async () => {
    let lit = 0;
    const { send, reader } = makeBench({}, { led: () => ++lit > 0 });
    reader.report({ kind: "keypad", reader: 0, digits: Uint8Array.of(0x31) });
    await send(0, "6100");
    const led = "690000020505020014000000000000";
    expect(await send(1, led)).toEqual(["5/1 40"]);
    expect(await send(1, led)).toEqual(["5/1 40"]);
    expect(lit).toBe(1);
    expect(await send(2, "60")).toEqual(["5/2 53000131"]);
    expect(await send(2, "60")).toEqual(["5/2 53000131"]);
    expect(await send(3, "60")).toEqual(["5/3 40"]);
  });

  test("another command under the same number, or a number out of turn, is NAK 4 and not carried out", async () => {
    let lit = 0;
    const { send } = makeBench({}, { led: () => ++lit > 0 });
    await send(0, "6100");
    await send(1, "60");
    expect(await send(1, "690000020505020014000000000000")).toEqual(["5/1 4104"]);
    expect(await send(3, "690000020505020014000000000000")).toEqual(["5/3 4104"]);
    expect(lit).toBe(0);
    expect(await send(2, "60")).toEqual(["5/2 40"]);
  });

  test("a reader that has just started answers NAK 4 to a conversation it does not know", async () => {
    const { send } = makeBench();
    expect(await send(2, "60")).toEqual(["5/2 4104"]);
    expect(await send(0, "6100")).toHaveLength(1);
  });
});

describe("answers", () => {
  test("come with the check and the mark of the command", async () => {
    const { send, received } = makeBench();
    await send(0, "60", { check: "checksum", mark: true });
    expect(received.map(toHex)).toEqual(["ff538507000040e1"]);
    await send(0, "60", { check: "crc16" });
    expect(received.map(toHex)).toEqual(["5385080004400e8f"]);
  });

  test("to a broadcast come from the broadcast address when the reader is alone, and not at all otherwise", async () => {
    const { send, line } = makeBench();
    expect(await send(0, "60", { address: 127 })).toEqual(["127/0 40"]);
    line.add(readerSettings(6));
    expect(await send(0, "60", { address: 127 })).toEqual([]);
    expect(await send(0, "6100", { address: 6 })).toHaveLength(1);
    expect(await send(0, "60", { address: 7 })).toEqual([]);
  });

  test("to what the owner does not handle are NAK 3, to what he refuses NAK 9, to wrong lengths NAK 2", async () => {
    const { send } = makeBench(
      {},
      { text: () => false, other: (code) => (code === 0x9f ? { kind: "ack" } : undefined) },
    );
    expect(await send(0, "6800053200")).toEqual(["5/0 4103"]);
    expect(await send(0, "6b00010001010141")).toEqual(["5/0 4109"]);
    expect(await send(0, "6b00010001010241")).toEqual(["5/0 4102"]);
    expect(await send(0, "9f01")).toEqual(["5/0 40"]);
    expect(await send(0, "9e01")).toEqual(["5/0 4103"]);
    expect(await send(0, "7c00")).toEqual(["5/0 4103"]);
  });

  test("LSTAT and RSTAT are answered without handlers: nothing is wrong", async () => {
    const { send } = makeBench();
    expect(await send(0, "64")).toEqual(["5/0 480000"]);
    expect(await send(0, "67")).toEqual(["5/0 4b00"]);
    expect(await send(0, "65")).toEqual(["5/0 4103"]);
  });

  test("while busy are BUSY with sequence 0, and nothing is carried out", async () => {
    let lit = 0;
    const { send, reader } = makeBench({}, { led: () => ++lit > 0 });
    await send(0, "6100");
    reader.setBusy(true);
    expect(await send(1, "690000020505020014000000000000")).toEqual([`5/0 ${BUSY}`]);
    reader.setBusy(false);
    expect(lit).toBe(0);
    expect(await send(1, "690000020505020014000000000000")).toEqual(["5/1 40"]);
  });

  test("frames of other readers, noise and half frames are not answered", async () => {
    const { write, send, timers } = makeBench();
    const answer = encodePlainFrame(
      { address: 5, reply: true, sequence: 0, check: "crc16", mark: false },
      0x40,
      new Uint8Array(0),
    );
    expect(await write(answer)).toEqual([]);
    expect(await write(fromHex("5305090004"))).toEqual([]);
    await timers.advance(60);
    expect(await send(0, "60")).toEqual(["5/0 40"]);
  });
});

describe("security", () => {
  test("a provisioned reader outside its secure channel tells ID and CAP and nothing else", async () => {
    const { send } = makeBench({ secureChannelRequired: true });
    expect(await send(0, "6100")).toHaveLength(1);
    expect(await send(0, "6200")).toHaveLength(1);
    for (const hex of ["60", "64", "690000020505020014000000000000", "a10001", "80341200", "a2"]) {
      expect(await send(0, hex)).toEqual(["5/0 4106"]);
    }
  });

  test("KEYSET in the open is NAK 6 and reaches nobody", async () => {
    const keys: unknown[] = [];
    const { send } = makeBench({}, { keyset: (key) => keys.push(key) > 0 });
    expect(await send(0, `750110${"5a".repeat(16)}`)).toEqual(["5/0 4106"]);
    expect(keys).toEqual([]);
  });

  test("SCRYPT without CHLNG, or with a wrong cryptogram, is NAK 6", async () => {
    const { write, send } = makeBench({ installMode: true });
    const handshake = (sequence: Sequence, code: number, data: Uint8Array, type: number) =>
      write(
        encodePlainFrame({ address: 5, reply: false, sequence, check: "crc16", mark: false }, code, data, {
          type,
          data: Uint8Array.of(0),
        }),
      );
    expect(await handshake(0, 0x77, new Uint8Array(16), 0x13)).toEqual(["5/0 4106"]);
    expect(await handshake(0, 0x76, new Uint8Array(8), 0x11)).toHaveLength(1);
    expect(await handshake(1, 0x77, new Uint8Array(16), 0x13)).toEqual(["5/1 4106"]);
    expect(await handshake(2, 0x77, new Uint8Array(16), 0x13)).toEqual(["5/2 4106"]);
    expect(await send(0, "60")).toEqual(["5/0 40"]);
  });

  test("a secured command without a session is NAK 6", async () => {
    const { write, send } = makeBench();
    await send(0, "6100");
    await send(1, "60");
    // a captured POLL of somebody's session
    expect(await write(fromHex("53050e000e0215601378e3781803"))).toEqual(["5/2 4106"]);
    expect(await send(2, "60")).toEqual(["5/2 40"]);
  });
});

describe("the line", () => {
  test("addresses are taken once and stay in range", () => {
    const { line } = makeBench();
    expect(() => line.add(readerSettings(5))).toThrow(OsdpError);
    expect(() => line.add(readerSettings(127))).toThrow(OsdpError);
    expect(() => line.add(readerSettings(-1))).toThrow(OsdpError);
    line.remove(5);
    expect(() => line.add(readerSettings(5))).not.toThrow();
  });

  test("the owner hears when the panel comes and goes", async () => {
    const links: unknown[] = [];
    const { send, timers } = makeBench({}, { link: (link) => links.push(link) });
    await send(0, "60");
    await timers.advance(7_999);
    expect(links).toEqual([{ online: true, secure: false }]);
    await timers.advance(1);
    expect(links).toEqual([
      { online: true, secure: false },
      { online: false, secure: false },
    ]);
  });

  test("no more than 64 reports wait", () => {
    const { reader } = makeBench();
    const put = () => reader.report({ kind: "keypad", reader: 0, digits: Uint8Array.of(0x30) });
    for (let i = 0; i < 64; i += 1) expect(put()).toBe(true);
    expect(put()).toBe(false);
    expect(reader.waiting).toBe(64);
  });
});
