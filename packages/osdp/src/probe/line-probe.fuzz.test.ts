import fc from "fast-check";
import { expect, test } from "vitest";
import { ReplyCode } from "../codes.ts";
import { encodePlainFrame } from "../frame/frame.ts";
import { makeManualTimers } from "../manual-timers.fixture.ts";
import { KEY } from "../rig.fixture.ts";
import type { ByteStreamListener } from "../transport/byte-stream.ts";
import { LINE_SPEEDS, type LineVerdict, probeLine } from "./line-probe.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 150);

/** What stands on the line: replies that look right, replies of others, and noise. */
const answer = fc.record({
  delayMs: fc.nat(300),
  bytes: fc.oneof(
    fc
      .record({
        address: fc.constantFrom(1, 2, 3, 126),
        sequence: fc.constantFrom(0, 1, 2, 3),
        code: fc.constantFrom(
          ReplyCode.pdid,
          ReplyCode.nak,
          ReplyCode.ccrypt,
          ReplyCode.rmacI,
          ReplyCode.ack,
          ReplyCode.busy,
        ),
        payload: fc.uint8Array({ maxLength: 40 }),
      })
      .map(({ address, sequence, code, payload }) =>
        encodePlainFrame({ address, reply: true, sequence, check: "crc16", mark: false }, code, payload),
      ),
    fc.uint8Array({ maxLength: 60 }),
  ),
});

test("whatever a line answers, the probe ends, says one thing of each reader, and lets the port go", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(answer, { maxLength: 3 }), { minLength: 1, maxLength: 6 }),
      fc.constantFrom("opens", "stays shut", "breaks"),
      fc.boolean(),
      async (script, manner, hasSpeed) => {
        const timers = makeManualTimers();
        let ports = 0;
        let asked = 0;
        const open = () => {
          ports += 1;
          let ear: ByteStreamListener | undefined;
          let isOpen = manner !== "stays shut";
          return Promise.resolve({
            get isOpen() {
              return isOpen;
            },
            write() {
              for (const { delayMs, bytes } of script[asked++ % script.length] ?? []) {
                timers.set(delayMs, () => {
                  if (isOpen) ear?.received(bytes);
                });
              }
              if (manner === "breaks" && asked === 3) {
                isOpen = false;
                ear?.closed();
              }
            },
            listen(listener: ByteStreamListener) {
              ear = listener;
              if (isOpen) listener.opened();
            },
            close() {
              ports -= 1;
              isOpen = false;
              return Promise.resolve();
            },
          });
        };
        const pds = [
          { address: 1, keys: [KEY] },
          { address: 2, keys: [] },
        ];
        let verdict: LineVerdict | undefined;
        const probing = probeLine({
          open,
          baudRate: LINE_SPEEDS[0] ?? 9_600,
          hasSpeed,
          pds,
          timers,
          random: (length) => new Uint8Array(length).fill(7),
        }).then((found) => {
          verdict = found;
        });
        for (let turn = 0; turn < 600 && verdict === undefined; turn++) await timers.advance(500);
        expect(verdict, "the probe ends").toBeDefined();
        await probing;
        expect(verdict?.pds.map(({ address }) => address)).toEqual([1, 2]);
        if (manner === "stays shut") expect(verdict?.line).toBe("absent");
        expect(ports).toBe(0);
      },
    ),
    { numRuns: RUNS },
  );
});
