import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { FrameMeter } from "./frame-meter.ts";

const limits = { maxPacketBytes: 300, packetsPerSecond: 1_000 };

/** What comes out of a meter that is fed these chunks, or the error that ended it. */
async function through(chunks: readonly Buffer[], nowMs: () => number = () => 0): Promise<Buffer | string> {
  const meter = new FrameMeter(limits, nowMs);
  try {
    const out: Buffer[] = [];
    for await (const chunk of Readable.from(chunks).pipe(meter)) out.push(chunk);
    return Buffer.concat(out);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

/** A PUBLISH of `length` bytes after its header. */
function packet(length: number): Buffer {
  const header = length < 128 ? [0x32, length] : [0x32, 0x80 | (length & 0x7f), length >> 7];
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 7)]);
}

describe("frame meter", () => {
  it("passes packets on as they are, however they are cut", async () => {
    const stream = Buffer.concat([packet(0), packet(1), packet(127), packet(128), packet(300), packet(2)]);
    expect(await through([stream])).toEqual(stream);
    expect(await through([...stream].map((byte) => Buffer.from([byte])))).toEqual(stream);
  });

  it.each([
    ["by one byte", packet(301)],
    ["by its claim alone", Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f])],
    ["with a length that does not end", Buffer.from([0x32, 0x80, 0x80, 0x80, 0x80])],
    ["behind a good one", Buffer.concat([packet(5), packet(301)])],
  ])("ends on a packet that is too long %s", async (_what, stream) => {
    expect(await through([stream])).toBe("an MQTT packet is longer than agreed");
    expect(await through([...stream].map((byte) => Buffer.from([byte])))).toBe(
      "an MQTT packet is longer than agreed",
    );
  });

  it("makes a sender wait that is too fast", async () => {
    const second = Buffer.concat(Array.from({ length: 1_000 }, () => packet(1)));
    // One second's worth is in the bucket; the packet after it costs a thousandth of a second.
    const startedMs = performance.now();
    expect(await through([second])).toEqual(second);
    expect(await through([second, packet(1), packet(1)])).toHaveLength(3_006);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(2);
  });
});
