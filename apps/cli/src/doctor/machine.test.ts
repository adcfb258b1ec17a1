import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkClock, checkDatabase, checkDisk, checkNode, checkPort, checkSerialPorts } from "./machine.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "menshen-doctor-test-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("a Node that is not installed, another one, the pinned one", async () => {
  const node = join(directory, "node");
  expect(await checkNode(node)).toMatchObject({ state: "problem" });
  writeFileSync(node, "#!/bin/sh\necho v1.2.3\n", { mode: 0o755 });
  expect(await checkNode(node)).toMatchObject({ state: "note", values: { pinned: "1.2.3" } });
  expect(await checkNode(process.execPath)).toMatchObject({ state: "ok" });
});

test("missing database binaries are named with the way out", async () => {
  const finding = await checkDatabase(directory, {});
  expect(finding).toMatchObject({ state: "problem", check: "database" });
  expect(finding.remedy?.en).toContain("DATABASE_URL");
  expect(await checkDatabase(directory, { DATABASE_URL: "x" })).toMatchObject({
    state: "note",
  });
});

test("a disk is measured by writing to it", async () => {
  const finding = await checkDisk(directory);
  expect(finding.check).toBe("disk");
  expect(finding.values?.worstMs).toBeGreaterThanOrEqual(Number(finding.values?.middleMs));
  expect(finding.values?.middleMs).toBeGreaterThan(0);
});

test("a clock before this program was written cannot be right", () => {
  expect(checkClock(Date.UTC(2000, 0, 1))).toMatchObject({ state: "problem" });
  expect(checkClock(Date.UTC(2027, 0, 1)).state).not.toBe("problem");
});

test("serial adapters are found by their names", async () => {
  const devices = join(directory, "dev");
  mkdirSync(devices);
  expect(await checkSerialPorts(devices)).toMatchObject({ state: "note" });
  writeFileSync(join(devices, "ttyUSB0"), "");
  writeFileSync(join(devices, "ttyS0"), "");
  expect(await checkSerialPorts(devices)).toMatchObject({ state: "ok", values: { ports: "ttyUSB0" } });
});

test("a taken port is told from a free one", async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  expect(await checkPort(port, "console")).toMatchObject({ check: "port.console", state: "note" });
  await new Promise((resolve) => server.close(resolve));
  expect(await checkPort(port, "console")).toMatchObject({ state: "ok" });
});
