import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { acquireStateLock } from "./state-lock.ts";

const FIXTURE = fileURLToPath(new URL("./state-lock.fixture.ts", import.meta.url));

let state: string;
beforeEach(() => {
  state = join(mkdtempSync(join(tmpdir(), "menshen-lock-")), "state");
});
afterEach(() => rmSync(join(state, ".."), { recursive: true }));

it("makes the directory private and lets one in at a time", () => {
  const lock = acquireStateLock(state);
  expect(statSync(state).mode & 0o777).toBe(0o700);
  expect(() => acquireStateLock(state)).toThrowError(expect.objectContaining({ code: "already-running" }));
  const other = acquireStateLock(state, "other");
  lock.release();
  lock.release();
  acquireStateLock(state).release();
  other.release();
});

it("holds against another process, and is gone with it after kill -9", async () => {
  const owner = spawn(process.execPath, [FIXTURE, state], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => owner.on("exit", resolve));
  await new Promise((resolve) => owner.stdout?.once("data", resolve));
  expect(() => acquireStateLock(state)).toThrowError(expect.objectContaining({ code: "already-running" }));
  owner.kill("SIGKILL");
  await exited;
  acquireStateLock(state).release();
});
