import fc from "fast-check";
import { expect, test } from "vitest";
import { GateError } from "../errors.ts";
import { encodeFrame, makeFrameReader } from "./frames.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

test("what was framed comes out whole, in whatever parts it arrives", () => {
  const payload = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 8 }), fc.integer({ min: 1, max: 16 }), (payloads, step) => {
      const bytes = Buffer.concat(payloads.map(encodeFrame));
      const reader = makeFrameReader();
      const got: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += step) got.push(...reader.push(bytes.subarray(at, at + step)));
      expect(got.map((frame) => [...frame])).toEqual(payloads.map((frame) => [...frame]));
    }),
    { numRuns },
  );
});

test("whatever arrives, it is frames or refused", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 24 }), { maxLength: 6 }), (parts) => {
      const reader = makeFrameReader();
      try {
        for (const part of parts)
          for (const frame of reader.push(part)) expect(frame.length).toBeGreaterThan(0);
      } catch (fault) {
        expect(fault).toBeInstanceOf(GateError);
      }
    }),
    { numRuns },
  );
});
