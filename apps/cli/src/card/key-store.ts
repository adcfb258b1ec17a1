import { existsSync, readFileSync } from "node:fs";
import {
  type KeyService,
  KeyServiceError,
  openFileKeyService,
  openPkcs11KeyService,
} from "@menshen/key-service";
import { CliError } from "../command-line/cli-error.ts";
import type { Call, OptionSpec } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import { passphraseFor } from "../custodian/passphrase.ts";

/** Options of every command that works with a key service. */
export const KEY_STORE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  store: {
    type: "string",
    placeholder: "FILE",
    help: { en: "key store, a file sealed under a passphrase", zh: "密钥库：由口令密封的文件" },
  },
  "passphrase-file": {
    type: "string",
    placeholder: "FILE",
    help: { en: "its first line is the passphrase; typed if absent", zh: "首行为口令；不给则在终端输入" },
  },
  pkcs11: {
    type: "string",
    placeholder: "LIBRARY",
    help: { en: "instead of a file: a token's PKCS#11 library", zh: "代替文件：令牌的 PKCS#11 库" },
  },
  token: {
    type: "string",
    placeholder: "LABEL",
    help: { en: "the token's label", zh: "令牌的标签" },
  },
  "pin-file": {
    type: "string",
    placeholder: "FILE",
    help: { en: "its first line is the token's PIN", zh: "首行为令牌的 PIN" },
  },
};

/**
 * Opens the key service that a command line names.
 *
 * @param mayBeNew a store that is not there is made, its passphrase chosen
 * @throws {CliError} `usage` when none or two are named; `config` for a wrong passphrase or PIN; `unavailable` for a
 *   token that is not there
 */
export async function keyServiceOf(call: Call, mayBeNew: boolean): Promise<KeyService> {
  const [store, library] = [call.option("store"), call.option("pkcs11")];
  if ((store === undefined) === (library === undefined)) {
    throw new CliError("usage", {
      en: "give either --store FILE or --pkcs11 LIBRARY",
      zh: "请给出 --store FILE 或 --pkcs11 LIBRARY 之一",
    });
  }
  try {
    if (store !== undefined) {
      const isNew = !existsSync(store);
      if (isNew && !mayBeNew) {
        throw new CliError("config", { en: "there is no key store at --store", zh: "--store 处没有密钥库" });
      }
      return await openFileKeyService(store, await passphraseFor(call, isNew));
    }
    const [token, pinFile] = [call.option("token"), call.option("pin-file")];
    if (library === undefined || token === undefined || pinFile === undefined) {
      throw new CliError("usage", {
        en: "with --pkcs11 give --token LABEL and --pin-file FILE",
        zh: "--pkcs11 需要 --token LABEL 和 --pin-file FILE",
      });
    }
    return await openPkcs11KeyService({ library, token, pin: firstLine(pinFile) });
  } catch (error) {
    throw error instanceof KeyServiceError ? keyError(error) : error;
  }
}

/** What went wrong with a key, for the person at the keyboard. */
export function keyError(cause: KeyServiceError): CliError {
  const options = { cause };
  const text = (en: string, zh: string): Text => ({ en, zh });
  switch (cause.code) {
    case "wrong-unlock":
      return new CliError(
        "config",
        text("passphrase or PIN do not open it", "口令或 PIN 不正确"),
        undefined,
        options,
      );
    case "token-absent":
      return new CliError(
        "unavailable",
        text(`no such token: ${cause.message}`, `没有此令牌：${cause.message}`),
        undefined,
        options,
      );
    default:
      return new CliError(
        "failed",
        text(cause.message, `密钥操作失败：${cause.message}`),
        undefined,
        options,
      );
  }
}

/** The first line of a file that somebody keeps a secret in. */
export function firstLine(file: string): string {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/)[0] ?? "";
  } catch (cause) {
    throw new CliError(
      "config",
      { en: `\`${file}\` cannot be read`, zh: `无法读取 \`${file}\`` },
      undefined,
      { cause },
    );
  }
}
