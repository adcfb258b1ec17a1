import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, randomBytes, toHex, wipe } from "@menshen/crypto/node";
import {
  changePassphrase,
  combineKeyParts,
  drawKeyPart,
  joinShares,
  KEY_USES,
  type KeyDescription,
  type KeyPart,
  type KeyReference,
  type KeyService,
  KeyServiceError,
  type KeyShare,
  type KeyUse,
  keyPart,
  parseShare,
  referenceText,
  shareText,
  splitKey,
} from "@menshen/key-service";
import { firstLine, KEY_STORE_OPTIONS, keyError, keyServiceOf } from "../card/key-store.ts";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command, OptionSpec, PositionalSpec } from "../command-line/command.ts";
import { confirm, passphraseFor } from "../custodian/passphrase.ts";
import { wholeNumber } from "../osdp/reader-options.ts";

const NAME: PositionalSpec = {
  name: "NAME",
  help: { en: "the key's name, e.g. card-master-desfire", zh: "密钥名称，例如 card-master-desfire" },
};
const VERSION_OPTION: OptionSpec = {
  type: "string",
  placeholder: "N",
  help: { en: "its version, 1 to 127; 1 unless told", zh: "版本 1 到 127，默认 1" },
};
const USE_OPTION: OptionSpec = {
  type: "string",
  placeholder: "USE",
  help: {
    en: "what it is for: diversify, mac, sign or shared; diversify unless told",
    zh: "用途：diversify、mac、sign 或 shared，默认 diversify",
  },
};

const SPLIT_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  shares: {
    type: "string",
    placeholder: "K/N",
    help: { en: "N shares, of which K give the key back", zh: "N 份，任 K 份可恢复" },
  },
  "shares-dir": {
    type: "string",
    placeholder: "DIR",
    help: { en: "where the shares go, one file each", zh: "份额文件所在目录" },
  },
};

export const keysListCommand: Command = {
  path: ["keys", "list"],
  summary: { en: "show the keys of a store or token, with their check values", zh: "列出密钥及其校验值" },
  positionals: [],
  options: KEY_STORE_OPTIONS,
  run: (call) =>
    withService(call, false, async (service) => {
      for (const described of await service.list()) sayKey(call, described);
    }),
};

export const keysCreateCommand: Command = {
  path: ["keys", "create"],
  summary: { en: "draw a new key where it will stay", zh: "生成新密钥并保存" },
  positionals: [NAME],
  options: { ...KEY_STORE_OPTIONS, "key-version": VERSION_OPTION, use: USE_OPTION },
  run: (call) =>
    withService(call, true, async (service) => {
      sayKey(call, await service.create(referenceOf(call), useOf(call)));
    }),
};

export const keysPartCommand: Command = {
  path: ["keys", "part"],
  summary: {
    en: "draw one person's part of a key, before a ceremony",
    zh: "仪式之前，为一人生成其密钥分量",
  },
  positionals: [{ name: "FILE", help: { en: "a new file of this person's own", zh: "本人自己的新文件" } }],
  options: {},
  async run(call) {
    const part = drawKeyPart(randomBytes);
    writeNew(call.positionals[0] ?? "", `${toHex(part.value)}\n`);
    call.output.say({ checkValue: part.checkValue }, `${part.checkValue}`);
    return EXIT.ok;
  },
};

export const keysCeremonyCommand: Command = {
  path: ["keys", "ceremony"],
  summary: {
    en: "make a key from two or more persons' parts, and split it for safe-keeping",
    zh: "由两人以上的分量合成密钥，并拆分保管",
  },
  positionals: [NAME],
  options: {
    ...KEY_STORE_OPTIONS,
    "key-version": VERSION_OPTION,
    use: USE_OPTION,
    part: {
      type: "string",
      placeholder: "FILE",
      multiple: true,
      help: { en: "a person's part; stands once for each", zh: "一人的分量；每人一次" },
    },
    ...SPLIT_OPTIONS,
  },
  details: {
    en: [
      "Each person draws a part with `menshen keys part`, alone, and notes its check value. At the ceremony all parts are",
      "given; the key is their exclusive or, exists in this process only, and goes into the store or token. Then everybody",
      "destroys the file of their part. A key in a token never comes out again: without --shares it dies with the token.",
    ].join("\n"),
    zh: [
      "每人各自用 `menshen keys part` 生成分量并记下校验值。仪式上给出全部分量；密钥为其异或，只存在于本进程，",
      "随即写入密钥库或令牌。之后各人销毁自己的分量文件。令牌中的密钥不会再出来：没有 --shares 即随令牌消失。",
    ].join("\n"),
  },
  run: ceremony,
};

