import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startTestCommunity, type TestCommunity } from "./testing/test-community.ts";
import { ACCESS_POINT, GATE, PORTAL, READER, testDocument, testModel } from "./testing/test-site.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const DAY_MS = 86_400_000;

let folder: string;
let community: TestCommunity;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gate-main-"));
  community = await startTestCommunity(GATE);
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  await community.close();
  rmSync(folder, { recursive: true });
});

function writeConfig(extra: object = {}): string {
  const file = join(folder, "gate.json");
  const config = {
    stateDir: join(folder, "state"),
    community: { enrolUrl: community.enrolUrl, enrolmentCode: community.enrolmentCode },
    statusPage: { host: "127.0.0.1", port: 0 },
    doorGroup: 1,
    buses: [
      {
        id: "bus-0",
        transport: `unix:${join(folder, "nobody.sock")}`,
        readers: [
          {
            readerId: READER,
            address: 0,
            role: "reader",
            accessPointId: ACCESS_POINT,
            secureChannel: "required",
          },
        ],
      },
    ],
    portals: [{ portalId: PORTAL, lock: { kind: "osdp-output", readerId: READER, output: 0 } }],
    ...extra,
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

interface Run {
  readonly child: ChildProcess;
  readonly parentPipe: Writable;
  /** Standard output, a line each. */
  readonly lines: string[];
  readonly errors: () => string;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...process.env, MENSHEN_PARENT_FD: "3" },
  });
  children.add(child);
  const lines: string[] = [];
  let errors = "";
  if (child.stdout === null || child.stderr === null) throw new Error("expected pipes");
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  child.stderr.on("data", (data: Buffer) => {
    errors += data.toString();
  });
  return { child, lines, errors: () => errors, parentPipe: child.stdio[3] as Writable };
}

const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 15_000, interval: 20 });

async function ready({ lines }: Run): Promise<{ statusPage: string; gateId: string }> {
  return await until(() => {
    const line = lines[0];
    if (line === undefined) throw new Error("not ready");
    return JSON.parse(line);
  });
}

async function ended({ child }: Run): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const [code]: (number | null)[] = await once(child, "exit");
  return code ?? null;
}

test("announces itself, answers a person at the gate, ends on SIGTERM, and starts again without enrolling", async () => {
  const config = writeConfig();
  const first = run("--config", config);
  const facts = await ready(first);
  expect(facts).toMatchObject({ ready: true, gateId: GATE });
  expect((await fetch(`${facts.statusPage}/status.json`)).status).toBe(200);

  const asked = run("--config", config, "--admin", '{"request":"self-test"}');
  expect(await ended(asked)).toBe(0);
  expect(JSON.parse(asked.lines[0] ?? "")).toMatchObject({
    ok: true,
    result: { findings: expect.any(Array) },
  });
  const refused = run("--config", config, "--admin", '{"request":"open-the-door"}');
  expect(await ended(refused)).toBe(1);
  expect(refused.errors()).toContain("expected one of status, self-test");

  const second = run("--config", config);
  expect(await ended(second)).toBe(1);
  expect(second.errors()).toContain("another process uses the state directory");

  first.child.kill("SIGTERM");
  expect(await ended(first)).toBe(0);
  const third = run("--config", config);
  expect(await ready(third)).toMatchObject({ gateId: GATE });
  expect(community.enrolments).toBe(1);
}, 60_000);

test("killed between the server's enrolment and its own record of it, it comes back as the same device", async () => {
  const config = writeConfig();
  community.loseEnrolmentAnswer();
  const first = run("--config", config);
  await until(() => expect(community.enrolments).toBe(1));
  first.child.kill("SIGKILL");
  await ended(first);
  community.loseEnrolmentAnswer(false);
  expect(await ready(run("--config", config))).toMatchObject({ gateId: GATE });
  expect(community.enrolments).toBe(1);
  await until(() => expect(community.isConnected()).toBe(true));
}, 30_000);

test("ends when its parent is gone", async () => {
  const gate = run("--config", writeConfig());
  await ready(gate);
  gate.parentPipe.end();
  expect(await ended(gate)).toBe(0);
}, 30_000);

test("a configuration that misses a setting stops with code 78 and names it", async () => {
  const gate = run("--config", writeConfig({ doorGroup: undefined }));
  expect(await ended(gate)).toBe(78);
  expect(gate.errors()).toContain("doorGroup");
}, 30_000);

test("without a configuration it says how to use it", async () => {
  const gate = run();
  expect(await ended(gate)).toBe(64);
  expect(gate.errors()).toContain("--config FILE");
}, 30_000);

test("120 days without a network: the schedule holds, and an expired certificate renews itself on return (complaints 9 and 10)", async () => {
  const clockSocket = join(folder, "clock.sock");
  const gate = run("--config", writeConfig({ clock: { source: "injected", socket: clockSocket } }));
  const socket = await until(
    () =>
      new Promise<ReturnType<typeof createConnection>>((resolve, reject) => {
        const connecting = createConnection(clockSocket, () => resolve(connecting));
        connecting.on("error", reject);
      }),
  );
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const startMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS / 2;
  // The gate's own clocks run 5 s a day slow; the server's time is the true one.
  const drive = async (days: number) => {
    const passedMs = days * (DAY_MS - 5_000);
    socket.write(
      `${JSON.stringify({ wallMs: startMs + passedMs, monotonicMs: 1_000 + passedMs, bootId: "b1" })}\n`,
    );
    await answers.next();
    community.setNow(() => startMs + days * DAY_MS);
  };
  await drive(0);
  await ready(gate);
  await until(() => expect(community.isConnected()).toBe(true));
  // Mondays to Sundays 08:00 to 09:00 in Shanghai stand open.
  const schedule = ([1, 2, 3, 4, 5, 6, 7] as const).map((weekday) => ({
    weekday,
    startMinute: 480,
    endMinute: 540,
  }));
  const model = testModel([], { unlockSchedule: schedule });
  await community.sendSnapshot(testDocument(model, 1, startMs));
  await until(() => expect(community.applied.length).toBe(1));

  await community.goDown();
  await drive(120);
  await community.comeBack();
  await until(() => expect(community.renewals).toBe(1));
  await until(() => {
    const events = community.entries.flatMap(({ kind, body }) => (kind === "portal" ? [body.event] : []));
    expect(events.length).toBe(241);
  });
  const [lock, ...portal] = community.entries.filter((entry) => entry.kind === "portal");
  // Nobody is on the line: a minute after the start the lock is known to be silent.
  expect(lock?.body.event).toBe("lock-not-answering");
  portal.forEach((entry, index) => {
    // 08:00 in Shanghai is 00:00 UTC, the first one half a day after the start. The door stands open only while it is
    // certainly between eight and nine.
    const eightMs = startMs + DAY_MS / 2 + Math.floor(index / 2) * DAY_MS;
    if (entry.body.event === "unlocked") {
      expect(index % 2).toBe(0);
      expect(entry.earliest - eightMs).toBeGreaterThanOrEqual(0);
      expect(entry.earliest - eightMs).toBeLessThan(1_000);
    } else {
      expect(entry.body.event).toBe("locked");
      expect(entry.latest - eightMs - 3_600_000).toBeGreaterThanOrEqual(0);
      expect(entry.latest - eightMs - 3_600_000).toBeLessThan(1_000);
    }
  });
  expect(community.entries.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: community.entries.length }, (_, i) => i + 1),
  );
  expect(community.lastStatus()?.findings.map(({ code }) => code)).toContain("clock-injected");
  socket.destroy();
}, 120_000);
