import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { fromHex, toHex } from "@menshen/crypto/node";
import {
  type ByteStream,
  OsdpError,
  openTransport,
  parseLabScbk,
  parseWhere,
  type Scbk,
} from "@menshen/osdp";
import { CliError } from "../command-line/cli-error.ts";
import type { Call, OptionSpec, PositionalSpec } from "../command-line/command.ts";

export const WHERE: PositionalSpec = {
  name: "WHERE",
  help: {
    en: "serial path or PTY, tcp:HOST:PORT, unix:PATH; tcp-listen:HOST:PORT and\nunix-listen:PATH wait for the other side",
    zh: "串口或 PTY 路径、tcp:HOST:PORT、unix:PATH；tcp-listen:HOST:PORT 和\nunix-listen:PATH 则等待对方连接",
  },
};

export const BAUD: OptionSpec = {
  type: "string",
  placeholder: "N",
  help: { en: "speed of a serial line; 9600 unless told", zh: "串口速率，默认 9600" },
};

export const LINE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  address: {
    type: "string",
    placeholder: "N",
    help: { en: "OSDP address, 0 to 126; 0 unless told", zh: "OSDP 地址，0 到 126，默认 0" },
  },
  key: {
    type: "string",
    placeholder: "HEX",
    help: {
      en: "secure channel base key, 16 bytes; without one the link is plain",
      zh: "安全通道基础密钥，16 字节；不给则不加密",
    },
  },
  "key-file": {
    type: "string",
    placeholder: "FILE",
    help: { en: "file that holds the key as hex digits", zh: "存放密钥（十六进制）的文件" },
  },
  baud: BAUD,
};

/** Address of a peripheral; `highest` is 127 where the broadcast address makes sense. */
export function addressOf(call: Call, highest: 126 | 127): number {
  return wholeNumber(call, "address", 0, highest) ?? 0;
}

/** A whole number given as an option; throws `CliError("usage")` outside `lowest`..`highest`. */
export function wholeNumber(call: Call, name: string, lowest: number, highest: number): number | undefined {
  const text = call.option(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= lowest && value <= highest) return value;
  throw new CliError("usage", {
    en: `--${name}: expected a whole number from ${lowest} to ${highest}, came \`${text}\``,
    zh: `--${name}：应为 ${lowest} 到 ${highest} 的整数，实为 \`${text}\``,
  });
}

/** The key of `--key` or `--key-file`, if one is given. A key file that does not exist yet gives none. */
export function keyOf(call: Call): Scbk | undefined {
  const text = call.option("key");
  const file = call.option("key-file");
  if (text !== undefined && file !== undefined) {
    throw new CliError("usage", {
      en: "--key and --key-file: expected one of them",
      zh: "--key 与 --key-file 只能给一个",
    });
  }
  if (text !== undefined) return parseKey(text, "--key");
  if (file === undefined || !existsSync(file)) return undefined;
  return parseKey(readFileSync(file, "utf8").trim(), file);
}

/** Keeps a key where `--key-file` says, readable by its owner only. */
export function storeKey(file: string, key: Scbk): void {
  writeFileSync(file, `${toHex(key)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

function parseKey(text: string, source: string): Scbk {
  if (/^[0-9a-fA-F]{32}$/.test(text)) return parseLabScbk(fromHex(text));
  // The text may be a key with a slip of the finger, so it is not repeated.
  throw new CliError("usage", {
    en: `${source}: expected 32 hexadecimal digits, came ${text.length} characters`,
    zh: `${source}：应为 32 位十六进制数字，实为 ${text.length} 个字符`,
  });
}

/** Opens the line that `where` names. */
export async function openLine(call: Call, where: string): Promise<ByteStream> {
  const baudRate = wholeNumber(call, "baud", 300, 921_600);
  try {
    return await openTransport(where, baudRate === undefined ? {} : { baudRate });
  } catch (error) {
    throw lineError(error);
  }
}

/** Throws `CliError("usage")` where `where` names no line. */
export function checkWhere(where: string): ReturnType<typeof parseWhere> {
  try {
    return parseWhere(where);
  } catch (error) {
    throw lineError(error);
  }
}

function lineError(error: unknown): unknown {
  if (!(error instanceof OsdpError)) return error;
  if (error.code === "invalid-where") {
    return new CliError(
      "usage",
      { en: `WHERE: ${error.message}`, zh: `WHERE 有误：${error.message}` },
      undefined,
      { cause: error },
    );
  }
  return new CliError(
    "unavailable",
    { en: error.message, zh: `无法使用该线路：${error.message}` },
    {
      en: "check that nothing else uses it and that you may open it; `menshen doctor` looks",
      zh: "请确认没有其他程序占用且有权限打开；可运行 `menshen doctor` 检查",
    },
    { cause: error },
  );
}
