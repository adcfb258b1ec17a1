import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const FIXTURE = fileURLToPath(new URL("./lifecycle.fixture.ts", import.meta.url));

/** Runs the fixture and does something to it when it is ready. */
async function run(
  argument: string,
  act: (service: { readonly kill: (signal: NodeJS.Signals) => void; readonly closePipe: () => void }) => void,
) {
  const child = spawn(process.execPath, [FIXTURE, argument], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...process.env, MENSHEN_PARENT_FD: "3" },
  });
  let output = "";
  let errors = "";
  const pipe = child.stdio[3];
  pipe?.on("error", () => {});
  child.stdout?.on("data", (chunk) => {
    const before = output;
    output += String(chunk);
    if (!before.includes("ready") && output.includes("ready")) {
      act({ kill: (signal) => child.kill(signal), closePipe: () => pipe?.destroy() });
    }
  });
  child.stderr?.on("data", (chunk) => {
    errors += String(chunk);
  });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  return { code, lines: output.trim().split("\n"), errors };
}

const READY = '{"ready":true,"port":1}';

it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("stops in reverse order on %s", async (signal) => {
  const { code, lines, errors } = await run("", ({ kill }) => kill(signal));
  expect(lines).toEqual([READY, "stopped last", "stopped first"]);
  expect(code).toBe(0);
  expect(errors).toContain("could not stop in order");
});

it("stops when its parent's end of the pipe is gone", async () => {
  const { code, lines } = await run("", ({ closePipe }) => closePipe());
  expect(lines).toEqual([READY, "stopped last", "stopped first"]);
  expect(code).toBe(0);
});

it("stops once, however often it is told", async () => {
  const { code, lines } = await run("", ({ kill, closePipe }) => {
    kill("SIGINT");
    kill("SIGINT");
    closePipe();
    kill("SIGTERM");
  });
  expect(lines).toEqual([READY, "stopped last", "stopped first"]);
  expect(code).toBe(0);
});

it("does not wait for ever for a step that hangs", async () => {
  const { code, lines } = await run("hang", ({ kill }) => kill("SIGTERM"));
  expect(lines).toEqual([READY, "stopped last"]);
  expect(code).toBe(1);
});

it("undoes a start that failed, says why and exits with its code", async () => {
  const { code, lines, errors } = await run("fail", () => {});
  expect(lines).toEqual(["stopped last", "stopped first"]);
  expect(code).toBe(78);
  expect(errors).toContain("a setting is missing\n");
});
