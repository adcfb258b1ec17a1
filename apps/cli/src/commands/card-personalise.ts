import { appendFileSync, existsSync } from "node:fs";
import {
  type CardChannel,
  CredentialError,
  credentialKeyOf,
  emptyPersonalisedCard,
  identifyCard,
  isRandomUid,
  type KeyedCardKind,
  type PersonalisationOrder,
  personaliseCard,
  preparePersonalisationRecord,
  readHiddenUid,
} from "@menshen/credentials";
import { type DeskJournal, type DeskState, nodeDesk, openDeskJournal } from "@menshen/credentials/node";
import { primitives, sha256, toHex } from "@menshen/crypto/node";
import type { KeyService } from "@menshen/key-service";
import { writeFileDurably } from "@menshen/service-kit/process";
import { CARD_WHERE, parseCardPlace } from "../card/apdu-place.ts";
import { KEY_STORE_OPTIONS, keyServiceOf } from "../card/key-store.ts";
import { openCardAt } from "../card/open-card.ts";
import { orderFromFile, orderFromKeys, privacyKeyOf, wishOf } from "../card/personalisation-input.ts";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import { wholeNumber } from "../osdp/reader-options.ts";

const DEFAULT_WAIT_SECONDS = 30;
const SIGNING_KEY = { name: "desk", version: 1 };
const LIST_HEAD = "at,kind,uid,key_version,door_groups,hides_uid,outcome\n";

export const cardPersonaliseCommand: Command = {
  path: ["card", "personalise"],
  summary: {
    en: "make a blank DESFire or NTAG 424 a card of this community, finish one, or renew its keys",
    zh: "将空白 DESFire 或 NTAG 424 写成本小区的卡，续写中断的卡，或更换密钥",
  },
  positionals: [CARD_WHERE],
  options: {
    order: {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "JSON: uid and what the server answered to the enrolment",
        zh: "JSON：uid 与服务器的登记答复",
      },
    },
    community: {
      type: "string",
      placeholder: "UUID",
      help: {
        en: "instead: keys come from a key service, for this community",
        zh: "或者：密钥由密钥库为该小区生成",
      },
    },
    groups: {
      type: "string",
      placeholder: "1,2",
      help: { en: "door groups; 1 unless told", zh: "门组，默认 1" },
    },
    "key-version": {
      type: "string",
      placeholder: "N",
      help: { en: "version of the masters; 1 unless told", zh: "主密钥版本，默认 1" },
    },
    "hide-uid": {
      type: "boolean",
      help: {
        en: "show everybody a random number; cannot be undone on the card",
        zh: "对外显示随机卡号；写入后不可撤销",
      },
    },
    "transaction-mac": {
      type: "boolean",
      help: { en: "DESFire: count and sign its transactions", zh: "DESFire：为交易计数并签名" },
    },
    address: {
      type: "string",
      placeholder: "URL",
      help: {
        en: "NTAG 424: https address for telephones, with {picc} and {cmac}",
        zh: "NTAG 424：手机读取的 https 地址，含 {picc} 和 {cmac}",
      },
    },
    lrp: {
      type: "boolean",
      help: {
        en: "NTAG 424: leakage-resilient mode; cannot be undone on the card",
        zh: "NTAG 424：抗泄漏模式（LRP）；写入后不可撤销",
      },
    },
    ...KEY_STORE_OPTIONS,
    journal: {
      type: "string",
      placeholder: "FILE",
      help: { en: "says which cards were begun; required", zh: "记录已开始的卡；必填" },
    },
    list: {
      type: "string",
      placeholder: "FILE",
      help: { en: "CSV that a line is added to; holds card numbers", zh: "追加一行的 CSV；含卡号" },
    },
    record: {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "signed record, under key `desk` of the key service",
        zh: "签名记录，用密钥库中的 `desk` 密钥签名",
      },
    },
    empty: {
      type: "boolean",
      help: { en: "take everything of ours off the card", zh: "清除卡上属于本系统的全部内容" },
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
      "Every step is found out from the card, so the same command again is always right: after a card was taken away too",
      "early, after this program was killed, and on a finished card, which is only verified. --empty gives a card back.",
      "The journal is on the disk before a card is touched, and holds no card numbers.",
      "",
      "Exit code 0: it is as ordered and proved every key. 1: another card, keys that are not ours, or taken away.",
      "",
      'Example: menshen card personalise "ACS ACR122U 00 00" --journal desk.journal --store keys \\',
      "           --community 0190a8b0-… --groups 1,2 --hide-uid --list cards.csv",
    ].join("\n"),
    zh: [
      "每一步都从卡上查明，因此重复同一条命令总是安全的：卡过早拿走之后、本程序被中止之后、以及对已完成的卡",
      "（仅验证）。--empty 可将卡恢复为空白。动卡之前日志已落盘，且不含卡号。",
      "",
      "退出码 0：与指令一致且每个密钥均已证明。1：不是这张卡、卡上不是本系统的密钥，或卡被拿走。",
      "",
      '示例：menshen card personalise "ACS ACR122U 00 00" --journal desk.journal --store keys \\',
      "        --community 0190a8b0-… --groups 1,2 --hide-uid --list cards.csv",
    ].join("\n"),
  },
  run,
};

