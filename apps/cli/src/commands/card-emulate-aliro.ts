import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { type Mailbox, makeMailbox } from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import { type AliroDeviceGroup, makeAliroDevice } from "@menshen/virtual-devices";
import {
  bytesFile,
  keyPairFile,
  publicKeyFile,
  readFastKeys,
  requiredOption,
  writeFastKeys,
} from "../card/aliro-files.ts";
import { CARD_WHERE } from "../card/apdu-place.ts";
import { parseEmulationPlace, serveCard } from "../card/serve-card.ts";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";

export const cardEmulateAliroCommand: Command = {
  path: ["card", "emulate", "aliro"],
  summary: {
    en: "be a telephone that speaks Aliro over NFC, behind an APDU socket",
    zh: "在 APDU 套接字上模拟一部使用 Aliro（NFC）的手机",
  },
  positionals: [CARD_WHERE],
  options: {
    key: {
      type: "string",
      placeholder: "FILE",
      help: { en: "the credential's key pair (PEM, P-256)", zh: "凭证密钥对（PEM，P-256）" },
    },
    group: {
      type: "string",
      placeholder: "HEX:FILE",
      multiple: true,
      help: {
        en: "a reader group: its identifier (16 bytes) and the readers' key, or their\ncertificates' issuer's (PEM or hex); may stand several times",
        zh: "读卡器组：标识（16 字节）与读卡器公钥，或其证书签发者公钥（PEM 或十六进制），可多次给出",
      },
    },
    document: {
      type: "string",
      placeholder: "FILE",
      multiple: true,
      help: {
        en: "an access or revocation document (CBOR, or hex of it); may stand several times",
        zh: "访问文档或吊销文档（CBOR 或其十六进制），可多次给出",
      },
    },
    mailbox: {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "the mailbox's content: read from there if it exists, and kept there; none unless told",
        zh: "信箱内容：存在则读入并保存于此，默认没有信箱",
      },
    },
    "mailbox-bytes": {
      type: "string",
      placeholder: "N",
      help: {
        en: "size of a new mailbox, 1 to 65535; 256 unless told",
        zh: "新信箱大小（1 到 65535 字节），默认 256",
      },
    },
    "fast-keys": {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "keys for later fast transactions (JSON): read from there, and kept there",
        zh: "快速交易密钥（JSON）：读入并保存于此",
      },
    },
    "step-up-select": {
      type: "boolean",
      help: {
        en: "ask the reader to select the step-up application first",
        zh: "要求读卡器先选择 step-up 应用",
      },
    },
    "no-clock": {
      type: "boolean",
      help: { en: "take reader certificates at any time", zh: "不检查读卡器证书的有效期" },
    },
    trace: { type: "boolean", help: { en: "print every command and answer", zh: "打印每条指令与应答" } },
  },
  details: {
    en: [
      "tcp: and unix: connect to a reader's side that listens, tcp-listen: and unix-listen: wait for it. Without a radio:",
      "over vpcd, PC/SC programs on this machine see the telephone; over a socket, any program does.",
      "",
      "Standard output: READY, CONNECTED, STATUS hhhh (what the reader said at the end), DISCONNECTED, and with --trace",
      "`> COMMAND` and `< ANSWER`.",
      "",
      "This follows public implementations of Aliro 1.0. It is not certified.",
      "",
      "Example: menshen card emulate aliro unix-listen:/tmp/phone --key phone.pem --group 00…01:reader.pem",
    ].join("\n"),
    zh: [
      "tcp: 与 unix: 连接正在监听的读卡器一方；tcp-listen: 与 unix-listen: 等待对方连接。本命令没有射频：",
      "经 vpcd，本机的 PC/SC 程序可以看到这部手机；经套接字，任何程序都可以。",
      "",
      "标准输出：READY、CONNECTED、STATUS hhhh（读卡器最后的状态）、DISCONNECTED；加 --trace 还有 `> 指令` 与 `< 应答`。",
      "",
      "依据 Aliro 1.0 的公开实现编写，未经认证。",
      "",
      "示例：menshen card emulate aliro unix-listen:/tmp/phone --key phone.pem --group 00…01:reader.pem",
    ].join("\n"),
  },
  run: emulate,
};

async function emulate(call: Call): Promise<ExitCode> {
  const [where = ""] = call.positionals;
  const place = parseEmulationPlace(where);
  const keyPair = keyPairFile("key", requiredOption(call, "key"));
  const groups = call.all("group").map(groupOf);
  if (groups.length === 0) {
    throw new CliError("usage", { en: "--group is missing", zh: "缺少 --group" });
  }
  const fastFile = call.option("fast-keys");
  const kpersistents = fastFile === undefined ? new Map() : readFastKeys("fast-keys", fastFile);
  const mailbox = mailboxOf(call);
  const device = makeAliroDevice({
    primitives: crypto,
    credentials: [
      {
        keyPair,
        groups,
        documents: call.all("document").map((file) => bytesFile("document", file)),
        kpersistents,
        ...(mailbox === undefined ? {} : { mailbox }),
      },
    ],
    random: crypto.randomBytes,
    ephemeral: crypto.p256Generate,
    stepUpSelect: call.flag("step-up-select"),
    ...(call.flag("no-clock") ? {} : { nowS: () => Math.floor(Date.now() / 1_000) }),
    onStatus: (status) => {
      const text = status.toString(16).padStart(4, "0");
      call.output.say({ event: "status", status: text }, `STATUS ${text}`);
    },
    ...(fastFile === undefined ? {} : { onChange: () => writeFastKeys(fastFile, kpersistents) }),
  });
  const ready = () => call.output.say({ event: "ready", kind: "aliro", where }, `READY aliro where=${where}`);
  await serveCard(call, place, device, { ready });
  return EXIT.ok;
}

function groupOf(text: string): AliroDeviceGroup {
  const [, identifier, file] = /^([0-9a-fA-F]{32}):(.+)$/.exec(text) ?? [];
  if (identifier !== undefined && file !== undefined) {
    return { identifier: crypto.fromHex(identifier), key: publicKeyFile("group", file) };
  }
  throw new CliError("usage", {
    en: "--group: expected 32 hexadecimal digits, a colon and a file",
    zh: "--group：应为 32 位十六进制数字、冒号和文件",
  });
}

function mailboxOf(call: Call): Mailbox | undefined {
  const file = call.option("mailbox");
  if (file === undefined) return undefined;
  const size = Number(call.option("mailbox-bytes") ?? 256);
  if (!Number.isInteger(size) || size < 1 || size > 65_535) {
    throw new CliError("usage", {
      en: "--mailbox-bytes: expected a whole number of 1 to 65535",
      zh: "--mailbox-bytes：应为 1 到 65535 的整数",
    });
  }
  const content = existsSync(file) ? new Uint8Array(readFileSync(file)) : new Uint8Array(size);
  return makeMailbox(content, { readable: true, writable: true }, (changed) => {
    writeFileSync(`${file}.new`, changed, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  });
}
