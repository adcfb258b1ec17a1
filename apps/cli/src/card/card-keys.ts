import { fromHex } from "@menshen/crypto/node";
import { CliError } from "../command-line/cli-error.ts";
import type { Call, OptionSpec } from "../command-line/command.ts";

export const KEY_OPTION: OptionSpec = {
  type: "string",
  placeholder: "N:HEX",
  multiple: true,
  help: {
    en: "a key of the card, its number and 16 bytes; may stand several times",
    zh: "卡上的密钥：编号和 16 字节，可多次给出",
  },
};

export const APPLICATION_OPTION: OptionSpec = {
  type: "string",
  placeholder: "HEX",
  help: {
    en: "DESFire application, 3 bytes as SelectApplication takes them",
    zh: "DESFire 应用标识，3 字节（按 SelectApplication 的顺序）",
  },
};

export interface NumberedKey {
  readonly number: number;
  readonly value: Uint8Array;
}

/** The keys of `--key N:HEX`; throws `CliError("usage")` for another form or a number that stands twice. */
export function keysOf(call: Call): readonly NumberedKey[] {
  const keys = call.all("key").map((text): NumberedKey => {
    const [, number, digits] = /^(\d{1,2}):([0-9a-fA-F]{32})$/.exec(text) ?? [];
    if (number !== undefined && digits !== undefined && Number(number) <= 13) {
      return { number: Number(number), value: fromHex(digits) };
    }
    // What was typed may be a key with a slip of the finger, so it is not repeated.
    throw new CliError("usage", {
      en: "--key: expected a number of 0 to 13, a colon and 32 hexadecimal digits",
      zh: "--key：应为 0 到 13 的编号、冒号和 32 位十六进制数字",
    });
  });
  if (new Set(keys.map(({ number }) => number)).size !== keys.length) {
    throw new CliError("usage", { en: "--key: a number stands twice", zh: "--key：编号重复" });
  }
  return keys;
}

/** Bytes of an option in hexadecimal; throws `CliError("usage")` outside `lengths`. */
export function hexOption(call: Call, name: string, lengths: readonly number[]): Uint8Array | undefined {
  const text = call.option(name);
  if (text === undefined) return undefined;
  if (/^([0-9a-fA-F]{2})+$/.test(text) && lengths.includes(text.length / 2)) return fromHex(text);
  const wanted = lengths.length > 3 ? `${lengths[0]} to ${lengths.at(-1)}` : lengths.join(", ");
  throw new CliError("usage", {
    en: `--${name}: expected ${wanted} bytes in hex`,
    zh: `--${name}：应为 ${wanted} 字节的十六进制`,
  });
}
