import { Instant, ReaderId, TimeInterval } from "@menshen/domain";
import { makePlateCamera } from "@menshen/virtual-devices";
import { PLATE_REFUSALS } from "@menshen/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makePlateEvents, parsePlateEvent } from "./plate-events.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const AT = 1_800_057_600_000;
const CAMERA = ReaderId("dddddddd-0000-4000-8000-000000000001");
const SECRET = new Uint8Array(32).fill(1);

const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
  fc
    .record({
      version: fc.constantFrom(1, 2, "1"),
      sequence: fc.oneof(fc.maxSafeInteger(), fc.anything()),
      at: fc.oneof(fc.integer({ min: AT - 20_000, max: AT + 20_000 }), fc.anything()),
      plate: fc.oneof(fc.constantFrom("沪A12345", "京AD12345"), fc.string(), fc.anything()),
      confidence: fc.oneof(fc.integer(), fc.anything()),
    })
    .map((event) => new TextEncoder().encode(JSON.stringify(event) ?? "")),
);

test("any bytes of a camera are a plate in one spelling, nothing, or refused with a code", () => {
  const camera = makePlateCamera(CAMERA, SECRET);
  fc.assert(
    fc.property(bodies, (body) => {
      const events = makePlateEvents({
        cameras: [{ readerId: CAMERA, secret: SECRET }],
        minimumConfidence: 85,
        now: () => TimeInterval(Instant(AT), Instant(AT)),
        monotonicMs: () => 0,
      });
      const known = events.cameraOf(camera.signed(body).headers.authorization, body);
      if (known === undefined) throw new Error("expected the camera");
      const taken = events.take(known, body);
      if (taken.kind === "refused") expect(PLATE_REFUSALS).toContain(taken.code);
      if (taken.kind === "plate") expect(taken.plate).toMatch(/^[\p{L}\p{N}]{2,12}$/u);
      if (parsePlateEvent(body) === undefined)
        expect(taken).toEqual({ kind: "refused", code: "invalid-event" });
    }),
    { numRuns },
  );
});
