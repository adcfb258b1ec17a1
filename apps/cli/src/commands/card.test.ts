import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { menshen, menshenHere, type Run } from "../testing/menshen.ts";

const KEY = "1:00112233445566778899aabbccddeeff";
const OTHER_KEY = "1:00112233445566778899aabbccddee00";
const UID = "04a1b2c3d4e5f6";

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

async function emulated(kind: string, ...options: readonly string[]) {
  const socket = join(directory, "card");
  const card = start("card", "emulate", kind, `unix-listen:${socket}`, ...options);
  await card.line(/^READY|"ready"/);
  return { card, where: `unix:${socket}` };
}

describe.each(["desfire", "ntag424"])("a %s", (kind) => {
  test("is read, and proves its key", async () => {
    const { where } = await emulated(kind, "--uid", UID, "--key", KEY);
    const bare = await menshenHere(["card", "read", where, "--json"]);
    expect(bare.code).toBe(0);
    expect(JSON.parse(bare.stdout)).toMatchObject({ kind, uid: UID, atr: "3b8180018080" });
    const proved = await menshenHere(["card", "read", where, "--key", KEY, "--json"]);
    expect(proved.code).toBe(0);
    expect(JSON.parse(proved.stdout)).toMatchObject({
      proof: { keyNumber: 1, proved: true, layout: "menshen" },
    });
  });

  test("does not prove another key, with exit code 1", async () => {
    const { where } = await emulated(kind, "--uid", UID, "--key", KEY);
    const { code, stdout } = await menshenHere(["card", "read", where, "--key", OTHER_KEY]);
    expect(code).toBe(1);
    expect(stdout).toContain("key 1: NOT proved\nthe card holds another key");
  });

  test("keeps its memory in a profile that only its owner reads", async () => {
    const profile = join(directory, "card.json");
    const first = await emulated(kind, "--uid", UID, "--key", KEY, "--profile", profile);
    first.card.child.kill("SIGTERM");
    expect((await first.card.ended).code).toBe(0);
    expect(statSync(profile).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(profile, "utf8"))).toMatchObject({ kind, uid: UID });
    const { where } = await emulated(kind, "--profile", profile);
    expect((await menshenHere(["card", "read", where, "--key", KEY])).code).toBe(0);
  });

  test("carries what a reader of another make expects", async () => {
    const { where } = await emulated(kind, "--uid", UID, "--key", KEY, "--content", "c0ffee00".repeat(4));
    const { stdout } = await menshenHere(["card", "read", where, "--key", KEY, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      proof: { proved: true, content: "c0ffee00".repeat(4), layout: "other" },
    });
  });
});

test("a card that is only a number proves nothing", async () => {
  const { where } = await emulated("uid", "--uid", "DEADBEEF");
  const bare = await menshenHere(["card", "read", where]);
  expect(bare).toMatchObject({ code: 0 });
  expect(bare.stdout).toContain("kind: uid-only\nUID: deadbeef\n");
  expect((await menshenHere(["card", "read", where, "--key", KEY])).code).toBe(1);
});

test("a card connects to a reader's side that waits, and shows its dialogue", async () => {
  const socket = join(directory, "reader");
  const read = start("card", "read", `unix-listen:${socket}`, "--key", KEY);
  await new Promise((resolve) => setTimeout(resolve, 700));
  const card = start("card", "emulate", "desfire", `unix:${socket}`, "--key", KEY, "--trace");
  expect((await read.ended).code).toBe(0);
  await card.line(/^> 9060000000$/);
  await card.line(/^< 0401011200180591af$/);
  await card.line(/^DISCONNECTED$/);
});

test.each([
  { args: ["card", "read", "unix:/nonexistent/card"], code: 69, says: "nobody answers at that socket" },
  { args: ["card", "read", "x", "--key", "1:12"], code: 2, says: "--key: expected a number of 0 to 13" },
  {
    args: ["card", "emulate", "uid", "unix-listen:/nonexistent/card"],
    code: 69,
    says: "cannot listen there",
  },
  {
    args: ["card", "emulate", "desfire", "unix:/x", "--uid", "04"],
    code: 2,
    says: "--uid: expected 7 bytes",
  },
  {
    args: [
      "card",
      "emulate",
      "ntag424",
      "unix:/x",
      "--key",
      KEY,
      "--key",
      `2${KEY.slice(1)}`,
      "--key",
      `3${KEY.slice(1)}`,
    ],
    code: 2,
    says: "expected keys of 1 to 2 door groups for ntag424",
  },
])("menshen $args ends with $code", async ({ args, code, says }) => {
  const ended = await menshenHere([...args]);
  expect(ended.code).toBe(code);
  expect(ended.stderr).toContain(says);
});

test("a wrong profile is refused with the place that is wrong", async () => {
  const profile = join(directory, "card.json");
  writeFileSync(profile, JSON.stringify({ kind: "desfire", uid: "04" }));
  const { code, stderr } = await menshenHere(["card", "emulate", "desfire", "unix:/x", "--profile", profile]);
  expect(code).toBe(2);
  expect(stderr).toContain("--profile: card/uid");
});
