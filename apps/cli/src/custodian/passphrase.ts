import { readFileSync } from "node:fs";
import { CliError } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";

const LEAST_CHARACTERS = 12;
const ENTER = new Set(["\r", "\n", "\u0004"]);
const BACKSPACE = new Set(["\b", "\u007f"]);

/**
 * The passphrase of a store: from `--passphrase-file` (its first line), or typed without being shown.
 *
 * @param isNew it is being chosen: at least 12 characters, and typed twice
 * @throws {CliError} `usage` without a terminal and a file, `config` for one that is too short, `failed` if two differ
 */
export async function passphraseFor(call: Call, isNew: boolean): Promise<string> {
  const file = call.option("passphrase-file");
  if (file !== undefined) return checked(firstLine(file), isNew);
  if (!process.stdin.isTTY) {
    throw new CliError(
      "usage",
      { en: "no terminal to type a passphrase at", zh: "没有可输入口令的终端" },
      { en: "give --passphrase-file FILE", zh: "请用 --passphrase-file FILE" },
    );
  }
  const typed = checked(await typeUnseen(call, { en: "passphrase: ", zh: "口令：" }), isNew);
  if (isNew && (await typeUnseen(call, { en: "again: ", zh: "再输一次：" })) !== typed) {
    throw new CliError("failed", { en: "the two differ", zh: "两次输入不同" });
  }
  return typed;
}

/**
 * Asks for a yes at the terminal; `--yes` says it beforehand.
 *
 * @throws {CliError} `failed` for anything else
 */
export async function confirm(call: Call, question: Text): Promise<void> {
  if (call.flag("yes")) return;
  if (!process.stdin.isTTY) {
    throw new CliError(
      "usage",
      { en: "no terminal to say yes at", zh: "没有可确认的终端" },
      { en: "give --yes if you are sure", zh: "确定的话请加 --yes" },
    );
  }
  process.stderr.write(`${question[call.output.language]} [yes/no] `);
  const answer = await readLine(call);
  if (!/^(y|yes|是|好)$/i.test(answer.trim())) throw new CliError("failed", { en: "not done", zh: "未执行" });
}

function checked(passphrase: string, isNew: boolean): string {
  if (passphrase === "" || (isNew && [...passphrase].length < LEAST_CHARACTERS)) {
    throw new CliError("config", {
      en: `a passphrase has at least ${LEAST_CHARACTERS} characters`,
      zh: `口令至少 ${LEAST_CHARACTERS} 个字符`,
    });
  }
  return passphrase;
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/)[0] ?? "";
  } catch (cause) {
    throw new CliError(
      "config",
      { en: "--passphrase-file cannot be read", zh: "无法读取 --passphrase-file" },
      undefined,
      { cause },
    );
  }
}

async function typeUnseen(call: Call, prompt: Text): Promise<string> {
  // Before the prompt: what is typed in answer to it must never be shown, however fast.
  process.stdin.setRawMode(true);
  try {
    process.stderr.write(prompt[call.output.language]);
    return await readLine(call);
  } finally {
    process.stdin.setRawMode(false);
    process.stderr.write("\n");
  }
}

/** One line; in raw mode keys come as they are typed. */
function readLine(call: Call): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = "";
    const done = (act: () => void) => {
      process.stdin.off("data", take);
      process.stdin.pause();
      act();
    };
    const take = (chunk: string) => {
      for (const character of chunk) {
        if (character === "\u0003") {
          done(() => reject(new CliError("failed", { en: "stopped", zh: "已停止" })));
          return;
        }
        if (ENTER.has(character)) {
          done(() => resolve(line));
          return;
        }
        line = BACKSPACE.has(character) ? line.slice(0, -1) : line + character;
      }
    };
    call.stop.addEventListener("abort", () =>
      done(() => reject(new CliError("failed", { en: "stopped", zh: "已停止" }))),
    );
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", take);
    process.stdin.resume();
  });
}
