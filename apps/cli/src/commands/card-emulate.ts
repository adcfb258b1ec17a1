import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { openInProcessChannel } from "@menshen/credentials";
import { randomBytes, toHex } from "@menshen/crypto/node";
import {
  CARD_KINDS,
  type CardKind,
  cardFromProfile,
  personaliseCard,
  type StoredCard,
  VirtualDeviceError,
} from "@menshen/virtual-devices";
import { CARD_WHERE } from "../card/apdu-place.ts";
import { APPLICATION_OPTION, hexOption, KEY_OPTION, keysOf } from "../card/card-keys.ts";
import { parseEmulationPlace, serveCard } from "../card/serve-card.ts";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";

export const cardEmulateCommand: Command = {
  path: ["card", "emulate"],
  summary: {
    en: "be a smart card behind an APDU socket, as vpcd takes it",
    zh: "在 APDU 套接字（vpcd 格式）上模拟一张智能卡",
  },
  positionals: [
    {
      name: "KIND",
      help: {
        en: "desfire (EV2), ntag424 (NTAG 424 DNA) or uid (a number and nothing else)",
        zh: "desfire（EV2）、ntag424（NTAG 424 DNA）或 uid（只有卡号）",
      },
    },
    CARD_WHERE,
  ],
  options: {
    uid: {
      type: "string",
      placeholder: "HEX",
      help: { en: "its number; by chance unless told", zh: "卡号，默认随机" },
    },
    key: KEY_OPTION,
    application: APPLICATION_OPTION,
    content: {
      type: "string",
      placeholder: "HEX",
      help: {
        en: "content of its credential file; what the layout puts there unless told",
        zh: "凭证文件的内容，默认按卡布局",
      },
    },
    profile: {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "the card's memory (JSON): read from there if it exists, and kept there",
        zh: "卡的全部内容（JSON）：存在则读入，并保存于此",
      },
    },
    trace: {
      type: "boolean",
      help: { en: "print every command and answer", zh: "打印每条指令与应答" },
    },
  },
  details: {
    en: [
      "tcp: and unix: connect to a reader's side that listens (vpcd listens on tcp:localhost:35963 and 35964), again and",
      "again until stopped; tcp-listen: and unix-listen: wait for it. A PC/SC reader's name makes no sense here.",
      "",
      "Without --key the card is as it leaves the factory, keys of zeros (a DESFire with a DES master key). With keys it",
      "is personalised: DESFire key numbers 1 to 13, NTAG 424 one or two of 1 to 4, are keys of door groups; 0 is the",
      "master. Profiles hold keys: keep them like keys.",
      "",
      "Standard output: READY, CONNECTED, DISCONNECTED, and with --trace `> COMMAND` and `< ANSWER`.",
      "",
      "Example: menshen card emulate desfire tcp:localhost:35963 --key 1:00112233445566778899aabbccddeeff",
    ].join("\n"),
    zh: [
      "tcp: 与 unix: 连接正在监听的读卡器一方（vpcd 监听 tcp:localhost:35963 和 35964），断开后反复重连直到停止；",
      "tcp-listen: 与 unix-listen: 等待对方连接。这里不能用 PC/SC 读卡器名称。",
      "",
      "不给 --key 时卡为出厂状态，密钥全零（DESFire 主密钥为 DES）。给出密钥则按布局个人化：",
      "DESFire 的 1 到 13 号、NTAG 424 的 1 到 4 号中一到两个，是门组密钥；0 号为主密钥。",
      "卡描述文件含有密钥，请像密钥一样保管。",
      "",
      "标准输出：READY、CONNECTED、DISCONNECTED；加 --trace 还有 `> 指令` 与 `< 应答`。",
      "",
      "示例：menshen card emulate desfire tcp:localhost:35963 --key 1:00112233445566778899aabbccddeeff",
    ].join("\n"),
  },
  run: emulate,
};

async function emulate(call: Call): Promise<ExitCode> {
  const [kindText = "", where = ""] = call.positionals;
  const kind = CARD_KINDS.find((candidate) => candidate === kindText);
  if (kind === undefined) {
    throw new CliError("usage", {
      en: `KIND: expected ${CARD_KINDS.join(", ")}, came \`${kindText}\``,
      zh: `KIND：应为 ${CARD_KINDS.join("、")}，实为 \`${kindText}\``,
    });
  }
  const place = parseEmulationPlace(where);
  const stored = await makeCard(call, kind);
  const { card } = stored;
  const keep = () => keepProfile(call, stored);
  keep();
  const ready = () =>
    call.output.say(
      { event: "ready", kind, uid: toHex(card.uid), where },
      `READY ${kind} uid=${toHex(card.uid)} where=${where}`,
    );
  await serveCard(call, place, card, { ready, left: keep });
  return EXIT.ok;
}

async function makeCard(call: Call, kind: CardKind): Promise<StoredCard> {
  const file = call.option("profile");
  if (file !== undefined && existsSync(file)) {
    const stored = readProfile(file);
    if (stored.card.kind === kind) return stored;
    throw new CliError("usage", {
      en: `--profile: it describes a ${stored.card.kind}, not a ${kind}`,
      zh: `--profile：文件描述的是 ${stored.card.kind}，不是 ${kind}`,
    });
  }
  const uid = hexOption(call, "uid", kind === "uid" ? [4, 7, 10] : [7]) ?? chanceUid();
  const blank = cardFromProfile({ kind, uid: toHex(uid) });
  const keys = keysOf(call);
  if (keys.length === 0 || kind === "uid") return blank;
  const application = hexOption(call, "application", [3]);
  try {
    await personaliseCard(openInProcessChannel(blank.card), {
      kind,
      uid,
      keys: keys.map((key) => ({ ...key, version: 1 })),
      ...(application === undefined ? {} : { applicationId: application }),
    });
  } catch (error) {
    if (error instanceof VirtualDeviceError) throw profileError(error, "--key");
    throw error;
  }
  return withContent(call, blank);
}

/** Overwrites the credential file behind the card's back: what a reader of another make expects there. */
function withContent(call: Call, stored: StoredCard): StoredCard {
  const content = hexOption(
    call,
    "content",
    Array.from({ length: 128 }, (_, index) => index + 1),
  );
  const profile = stored.profile();
  if (content === undefined || profile.kind === "uid") return stored;
  const files = profile.kind === "desfire" ? profile.applications?.[0]?.files : profile.files;
  const file = files?.find(({ number }) => number === (profile.kind === "desfire" ? 1 : 3));
  if (file !== undefined && "data" in file) file.data = toHex(content);
  return cardFromProfile(profile);
}

function readProfile(file: string): StoredCard {
  try {
    return cardFromProfile(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw profileError(error, "--profile");
  }
}

function profileError(cause: unknown, option: string): CliError {
  const why = cause instanceof Error ? cause.message : "";
  return new CliError("usage", { en: `${option}: ${why}`, zh: `${option}：${why}` }, undefined, { cause });
}

/** Written beside and moved over, so that a kill leaves the old memory or the new one. */
function keepProfile(call: Call, stored: StoredCard): void {
  const file = call.option("profile");
  if (file === undefined) return;
  writeFileSync(`${file}.new`, `${JSON.stringify(stored.profile(), undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Seven bytes that begin with NXP's manufacturer code (ISO/IEC 7816-6). */
function chanceUid(): Uint8Array {
  return Uint8Array.of(0x04, ...randomBytes(6));
}
