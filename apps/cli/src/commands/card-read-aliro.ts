import {
  AccessCapability,
  type AliroPossession,
  type AliroReaderIdentity,
  type AliroReaderSession,
  type AliroReading,
  type CardChannel,
  CredentialError,
  checkAccessDocument,
  documentRefusalStatus,
  encodePossession,
  keySlotOf,
  POINT_BYTES,
  ReaderStatus,
  readAliro,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import {
  bytesFile,
  deskReaderFile,
  type FastKeys,
  keyPairFile,
  publicKeyFile,
  readFastKeys,
  requiredOption,
  writeFastKeys,
} from "../card/aliro-files.ts";
import { CARD_WHERE, parseCardPlace } from "../card/apdu-place.ts";
import { hexOption } from "../card/card-keys.ts";
import { openCardAt } from "../card/open-card.ts";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command, OptionSpec } from "../command-line/command.ts";
import { wholeNumber } from "../osdp/reader-options.ts";

const DEFAULT_WAIT_SECONDS = 10;

const file = (en: string, zh: string): OptionSpec => ({
  type: "string",
  placeholder: "FILE",
  help: { en, zh },
});

export const cardReadAliroCommand: Command = {
  path: ["card", "read", "aliro"],
  summary: {
    en: "be an Aliro reader: say which credential a telephone proves, and what its documents allow",
    zh: "作为 Aliro 读卡器：查验手机证明的凭证及其文档允许的内容",
  },
  positionals: [CARD_WHERE],
  options: {
    key: file("the reader's key pair (PEM, P-256)", "读卡器密钥对（PEM，P-256）"),
    desk: file(
      "the desk's reader that the console gave (JSON), in place of --key, --reader and certificate:\nprints a proof that enrols the telephone",
      "控制台给出的前台读卡器（JSON），代替 --key、--reader 和证书；输出登记手机所需的证明",
    ),
    reader: {
      type: "string",
      placeholder: "HEX",
      help: {
        en: "the reader's identifier, 32 bytes: group and, behind it, the reader in it",
        zh: "读卡器标识（32 字节）：前半为组，后半为组内读卡器",
      },
    },
    certificate: file(
      "the reader's certificate, profile 0000 (DER, or hex of it); needs --certificate-issuer",
      "读卡器证书（profile 0000，DER 或十六进制），须同时给出 --certificate-issuer",
    ),
    "certificate-issuer": file(
      "the public key of its issuer (PEM or hex)",
      "证书签发者公钥（PEM 或十六进制）",
    ),
    "certificate-in-auth1": {
      type: "boolean",
      help: {
        en: "send the certificate in AUTH1, not by LOAD CERT",
        zh: "在 AUTH1 中发送证书，不用 LOAD CERT",
      },
    },
    credential: {
      ...file(
        "a credential's public key (PEM or hex) that is accepted; may stand several times;\nany that proves itself unless told",
        "接受的凭证公钥（PEM 或十六进制），可多次给出；默认接受任何能自证的凭证",
      ),
      multiple: true,
    },
    "key-slot": {
      type: "boolean",
      help: { en: "ask for the key slot of a --credential", zh: "只要求 --credential 的密钥槽" },
    },
    "fast-keys": file(
      "keys of earlier transactions (JSON): ask for the fast way, and keep new ones there",
      "以往交易的密钥（JSON）：请求快速方式，并保存新密钥",
    ),
    element: {
      type: "string",
      placeholder: "NAME",
      help: {
        en: "go on to step-up and ask for this element of an access document",
        zh: "继续 step-up，请求访问文档中的该元素",
      },
    },
    "document-issuer": {
      ...file(
        "a trusted issuer's public key (PEM or hex); may stand several times",
        "可信的文档签发者公钥（PEM 或十六进制），可多次给出",
      ),
      multiple: true,
    },
    "mailbox-read": {
      type: "string",
      placeholder: "OFFSET:N",
      help: { en: "read N bytes of the mailbox", zh: "读取信箱 N 字节" },
    },
    "mailbox-write": {
      type: "string",
      placeholder: "OFFSET:HEX",
      help: { en: "write bytes into the mailbox", zh: "写入信箱" },
    },
    wait: {
      type: "string",
      placeholder: "SECONDS",
      help: {
        en: `longest wait for a device; ${DEFAULT_WAIT_SECONDS} unless told`,
        zh: `等待手机的最长时间（秒），默认 ${DEFAULT_WAIT_SECONDS}`,
      },
    },
  },
  details: {
    en: [
      "With a socket this command is the reader's side (as vpcd is).",
      "",
      "Exit code 0 if a credential is proved and, with --element, its document allows the door to open now; 1 if not.",
      "The telephone is told 0101 (open) or why not. Without pcscd, reader or device: 69.",
      "",
      "With --desk: `possession` is what the console asks for to enrol the telephone.",
      "",
      "This follows public implementations of Aliro 1.0. It is not certified.",
      "",
      "Example: menshen card read aliro unix:/tmp/phone --key reader.pem --reader 00…0100…02 --element door \\",
      "         --document-issuer community.pem",
    ].join("\n"),
    zh: [
      "WHERE 为套接字时，本命令是读卡器一方（与 vpcd 相同）。",
      "",
      "凭证得到证明，且给出 --element 时其文档允许此刻开门，退出码 0；否则为 1。",
      "手机会收到 0101（开门）或拒绝原因。没有 pcscd、读卡器或手机：69。",
      "",
      "给出 --desk 时：把 possession 一行填入控制台即可登记该手机。",
      "",
      "依据 Aliro 1.0 的公开实现编写，未经认证。",
      "",
      "示例：menshen card read aliro unix:/tmp/phone --key reader.pem --reader 00…0100…02 --element door \\",
      "      --document-issuer community.pem",
    ].join("\n"),
  },
  run: read,
};