const OUTCOMES: Readonly<Record<Exclude<DeskState, "begun">, Text>> = {
  personalised: { en: "personalised, every key proved", zh: "已写好，全部密钥验证通过" },
  emptied: { en: "blank again", zh: "已恢复空白" },
  foreign: {
    en: "the card holds keys that are not ours: nothing was changed there",
    zh: "卡上不是本系统的密钥：未作更改",
  },
  "other-card": { en: "another card than the order is for", zh: "不是指令所指的那张卡" },
};

async function run(call: Call): Promise<ExitCode> {
  const place = parseCardPlace(call.positionals[0] ?? "");
  const journalFile = call.option("journal");
  if (journalFile === undefined) {
    throw new CliError("usage", { en: "give --journal FILE", zh: "请给出 --journal FILE" });
  }
  const orderFile = call.option("order");
  const wish = orderFile === undefined ? wishOf(call) : undefined;
  const needsService = wish !== undefined || call.option("record") !== undefined;
  const service = needsService ? await keyServiceOf(call, false) : undefined;
  const journal = openJournal(journalFile);
  try {
    for (const { label } of journal.unfinished()) {
      call.output.remark({
        en: `the card that ends in ${label} was begun and not ended: lay it on the reader again`,
        zh: `尾号 ${label} 的卡尚未写完：请再次放上`,
      });
    }
    const waitMs = (wholeNumber(call, "wait", 1, 3_600) ?? DEFAULT_WAIT_SECONDS) * 1_000;
    const channel = await openCardAt(place, waitMs, call);
    try {
      const order =
        orderFile === undefined ? await orderAtDesk(channel, service, wish) : orderFromFile(orderFile);
      return await write(call, channel, order, journal, service);
    } finally {
      await channel.close();
    }
  } finally {
    journal.close();
    await service?.close();
  }
}

/** The order for the card that lies there: its true number, asked for with the privacy key where it hides it. */
async function orderAtDesk(
  channel: CardChannel,
  service: KeyService | undefined,
  wish: ReturnType<typeof wishOf> | undefined,
): Promise<PersonalisationOrder> {
  if (service === undefined || wish === undefined) throw new Error("a wish is made with its key service");
  try {
    const { version, uid } = await identifyCard(channel);
    const family = version === undefined ? undefined : version.hardware.type & 0x0f;
    const kind: KeyedCardKind | undefined =
      family === 0x01 ? "desfire" : family === 0x04 ? "ntag424" : undefined;
    if (kind === undefined) {
      throw new CliError("failed", {
        en: "expected a DESFire EV2 or EV3, or an NTAG 424",
        zh: "应为 DESFire EV2/EV3 或 NTAG 424",
      });
    }
    if (uid?.length === 7) return await orderFromKeys(service, wish, kind, uid);
    const key = await privacyKeyOf(service, wish.communityId);
    const hidden =
      uid === undefined || isRandomUid(uid)
        ? await readHiddenUid(channel, kind, key.value, nodeDesk)
        : undefined;
    if (hidden === undefined) {
      throw new CliError("failed", {
        en: "the card hides its number and does not know our privacy key",
        zh: "卡隐藏了卡号，且不认得本小区的隐私密钥",
      });
    }
    return await orderFromKeys(service, wish, kind, hidden);
  } catch (error) {
    throw error instanceof CredentialError ? takenAway(error) : error;
  }
}

