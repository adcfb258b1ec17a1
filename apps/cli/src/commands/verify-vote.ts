import * as crypto from "@menshen/crypto/node";
import { openLogEntries, type RecountFault, recountVote } from "@menshen/custody";
import { logOverHttp } from "@menshen/evidence";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import { TRUST_OPTIONS, trustOf, usage } from "../evidence/log-options.ts";
import { URL_POSITIONAL, unreachable } from "../evidence/log-url.ts";
import { readRecount } from "./read-recount.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const FAULTS: Readonly<Record<RecountFault, Text>> = {
  roll: { en: "the roll is not the one fixed with the agenda", zh: "名册和公示时固定的不是同一份" },
  waiting: { en: "a ballot is not in the log yet", zh: "有选票还没写入日志" },
  unread: {
    en: "a ballot's place in the log cannot be read or verified",
    zh: "有选票在日志里读不到或验不过",
  },
  "does-not-open": {
    en: "an entry of the log is not the ballot that is shown",
    zh: "日志里的记录和展示的选票不符",
  },
  foreign: { en: "a ballot is not of this vote", zh: "有不属于这次表决的选票" },
  twice: { en: "a ballot stands there twice", zh: "有重复的选票" },
  key: { en: "ballots are not sealed to the key that the agenda named", zh: "选票不是用议案公示的密钥封的" },
  forged: { en: "the proof of a sealed ballot does not hold", zh: "有密封选票的证明不成立" },
  shares: {
    en: "the custodians' shares do not open the published sums",
    zh: "保管方的份额打不开公布的合计",
  },
  differs: {
    en: "each ballot is right, and the sums are not the published ones",
    zh: "合计与公布的结果不同",
  },
};

export const verifyVoteCommand: Command = {
  path: ["verify", "vote"],
  summary: {
    en: "count an owners' vote again: every ballot against the log, sealed ones by their proofs",
    zh: "重新计票：每张选票对照日志，密封选票核对证明",
  },
  positionals: [URL_POSITIONAL],
  options: {
    ...TRUST_OPTIONS,
    motion: {
      type: "string",
      placeholder: "ID",
      help: { en: "the motion's id, as its page names it; required", zh: "议案编号，必填" },
    },
  },
  details: {
    en: [
      "Ballots are read from the community's server, and believed only where the log's own entries open to them.",
      "Exit code 0: the count is the published one, or nothing is published yet. 1: it is not.",
      "",
      "Example: menshen verify vote https://gate.example/log --motion 2f… --key 'log.menshen.local/…+1a2b3c4d+AV…'",
    ].join("\n"),
    zh: [
      "选票从社区服务器读取，只有日志里的记录能对上才算数。",
      "退出码 0：与公布一致，或尚未公布；1：不一致。",
      "",
      "示例：menshen verify vote https://gate.example/log --motion 2f… --key 'log.menshen.local/…+1a2b3c4d+AV…'",
    ].join("\n"),
  },
  run: verify,
};

async function verify(call: Call): Promise<ExitCode> {
  const [url = ""] = call.positionals;
  const motion = call.option("motion") ?? "";
  if (!UUID.test(motion)) throw usage("--motion: expected the id of a motion", "--motion：应为议案编号");
  const { log, policy } = trustOf(call);
  const [recount, entries] = await Promise.all([
    readRecount(url, motion),
    openLogEntries(crypto, log, policy, logOverHttp(fetch, url)),
  ]).catch((error: unknown) => {
    throw error instanceof CliError ? error : unreachable(url, error);
  });
  if (entries === undefined) {
    throw new CliError("failed", {
      en: "what the log shows is not signed by its key and its witnesses",
      zh: "日志所示内容没有日志密钥和见证方的签名",
    });
  }
  const outcome = await recountVote(recount, entries.entryAt, {
    random: crypto.randomBytes,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  });
  if (!outcome.good) {
    const { fault, leafIndex } = outcome;
    const { en, zh } = FAULTS[fault];
    const at =
      leafIndex === undefined
        ? { en: "", zh: "" }
        : { en: ` (entry ${leafIndex})`, zh: `（第 ${leafIndex} 条）` };
    call.output.say(outcome, { en: `✗ ${en}${at.en}`, zh: `✗ ${zh}${at.zh}` });
    return EXIT.failed;
  }
  const { ballots, passed } = outcome;
  const { result, secret } = recount.motion;
  const kind = secret === undefined ? { en: "open", zh: "记名" } : { en: "secret", zh: "秘密" };
  const end =
    result === undefined
      ? { en: "nothing is published yet", zh: "尚未公布结果" }
      : passed
        ? { en: "passed, as published", zh: "通过，与公布一致" }
        : { en: "not passed, as published", zh: "没有通过，与公布一致" };
  call.output.say(
    { ...outcome, secret: secret !== undefined, published: result !== undefined },
    {
      en: `✓ ${ballots} ${kind.en} ballots, each in the log as it was cast: ${end.en}`,
      zh: `✓ ${kind.zh}选票 ${ballots} 张，每张都在日志里、原样未改：${end.zh}`,
    },
  );
  return EXIT.ok;
}