/** What is told at the end. */
interface Report {
  readonly granted: boolean;
  readonly reason?: string;
  readonly readerStatus?: number;
  readonly statusWord?: number;
  readonly method?: string;
  readonly publicKey?: Uint8Array;
  readonly signaling?: number;
  readonly possession?: AliroPossession;
  readonly accessId?: Uint8Array;
  readonly mailbox?: readonly Uint8Array[];
  /** Whether the device answered the last word. */
  readonly confirmed?: boolean;
}

async function read(call: Call): Promise<ExitCode> {
  const place = parseCardPlace(call.positionals[0] ?? "");
  const identity = identityOf(call);
  const accepted = call.all("credential").map((one) => publicKeyFile("credential", one));
  const issuers = call.all("document-issuer").map((one) => publicKeyFile("document-issuer", one));
  const fastFile = call.option("fast-keys");
  const fastKeys = fastFile === undefined ? undefined : readFastKeys("fast-keys", fastFile);
  const mailbox = mailboxRequests(call);
  const waitMs = (wholeNumber(call, "wait", 1, 3_600) ?? DEFAULT_WAIT_SECONDS) * 1_000;
  const channel = await openCardAt(place, waitMs, call);
  try {
    const reading = await readAliro(channel, {
      primitives: crypto,
      identity,
      ephemeral: crypto.p256Generate,
      random: crypto.randomBytes,
      accepts: (publicKey) =>
        accepted.length === 0 || accepted.some((one) => crypto.equalBytes(one, publicKey)),
      ...(fastKeys === undefined ? {} : { known: knownOf(fastKeys) }),
      ...(call.flag("key-slot")
        ? {
            byKeySlot: (slot: Uint8Array) =>
              accepted.find((one) => crypto.equalBytes(keySlotOf(crypto, one), slot)),
          }
        : {}),
    });
    const report =
      reading.outcome === "refused"
        ? refusalReport(reading)
        : await proceed(call, reading.session, issuers, mailbox);
    if (reading.outcome === "authenticated" && fastFile !== undefined && fastKeys !== undefined) {
      const { kpersistent, publicKey } = reading.session;
      if (kpersistent !== undefined) {
        fastKeys.set(crypto.toHex(publicKey), kpersistent);
        writeFastKeys(fastFile, fastKeys);
      }
    }
    tell(call, channel, report);
    return report.granted ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    tell(call, channel, { granted: false, reason: error.code });
    return EXIT.failed;
  } finally {
    await channel.close();
  }
}

/** Documents, mailbox and the last word. */
async function proceed(
  call: Call,
  session: AliroReaderSession,
  issuers: readonly Uint8Array[],
  mailbox: ReturnType<typeof mailboxRequests>,
): Promise<Report> {
  const { method, publicKey, signaling, possession } = session;
  const known = {
    method,
    publicKey,
    signaling,
    // Of use to the desk only, whose reader's name is used once.
    ...(call.option("desk") === undefined || possession === undefined ? {} : { possession }),
  };
  let reads: { readonly mailbox?: readonly Uint8Array[] } = {};
  if (mailbox.length > 0) {
    const answer = await session.exchange({ mailbox: { requests: mailbox } });
    // The device has ended the session with its refusal: there is nobody left to say anything to.
    if (answer.status !== 0) return { granted: false, reason: "mailbox-refused", ...known };
    reads = { mailbox: answer.reads };
  }
  const elementId = call.option("element");
  if (elementId === undefined) {
    return { granted: true, ...known, ...reads, confirmed: await session.finish(ReaderStatus.unsecured) };
  }
  const response = await session.requestDocuments([
    { documentType: "aliro-a", elements: new Map([[elementId, false]]) },
  ]);
  const now = new Date();
  const nowS = now.getTime() / 1_000;
  const checked = checkAccessDocument({
    primitives: crypto,
    response,
    trust: { issuers },
    time: { earliestS: nowS, latestS: nowS, utcOffsetS: -now.getTimezoneOffset() * 60 },
    credential: publicKey,
    elementId,
    capability: AccessCapability.momentary,
  });
  if (!checked.accepted) {
    const readerStatus = documentRefusalStatus[checked.reason];
    const confirmed = await session.finish(readerStatus);
    return {
      granted: false,
      reason: `document-${checked.reason}`,
      readerStatus,
      ...known,
      ...reads,
      confirmed,
    };
  }
  const { id } = checked.access;
  const confirmed = await session.finish(ReaderStatus.unsecured);
  return { granted: true, ...known, ...reads, ...(id === undefined ? {} : { accessId: id }), confirmed };
}