export const keysExportCommand: Command = {
  path: ["keys", "export"],
  summary: {
    en: "split a key that a store holds, for safe-keeping in several hands",
    zh: "把密钥库中的密钥拆成多份分别保管",
  },
  positionals: [NAME],
  options: { ...KEY_STORE_OPTIONS, "key-version": VERSION_OPTION, ...SPLIT_OPTIONS },
  run: (call) =>
    withService(call, false, async (service) => {
      const reference = referenceOf(call);
      const [into, directory] = [splitOf(call), call.option("shares-dir")];
      if (into === undefined || directory === undefined) {
        throw new CliError("usage", {
          en: "give --shares K/N and --shares-dir DIR",
          zh: "请给出 --shares K/N 和 --shares-dir DIR",
        });
      }
      const shares = await service.export(reference, into);
      writeShares(directory, shares);
      const checkValue = shares[0]?.checkValue ?? "";
      call.output.say(
        { ...reference, shares: shares.length, checkValue },
        `${referenceText(reference)}  ${checkValue}`,
      );
    }),
};

export const keysPassphraseCommand: Command = {
  path: ["keys", "passphrase"],
  summary: { en: "seal a key store under another passphrase", zh: "更换密钥库的口令" },
  positionals: [],
  options: {
    ...KEY_STORE_OPTIONS,
    "new-passphrase-file": {
      type: "string",
      placeholder: "FILE",
      help: { en: "its first line is the new passphrase; required", zh: "首行为新口令，必填" },
    },
  },
  async run(call) {
    const [store, file] = [call.option("store"), call.option("new-passphrase-file")];
    if (store === undefined || file === undefined) {
      throw new CliError("usage", {
        en: "give --store FILE and --new-passphrase-file FILE",
        zh: "请给出 --store FILE 和 --new-passphrase-file FILE",
      });
    }
    try {
      await changePassphrase(store, await passphraseFor(call, false), firstLine(file));
    } catch (error) {
      throw error instanceof KeyServiceError ? keyError(error) : error;
    }
    call.output.say(
      { changed: true },
      { en: "done; restart a server that had it open", zh: "已更换；请重启正在使用它的服务器" },
    );
    return EXIT.ok;
  },
};

export const keysRestoreCommand: Command = {
  path: ["keys", "restore"],
  summary: { en: "put a key back together from its shares", zh: "由份额恢复密钥" },
  positionals: [],
  options: {
    ...KEY_STORE_OPTIONS,
    share: {
      type: "string",
      placeholder: "FILE",
      multiple: true,
      help: { en: "a share; stands once for each", zh: "一份；每份一次" },
    },
  },
  run: (call) =>
    withService(call, true, async (service) => {
      const shares = call.all("share").map((file) => parseShare(firstLine(file)));
      const key = await joinShares(shares);
      const [first] = shares;
      try {
        if (first !== undefined) sayKey(call, await service.take(first.reference, first.use, key));
      } finally {
        wipe(key);
      }
    }),
};

export const keysDestroyCommand: Command = {
  path: ["keys", "destroy"],
  summary: { en: "destroy a key for good", zh: "永久销毁密钥" },
  positionals: [NAME],
  options: {
    ...KEY_STORE_OPTIONS,
    "key-version": VERSION_OPTION,
    yes: { type: "boolean", help: { en: "say yes beforehand, for scripts", zh: "预先确认，供脚本使用" } },
  },
  run: (call) =>
    withService(call, false, async (service) => {
      const reference = referenceOf(call);
      const text = referenceText(reference);
      await confirm(call, {
        en: `destroy \`${text}\`? cards made from it can never be written again`,
        zh: `销毁 \`${text}\`？由它生成的卡将永远无法再写`,
      });
      await service.destroy(reference);
      call.output.say({ destroyed: text }, { en: `${text} is destroyed`, zh: `${text} 已销毁` });
    }),
};

