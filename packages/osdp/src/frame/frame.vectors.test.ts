import { readFileSync } from "node:fs";
import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { checksum8, crc16 } from "./check.ts";
import { makeDeframer } from "./deframer.ts";
import { decodeFrame, encodePlainFrame } from "./frame.ts";

interface Vectors {
  readonly crc16: { readonly vectors: readonly { readonly msg: string; readonly crcLE: string }[] };
  readonly checksum: readonly { readonly msg: string; readonly checksum: number }[];
  readonly frames: {
    readonly list: readonly { readonly frame: string; readonly check: string; readonly secure: boolean }[];
  };
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../../vectors/osdp.json", import.meta.url), "utf8"),
);

describe("check bytes", () => {
  test("CRC-16 of the published messages", () => {
    expect(vectors.crc16.vectors).toHaveLength(2);
    for (const { msg, crcLE } of vectors.crc16.vectors) {
      const crc = crc16(fromHex(msg));
      expect(toHex(Uint8Array.of(crc & 0xff, crc >> 8))).toBe(crcLE);
    }
  });

  test("checksum of the published messages", () => {
    expect(vectors.checksum).toHaveLength(2);
    for (const { msg, checksum } of vectors.checksum) expect(checksum8(fromHex(msg))).toBe(checksum);
  });
});

describe("the frames of OSDP.Net", () => {
  test("all 36 are cut out of one stream and say what they are", () => {
    const { list } = vectors.frames;
    expect(list).toHaveLength(36);
    const stream = fromHex(list.map(({ frame }) => frame).join(""));
    const deframer = makeDeframer();
    const frames = deframer.push(stream);
    expect(deframer.statistics).toEqual({ frames: 36, damagedFrames: 0, discardedBytes: 0 });
    expect(frames.map(({ check, mac }) => ({ check, secure: mac !== undefined }))).toEqual(
      list.map(({ check, secure }) => ({ check, secure })),
    );
    expect(frames.every(({ mark, reply, address }) => mark && !reply && address === 0)).toBe(true);
  });

  test("the plain ones are rebuilt byte for byte from their parts", () => {
    const plain = vectors.frames.list.filter(({ secure }) => !secure);
    expect(plain).toHaveLength(24);
    for (const { frame: hex } of plain) {
      const frame = decodeFrame(fromHex(hex).subarray(1), true);
      if (typeof frame === "string") throw new Error(frame);
      expect(toHex(encodePlainFrame(frame, frame.code, frame.payload))).toBe(hex);
    }
  });
});
