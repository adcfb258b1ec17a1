import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import { SecureSession } from "./secure-session.ts";
import { makeAesSessionCipher } from "./session-cipher.ts";

const none = new Uint8Array();
const header = fromHex("03000000100000");
const code = (expected: string) => expect.objectContaining({ code: expected });

function bothEnds(commandCounter = 0) {
  const open = () => {
    const cipher = makeAesSessionCipher(primitives, {
      encryptionKey: fromHex("1309c877509e5a215007ff0ed19ca564"),
      macKey: fromHex("4c6626f5e72ea694202139295c7a7fc7"),
    });
    return new SecureSession(primitives, cipher, fromHex("9d00c4df"), commandCounter);
  };
  return { reader: open(), card: open() };
}

describe("secure messaging", () => {
  it.each(["plain", "mac", "full"] as const)("carries commands and answers in mode %s", (mode) => {
    const { reader, card } = bothEnds();
    for (const lengthBytes of [0, 1, 15, 16, 17, 32, 48]) {
      const data = new Uint8Array(lengthBytes).fill(0xd0);
      const wrapped = reader.wrapCommand({ command: 0x8d, header, data, mode });
      expect(card.unwrapCommand(0x8d, wrapped, header.length, mode)).toEqual({ header, data });
      expect(reader.unwrapResponse(0, card.wrapResponse(0, data, mode), mode)).toEqual(data);
      expect(reader.commandCounter).toBe(card.commandCounter);
    }
    expect(reader.commandCounter).toBe(7);
  });

  it("sends data in clear in modes plain and mac only", () => {
    const data = fromHex("d0d1d2d3d4d5d6d7");
    for (const [mode, inClear] of [
      ["plain", true],
      ["mac", true],
      ["full", false],
    ] as const) {
      const wrapped = toHex(bothEnds().reader.wrapCommand({ command: 0x8d, header, data, mode }));
      expect(wrapped.startsWith(toHex(header))).toBe(true);
      expect(wrapped.includes(toHex(data))).toBe(inClear);
    }
  });

  it("binds answers to their command: replayed, reordered and reflected ones end the session", () => {
    const { reader, card } = bothEnds();
    const command = { command: 0x51, header: none, data: none, mode: "mac" } as const;
    const first = reader.wrapCommand(command);
    card.unwrapCommand(0x51, first, 0, "mac");
    const answer = card.wrapResponse(0, fromHex("01"), "mac");
    expect(reader.unwrapResponse(0, answer, "mac")).toEqual(fromHex("01"));

    expect(() => card.unwrapCommand(0x51, first, 0, "mac")).toThrow(code("integrity"));
    reader.wrapCommand(command);
    expect(() => reader.unwrapResponse(0, answer, "mac")).toThrow(code("integrity"));

    const reflected = bothEnds();
    const sent = reflected.reader.wrapCommand(command);
    expect(() => reflected.reader.unwrapResponse(0x51, sent, "mac")).toThrow(code("integrity"));
  });

  it("binds answers to their status", () => {
    const { reader, card } = bothEnds();
    reader.wrapCommand({ command: 0xad, header, data: none, mode: "mac" });
    card.unwrapCommand(
      0xad,
      bothEnds().reader.wrapCommand({ command: 0xad, header, data: none, mode: "mac" }),
      7,
      "mac",
    );
    const answer = card.wrapResponse(0, fromHex("01"), "mac");
    expect(() => reader.unwrapResponse(0xaf, answer, "mac")).toThrow(code("integrity"));
  });

  it("finds every changed bit, and is over after it", () => {
    const data = fromHex("d0d1d2d3d4d5d6d7");
    const whole = bothEnds().reader.wrapCommand({ command: 0x8d, header, data, mode: "full" });
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const changed = whole.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { card } = bothEnds();
      expect(() => card.unwrapCommand(0x8d, changed, header.length, "full")).toThrow(code("integrity"));
      expect(() => card.unwrapCommand(0x8d, whole, header.length, "full")).toThrow(code("closed"));
    }
  });

  it("refuses the other mode's messages", () => {
    const data = fromHex("d0d1d2d3d4d5d6d7");
    const mac = bothEnds().reader.wrapCommand({ command: 0x8d, header, data, mode: "mac" });
    expect(() => bothEnds().card.unwrapCommand(0x8d, mac, header.length, "full")).toThrow(code("malformed"));
    const plain = bothEnds().reader.wrapCommand({ command: 0x8d, header, data, mode: "plain" });
    expect(() => bothEnds().card.unwrapCommand(0x8d, plain, header.length, "mac")).toThrow(code("integrity"));
  });

  it("refuses messages too short for MAC or header", () => {
    expect(() => bothEnds().reader.unwrapResponse(0, new Uint8Array(7), "mac")).toThrow(code("malformed"));
    const short = bothEnds().reader.wrapCommand({
      command: 0x8d,
      header: fromHex("03"),
      data: none,
      mode: "mac",
    });
    expect(() => bothEnds().card.unwrapCommand(0x8d, short, 7, "mac")).toThrow(code("malformed"));
    expect(() => bothEnds().card.unwrapCommand(0x8d, fromHex("03"), 7, "plain")).toThrow(code("malformed"));
  });

  it("refuses authentic ciphertext without padding", () => {
    // A peer with the keys that pads wrongly: 16 bytes of 00 under encryption, well MACed.
    const keys = {
      encryptionKey: fromHex("1309c877509e5a215007ff0ed19ca564"),
      macKey: fromHex("4c6626f5e72ea694202139295c7a7fc7"),
    };
    const transactionId = fromHex("9d00c4df");
    const cipher = makeAesSessionCipher(primitives, keys);
    const body = cipher.encrypt(
      { direction: "response", transactionId, commandCounter: 0 },
      new Uint8Array(16),
    );
    const sender = new SecureSession(primitives, makeAesSessionCipher(primitives, keys), transactionId);
    const answer = sender.wrapResponse(0, body, "mac");
    expect(() => bothEnds().reader.unwrapResponse(0, answer, "full")).toThrow(code("integrity"));
  });

  it("ends before the counter wraps", () => {
    const { reader } = bothEnds(0xfffe);
    const command = { command: 0x51, header: none, data: none, mode: "mac" } as const;
    expect(reader.wrapCommand(command)).toHaveLength(8);
    expect(reader.commandCounter).toBe(0xffff);
    expect(() => reader.wrapCommand(command)).toThrow(code("exhausted"));
  });

  it("forgets its keys at the end", () => {
    const keys = { encryptionKey: new Uint8Array(16).fill(1), macKey: new Uint8Array(16).fill(2) };
    const session = new SecureSession(
      primitives,
      makeAesSessionCipher(primitives, keys),
      fromHex("00000000"),
    );
    session.end();
    session.end();
    expect(keys).toEqual({ encryptionKey: new Uint8Array(16), macKey: new Uint8Array(16) });
    expect(() => session.wrapResponse(0, none, "mac")).toThrow(code("closed"));
    expect(() => session.unwrapResponse(0, none, "plain")).toThrow(code("closed"));
  });
});
