import { fromHex } from "@menshen/crypto/node";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeDeframer } from "./frame/deframer.ts";
import { decodeFrame, encodePlainFrame, type Frame, type FrameHeader } from "./frame/frame.ts";
import { decodeCommand, encodeCommand } from "./message/command.ts";
import { decodeReply, encodeReply } from "./message/reply.ts";
import { OsdpError } from "./osdp-error.ts";
import { KEY, makeRig, readerSettings } from "./rig.fixture.ts";
import { readTranscript } from "./transcript.fixture.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 300);

const header: fc.Arbitrary<FrameHeader> = fc.record({
  address: fc.integer({ min: 0, max: 127 }),
  reply: fc.boolean(),
  sequence: fc.constantFrom(0, 1, 2, 3),
  check: fc.constantFrom("crc16", "checksum"),
  mark: fc.boolean(),
});
const byte = fc.integer({ min: 0, max: 255 });
const captured = readTranscript("scbk").flatMap(({ command, reply }) => [
  fromHex(command.frame),
  fromHex(reply.frame),
]);

/** Captured frames with bytes changed, cut, doubled, and noise in between. */
const bentStream = fc
  .array(
    fc.oneof(
      fc.constantFrom(...captured),
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(fc.constantFrom(...captured), fc.nat(60), byte).map(([frame, at, value]) => {
        const bent = frame.slice();
        if (at < bent.length) bent[at] = value;
        return bent;
      }),
      fc.tuple(fc.constantFrom(...captured), fc.nat(60)).map(([frame, length]) => frame.slice(0, length)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

/** A decoder may refuse with its own error and nothing else. */
function refusesCleanly(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(OsdpError);
  }
}

function summary(frames: readonly Frame[]): string[] {
  return frames.map(({ address, reply, sequence, code, mark }) =>
    [address, reply, sequence, code, mark].join(),
  );
}

function framedLength(frames: readonly Frame[]): number {
  return frames.reduce(
    (sum, { covered, mac, check }) => sum + covered.length + (mac?.length ?? 0) + (check === "crc16" ? 2 : 1),
    0,
  );
}

describe("frames", () => {
  test("what is encoded is decoded, and its bytes are the same again", () => {
    fc.assert(
      fc.property(header, byte, fc.uint8Array({ maxLength: 300 }), (head, code, payload) => {
        const bytes = encodePlainFrame(head, code, payload);
        const frame = decodeFrame(head.mark ? bytes.subarray(1) : bytes, head.mark);
        if (typeof frame === "string") throw new Error(frame);
        expect(frame).toMatchObject({ ...head, code, payload });
        expect(encodePlainFrame(frame, frame.code, frame.payload)).toEqual(bytes);
      }),
      { numRuns: RUNS },
    );
  });

  test("a stream gives the same frames however it is cut, and accounts for every byte", () => {
    fc.assert(
      fc.property(bentStream, fc.array(fc.nat(30), { maxLength: 40 }), (stream, cuts) => {
        const whole = makeDeframer();
        const frames = whole.push(stream);
        const late: Frame[] = [];
        const cut = makeDeframer();
        const cutFrames: Frame[] = [];
        let at = 0;
        for (const size of [...cuts, stream.length]) {
          cutFrames.push(...cut.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(summary(cutFrames)).toEqual(summary(frames));
        while (whole.partial) late.push(...whole.expire());
        // Every byte is in a frame, a mark before one or between, or counted as discarded.
        const markBytes = stream.filter((value) => value === 0xff).length;
        const framedBytes = framedLength([...frames, ...late]);
        expect(framedBytes + whole.statistics.discardedBytes).toBeLessThanOrEqual(stream.length);
        expect(framedBytes + whole.statistics.discardedBytes + markBytes).toBeGreaterThanOrEqual(
          stream.length,
        );
      }),
      { numRuns: RUNS },
    );
  });
});

describe("messages", () => {
  test("any code with any data is a command, or is refused cleanly; what is read is written the same", () => {
    fc.assert(
      fc.property(byte, fc.uint8Array({ maxLength: 80 }), (code, data) => {
        refusesCleanly(() => {
          const command = decodeCommand({ code, data });
          if (command.kind === "id" || command.kind === "cap" || command.kind === "xwr") return;
          expect(encodeCommand(command)).toEqual({ code, data });
        });
      }),
      { numRuns: RUNS * 4 },
    );
  });

  test("any code with any data is a reply, or is refused cleanly", () => {
    fc.assert(
      fc.property(byte, fc.uint8Array({ maxLength: 80 }), (code, data) => {
        refusesCleanly(() => {
          const reply = decodeReply({ code, data });
          if (["nak", "lstatr", "xrd"].includes(reply.kind)) return;
          expect(encodeReply(reply)).toEqual({ code, data });
        });
      }),
      { numRuns: RUNS * 4 },
    );
  });
});

describe("machines", () => {
  test("whatever arrives, a provisioned link sends nothing plain but ID, CAP and the handshake", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bentStream, { maxLength: 6 }), async (streams) => {
        const rig = makeRig();
        rig.readers.add(readerSettings(1));
        await rig.timers.advance(0);
        for (const stream of streams) {
          rig.line.inject(stream.map((value, index) => (index === 1 ? 0x81 : value)));
          await rig.timers.advance(120);
        }
        for (const bytes of rig.line.sentByPanel) {
          const frame = decodeFrame(bytes, false);
          if (typeof frame === "string") throw new Error(frame);
          if (frame.mac === undefined) expect([0x61, 0x62, 0x76, 0x77]).toContain(frame.code);
        }
        await rig.bus.stop();
        await rig.readers.stop();
        expect(rig.timers.pendingTimers).toBe(0);
      }),
      { numRuns: Math.ceil(RUNS / 10) },
    );
  });

  test("whatever arrives, a provisioned reader reports nothing outside its secure channel", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bentStream, { maxLength: 6 }), async (streams) => {
        const rig = makeRig({ pds: [{ address: 9, security: { kind: "secure-channel", key: KEY } }] });
        const opened: unknown[] = [];
        const reader = rig.readers.add(readerSettings(5), {
          output: (outputs) => opened.push(outputs) > 0,
          keyset: (key) => opened.push(key) > 0,
        });
        reader.report({ kind: "keypad", reader: 0, digits: Uint8Array.of(0x31) });
        const next = [...streams];
        rig.line.toReader = () => next.splice(0, 1);
        await rig.timers.advance(3_000);
        expect(opened).toEqual([]);
        expect(reader.waiting).toBe(1);
        await rig.bus.stop();
        await rig.readers.stop();
      }),
      { numRuns: Math.ceil(RUNS / 10) },
    );
  });
});
