import {
  assessChip,
  authenticateApplication,
  type CardChannel,
  type CardIdentification,
  CREDENTIAL_FILE_BYTES,
  CredentialError,
  credentialKeyOf,
  encodeCommand,
  identifyCard,
  layoutOf,
  PKOC_READER_IDENTIFIER_BYTES,
  parseResponse,
  pkocCredentialOf,
  readFile,
  readManufacturerBlock,
  readPkocCard,
  StatusWord,
  type VersionPart,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { CARD_WHERE, parseCardPlace } from "../card/apdu-place.ts";
import { APPLICATION_OPTION, hexOption, KEY_OPTION, keysOf, type NumberedKey } from "../card/card-keys.ts";
import { openCardAt } from "../card/open-card.ts";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import { wholeNumber } from "../osdp/reader-options.ts";

const DEFAULT_WAIT_SECONDS = 10;

export const cardReadCommand: Command = {
  path: ["card", "read"],
  summary: {
    en: "say what card lies on a reader and, with a key, whether it proves it",
    zh: "读出卡的类型；给出密钥时验证卡能否证明该密钥",
  },
  positionals: [CARD_WHERE],
  options: {
    key: KEY_OPTION,
    application: APPLICATION_OPTION,
    file: {
      type: "string",
      placeholder: "N",
      help: {
        en: "file to read with the key; the layout's unless told",
        zh: "用密钥读取的文件号，默认按卡布局",
      },
    },
    length: {
      type: "string",
      placeholder: "BYTES",
      help: { en: "bytes to read; 16 unless told", zh: "读取字节数，默认 16" },
    },
    mode: {
      type: "string",
      placeholder: "MODE",
      help: {
        en: "how the file travels: plain, mac or full; full unless told",
        zh: "文件通信方式：plain、mac 或 full，默认 full",
      },
    },
    wait: {
      type: "string",
      placeholder: "SECONDS",
      help: {
        en: `longest wait for a card; ${DEFAULT_WAIT_SECONDS} unless told`,
        zh: `等待放卡的最长时间（秒），默认 ${DEFAULT_WAIT_SECONDS}`,
      },
    },
  },
  details: {
    en: [
      "With a socket this command is the reader's side (as vpcd is): length of two bytes, most significant first,",
      "and bytes; one-byte controls 00 off, 01 on, 02 reset, 04 ATR.",
      "",
      "Without a key: exit code 0 if there is a card. With a key: 0 if the card proves it, 1 if it does not.",
      "Without pcscd, reader or card: 69.",
      "",
      'Example: menshen card read "ACS ACR122U 00 00" --key 1:00112233445566778899aabbccddeeff',
    ].join("\n"),
    zh: [
      "WHERE 为套接字时，本命令是读卡器一方（与 vpcd 相同）：两字节长度（高位在前）加数据；",
      "单字节控制：00 断电、01 上电、02 复位、04 取 ATR。",
      "",
      "不给密钥：有卡即退出码 0。给密钥：卡能证明为 0，不能为 1。没有 pcscd、读卡器或卡：69。",
      "",
      '示例：menshen card read "ACS ACR122U 00 00" --key 1:00112233445566778899aabbccddeeff',
    ].join("\n"),
  },
  run: read,
};

interface Proof {
  readonly keyNumber: number;
  readonly proved: boolean;
  readonly fileNumber?: number;
  readonly content?: Uint8Array;
  /** The file holds what the layout of this system puts there. */
  readonly layout?: "menshen" | "other";
  readonly problem?: Text;
}

const NO_APPLICATION: Text = { en: "the card has no application of that kind", zh: "卡上没有这种应用" };
const OTHER_KEY: Text = { en: "the card holds another key", zh: "卡上是另一个密钥" };
const notRead = (fileNumber: number, { message }: CredentialError): Text => ({
  en: `file ${fileNumber} was not read: ${message}`,
  zh: `文件 ${fileNumber} 未能读取：${message}`,
});
const broken = ({ message }: CredentialError): Text => ({
  en: `the dialogue broke off: ${message}`,
  zh: `与卡的对话中断：${message}`,
});

async function read(call: Call): Promise<ExitCode> {
  const place = parseCardPlace(call.positionals[0] ?? "");
  const [key, ...others] = keysOf(call);
  if (others.length > 0) {
    throw new CliError("usage", { en: "--key: expected one key to try", zh: "--key：一次只能验证一个密钥" });
  }
  const application = hexOption(call, "application", [3]);
  const request = {
    fileNumber: wholeNumber(call, "file", 0, 31),
    lengthBytes: wholeNumber(call, "length", 1, 200) ?? CREDENTIAL_FILE_BYTES,
    mode: modeOf(call),
  };
  const waitMs = (wholeNumber(call, "wait", 1, 3_600) ?? DEFAULT_WAIT_SECONDS) * 1_000;
  if (place.kind === "pcsc") call.output.remark({ en: "waiting for a card …", zh: "等待放卡……" });
  const channel = await openCardAt(place, waitMs, call);
  try {
    const card = await identified(channel, application);
    const proof = key === undefined ? undefined : await prove(channel, card, key, request);
    const ndef = proof === undefined && card.kind === "ntag424" ? await readNdef(channel) : undefined;
    const pkoc = proof === undefined && card.kind === "uid-only" ? await readPkoc(channel) : undefined;
    const isNumber = proof === undefined && card.kind === "uid-only" && pkoc === undefined;
    const block0 = isNumber ? await readBlock(channel) : undefined;
    report(call, channel, card, proof, { ndef, pkoc, isNumber, block0 });
    return proof === undefined || proof.proved ? EXIT.ok : EXIT.failed;
  } finally {
    await channel.close();
  }
}

function modeOf(call: Call): "plain" | "mac" | "full" {
  const mode = call.option("mode") ?? "full";
  if (mode === "plain" || mode === "mac" || mode === "full") return mode;
  throw new CliError("usage", {
    en: `--mode: expected plain, mac or full, came \`${mode}\``,
    zh: `--mode：应为 plain、mac 或 full，实为 \`${mode}\``,
  });
}

async function identified(
  channel: CardChannel,
  application: Uint8Array | undefined,
): Promise<CardIdentification> {
  try {
    return await identifyCard(channel, application);
  } catch (cause) {
    if (!(cause instanceof CredentialError)) throw cause;
    throw new CliError(
      "failed",
      { en: `the card cannot be read: ${cause.message}`, zh: `无法读卡：${cause.message}` },
      { en: "lay it on the reader again and leave it there", zh: "请重新放卡并保持不动" },
      { cause },
    );
  }
}

async function prove(
  channel: CardChannel,
  card: CardIdentification,
  key: NumberedKey,
  request: {
    readonly fileNumber: number | undefined;
    readonly lengthBytes: number;
    readonly mode: "plain" | "mac" | "full";
  },
): Promise<Proof> {
  const keyNumber = key.number;
  if (card.kind === "uid-only") return { keyNumber, proved: false, problem: NO_APPLICATION };
  const fileNumber = request.fileNumber ?? layoutOf(card.kind).fileNumber;
  try {
    const session = await authenticateApplication(
      channel,
      { primitives, key: key.value },
      { keyNumber, secureMessaging: "aes", rndA: primitives.randomBytes(16) },
    );
    if (session === undefined) return { keyNumber, proved: false, problem: OTHER_KEY };
    const { lengthBytes, mode } = request;
    try {
      const content = await readFile(channel, session, { number: fileNumber, offset: 0, lengthBytes, mode });
      const own = card.uid === undefined ? undefined : credentialKeyOf(primitives, card.kind, card.uid);
      const layout = own !== undefined && primitives.equalBytes(content, own) ? "menshen" : "other";
      return { keyNumber, proved: true, fileNumber, content, layout };
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error;
      return {
        keyNumber,
        proved: true,
        fileNumber,
        problem: notRead(fileNumber, error),
      };
    }
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    return { keyNumber, proved: false, problem: broken(error) };
  }
}

/** Product names by hardware type and major version (NXP AN10833 §3, "GetVersion"). */
function chipName({ type, major, minor }: VersionPart): string {
  const names: Readonly<Record<number, string>> = { 1: "DESFire EV1", 18: "DESFire EV2", 51: "DESFire EV3" };
  const known =
    (type & 0x0f) === 0x01
      ? names[major]
      : (type & 0x0f) === 0x04 && major === 0x30
        ? "NTAG 424 DNA"
        : undefined;
  const hex = (byte: number) => byte.toString(16).padStart(2, "0");
  return known ?? `type ${hex(type)}, version ${hex(major)}.${hex(minor)}`;
}

/** What a PKOC card is enrolled by, in hexadecimal, once it has proved its key; undefined for other cards. */
async function readPkoc(channel: CardChannel): Promise<string | undefined> {
  try {
    const reading = await readPkocCard(channel, {
      primitives,
      random: primitives.randomBytes,
      // A desk is no door: the card does not sign it, and need not know where it is.
      readerIdentifier: new Uint8Array(PKOC_READER_IDENTIFIER_BYTES),
    });
    return reading.outcome === "authentic"
      ? primitives.toHex(pkocCredentialOf(reading.publicKey))
      : undefined;
  } catch (error) {
    if (error instanceof CredentialError) return undefined;
    throw error;
  }
}

/** Block 0 of an old card, where this reader tells it. */
async function readBlock(channel: CardChannel): Promise<Uint8Array | undefined> {
  try {
    return await readManufacturerBlock(channel);
  } catch (error) {
    if (error instanceof CredentialError) return undefined;
    throw error;
  }
}

/** What may become of a card that is a mere number. */
const ENROLMENT: Readonly<Record<"keyed" | "until-a-date" | "refused", Text>> = {
  keyed: { en: "it can carry keys", zh: "可写入密钥" },
  "until-a-date": { en: "anybody can copy it: only until a date", zh: "可复制，只能限期使用" },
  refused: { en: "its maker's key opens it: take another card", zh: "芯片留有后门，不能登记，请换卡" },
};

/** The text of the NDEF file as a telephone sees it, mirrors included; undefined if there is none. */
async function readNdef(channel: CardChannel): Promise<string | undefined> {
  const send = async (ins: number, p1: number, p2: number, data: Uint8Array, le?: number) =>
    parseResponse(
      await channel.transceive(
        encodeCommand({ cla: 0, ins, p1, p2, data, ...(le === undefined ? {} : { le }) }),
      ),
    );
  const selected = await send(0xa4, 0x00, 0x0c, Uint8Array.of(0xe1, 0x04));
  if (selected.sw !== StatusWord.ok) return undefined;
  const { data, sw } = await send(0xb0, 0, 0, new Uint8Array(), 256);
  const length = ((data[0] ?? 0) << 8) | (data[1] ?? 0);
  const message = data.subarray(2, 2 + length);
  // One short URI record: D1 01, payload length, type "U", prefix code (NFC Forum URI RTD §3.2).
  if (sw !== StatusWord.ok || message[0] !== 0xd1 || message[3] !== 0x55) return undefined;
  const prefix = ["", "http://www.", "https://www.", "http://", "https://"][message[4] ?? 0] ?? "";
  return prefix + Buffer.from(message.subarray(5)).toString("latin1");
}

function report(
  call: Call,
  channel: CardChannel,
  card: CardIdentification,
  proof: Proof | undefined,
  {
    ndef,
    pkoc,
    isNumber,
    block0,
  }: {
    readonly ndef: string | undefined;
    readonly pkoc: string | undefined;
    /** The card proves nothing: what chip it has says whether it may be enrolled. */
    readonly isNumber: boolean;
    readonly block0: Uint8Array | undefined;
  },
): void {
  const { toHex } = primitives;
  const chip = card.version === undefined ? undefined : card.version.hardware;
  const assessed = isNumber
    ? assessChip({
        ...(channel.atr === undefined ? {} : { atr: channel.atr }),
        ...(card.version === undefined ? {} : { version: card.version }),
        ...(block0 === undefined ? {} : { manufacturerBlock: block0 }),
      })
    : undefined;
  const machine = {
    kind: card.kind,
    ...(card.uid === undefined ? {} : { uid: toHex(card.uid) }),
    ...(channel.atr === undefined ? {} : { atr: toHex(channel.atr) }),
    ...(chip === undefined ? {} : { chip: { type: chip.type, major: chip.major, minor: chip.minor } }),
    ...(card.uidConflict === undefined ? {} : { uidConflict: true }),
    ...(block0 === undefined ? {} : { block0: toHex(block0) }),
    ...(assessed === undefined ? {} : { family: assessed.family, enrolment: assessed.enrolment }),
    ...(ndef === undefined ? {} : { ndef }),
    ...(pkoc === undefined ? {} : { pkoc }),
    ...(proof === undefined
      ? {}
      : {
          proof: {
            ...proof,
            ...(proof.content === undefined ? {} : { content: toHex(proof.content) }),
            ...(proof.problem === undefined ? {} : { problem: proof.problem.en }),
          },
        }),
  };
  const lines = (zh: boolean): string => {
    const rows = [`${zh ? "类型" : "kind"}: ${card.kind}`];
    if (card.uid !== undefined) rows.push(`UID: ${toHex(card.uid)}`);
    if (channel.atr !== undefined) rows.push(`ATR: ${toHex(channel.atr)}`);
    if (chip !== undefined) {
      rows.push(`${zh ? "芯片" : "chip"}: ${chipName(chip)}`);
    }
    if (card.uidConflict === true) {
      rows.push(
        zh ? "读卡器与卡给出不同 UID：可能是复制卡" : "reader and card tell different UIDs: perhaps a copy",
      );
    }
    if (block0 !== undefined) rows.push(`${zh ? "第 0 块" : "block 0"}: ${toHex(block0)}`);
    if (assessed !== undefined) rows.push(ENROLMENT[assessed.enrolment][zh ? "zh" : "en"]);
    if (ndef !== undefined) rows.push(`NDEF: ${ndef}`);
    if (pkoc !== undefined) {
      rows.push(`PKOC: ${pkoc}`);
      rows.push(
        zh ? "卡已证明此密钥；按此标识登记" : "the card proved this key; it is enrolled by this identifier",
      );
      return rows.join("\n");
    }
    if (proof === undefined) {
      rows.push(zh ? "未给密钥：什么都没有证明" : "no key was given: nothing is proved");
      return rows.join("\n");
    }
    const { keyNumber, proved, fileNumber, content, layout, problem } = proof;
    const verdict = proved ? (zh ? "已证明" : "proved") : zh ? "未能证明" : "NOT proved";
    rows.push(`${zh ? "密钥" : "key"} ${keyNumber}: ${verdict}`);
    if (content !== undefined)
      rows.push(`${zh ? "文件" : "file"} ${fileNumber}: ${toHex(content)} (${layout})`);
    if (problem !== undefined) rows.push(zh ? problem.zh : problem.en);
    return rows.join("\n");
  };
  call.output.say(machine, { en: lines(false), zh: lines(true) });
}
