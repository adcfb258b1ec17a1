import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { menshen, type Run } from "../testing/menshen.ts";

const READER = "0f6d8f0e-5a39-4a5e-9f3c-2a1b0c9d8e7f";
const DOOR = "1f6d8f0e-5a39-4a5e-9f3c-2a1b0c9d8e7f";
const directory = mkdtempSync(join(tmpdir(), "menshen-desk-"));
const config = join(directory, "gate.json");
let gate: Run;

const ask = (...args: readonly string[]) => menshen(["gate", ...args, "--config", config]).ended;

/** A real gate that nobody has enrolled yet: its server does not answer. */
beforeAll(async () => {
  writeFileSync(
    config,
    JSON.stringify({
      stateDir: join(directory, "state"),
      community: { enrolUrl: "https://127.0.0.1:1" },
      statusPage: { host: "127.0.0.1", port: 0 },
      buses: [
        {
          id: "door",
          transport: `unix:${join(directory, "bus.sock")}`,
          readers: [{ readerId: READER, address: 0, role: "reader", secureChannel: "required" }],
        },
      ],
      portals: [],
      doorGroup: 1,
    }),
  );
  gate = menshen(["gate", "--config", config]);
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await ask("status")).code === 0) return;
  }
  throw new Error("the gate did not come up");
}, 60_000);

afterAll(async () => {
  gate.child.kill("SIGTERM");
  await gate.ended;
  rmSync(directory, { recursive: true, force: true });
});

describe("at a gate's desk", () => {
  test("status says what the gate says, in words and as JSON", async () => {
    const words = await ask("status");
    expect(words).toMatchObject({ code: 0, stderr: "" });
    expect(words.stdout).toMatch(/^gate – · /);
    expect(words.stdout).toContain("link disconnected");
    expect(words.stdout).toContain(`reader ${READER} offline secure-channel=none (OSDP door / 0)`);
    expect(words.stdout).toContain("✗ not-enrolled");
    const json = await ask("status", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      link: { connected: false },
      readers: [{ readerId: READER, online: false }],
      findings: expect.arrayContaining([
        expect.objectContaining({ code: "not-enrolled", severity: "fault" }),
      ]),
    });
  });

  test("a self-test names the fault, and its exit code says that there is one", async () => {
    const tested = await ask("self-test", "--json");
    expect(tested.code).toBe(1);
    expect(JSON.parse(tested.stdout).findings).toContainEqual({ code: "not-enrolled", severity: "fault" });
  });

  test("a diagnosis is a file that only its owner reads, without a place or a code in it, and never written over", async () => {
    const file = join(directory, "diagnosis.json");
    expect(await ask("diagnose", file)).toMatchObject({
      code: 0,
      stdout: `✓ written to ${file}; look through it\n`,
      stderr: "",
    });
    const text = readFileSync(file, "utf8");
    expect(JSON.parse(text)).toMatchObject({
      version: 1,
      readers: [{ readerId: READER, online: false, secureChannel: "none" }],
    });
    expect(text).not.toContain(directory);
    expect(text).not.toContain("127.0.0.1");
    expect(statSync(file).mode & 0o077).toBe(0);
    const again = await ask("diagnose", file);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toContain("name a file that is not there yet");
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(await ask("diagnose")).toMatchObject({ code: 2, stdout: "" });
  });

  test("a self-test of wires names what the gate itself lacks: nobody told it the time", async () => {
    const tested = await ask("self-test", "--wires", "--json");
    expect(tested.code).toBe(1);
    expect(JSON.parse(tested.stdout)).toMatchObject({
      findings: expect.arrayContaining([{ code: "not-enrolled", severity: "fault" }]),
      report: { faults: [{ code: "clock-wrong" }] },
    });
  });

  test("what the gate cannot do is refused with its reason", async () => {
    const reset = await ask("reset-fire", DOOR);
    expect(reset).toMatchObject({ code: 1, stdout: "" });
    expect(reset.stderr).toContain("expected a portal whose fire input is off and release latched");
    const window = await ask("install-window", READER);
    // Lines are opened once the gate is enrolled.
    expect(window).toMatchObject({ code: 1, stdout: "" });
    expect(window.stderr).toContain("expected a reader on a bus");
    const taken = await ask("take-over", directory);
    expect(taken).toMatchObject({ code: 1, stdout: "" });
    expect(taken.stderr).toContain("expected a gate that is enrolled");
    const enrolled = await ask("enrol", "no-code");
    expect(enrolled).toMatchObject({ code: 1, stdout: "" });
    expect(enrolled.stderr).toContain("the gate refused: ");
  });

  test.each([
    { args: ["status"], code: 2, says: "missing --config FILE" },
    { args: ["status", "--config", "/nonexistent"], code: 78, says: "cannot read `/nonexistent`" },
    {
      args: ["install-window", READER, "--config", config, "--minutes", "16"],
      code: 2,
      says: "from 1 to 15",
    },
    { args: ["enrol", "--config", config], code: 2, says: "missing CODE" },
    { args: ["frob"], code: 2, says: "unexpected argument `frob`" },
  ])("menshen gate $args ends with $code", async ({ args, code, says }) => {
    const run = await menshen(["gate", ...args]).ended;
    expect(run).toMatchObject({ code, stdout: "" });
    expect(run.stderr).toContain(says);
  });
});

