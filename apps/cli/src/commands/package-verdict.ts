import { EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";

/** What is wrong with a part of a package. */
interface PartFault {
  readonly code: string;
  readonly part: string;
  readonly detail?: string;
}

/** Says each fault of a package in words, and that it is not verified; the exit code. */
export function sayRefused<F extends PartFault>(
  call: Call,
  faults: readonly F[],
  textOf: (code: F["code"], language: "en" | "zh-CN") => string,
  sha256: string,
): ExitCode {
  for (const { code, part, detail } of faults) {
    const more = detail === undefined ? "" : ` (${detail})`;
    call.output.say(
      { fault: code, part, ...(detail === undefined ? {} : { detail }) },
      { en: `✗ ${part}: ${textOf(code, "en")}${more}`, zh: `✗ ${part}：${textOf(code, "zh-CN")}${more}` },
    );
  }
  call.output.say(
    { ok: false, sha256 },
    { en: `✗ not verified  SHA-256 ${sha256}`, zh: `✗ 验证未通过  SHA-256 ${sha256}` },
  );
  return EXIT.failed;
}

/** An instant as people of all countries read it. */
export function utc(ms: number): string {
  return new Date(ms).toISOString();
}
