import { type ChangeReason, cardKeyEndpoints, type ViewReason } from "@menshen/wire";
import { ApiError } from "../api/api-error.ts";
import { signInByLink } from "../api/client.ts";
import { CliError, EXIT } from "../command-line/cli-error.ts";
import type { Command } from "../command-line/command.ts";
import { passphraseFor } from "../custodian/passphrase.ts";

const REASON: ChangeReason = { code: "maintenance" };
const VIEW: ViewReason = { code: "maintenance" };

export const keysUnlockCommand: Command = {
  path: ["keys", "unlock"],
  summary: {
    en: "unlock the keys of cards at a server, as a member of staff for security",
    zh: "以安全岗位工作人员身份解锁服务器上的卡密钥",
  },
  positionals: [],
  options: {
    "sign-in": {
      type: "string",
      placeholder: "LINK",
      help: {
        en: "a one-time sign-in link of the console; required",
        zh: "控制台的一次性登录链接，必填",
      },
    },
    "passphrase-file": {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "its first line is the store's passphrase or the token's PIN; typed if absent",
        zh: "首行为密钥库口令或令牌 PIN；不给则在终端输入",
      },
    },
  },
  async run(call) {
    const link = call.option("sign-in");
    if (link === undefined || !URL.canParse(link)) {
      throw new CliError("usage", { en: "give --sign-in LINK", zh: "请给出 --sign-in LINK" });
    }
    const secret = await passphraseFor(call, false);
    try {
      const client = await signInByLink(link, { change: REASON, view: VIEW });
      const { backEnd, keys } = await client.call(cardKeyEndpoints.unlock, { body: { secret } });
      call.output.say(
        { backEnd, keys: keys.map(({ name, version, checkValue }) => ({ name, version, checkValue })) },
        { en: `unlocked; ${keys.length} keys`, zh: `已解锁；${keys.length} 把密钥` },
      );
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const detail = error.problem?.detail ?? error.problem?.title ?? String(error.status);
      throw new CliError("failed", { en: detail, zh: `未解锁：${detail}` }, undefined, { cause: error });
    }
  },
};