test.each([
  {
    args: ["install-window", READER, "--minutes", "2"],
    asked: { request: "open-install-window", readerId: READER, minutes: 2 },
    answer: { ok: true, result: { readers: [READER] } },
    says: "✓ open for 2 min (readers: 1); the journal says so\n",
  },
  {
    args: ["install-window", "all"],
    asked: { request: "open-install-window", minutes: 5 },
    answer: { ok: true, result: { readers: [] } },
    says: "every reader has its key: nothing was opened\n",
  },
  {
    args: ["take-over", "/mnt/old"],
    asked: { request: "take-over", from: "/mnt/old" },
    answer: {
      ok: true,
      result: { gateId: DOOR, readers: [READER], journal: { sent: 3, lastSequence: 17 } },
    },
    says: "✓ readers under the keys they hold: 1\n✓ records handed over: 3; the server holds all up to 17\n",
  },
  { args: ["reset-fire", DOOR], asked: { request: "reset-fire", portalId: DOOR }, says: "✓ reset\n" },
  { args: ["enrol", "ABCD-EFGH"], asked: { request: "enrol", code: "ABCD-EFGH" }, says: "✓ enrolled\n" },
])(
  "menshen gate $args asks, and says that it is done",
  async ({ args, asked, answer = { ok: true }, says }) => {
    const stateDir = mkdtempSync(join(tmpdir(), "menshen-desk-"));
    const place = join(stateDir, "gate.json");
    writeFileSync(place, JSON.stringify({ stateDir }));
    let heard = "";
    const server = createServer((socket) => {
      socket.on("data", (bytes) => {
        heard += bytes.toString();
        socket.end(`${JSON.stringify(answer)}\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(join(stateDir, "admin.sock"), resolve));
    expect(await menshen(["gate", ...args, "--config", place]).ended).toEqual({
      code: 0,
      stdout: says,
      stderr: "",
    });
    expect(JSON.parse(heard)).toEqual(asked);
    await new Promise((resolve) => server.close(resolve));
    rmSync(stateDir, { recursive: true, force: true });
  },
);

test("nobody there, and somebody who does not speak like a gate", async () => {
  const place = join(directory, "other.json");
  const stateDir = mkdtempSync(join(tmpdir(), "menshen-desk-"));
  writeFileSync(place, JSON.stringify({ stateDir }));
  const status = () => menshen(["gate", "status", "--config", place]).ended;
  const nobody = await status();
  expect(nobody).toMatchObject({ code: 69, stdout: "" });
  expect(nobody.stderr).toContain("no gate answers at");
  for (const answer of ['{"ok":true,"status":{}}\n', '{"ok":"yes"}\n', "what?\n", ""]) {
    const server = createServer((socket) => socket.resume().end(answer));
    await new Promise<void>((resolve) => server.listen(join(stateDir, "admin.sock"), resolve));
    const answered = await status();
    expect(answered.code).toBe(answer === "" ? 69 : 1);
    expect(answered.stdout).toBe("");
    await new Promise((resolve) => server.close(resolve));
  }
  writeFileSync(place, "{}");
  expect((await status()).code).toBe(78);
  rmSync(stateDir, { recursive: true, force: true });
});
