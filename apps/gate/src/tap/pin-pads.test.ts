import { ReaderId } from "@menshen/domain";
import { expect, test } from "vitest";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { makeFindings } from "../findings.ts";
import { READER } from "../testing/test-site.ts";
import { makePinPads } from "./pin-pads.ts";

const OTHER = ReaderId("dddddddd-0000-4000-8000-000000000009");
const START_MS = 1_800_057_600_000;

/** Keypads at which `12345678` is somebody's PIN; `log` is what became of entries. */
function rig() {
  const driven = makeDrivenClock(START_MS, 0, "b");
  const findings = makeFindings(() => undefined);
  const log: string[] = [];
  const pads = makePinPads({
    source: driven.source,
    findings,
    entered: (_readerId, digits) => {
      log.push(digits);
      return Promise.resolve(digits !== "12345678");
    },
    refused: () => log.push("refused"),
  });
  const settle = async () => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  const press = async (keys: string, readerId = READER) => {
    const bytes = [...keys].map((key) => (key === "#" ? 0x0d : key === "*" ? 0x7f : key.charCodeAt(0)));
    pads.pressed(readerId, Uint8Array.from(bytes));
    await settle();
  };
  const pass = async (ms: number) => {
    const to = driven.source.monotonicMs() + ms;
    await driven.moveTo(START_MS + to, to, settle);
    await settle();
  };
  return { pads, press, pass, log, findings };
}

test("a PIN comes key by key or at once, and `#` ends it", async () => {
  const { press, log } = rig();
  for (const key of "12345678#") await press(key);
  await press("12345678#87654321#");
  expect(log).toEqual(["12345678", "12345678", "87654321"]);
});

test("`*` clears, keys that are none are left out, `#` alone is nothing", async () => {
  const { press, log } = rig();
  await press("999*12A345\u0000678##");
  await press("12*#");
  expect(log).toEqual(["12345678"]);
});

test("what is too short or too long is refused and never looked up", async () => {
  const { press, log, findings } = rig();
  for (let i = 0; i < 20; i++) await press(i % 2 === 0 ? "1234567#" : `123456789${"0".repeat(500)}#`);
  expect(new Set(log)).toEqual(new Set(["refused"]));
  expect(findings.has("reader-pin-locked", READER)).toBe(false);
  await press("12345678#");
  expect(log.at(-1)).toBe("12345678");
});

test("digits that are left standing go after ten seconds, and are nobody else's beginning", async () => {
  const { press, pass, log } = rig();
  await press("1234");
  await pass(9_999);
  await press("5678");
  await pass(9_999);
  expect(log).toEqual([]);
  await pass(1);
  expect(log).toEqual(["refused"]);
  await press("12345678#");
  expect(log).toEqual(["refused", "12345678"]);
});

test("digits at one reader are none at another", async () => {
  const { press, log } = rig();
  await press("1234");
  await press("5678#", OTHER);
  await press("5678#");
  expect(log).toEqual(["refused", "12345678"]);
});

test("six wrong PINs close the keypad, its neighbour's stays open, and each five minutes give one try", async () => {
  const { press, pass, log, findings } = rig();
  for (let i = 0; i < 6; i++) await press(`0000000${i}#`);
  expect(findings.has("reader-pin-locked", READER)).toBe(true);
  await press("12345678#");
  expect(log.at(-1)).toBe("refused");
  await press("12345678#", OTHER);
  expect(log.at(-1)).toBe("12345678");
  await pass(299_999);
  expect(findings.has("reader-pin-locked", READER)).toBe(true);
  await pass(1);
  expect(findings.has("reader-pin-locked", READER)).toBe(false);
  await press("00000007#00000008#");
  expect(log.slice(-2)).toEqual(["00000007", "refused"]);
  expect(findings.has("reader-pin-locked", READER)).toBe(true);
});

test("the right PIN costs nothing, and many wrong ones at once are counted as many", async () => {
  const { press, log } = rig();
  for (let i = 0; i < 50; i++) await press("12345678#");
  expect(log.filter((line) => line === "12345678").length).toBe(50);
  await press("11111111#".repeat(20));
  expect(log.filter((line) => line === "11111111").length).toBe(6);
});

test("after a stop no timer is left", async () => {
  const { pads, press, pass, log } = rig();
  await press("1234");
  pads.stop();
  await pass(60_000);
  expect(log).toEqual([]);
});
