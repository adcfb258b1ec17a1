import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes, toHex } from "@menshen/crypto/node";
import { makePeripheralLine, openTransport, systemTimers } from "@menshen/osdp";
import { makeLogger } from "@menshen/service-kit";
import { makeVirtualReader } from "@menshen/virtual-devices";
import { expect, test, vi } from "vitest";
import type { ReaderConfig } from "../config.ts";
import { makeFindings } from "../findings.ts";
import { openReaderKeys } from "../keys/reader-keys.ts";
import { openFileSeal } from "../keys/seal.ts";
import { READER } from "../testing/test-site.ts";
import { startReaderBus } from "./osdp-bus.ts";
import type { ReaderHost } from "./reader-host.ts";
import { makeReaderStates } from "./reader-state.ts";

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 });

test("a reader takes its key in a window that a person opened, never because a gate started; another one through its channel, and no alarm is told (complaint 19)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gate-bus-"));
  const socket = join(folder, "bus.sock");
  const line = makePeripheralLine({
    transport: await openTransport(`unix-listen:${socket}`),
    timers: systemTimers,
    random: randomBytes,
  });
  const reader = makeVirtualReader(line, { address: 0, timers: systemTimers });
  const findings = makeFindings(() => undefined);
  const recorded: string[] = [];
  const numbers: string[] = [];
  const host: ReaderHost = {
    findings,
    states: makeReaderStates([READER], () => undefined),
    record: (_readerId, event) => recorded.push(event),
    cardPresent: () => Promise.resolve(),
    numberRead: (_readerId, { bits }) => numbers.push(toHex(bits)),
    textRead: () => undefined,
    keysPressed: () => undefined,
    inputs: () => undefined,
    available: () => undefined,
    unavailable: () => undefined,
    tryAgain: () => undefined,
  };
  const config: ReaderConfig = {
    readerId: READER,
    address: 0,
    role: "reader",
    accessPointId: undefined,
    secureChannel: "install",
    channel: "apdu",
  };
  const seal = openFileSeal(folder);
  const keys = openReaderKeys(folder, seal);
  const bus = await startReaderBus({
    config: { id: "bus-0", transport: `unix:${socket}`, readers: [config] },
    keys,
    host,
    logger: makeLogger({ app: "gate", level: "error" }),
    nowMs: () => 1_800_000_000_000,
  });
  try {
    // A reader, or whatever answers in its place, takes no key because a gate was started.
    await until(() => expect(findings.has("reader-key-missing", READER)).toBe(true));
    expect(keys.of(READER).inForce).toBeUndefined();
    expect(reader.link.secure).toBe(false);
    expect(recorded).toEqual([]);
    bus.openInstallWindow(config, 60_000);
    await until(() => expect(recorded).toContain("online"));
    expect(recorded.filter((event) => event !== "secure-channel-up" && event !== "online")).toEqual([
      "install-window-opened",
      "key-set",
      "install-window-closed",
    ]);
    const first = keys.of(READER).inForce;
    if (first === undefined) throw new Error("expected a key in force");
    recorded.length = 0;

    await bus.rekey(config);
    await until(() => expect(recorded).toContain("key-set"));
    const second = openReaderKeys(folder, seal).of(READER);
    expect(second.offered).toBeUndefined();
    expect(second.sinceMs).toBe(1_800_000_000_000);
    expect(toHex(second.inForce ?? new Uint8Array())).not.toBe(toHex(first));
    await until(() => expect(reader.link.secure).toBe(true));
    expect(recorded).not.toContain("secure-channel-lost");
    expect(recorded).not.toContain("offline");
    expect(findings.list()).toEqual([]);
    await until(() => {
      reader.swipe({ bitCount: 32, bytes: Uint8Array.of(0xde, 0xad, 0xbe, 0xef) }, 0);
      expect(numbers).toContain("deadbeef");
    });
  } finally {
    await bus.stop();
    await line.stop();
    rmSync(folder, { recursive: true });
  }
});
