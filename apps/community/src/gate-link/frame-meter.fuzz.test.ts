import { Readable } from "node:stream";
import fc from "fast-check";
import { expect, it } from "vitest";
import { FrameMeter } from "./frame-meter.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);

it("lets any bytes through unchanged up to the first packet that is too long", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), async (chunks) => {
      const meter = new FrameMeter({ maxPacketBytes: 100, packetsPerSecond: 1e9 }, () => 0);
      const sent = Buffer.concat(chunks);
      const received: Buffer[] = [];
      try {
        for await (const chunk of Readable.from(chunks.map((c) => Buffer.from(c))).pipe(meter))
          received.push(chunk);
        expect(Buffer.concat(received)).toEqual(sent);
      } catch (error) {
        expect(error).toMatchObject({ message: "an MQTT packet is longer than agreed" });
        expect(sent.subarray(0, Buffer.concat(received).length)).toEqual(Buffer.concat(received));
      }
    }),
    { numRuns },
  );
});
