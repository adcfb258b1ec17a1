import { checkOpening, type OpeningFault, parseOpening } from "@menshen/custody";
import type { VoteChoice } from "@menshen/domain";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import { usage } from "../evidence/log-options.ts";
import { unreachable } from "../evidence/log-url.ts";
import { readRecount } from "./read-recount.ts";
import { readReceipt } from "./receipt-input.ts";

const FAULTS: Readonly<Record<OpeningFault, Text>> = {
  foreign: {
    en: "this ballot is of another vote, or of a number that the roll does not have",
    zh: "这张选票不属于这次表决，或名册里没有它的编号",
  },
  roll: { en: "the roll is not the one fixed with the agenda", zh: "名册和公示时固定的不是同一份" },
  key: { en: "the key is not the one that the agenda named", zh: "密钥不是议案公示的那一把" },
  cast: {
    en: "this very ballot was cast, although it was opened: its choice is no secret",
    zh: "这张选票打开查验后又被投出：内容已不再保密",
  },
};

const CHOICES: Readonly<Record<VoteChoice, Text>> = {
  for: { en: "for", zh: "同意" },
  against: { en: "against", zh: "不同意" },
  abstain: { en: "abstain", zh: "弃权" },
};

const CODE = /^[0-9a-f]{20}$/;

export const verifyBallotCommand: Command = {
  path: ["verify", "ballot"],
  summary: {
    en: "make a ballot again that its voter opened in place of casting it, and tell its code",
    zh: "重新生成一张打开查验、没有投出的选票，算出它的核对码",
  },
  positionals: [
    { name: "FILE", help: { en: "the opened ballot as the app saved it", zh: "应用保存下来的已打开选票" } },
    {
      name: "URL",
      help: {
        en: "the community's server, e.g. https://gate.example/",
        zh: "社区服务器地址，例如 https://gate.example/",
      },
    },
  ],
  options: {
    code: {
      type: "string",
      placeholder: "CODE",
      help: {
        en: "what the app showed before it knew that the ballot would be opened: twenty digits",
        zh: "决定打开查验之前，应用上显示的核对码：二十位",
      },
    },
  },
  details: {
    en: [
      "The ballot is made from the file alone, with roll and key held against the published agenda. If the code is the one that the app",
      "showed, the app had sealed what it says here. Without `--code`, compare it yourself.",
      "Exit code 0: it is. 1: the code is another one, or the ballot says nothing about this vote.",
      "",
      "Example: menshen verify ballot menshen-ballot-check.json https://gate.example/ --code '1a2b 3c4d 5e6f 7a8b 9c0d'",
    ].join("\n"),
    zh: [
      "只凭这个文件重新生成选票，名册和密钥对照公示的议案。核对码与应用当时显示的一致，说明应用封进去的就是这里显示的选择。",
      "不给 `--code` 时，请自己对照。",
      "退出码 0：一致；1：核对码不同，或这张选票与这次表决无关。",
      "",
      "示例：menshen verify ballot menshen-ballot-check.json https://gate.example/ --code '1a2b 3c4d 5e6f 7a8b 9c0d'",
    ].join("\n"),
  },
  run: verify,
};

async function verify(call: Call): Promise<ExitCode> {
  const [file = "", url = ""] = call.positionals;
  const noted = call.option("code")?.replaceAll(/[\s-]/g, "").toLowerCase();
  if (noted !== undefined && !CODE.test(noted)) {
    throw usage("--code: expected twenty hexadecimal digits", "--code：应为二十位十六进制数字");
  }
  const opening = parseOpening(readReceipt(file));
  if (opening === undefined) {
    throw new CliError("failed", {
      en: `file \`${file}\` is no opened ballot`,
      zh: `文件 \`${file}\` 不是打开的选票`,
    });
  }
  const recount = await readRecount(url, opening.motionId).catch((error: unknown) => {
    throw error instanceof CliError ? error : unreachable(url, error);
  });
  const checked = checkOpening(recount, opening);
  if (!checked.good) {
    const { en, zh } = FAULTS[checked.fault];
    call.output.say(checked, { en: `✗ ${en}`, zh: `✗ ${zh}` });
    return EXIT.failed;
  }
  const { number, choice } = opening;
  const { title } = recount.motion;
  const code = (checked.code.match(/.{1,4}/g) ?? []).join(" ");
  const says = {
    en: `"${title}", number ${number}, says ${CHOICES[choice].en}; code ${code}`,
    zh: `《${title}》第 ${number} 号，内容为${CHOICES[choice].zh}；核对码 ${code}`,
  };
  const isSame = noted === undefined || noted === checked.code;
  const end = isSame
    ? noted === undefined
      ? { en: "compare the code with the one you wrote down", zh: "请与您记下的核对码对照" }
      : { en: "the code is the one you wrote down", zh: "核对码与您记下的一致" }
    : {
        en: "the code is NOT the one you wrote down: the app had sealed something else",
        zh: "核对码与您记下的不同：应用封进去的是别的内容",
      };
  const sign = isSame ? "✓" : "✗";
  call.output.say(
    { good: isSame, number, choice, code: checked.code },
    { en: `${sign} ${says.en}: ${end.en}`, zh: `${sign} ${says.zh}。${end.zh}` },
  );
  return isSame ? EXIT.ok : EXIT.failed;
}
