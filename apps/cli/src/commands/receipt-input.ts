import { readFileSync, statSync } from "node:fs";
import { sha256 } from "@menshen/crypto/node";
import { parseVerifierKey } from "@menshen/evidence";
import { CliError } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";

/** The largest export, and a little more for what is none. */
const MAX_BYTES = 32 * 1024 * 1024;

/** The community's receipt key, as `--key` gives it. @throws {CliError} `usage` without one, or for what is none */
export function receiptKeyOf(call: Call): Uint8Array {
  const given = call.option("key");
  const parsed = given === undefined ? undefined : parseVerifierKey(sha256, given);
  if (parsed === undefined || !parsed.parsed) {
    throw new CliError("usage", {
      en: "option `--key` is required: a C2SP verifier key",
      zh: "必须给出选项 `--key`：C2SP 验证密钥",
    });
  }
  return parsed.key.publicKey;
}

/** A receipt as it was saved. @throws {CliError} `usage` if it cannot be read or is too large */
export function readReceipt(file: string): string {
  try {
    if (statSync(file).size <= MAX_BYTES) return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new CliError(
      "usage",
      { en: `file \`${file}\` cannot be read`, zh: `文件 \`${file}\` 无法读取` },
      undefined,
      { cause },
    );
  }
  throw new CliError("usage", { en: `file \`${file}\` is too large`, zh: `文件 \`${file}\` 太大` });
}
