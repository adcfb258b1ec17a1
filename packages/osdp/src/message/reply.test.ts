import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { OsdpError } from "../osdp-error.ts";
import { decodeReply, encodeReply, type Reply } from "./reply.ts";

/** Code and data as they stand in a frame; PDID, PDCAP, RAW, KEYPAD, LSTATR, CCRYPT as in the captured transcripts. */
const REPLIES: readonly (readonly [string, Reply])[] = [
  ["40", { kind: "ack" }],
  ["4103", { kind: "nak", reason: 3 }],
  ["79", { kind: "busy" }],
  [
    "4512feca020144332211010203",
    {
      kind: "pdid",
      identity: {
        vendor: 0x12feca,
        model: 2,
        version: 1,
        serial: 0x11223344,
        firmware: { major: 1, minor: 2, build: 3 },
      },
    },
  ],
  [
    "460901000a0001",
    {
      kind: "pdcap",
      capabilities: [
        { function: 9, compliance: 1, items: 0 },
        { function: 10, compliance: 0, items: 1 },
      ],
    },
  ],
  ["480100", { kind: "lstatr", tamper: true, powerFailed: false }],
  ["4901000000", { kind: "istatr", inputs: [1, 0, 0, 0] }],
  ["4a0100", { kind: "ostatr", outputs: [1, 0] }],
  ["4b02", { kind: "rstatr", readers: [2] }],
  ["5000011a00a1b2c3c0", { kind: "raw", reader: 0, format: 1, bitCount: 26, bits: fromHex("a1b2c3c0") }],
  ["51000103414243", { kind: "fmt", reader: 0, direction: 1, characters: new TextEncoder().encode("ABC") }],
  ["53000431323334", { kind: "keypad", reader: 0, digits: new TextEncoder().encode("1234") }],
  ["540580250000", { kind: "com", address: 5, baudRate: 9_600 }],
  [
    "7612fe02004433221113c78c0ceb201e36f0f90be83a9e9d767bca6e78b830850e",
    {
      kind: "ccrypt",
      clientUid: fromHex("12fe020044332211"),
      pdRandom: fromHex("13c78c0ceb201e36"),
      pdCryptogram: fromHex("f0f90be83a9e9d767bca6e78b830850e"),
    },
  ],
  [
    "7892fc97473fe29eaf769d588c7164c586",
    { kind: "rmac-i", initialRMac: fromHex("92fc97473fe29eaf769d588c7164c586") },
  ],
  ["90341200aabb", { kind: "mfgrep", vendor: 0x341200, data: fromHex("aabb") }],
  ["b100010100", { kind: "xrd", report: { kind: "mode", mode: 1, config: 0 } }],
  ["7a000000000000", { kind: "opaque", code: 0x7a, data: fromHex("000000000000") }],
];

describe("replies", () => {
  test.each(REPLIES)("%s both ways", (hex, reply) => {
    const { code, data } = encodeReply(reply);
    expect(toHex(Uint8Array.of(code, ...data))).toBe(hex);
    const [first = 0, ...rest] = fromHex(hex);
    expect(decodeReply({ code: first, data: Uint8Array.from(rest) })).toEqual(reply);
  });

  test("a NAK with detail behind its reason is still a NAK", () => {
    expect(decodeReply({ code: 0x41, data: Uint8Array.of(6, 1, 2) })).toEqual({ kind: "nak", reason: 6 });
  });

  test("card bits and their count must agree", () => {
    const card = { kind: "raw", reader: 0, format: 1, bitCount: 26, bits: new Uint8Array(3) } as const;
    expect(() => encodeReply(card)).toThrow(OsdpError);
  });
});
