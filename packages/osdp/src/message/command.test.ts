import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { OsdpError } from "../osdp-error.ts";
import { type Command, decodeCommand, encodeCommand } from "./command.ts";

const NONE = { onTicks: 0, offTicks: 0, onColour: 0, offColour: 0 };

/** Code and data as they stand in a frame; LED, OUT, BUZ, TEXT, MFG and KEYSET as in the captured transcripts. */
const COMMANDS: readonly (readonly [string, Command])[] = [
  ["60", { kind: "poll" }],
  ["6100", { kind: "id" }],
  ["6200", { kind: "cap" }],
  ["64", { kind: "lstat" }],
  ["65", { kind: "istat" }],
  ["66", { kind: "ostat" }],
  ["67", { kind: "rstat" }],
  ["6800053200", { kind: "out", outputs: [{ output: 0, control: 5, timerTicks: 50 }] }],
  [
    "680102000003063412",
    {
      kind: "out",
      outputs: [
        { output: 1, control: 2, timerTicks: 0 },
        { output: 3, control: 6, timerTicks: 0x1234 },
      ],
    },
  ],
  [
    "690000020505020014000000000000",
    {
      kind: "led",
      leds: [
        {
          reader: 0,
          led: 0,
          temporary: { control: 2, onTicks: 5, offTicks: 5, onColour: 2, offColour: 0, timerTicks: 20 },
          permanent: { control: 0, ...NONE },
        },
      ],
    },
  ],
  ["6a0002010102", { kind: "buz", reader: 0, tone: 2, onTicks: 1, offTicks: 1, repeat: 2 }],
  [
    "6b00010001010757454c434f4d45",
    {
      kind: "text",
      reader: 0,
      command: 1,
      temporarySeconds: 0,
      row: 1,
      column: 1,
      text: new TextEncoder().encode("WELCOME"),
    },
  ],
  ["6e0500c20100", { kind: "comset", address: 5, baudRate: 115_200 }],
  [
    "75011000112233445566778899aabbccddeeff",
    { kind: "keyset", keyType: 1, key: fromHex("00112233445566778899aabbccddeeff") },
  ],
  ["7620fd95f0343749d2", { kind: "chlng", cpRandom: fromHex("20fd95f0343749d2") }],
  [
    "77112295ed7a7ad0c10697f5e39718a010",
    { kind: "scrypt", cpCryptogram: fromHex("112295ed7a7ad0c10697f5e39718a010") },
  ],
  ["7ba005", { kind: "acurxsize", sizeBytes: 1_440 }],
  [
    "7c03e80300000a00000005000102030405",
    { kind: "filetransfer", data: fromHex("03e80300000a00000005000102030405") },
  ],
  ["80341200010203", { kind: "mfg", vendor: 0x341200, data: Uint8Array.of(1, 2, 3) }],
  ["a7f401", { kind: "keepactive", timeMs: 500 }],
  ["a2", { kind: "abort" }],
  ["a10001", { kind: "xwr", request: { kind: "get-mode" } }],
  ["9fc0ffee", { kind: "opaque", code: 0x9f, data: fromHex("c0ffee") }],
];

describe("commands", () => {
  test.each(COMMANDS)("%s both ways", (hex, command) => {
    const { code, data } = encodeCommand(command);
    expect(toHex(Uint8Array.of(code, ...data))).toBe(hex);
    const [first = 0, ...rest] = fromHex(hex);
    expect(decodeCommand({ code: first, data: Uint8Array.from(rest) })).toEqual(command);
  });

  test.each<readonly [string, Command]>([
    ["a tick count over one byte", { kind: "buz", reader: 0, tone: 2, onTicks: 256, offTicks: 0, repeat: 0 }],
    ["a negative number", { kind: "comset", address: -1, baudRate: 9_600 }],
    ["a fraction", { kind: "keepactive", timeMs: 1.5 }],
    ["a timer over two bytes", { kind: "out", outputs: [{ output: 0, control: 5, timerTicks: 65_536 }] }],
    ["not a number", { kind: "acurxsize", sizeBytes: Number.NaN }],
  ])("%s is refused", (_, command) => {
    expect(() => encodeCommand(command)).toThrow(OsdpError);
  });
});
