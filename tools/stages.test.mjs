import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";

const STAGES = new URL("./stages.mjs", import.meta.url).href;
const pass = (name, code = "") => ({ name, command: ["node", "-e", code] });

/** Runs stages in a process of their own, as the commands do. @param stages an array, or the source of its only stage */
function runStages(stages, options = {}) {
  const program = `
    import { runStages } from ${JSON.stringify(STAGES)};
    const passed = await runStages(${typeof stages === "string" ? `[${stages}]` : JSON.stringify(stages)}, ${JSON.stringify(options)});
    process.exitCode = passed ? 0 : 1;
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const ended = new Promise((resolve) => {
    child.on("close", (code) =>
      resolve({ code, output: output.replace(/\d+\.\d s/g, "N s").replace(/ +/g, " ") }),
    );
  });
  return { ended };
}

describe("stages", () => {
  test("that pass are listed with their time, without their output", async () => {
    const { code, output } = await runStages([pass("one", 'console.log("noise")'), pass("two")]).ended;
    expect(code).toBe(0);
    expect(output).toBe(
      "one: passed (N s)\ntwo: passed (N s)\n\n one N s passed\n two N s passed\n total N s passed\n",
    );
  });

  test("after a failure do not run, and the failed one shows its output", async () => {
    const failing = pass("one", 'console.log("what went wrong"); process.exit(3)');
    const { code, output } = await runStages([failing, pass("two")]).ended;
    expect(code).toBe(1);
    expect(output).toBe(
      "what went wrong\none: FAILED (N s): it ended with code 3\n\n one N s FAILED\n two - not run\n total N s FAILED\n",
    );
  });

  test("all run when asked to keep going, and still fail as a whole", async () => {
    const { code, output } = await runStages([pass("one", "process.exit(3)"), pass("two")], {
      keepGoing: true,
    }).ended;
    expect(code).toBe(1);
    expect(output).toContain("two: passed");
    expect(output).toContain("total N s FAILED");
  });

  test("name at the very end what failed", async () => {
    const failing = `{ name: "one", command: ["node", "-e", "console.log('a FAIL b'); process.exit(1)"],
      faults: (output) => output.match(/FAIL .*/g) }`;
    const { output } = await runStages(failing).ended;
    expect(output).toMatch(/total N s FAILED\nFAIL b\n$/);
  });

  describe("whose failed part may run again", () => {
    const twice = (second, end = "process.exit(1)") =>
      runStages(`{ name: "one", command: ["node", "-e", "console.log('a FAIL b'); ${end}"],
        faults: (output) => output.match(/FAIL .*/g),
        again: (output) => output.includes("FAIL") ? ["node", "-e", "process.exit(${second})"] : undefined }`)
        .ended;

    test("pass when it passes alone, and name at the very end what was unsteady", async () => {
      const { code, output } = await twice(0);
      expect(code).toBe(0);
      expect(output).toMatch(/ one N s unsteady\n total N s passed\nunsteady: FAIL b\n$/);
    });

    test("fail when it fails alone too", async () => {
      const { code, output } = await twice(1);
      expect(code).toBe(1);
      expect(output).toMatch(/one: FAILED alone too: it ended with code 1\n/);
      expect(output).toMatch(/ one N s FAILED\n total N s FAILED\nFAIL b\n$/);
    });

    test("fail when they did not end by themselves", async () => {
      const { code, output } = await twice(0, "process.kill(process.pid, 'SIGTERM')");
      expect(code).toBe(1);
      expect(output).not.toContain("alone");
    });
  });

  test("run under the pinned Node with their environment", async () => {
    const code =
      'process.exit(process.env.COLOUR === "red" && process.versions.node.startsWith("24.") ? 0 : 1)';
    expect((await runStages([{ ...pass("one", code), env: { COLOUR: "red" } }]).ended).code).toBe(0);
  });

  test("that never end are ended and have failed", async () => {
    const endless = { ...pass("one", "setInterval(() => undefined, 1000)"), limitMinutes: 0.005 };
    const { code, output } = await runStages([endless]).ended;
    expect(code).toBe(1);
    expect(output).toContain("it did not end within 0.005 minutes");
  });

  test("whose program does not exist have failed", async () => {
    const { code, output } = await runStages([{ name: "one", command: ["no-such-program"] }]).ended;
    expect(code).toBe(1);
    expect(output).toContain("cannot run `no-such-program`");
  });

  test("end with a SIGTERM to the runner", async () => {
    const code = 'process.kill(process.ppid, "SIGTERM"); setInterval(() => undefined, 1000)';
    const { code: exitCode, output } = await runStages([pass("one", code)]).ended;
    expect(exitCode).toBe(1);
    expect(output).toContain("it was ended by SIGTERM");
  });
});