function identityOf(call: Call): AliroReaderIdentity {
  const desk = call.option("desk");
  if (desk !== undefined) return deskReaderFile("desk", desk);
  const keyPair = keyPairFile("key", requiredOption(call, "key"));
  requiredOption(call, "reader");
  const identifier = hexOption(call, "reader", [32]) ?? new Uint8Array(32);
  const signer = {
    publicKey: keyPair.publicKey,
    sign: (message: Uint8Array) => crypto.p256Sign(keyPair.secretKey, message),
  };
  const certificate = call.option("certificate");
  if (certificate === undefined) return { identifier, signer };
  return {
    identifier,
    signer,
    certificate: {
      bytes: bytesFile("certificate", certificate),
      issuerPublicKey: publicKeyFile("certificate-issuer", requiredOption(call, "certificate-issuer")),
      sentIn: call.flag("certificate-in-auth1") ? "auth1" : "load-cert",
    },
  };
}

function knownOf(fastKeys: FastKeys) {
  return [...fastKeys].flatMap(([name, kpersistent]) =>
    name.length === 2 * POINT_BYTES ? [{ publicKey: crypto.fromHex(name), kpersistent }] : [],
  );
}

function mailboxRequests(call: Call) {
  const [, readOffset, lengthBytes] = /^(\d{1,5}):(\d{1,5})$/.exec(call.option("mailbox-read") ?? "") ?? [];
  const [, writeOffset, hex] =
    /^(\d{1,5}):((?:[0-9a-fA-F]{2})+)$/.exec(call.option("mailbox-write") ?? "") ?? [];
  for (const [name, given] of [
    ["mailbox-read", readOffset],
    ["mailbox-write", writeOffset],
  ] as const) {
    if (call.option(name) !== undefined && given === undefined) {
      throw new CliError("usage", {
        en: `--${name}: expected an offset, a colon and ${name === "mailbox-read" ? "a length" : "bytes in hex"}`,
        zh: `--${name}：应为偏移、冒号和${name === "mailbox-read" ? "长度" : "十六进制字节"}`,
      });
    }
  }
  return [
    ...(hex === undefined
      ? []
      : [{ kind: "write" as const, offset: Number(writeOffset), bytes: crypto.fromHex(hex) }]),
    ...(lengthBytes === undefined
      ? []
      : [{ kind: "read" as const, offset: Number(readOffset), lengthBytes: Number(lengthBytes) }]),
  ];
}

function refusalReport({
  reason,
  readerStatus,
  statusWord,
}: Extract<AliroReading, { outcome: "refused" }>): Report {
  return {
    granted: false,
    reason,
    ...(readerStatus === undefined ? {} : { readerStatus }),
    ...(statusWord === undefined ? {} : { statusWord }),
  };
}

const hex4 = (value: number) => value.toString(16).padStart(4, "0");

function tell(call: Call, channel: CardChannel, report: Report): void {
  const { toHex } = crypto;
  const { granted, reason, readerStatus, statusWord, method, publicKey, signaling, accessId, mailbox } =
    report;
  const told = {
    granted,
    ...(reason === undefined ? {} : { reason }),
    ...(readerStatus === undefined ? {} : { readerStatus: hex4(readerStatus) }),
    ...(statusWord === undefined ? {} : { statusWord: hex4(statusWord) }),
    ...(method === undefined ? {} : { method }),
    ...(publicKey === undefined ? {} : { publicKey: toHex(publicKey) }),
    ...(signaling === undefined ? {} : { signaling: hex4(signaling) }),
    ...(accessId === undefined ? {} : { accessId: toHex(accessId) }),
    ...(mailbox === undefined ? {} : { mailbox: mailbox.map(toHex) }),
    ...(report.possession === undefined ? {} : { possession: toHex(encodePossession(report.possession)) }),
    ...(report.confirmed === undefined ? {} : { confirmed: report.confirmed }),
  };
  const rows = Object.entries(told).flatMap(([name, value]) =>
    name === "granted" ? [] : [`${name}: ${String(value)}`],
  );
  call.output.say(
    { kind: "aliro", channel: channel.kind, ...told },
    {
      en: [granted ? "proved" : "NOT proved", ...rows].join("\n"),
      zh: [granted ? "已证明" : "未能证明", ...rows].join("\n"),
    },
  );
}