async function write(
  call: Call,
  channel: CardChannel,
  order: PersonalisationOrder,
  journal: DeskJournal,
  service: KeyService | undefined,
): Promise<ExitCode> {
  const credentialKey = credentialKeyOf(primitives, order.kind, order.uid);
  const label = toHex(order.uid).slice(-4).toUpperCase();
  const note = (state: DeskState) =>
    journal.note({
      credentialKey,
      label,
      kind: order.kind,
      keyVersion: order.keys.version,
      state,
      atMs: Date.now(),
    });
  note("begun");
  let state: Exclude<DeskState, "begun">;
  try {
    const { outcome } = call.flag("empty")
      ? await emptyPersonalisedCard(channel, order, nodeDesk)
      : await personaliseCard(channel, order, nodeDesk);
    state = outcome === "blank" ? "emptied" : outcome;
  } catch (error) {
    throw error instanceof CredentialError ? takenAway(error) : error;
  }
  const recordFile = call.option("record");
  if (state === "personalised" && recordFile !== undefined && service !== undefined) {
    await signRecord(recordFile, order, service);
  }
  appendToList(call, order, state);
  // Last: a card whose record or line is missing is shown as not ended, and the same command adds them.
  note(state);
  call.output.say(
    { outcome: state, kind: order.kind, label, keyVersion: order.keys.version },
    OUTCOMES[state],
  );
  return state === "personalised" || state === "emptied" ? EXIT.ok : EXIT.failed;
}

async function signRecord(file: string, order: PersonalisationOrder, service: KeyService): Promise<void> {
  const keys = await service.list();
  const present = keys.find(({ reference, use }) => reference.name === SIGNING_KEY.name && use === "sign");
  const { publicKey = new Uint8Array(), reference } = present ?? (await service.create(SIGNING_KEY, "sign"));
  const { toBeSigned, finish } = preparePersonalisationRecord(
    {
      credentialKey: credentialKeyOf(primitives, order.kind, order.uid),
      kind: order.kind,
      keyVersion: order.keys.version,
      doorGroups: [...order.keys.groups.keys()].sort((a, b) => a - b),
      hidesUid: order.privacyKey !== undefined,
      transactionMac: order.transactionMac !== undefined,
      mirrorsAddress: order.sun !== undefined,
      atMs: Date.now(),
    },
    sha256(publicKey).slice(0, 8),
  );
  writeFileDurably(file, finish(await service.sign(reference, toBeSigned)), 0o600);
}

function appendToList(call: Call, order: PersonalisationOrder, outcome: DeskState): void {
  const file = call.option("list");
  if (file === undefined) return;
  const line = [
    new Date().toISOString(),
    order.kind,
    toHex(order.uid).toUpperCase(),
    order.keys.version,
    [...order.keys.groups.keys()].join(" "),
    order.privacyKey === undefined ? "no" : "yes",
    outcome,
  ].join(",");
  appendFileSync(file, `${existsSync(file) ? "" : LIST_HEAD}${line}\n`, { mode: 0o600 });
}

function openJournal(file: string): DeskJournal {
  try {
    return openDeskJournal(file);
  } catch (cause) {
    throw new CliError(
      "config",
      {
        en: "--journal: not a desk's journal, or it cannot be opened",
        zh: "--journal：不是写卡日志或无法打开",
      },
      undefined,
      { cause },
    );
  }
}

function takenAway(cause: CredentialError): CliError {
  const options = { cause };
  if (cause.code === "bad-argument") {
    return new CliError(
      "config",
      { en: `no card can be so: ${cause.message}`, zh: `无法写出这样的卡：${cause.message}` },
      undefined,
      options,
    );
  }
  return new CliError(
    "failed",
    { en: `the card was not written to the end: ${cause.message}`, zh: `卡未写完：${cause.message}` },
    {
      en: "lay the same card on the reader and give the same command again",
      zh: "请再次放上同一张卡，重复同一条命令",
    },
    options,
  );
}
