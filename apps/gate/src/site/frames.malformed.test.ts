import { fromHex } from "@menshen/crypto/node";
import { SITE_FRAME_MAX_BYTES } from "@menshen/wire";
import { expect, test } from "vitest";
import { encodeFrame, makeFrameReader } from "./frames.ts";

test.each([
  ["an empty frame", "00000000"],
  ["an empty frame behind a good one", "00000001a000000000"],
  ["a frame that is too long", "00040001"],
  ["the longest length there is", "ffffffff"],
])("%s is refused before its bytes are waited for", (_what, hex) => {
  expect(() => makeFrameReader().push(fromHex(hex))).toThrow(
    expect.objectContaining({ code: "request-invalid" }),
  );
});

test("one byte too many is refused", () => {
  const tooLong = encodeFrame(new Uint8Array(SITE_FRAME_MAX_BYTES + 1));
  expect(() => makeFrameReader().push(tooLong)).toThrow(expect.objectContaining({ code: "request-invalid" }));
});

test("half a frame is nothing yet", () => {
  expect(makeFrameReader().push(fromHex("000000"))).toEqual([]);
  expect(makeFrameReader().push(fromHex("00000002a1"))).toEqual([]);
});
