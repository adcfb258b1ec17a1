import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ANCESTORS = fileURLToPath(new URL("./ancestors.ts", import.meta.url));
/** Says where it is, then waits for its ancestors to end. */
const CHILD = `
  const { watchAncestors } = await import(${JSON.stringify(ANCESTORS)});
  watchAncestors(process.env, () => { process.stdout.write("gone\\n"); process.exit(0); });
  process.stdout.write(process.pid + "\\n");
  setTimeout(() => process.exit(1), 15_000);
`;

/** Starts the child below a shell that stays, as npm's does; under a process that calls itself npm if asked. */
function start(asNpm: boolean) {
  const shell = `"${process.execPath}" --input-type=module -e '${CHILD.replaceAll("'", "'\\''")}'; true`;
  const parent = `
    ${asNpm ? 'process.title = "npm start";' : ""}
    require("node:child_process").spawn("sh", ["-c", ${JSON.stringify(shell)}], { stdio: "inherit" });
    setTimeout(() => {}, 20_000);
  `;
  const process_ = spawn(process.execPath, ["-e", parent], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...(asNpm ? { npm_lifecycle_event: "start" } : {}) },
  });
  let said = "";
  const waiting: (() => void)[] = [];
  process_.stdout.on("data", (bytes: Buffer) => {
    said += bytes.toString();
    for (const settle of waiting) settle();
  });
  const until = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (pattern.test(said)) resolve();
      };
      waiting.push(look);
      look();
    });
  return { process_, until };
}

test("notices that npm was killed although the shell between them lives on", async () => {
  const { process_, until } = start(true);
  await until(/^\d+\n/);
  process_.kill("SIGKILL");
  await until(/gone/);
  expect(process_.killed).toBe(true);
});

test("notices that its own parent is gone", async () => {
  const child = spawn(
    process.execPath,
    [
      "-e",
      `const { spawn } = require("node:child_process");
       spawn(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(CHILD)}], { stdio: "inherit" });
       setTimeout(() => {}, 20_000);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  const gone = new Promise<void>((resolve) => {
    child.stdout.on("data", (bytes: Buffer) => {
      said += bytes.toString();
      if (/^\d+\n$/.test(said)) child.kill("SIGKILL");
      if (said.includes("gone")) resolve();
    });
  });
  await gone;
  expect(said).toContain("gone");
});
