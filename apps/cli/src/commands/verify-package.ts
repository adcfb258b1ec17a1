import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import {
  CustodyError,
  type PackageKeys,
  type PackageVerdict,
  packageFaultText,
  parsePackageKeys,
  type VerifiedEntry,
  verifyPackage,
} from "@menshen/custody";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { sayRefused, utc } from "./package-verdict.ts";

/** The largest package, and a little more for what is none. */
const MAX_BYTES = 64 * 1024 * 1024;

export const verifyPackageCommand: Command = {
  path: ["verify", "package"],
  summary: {
    en: "verify the package of a lawful opening, offline",
    zh: "离线验证依法开启的移交包",
  },
  positionals: [{ name: "FILE", help: { en: "the package as it was handed over", zh: "收到的移交包文件" } }],
  options: {
    keys: {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "the pinned keys of community, log, witnesses and custodians; required, and from elsewhere than the package",
        zh: "事先登记的小区、日志、见证方与保管人的密钥；必填，且不得来自移交包本身",
      },
    },
  },
  details: {
    en: [
      "Verified are the signature over every byte, the request in the witnessed log, each entry's gate and scope, and that",
      "enough custodians opened exactly these entries. Who held a credential is the community's word, and shown as such.",
      "Exit code 0: everything holds. 1: faults, each on a line of its own.",
      "The community serves its keys at /api/v1/opening-keys; compare them with those you were told on paper.",
      "",
      "Example: menshen verify package case-147.json --keys haitang.keys.json",
    ].join("\n"),
    zh: [
      "验证内容：逐字节的签名、申请在有见证的日志中、每条记录的门控器与范围，以及足够的保管人正好开启了这些记录。",
      "凭证由谁持有是小区的陈述，显示时会注明。",
      "退出码 0：全部成立；1：有问题，每行一项。",
      "小区在 /api/v1/opening-keys 提供其密钥；请与纸面告知的密钥核对。",
      "",
      "示例：menshen verify package case-147.json --keys haitang.keys.json",
    ].join("\n"),
  },
  run: verifyOpening,
};

/** Verifies the package of a lawful opening that the call names. */
export async function verifyOpening(call: Call): Promise<ExitCode> {
  const [file = ""] = call.positionals;
  const keysFile = call.option("keys");
  if (keysFile === undefined) {
    throw new CliError("usage", { en: "option `--keys` is required", zh: "必须给出选项 `--keys`" });
  }
  const keys = readPinnedKeys(keysFile);
  const text = readText(file);
  const sha256 = createHash("sha256").update(text).digest("hex");
  const verdict = verifyPackage(text, keys);
  if (!verdict.verified) {
    return sayRefused(call, verdict.faults, packageFaultText, sha256);
  }
  tell(call, verdict, sha256);
  return EXIT.ok;
}

function tell(
  call: Call,
  { request, content, leafIndex, entries }: Extract<PackageVerdict, { verified: true }>,
  sha256: string,
): void {
  const { authority, documentNumber, documentSha256, purpose, from, until, path } = request;
  call.output.say(
    {
      ok: true,
      sha256,
      community: content.communityName,
      madeAt: content.madeAt,
      leafIndex,
      request,
      entries: entries.length,
      unopened: content.unopened,
    },
    {
      en: [
        `✓ verified  SHA-256 ${sha256}`,
        `  ${content.communityName}, made ${utc(content.madeAt)}`,
        `  request ${request.requestId} (${path}, ${purpose}) of ${authority}, leaf ${leafIndex} of the log`,
        `  document ${documentNumber ?? "–"}  SHA-256 ${documentSha256 ?? "–"}`,
        `  window ${utc(from)} to ${utc(until)}, entries opened ${entries.length}, not opened ${content.unopened.length}`,
      ].join("\n"),
      zh: [
        `✓ 验证通过  SHA-256 ${sha256}`,
        `  ${content.communityName}，制作于 ${utc(content.madeAt)}`,
        `  申请 ${request.requestId}（${path}，${purpose}），${authority}，日志第 ${leafIndex} 条`,
        `  文书 ${documentNumber ?? "–"}  SHA-256 ${documentSha256 ?? "–"}`,
        `  时间段 ${utc(from)} 至 ${utc(until)}，开启 ${entries.length} 条，未开启 ${content.unopened.length} 条`,
      ].join("\n"),
    },
  );
  for (const entry of entries) tellEntry(call, entry);
}

function tellEntry(call: Call, entry: VerifiedEntry): void {
  const { gateId, sequence, accessPointId, earliest, granted, kind, openedBy, holder } = entry;
  const who = holder === undefined ? "–" : [holder.name, holder.dwelling].filter(Boolean).join(", ");
  call.output.say(
    {
      gateId,
      sequence,
      accessPointId,
      earliest,
      latest: entry.latest,
      granted,
      kind,
      credentialKey: Buffer.from(entry.credentialKey).toString("hex"),
      openedBy,
      ...(holder === undefined ? {} : { holder }),
    },
    {
      en: `  ${utc(earliest)}  ${accessPointId}  ${granted ? "opened" : "refused"}  ${kind}  opened by ${openedBy.join(" + ")}  stated holder: ${who}`,
      zh: `  ${utc(earliest)}  ${accessPointId}  ${granted ? "放行" : "拒绝"}  ${kind}  由 ${openedBy.join(" + ")} 开启  小区陈述的持有人：${who}`,
    },
  );
}

/** The keys that a file pins. Throws `CliError` `config` for another file. */
export function readPinnedKeys(file: string): PackageKeys {
  try {
    return parsePackageKeys(JSON.parse(readText(file)));
  } catch (cause) {
    if (!(cause instanceof CustodyError) && !(cause instanceof SyntaxError)) throw cause;
    throw new CliError(
      "config",
      { en: `\`${file}\` is no file of pinned keys`, zh: `\`${file}\` 不是密钥登记文件` },
      { en: "see docs/protocol/opening.md for its form", zh: "格式见 docs/protocol/opening.md" },
      { cause },
    );
  }
}

function readText(file: string): string {
  try {
    if (statSync(file).size <= MAX_BYTES) return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError(
      "usage",
      { en: `file \`${file}\` cannot be read`, zh: `文件 \`${file}\` 无法读取` },
      undefined,
      { cause },
    );
  }
  throw new CliError("usage", {
    en: `file \`${file}\` is larger than ${MAX_BYTES} bytes`,
    zh: `文件 \`${file}\` 超过 ${MAX_BYTES} 字节`,
  });
}
