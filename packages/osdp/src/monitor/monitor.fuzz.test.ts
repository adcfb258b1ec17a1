import { concatBytes, fromHex, toHex } from "@menshen/crypto/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CommandCode, ReplyCode } from "../codes.ts";
import { encodePlainFrame } from "../frame/frame.ts";
import { makeManualTimers } from "../manual-timers.fixture.ts";
import { readTranscript } from "../transcript.fixture.ts";
import type { ByteStreamListener } from "../transport/byte-stream.ts";
import { monitorLine, type SeenFrame } from "./line-monitor.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
const SECRET = fromHex("5ec2e75ec2e75ec2e75ec2e75ec2e701");
const byte = fc.integer({ min: 0, max: 255 });

const captured = readTranscript("scbk").flatMap(({ command, reply }) => [
  fromHex(command.frame),
  fromHex(reply.frame),
]);

/** What carries a key, a card or a PIN, in the clear, to or from anybody. */
const telling = fc
  .record({
    address: fc.integer({ min: 0, max: 126 }),
    sequence: fc.constantFrom(0, 1, 2, 3),
    check: fc.constantFrom("crc16", "checksum"),
    mark: fc.boolean(),
    what: fc.constantFrom(
      [false, CommandCode.keyset],
      [false, CommandCode.mfg],
      [false, CommandCode.xwr],
      [true, ReplyCode.raw],
      [true, ReplyCode.fmt],
      [true, ReplyCode.keypad],
      [true, ReplyCode.mfgrep],
      [true, ReplyCode.xrd],
    ),
    before: fc.uint8Array({ maxLength: 8 }),
  })
  .map(({ what: [reply, code], before, ...header }) =>
    encodePlainFrame({ ...header, reply: reply === true }, Number(code), concatBytes(before, SECRET)),
  );

const piece = fc.oneof(
  telling,
  fc.constantFrom(...captured),
  fc.uint8Array({ maxLength: 40 }),
  fc.tuple(fc.constantFrom(...captured), fc.nat(60), byte).map(([frame, at, value]) => {
    const bent = frame.slice();
    if (at < bent.length) bent[at] = value;
    return bent;
  }),
  fc.tuple(telling, fc.nat(40)).map(([frame, length]) => frame.slice(0, length)),
);

test("whatever is on the line, it is heard in silence, and no key, card or PIN is kept", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(piece, fc.nat(120)), { maxLength: 12 }),
      fc.integer({ min: 1, max: 64 }),
      async (pieces, chunkBytes) => {
        const timers = makeManualTimers();
        const seen: SeenFrame[] = [];
        let ear: ByteStreamListener | undefined;
        const heard = monitorLine({
          transport: {
            isOpen: true,
            write: () => {
              throw new Error("expected a monitor to be silent");
            },
            listen: (listener) => {
              ear = listener;
            },
            close: async () => undefined,
          },
          seen: (frame) => seen.push(frame),
          timers,
        });
        let sentBytes = 0;
        for (const [bytes, restMs] of pieces) {
          for (let at = 0; at < bytes.length; at += chunkBytes) {
            ear?.received(bytes.subarray(at, at + chunkBytes));
          }
          sentBytes += bytes.length;
          await timers.advance(restMs);
        }
        await timers.advance(1_000);
        expect(timers.pendingTimers).toBe(0);
        let keptBytes = 0;
        for (const { bytes, sizeBytes, words } of seen) {
          keptBytes += sizeBytes;
          expect(bytes.length).toBeLessThanOrEqual(sizeBytes);
          expect(toHex(bytes)).not.toContain(toHex(SECRET));
          expect(words).toMatch(/^[<>] \S+ \d+ seq [0-3]/);
        }
        // Every byte belongs to a frame, to none, or was the mark before one.
        expect(keptBytes + heard.discardedBytes()).toBeLessThanOrEqual(sentBytes);
      },
    ),
    { numRuns: RUNS },
  );
});
