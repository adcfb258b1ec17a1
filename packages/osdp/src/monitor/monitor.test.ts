import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concatBytes, fromHex, toHex } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import { makeBus } from "../cp/bus.ts";
import { makeManualTimers } from "../manual-timers.fixture.ts";
import { makePeripheralLine } from "../pd/peripheral-line.ts";
import { KEY, makeBentLine, OTHER_KEY, readerSettings } from "../rig.fixture.ts";
import type { ByteStreamListener } from "../transport/byte-stream.ts";
import { monitorLine, type SeenFrame } from "./line-monitor.ts";
import { capturedFrame, captureHeader } from "./pcapng.ts";

const CARD = fromHex("deadbeefcafef00d");
const DISSECTOR = join(import.meta.dirname, "../../wireshark/osdp.lua");

/** A plain reader that reports a card and keys, and one that gets its key by the install key, both listened to. */
async function overheard(): Promise<SeenFrame[]> {
  const timers = makeManualTimers();
  const line = makeBentLine();
  const seen: SeenFrame[] = [];
  let ear: ByteStreamListener | undefined;
  monitorLine({
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
  const tap = (bytes: Uint8Array) => {
    ear?.received(bytes);
    return [bytes];
  };
  line.toPanel = tap;
  line.toReader = tap;
  let count = 0;
  const random = (length: number) =>
    Uint8Array.from({ length }, () => {
      count = (count * 73 + 41) & 0xffff;
      return count >> 8;
    });
  const readers = makePeripheralLine({ transport: line.readerEnd, timers, random });
  const { key: _, ...keyless } = readerSettings(2);
  const plain = readers.add({ ...readerSettings(1), key: OTHER_KEY, secureChannelRequired: false });
  readers.add(keyless, { keyset: () => true });
  const bus = makeBus({
    transport: line.panelEnd,
    pds: [
      { address: 1, security: { kind: "plain" } },
      { address: 2, security: { kind: "secure-channel", key: KEY } },
    ],
    onEvent: () => undefined,
    timers,
    random,
  });
  const pass = async (ms: number) => {
    await timers.advance(ms);
  };
  await pass(10);
  bus.openInstallWindow(2, 60_000);
  await pass(1_000);
  plain.report({ kind: "raw", reader: 0, format: 0, bitCount: 64, bits: CARD });
  plain.report({ kind: "keypad", reader: 0, digits: fromHex("31343135390d") });
  await pass(1_000);
  await bus.stop();
  return seen;
}

test("frames in words; keys, cards and PINs are left out", async () => {
  const seen = await overheard();
  const words = seen.map((frame) => frame.words);
  expect(words).toContain("> id 1 seq 0 1 bytes");
  expect(words.some((text) => /^> chlng 2 seq \d SCS_11 8 bytes$/.test(text))).toBe(true);
  expect(words.some((text) => /^> keyset 2 seq \d SCS_17 \d+ bytes not kept$/.test(text))).toBe(true);
  expect(words.some((text) => /^< raw 1 seq \d 12 bytes not kept$/.test(text))).toBe(true);
  expect(words.some((text) => /^< keypad 1 seq \d 8 bytes not kept$/.test(text))).toBe(true);
  expect(words.some((text) => /^> poll 2 seq \d SCS_15$/.test(text))).toBe(true);
  const everything = toHex(concatBytes(...seen.map(({ bytes }) => bytes)));
  expect(everything).not.toContain(toHex(CARD));
  expect(everything).not.toContain("3134313539");
  expect(everything).not.toContain(toHex(KEY));
  const keyset = seen.find((frame) => frame.words.includes("keyset"));
  // Header of five, security block of two, the code: nothing of the enciphered key.
  expect(keyset?.bytes.length).toBe(8);
  expect(keyset?.sizeBytes).toBeGreaterThan(20);
});

test("the file is what tshark reads, with and without the dissector", async () => {
  const seen = await overheard();
  const folder = mkdtempSync(join(tmpdir(), "osdp-capture-"));
  const file = join(folder, "line.pcapng");
  const startMs = Date.UTC(2026, 10, 20, 8);
  writeFileSync(
    file,
    concatBytes(captureHeader("serial"), ...seen.map((frame, at) => capturedFrame(frame, startMs + at * 50))),
  );
  const tshark = (...more: string[]) =>
    execFileSync("tshark", ["-r", file, "-n", "-T", "fields", ...more], {
      encoding: "utf8",
      env: { ...process.env, HOME: folder, TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
    })
      .trimEnd()
      .split("\n");
  const bare = tshark("-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.comment");
  expect(bare).toHaveLength(seen.length);
  expect(bare[0]).toBe(`1795161600.000000000\t${seen[0]?.sizeBytes}\t${seen[0]?.words}`);
  const decoded = tshark(
    "-X",
    `lua_script:${DISSECTOR}`,
    "-e",
    "osdp.address",
    "-e",
    "osdp.name",
    "-e",
    "osdp.reply",
  );
  expect(decoded[0]).toMatch(/^1\tID\t(0|False)$/);
  expect(decoded.filter((row) => row.includes("\tKEYSET\t"))).toHaveLength(1);
  expect(decoded.some((row) => /^1\tRAW\t(1|True)$/.test(row))).toBe(true);
  expect(decoded.some((row) => /^2\tCCRYPT\t(1|True)$/.test(row))).toBe(true);
  rmSync(folder, { recursive: true });
});
