import { makeLogger } from "@menshen/service-kit";
import { expect, test, vi } from "vitest";
import { makeFindings } from "../findings.ts";
import { ACCESS_POINT, READER } from "../testing/test-site.ts";
import { startPcscReader } from "./pcsc-reader.ts";
import type { ReaderHost } from "./reader-host.ts";
import { makeReaderStates } from "./reader-state.ts";

test("without pcscd the gate runs on and says so", async () => {
  const findings = makeFindings(() => undefined);
  const recorded: string[] = [];
  const host: ReaderHost = {
    findings,
    states: makeReaderStates([READER], () => undefined),
    record: (_readerId, event) => recorded.push(event),
    cardPresent: () => Promise.reject(new Error("no card without a daemon")),
    tryAgain: () => undefined,
    numberRead: () => undefined,
    textRead: () => undefined,
    keysPressed: () => undefined,
    inputs: () => undefined,
    available: () => undefined,
    unavailable: () => undefined,
  };
  const reader = startPcscReader({
    config: { readerName: "Virtual PCD 00 00", readerId: READER, accessPointId: ACCESS_POINT },
    host,
    logger: makeLogger({ app: "gate", level: "error" }),
    pcsc: { socketPath: "/nonexistent/pcscd.comm" },
  });
  await vi.waitFor(() => expect(findings.has("pcsc-unavailable", READER)).toBe(true));
  expect(recorded).toEqual([]);
  await reader.stop();
});
