import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { OsdpError } from "../osdp-error.ts";
import { crc16 } from "./check.ts";
import { makeDeframer } from "./deframer.ts";
import { decodeFrame, encodePlainFrame, frameBody } from "./frame.ts";

const POLL = "530508000460bc89";
const HEADER = { address: 5, reply: false, sequence: 0, check: "crc16", mark: false } as const;

/** Puts the right CRC behind bytes that are wrong otherwise. */
function withCrc(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  const crc = crc16(bytes);
  return Uint8Array.of(...bytes, crc & 0xff, crc >> 8);
}

describe("one frame", () => {
  test("the POLL these tests bend is in order", () => {
    expect(toHex(encodePlainFrame(HEADER, 0x60, new Uint8Array(0)))).toBe(POLL);
    expect(decodeFrame(fromHex(POLL), false)).toMatchObject({
      address: 5,
      reply: false,
      sequence: 0,
      code: 0x60,
    });
  });

  test.each([
    ["nothing", new Uint8Array(0), "bad-length"],
    ["a header alone", fromHex("5305080004"), "bad-length"],
    ["no SOM", fromHex("520508000460bc89"), "bad-length"],
    ["a byte missing at the end", fromHex("530508000460bc"), "bad-length"],
    ["a byte too many", fromHex("530508000460bc8900"), "bad-length"],
    ["a length that is too small for its bytes", withCrc("530507000460"), "bad-length"],
    ["a wrong CRC", fromHex("530508000460bc88"), "bad-check"],
    ["a wrong checksum", fromHex("53050700006042"), "bad-check"],
    ["CRC flag turned off", fromHex("530508000060bc89"), "bad-check"],
    ["no code at all", withCrc("5305070004"), "bad-length"],
    ["a security block of 0 bytes", withCrc("53050a000c001560"), "bad-security-block"],
    ["a security block of 1 byte", withCrc("53050a000c011560"), "bad-security-block"],
    ["a security block over the end", withCrc("53050a000c401560"), "bad-security-block"],
    ["a security block up to the end", withCrc("53050a000c031560"), "bad-security-block"],
    ["a MAC that leaves no code", withCrc("53050d000c0215aabbccdd"), "bad-security-block"],
  ])("%s", (_, bytes, fault) => {
    expect(decodeFrame(bytes, false)).toBe(fault);
  });

  test.each([128, -1, 1.5, Number.NaN])("address %d is refused when encoding", (address) => {
    expect(() => frameBody({ ...HEADER, address }, 0x60, new Uint8Array(0))).toThrow(OsdpError);
  });

  test("1440 bytes are the limit when encoding", () => {
    expect(encodePlainFrame(HEADER, 0x80, new Uint8Array(1_432))).toHaveLength(1_440);
    expect(() => encodePlainFrame(HEADER, 0x80, new Uint8Array(1_433))).toThrow(OsdpError);
  });
});

describe("a stream", () => {
  test("byte by byte gives the same frames as in one piece", () => {
    const stream = fromHex(`${POLL}ff${POLL}00${POLL}`);
    const deframer = makeDeframer();
    const frames = [...stream].flatMap((byte) => deframer.push(Uint8Array.of(byte)));
    expect(frames.map(({ mark }) => mark)).toEqual([false, true, false]);
    expect(deframer.statistics).toEqual({ frames: 3, damagedFrames: 0, discardedBytes: 1 });
    expect(deframer.partial).toBe(false);
  });

  test("a frame inside the body of a damaged one is found", () => {
    const damaged = fromHex(`53050e0004${POLL}0000`.slice(0, 28));
    const deframer = makeDeframer();
    expect(deframer.push(damaged).map(({ code }) => code)).toEqual([0x60]);
    expect(deframer.statistics).toMatchObject({ frames: 1, damagedFrames: 1 });
  });

  test("a frame behind a start that promises too much comes out when the line falls silent", () => {
    const deframer = makeDeframer();
    expect(deframer.push(fromHex(`5305a00504${POLL}`))).toEqual([]);
    expect(deframer.partial).toBe(true);
    expect(deframer.expire().map(({ code }) => code)).toEqual([0x60]);
    expect(deframer.partial).toBe(false);
    expect(deframer.expire()).toEqual([]);
  });

  test.each(["53056f0004", "53ffff0004", "5305000004", "5305060004"])(
    "the impossible length of %s is no start",
    (start) => {
      const deframer = makeDeframer(0x6e);
      expect(deframer.push(fromHex(`${start}${POLL}`)).map(({ code }) => code)).toEqual([0x60]);
    },
  );

  test("a megabyte of false starts is worked off with bounded rescans and leaves nothing behind", () => {
    const deframer = makeDeframer();
    const junk = new Uint8Array(64 * 1_024).map((_, index) => [0x53, 0x05, 0xa0, 0x05][index % 4] ?? 0);
    for (let i = 0; i < 16; i += 1) expect(deframer.push(junk)).toEqual([]);
    while (deframer.partial) deframer.expire();
    expect(deframer.push(fromHex(POLL))).toHaveLength(1);
  });
});
