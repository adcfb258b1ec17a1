import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { menshen, menshenHere, type Run } from "../testing/menshen.ts";

const KEY = "9b3c5f0e8a7d4612c05e7713fa29b8d4";
const OTHER_KEY = "9b3c5f0e8a7d4612c05e7713fa29b8d5";

let directory: string;
let running: Run[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "menshen-cli-"));
  running = [];
});
afterEach(async () => {
  for (const { child } of running) child.kill("SIGTERM");
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(directory, { recursive: true, force: true });
});

function start(...args: readonly string[]): Run {
  const run = menshen(args);
  running.push(run);
  return run;
}

async function emulated(...options: readonly string[]) {
  const where = `unix:${join(directory, "line")}`;
  const reader = start("reader", "emulate", where, "--address", "5", ...options);
  await reader.line(/^READY|"ready"/);
  return { where, reader };
}

describe("probe", () => {
  test("tells identity, claims and an established channel", async () => {
    const { where } = await emulated("--key", KEY, "--outputs", "2");
    const { code, stdout } = await menshenHere([
      "reader",
      "probe",
      where,
      "--address",
      "5",
      "--key",
      KEY,
      "--json",
    ]);
    expect(code).toBe(0);
    const answer: unknown = JSON.parse(stdout);
    expect(answer).toMatchObject({
      address: 5,
      secureChannel: "established",
      identity: { vendor: "02-4d-53", model: 1, version: 1, serial: 5, firmware: "0.1.0" },
    });
    expect(answer).toHaveProperty("capabilities[0]", {
      function: 2,
      name: "output-control",
      compliance: 1,
      items: 2,
    });
  });

  test("says that the reader holds another key, with exit code 1", async () => {
    const { where } = await emulated("--key", KEY);
    const { code, stdout } = await menshenHere([
      "reader",
      "probe",
      where,
      "--address",
      "5",
      "--key",
      OTHER_KEY,
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain("REFUSED: the reader does not hold the given key");
    expect(stdout).toContain("02-4d-53");
  });

  test("finds a single reader by the address that every reader hears", async () => {
    const { where } = await emulated();
    const { code, stdout } = await menshenHere(["reader", "probe", where, "--address", "127"]);
    expect(code).toBe(0);
    expect(stdout).toContain("not tried: no key was given");
  });

  test("ends with 69 when nobody answers", async () => {
    const { where } = await emulated();
    const ended = await menshenHere(["reader", "probe", where, "--address", "9", "--wait", "1"]);
    expect(ended).toMatchObject({ code: 69, stdout: "" });
    expect(ended.stderr).toContain("no answer from address 9");
  });
});

describe("monitor", () => {
  test("prints a line for all that happens at the reader", async () => {
    const { where, reader } = await emulated("--key", KEY, "--inputs", "2");
    const monitor = start("reader", "monitor", where, "--address", "5", "--key", KEY);
    await monitor.line(/online secure vendor=02-4d-53 serial=5$/);
    // Typed before the first ACK, they are marked as stale: the reader might have kept them.
    reader.type("card DEADBEEF", "wiegand 26 12 345", "keys 12#*", "tamper on", "input 1 on", "text HELLO");
    await monitor.line(/ card raw format=0 bits=32 data=deadbeef( stale)?$/);
    await monitor.line(/ card raw format=1 bits=26 data=0600ac80( stale)?$/);
    await monitor.line(/ keypad 12#\*( stale)?$/);
    await monitor.line(/ tamper on reported$/);
    await monitor.line(/ inputs 01$/);
    await monitor.line(/ card formatted text="HELLO"( stale)?$/);
    monitor.child.kill("SIGINT");
    expect(await monitor.ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("sees a smart card come and go", async () => {
    const { where, reader } = await emulated("--key", KEY);
    const monitor = start(
      "reader",
      "monitor",
      where,
      "--address",
      "5",
      "--key",
      KEY,
      "--smart-card",
      "--json",
    );
    await monitor.line(/"kind":"online"/);
    await reader.line(/^LINK secure/);
    // The mode is set by commands that follow the first poll.
    await new Promise((resolve) => setTimeout(resolve, 300));
    reader.type("card ntag424 04A1B2C3D4E5F6");
    const present = await monitor.line(/"kind":"xrd"/);
    expect(JSON.parse(present)).toMatchObject({ report: { kind: "card-present", status: "contactless" } });
    reader.type("remove");
    await monitor.line(/"status":"absent"/);
  });

  test("gives a new reader its key, which the reader keeps", async () => {
    const keyFile = join(directory, "reader.key");
    const { where, reader } = await emulated("--key-file", keyFile);
    const monitor = start("reader", "monitor", where, "--address", "5", "--key", KEY, "--install");
    await reader.line(/^KEYSET$/);
    await monitor.line(/online secure/);
    expect(readFileSync(keyFile, "utf8")).toBe(`${KEY}\n`);
  });

  test("ends with 69 when the reader never came", async () => {
    const where = `unix:${join(directory, "nobody")}`;
    const { code } = await menshenHere(["reader", "monitor", where, "--for", "1"]);
    expect(code).toBe(69);
  });
});

describe("emulate", () => {
  test("explains lines it does not understand and goes on", async () => {
    const { where, reader } = await emulated("--json");
    reader.type("frob", "card xyz", "input 7 on", "", "# nothing", "quit");
    const { code, stderr } = await reader.ended;
    expect(code).toBe(0);
    expect(
      stderr
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).error.message),
    ).toEqual([
      "standard input: unknown word `frob`",
      "standard input: card: expected a kind and its UID, `file FILE`, or 1 to 62 bytes in hex",
      "standard input: input: there is no input 7",
    ]);
    expect(where).toContain("unix:");
  });

  test("says that its place is taken or cannot be listened on", async () => {
    const { code, stderr } = await menshenHere(["reader", "emulate", "unix-listen:/nonexistent/line"]);
    expect(code).toBe(69);
    expect(stderr).toContain("cannot listen");
  });

  test("works over a serial line", async () => {
    const [left, right] = [join(directory, "left"), join(directory, "right")];
    const socat = spawn("socat", [`pty,raw,echo=0,link=${left}`, `pty,raw,echo=0,link=${right}`]);
    const gone = new Promise((resolve) => socat.on("close", resolve));
    try {
      const reader = start("reader", "emulate", right, "--address", "5", "--key", KEY, "--baud", "115200");
      await reader.line(/^READY/);
      const probe = start("reader", "probe", left, "--address", "5", "--key", KEY, "--baud", "115200");
      expect(await probe.ended).toMatchObject({ code: 0, stderr: "" });
    } finally {
      socat.kill();
      await gone;
    }
  });
});
