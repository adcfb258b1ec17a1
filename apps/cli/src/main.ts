import { stopWithParent } from "@menshen/service-kit/process";
import { EXIT } from "./command-line/cli-error.ts";
import { runProgram } from "./program.ts";

const PARENT_GONE_MS = 2_000;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort(signal));
// Started by a starter that is gone: whatever hangs is left where it is.
stopWithParent(() => {
  stop.abort("parent gone");
  setTimeout(() => process.exit(EXIT.failed), PARENT_GONE_MS).unref();
});
// Whoever read our output has gone: `menshen … | head`, or a closed terminal. Nobody is left to tell.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stop.abort("output closed"));

process.exitCode = await runProgram(process.argv.slice(2), {
  env: process.env,
  out: process.stdout,
  err: process.stderr,
  stop: stop.signal,
});
await Promise.all([drained(process.stdout), drained(process.stderr)]);
// A reader's socket or a paused standard input may still be referenced; the command has said that it is done.
process.exit();

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write("", () => resolve());
  });
}