async function ceremony(call: Call): Promise<ExitCode> {
  const reference = referenceOf(call);
  const use = useOf(call);
  if (use === "sign") {
    throw new CliError("usage", {
      en: "--use: a key that signs is drawn where it stays, see `menshen keys create`",
      zh: "--use：签名密钥只能就地生成，见 `menshen keys create`",
    });
  }
  const into = splitOf(call);
  const directory = call.option("shares-dir");
  if ((into === undefined) !== (directory === undefined)) {
    throw new CliError("usage", {
      en: "--shares and --shares-dir stand together",
      zh: "--shares 与 --shares-dir 须同时给出",
    });
  }
  return withService(call, true, async (service) => {
    const parts = call.all("part").map(partFrom);
    const key = combineKeyParts(parts);
    try {
      // Shares first: a key that is in use must be on paper already.
      if (into !== undefined && directory !== undefined) {
        writeShares(directory, await splitKey(key, { reference, use }, into));
      }
      sayKey(call, await service.take(reference, use, key));
    } finally {
      wipe(key, ...parts.map(({ value }) => value));
    }
  });
}

async function withService(
  call: Call,
  mayBeNew: boolean,
  act: (service: KeyService) => Promise<void>,
): Promise<ExitCode> {
  const service = await keyServiceOf(call, mayBeNew);
  try {
    await act(service);
    return EXIT.ok;
  } catch (error) {
    throw error instanceof KeyServiceError ? keyError(error) : error;
  } finally {
    await service.close();
  }
}

function sayKey(call: Call, { reference, use, checkValue, publicKey }: KeyDescription): void {
  const shown = publicKey === undefined ? {} : { publicKey: toHex(publicKey) };
  call.output.say(
    { ...reference, use, checkValue, ...shown },
    `${referenceText(reference)}  ${use}  ${checkValue}${publicKey === undefined ? "" : `  ${toHex(publicKey)}`}`,
  );
}

function referenceOf(call: Call): KeyReference {
  return { name: call.positionals[0] ?? "", version: wholeNumber(call, "key-version", 1, 127) ?? 1 };
}

function useOf(call: Call): KeyUse {
  const text = call.option("use") ?? "diversify";
  const use = KEY_USES.find((known) => known === text);
  if (use !== undefined) return use;
  throw new CliError("usage", {
    en: `--use: expected ${KEY_USES.join(", ")}, came \`${text}\``,
    zh: `--use：应为 ${KEY_USES.join("、")}，实为 \`${text}\``,
  });
}

function splitOf(call: Call): { readonly threshold: number; readonly count: number } | undefined {
  const text = call.option("shares");
  if (text === undefined) return undefined;
  const [, threshold, count] = /^(\d{1,2})\/(\d{1,2})$/.exec(text) ?? [];
  if (threshold !== undefined && count !== undefined) {
    return { threshold: Number(threshold), count: Number(count) };
  }
  throw new CliError("usage", { en: "--shares: expected K/N, e.g. 2/3", zh: "--shares：应为 K/N，例如 2/3" });
}

function partFrom(file: string): KeyPart {
  const digits = firstLine(file).trim();
  if (/^[0-9a-fA-F]{32}$/.test(digits)) return keyPart(fromHex(digits));
  throw new CliError("config", {
    en: `\`${file}\`: expected 32 hexadecimal digits`,
    zh: `\`${file}\`：应为 32 位十六进制数字`,
  });
}

function writeShares(directory: string, shares: readonly KeyShare[]): void {
  for (const [index, share] of shares.entries()) {
    const { name, version } = share.reference;
    writeNew(join(directory, `${name}-v${version}-share-${index + 1}.txt`), `${shareText(share)}\n`);
  }
}

/** For its owner alone, and never over an older one. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx", mode: 0o600, flush: true });
  } catch (cause) {
    throw new CliError(
      "config",
      { en: `\`${file}\` cannot be made`, zh: `无法创建 \`${file}\`` },
      undefined,
      { cause },
    );
  }
}
