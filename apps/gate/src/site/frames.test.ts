import { fromHex, toHex } from "@menshen/crypto/node";
import { SITE_FRAME_MAX_BYTES } from "@menshen/wire";
import { expect, test } from "vitest";
import { encodeFrame, makeFrameReader } from "./frames.ts";

test("a frame is its length and its bytes", () => {
  expect(toHex(encodeFrame(fromHex("a10001")))).toBe("00000003a10001");
});

test("frames are cut apart however they arrive", () => {
  const both = fromHex("00000003a1000100000001a0");
  expect(makeFrameReader().push(both).map(toHex)).toEqual(["a10001", "a0"]);
  const reader = makeFrameReader();
  const got: string[] = [];
  for (const byte of both) got.push(...reader.push(Uint8Array.of(byte)).map(toHex));
  expect(got).toEqual(["a10001", "a0"]);
});

test("a frame may be as long as allowed", () => {
  const longest = new Uint8Array(SITE_FRAME_MAX_BYTES).fill(7);
  expect(makeFrameReader().push(encodeFrame(longest))).toEqual([longest]);
});
