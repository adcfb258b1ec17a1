import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import {
  evidenceFaultText,
  type VerifiedEvent,
  type VerifiedEvidence,
  verifyEvidencePackage,
} from "@menshen/custody";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { sayRefused, utc } from "./package-verdict.ts";
import { readPinnedKeys, verifyOpening } from "./verify-package.ts";

const MAX_BYTES = 64 * 1024 * 1024;
/** How every ZIP archive begins. */
const ZIP = "PK";

export const verifyCommand: Command = {
  path: ["verify"],
  summary: {
    en: "verify a package that was handed over, evidence or a lawful opening, offline",
    zh: "离线验证收到的包：证据包或依法开启的移交包",
  },
  positionals: [{ name: "PACKAGE", help: { en: "the file as it was handed over", zh: "收到的文件" } }],
  options: {
    keys: {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "the pinned keys of community, log and witnesses, from elsewhere than the package",
        zh: "事先登记的小区、日志与见证方的密钥，不得来自包本身",
      },
    },
  },
  details: {
    en: [
      "Which package it is is seen from the file. Evidence (a ZIP archive) is verified byte for byte: the community's signature,",
      "each gate's signature over its entries and the stretches of its journal, certificates, the proof from the witnessed log,",
      "the time stamp. Without `--keys` it shows that nothing was changed, not whose it is: then compare the fingerprint that",
      "is printed with the one you were told. A lawful opening always needs `--keys`.",
      "Exit code 0: everything holds. 1: faults, each on a line of its own.",
      "",
      "Example: menshen verify evidence-1a2b3c4d.zip --keys haitang.keys.json",
    ].join("\n"),
    zh: [
      "包的种类由文件内容判断。证据包（ZIP）逐字节验证：小区签名、门控器对每条记录和流水账片段的签名、证书、",
      "有见证日志中的证明、时间戳。不给 `--keys` 时只能证明没有改动，不能证明出自谁：请把显示的指纹与告知您的核对。",
      "依法开启的移交包必须给出 `--keys`。",
      "退出码 0：全部成立；1：有问题，每行一项。",
      "",
      "示例：menshen verify evidence-1a2b3c4d.zip --keys haitang.keys.json",
    ].join("\n"),
  },
  run: verify,
};

async function verify(call: Call): Promise<ExitCode> {
  const [file = ""] = call.positionals;
  const size = sizeOf(file);
  if (!beginsLikeZip(file)) return verifyOpening(call);
  if (size > MAX_BYTES) {
    throw new CliError("usage", {
      en: `file \`${file}\` is larger than ${MAX_BYTES} bytes`,
      zh: `文件 \`${file}\` 超过 ${MAX_BYTES} 字节`,
    });
  }
  const keysFile = call.option("keys");
  const archive = Uint8Array.from(readFileSync(file));
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const keys = keysFile === undefined ? undefined : readPinnedKeys(keysFile);
  const verdict = await verifyEvidencePackage(archive, keys);
  if (!verdict.verified) {
    return sayRefused(call, verdict.faults, evidenceFaultText, sha256);
  }
  tell(call, verdict, sha256);
  for (const event of verdict.events) tellEvent(call, verdict, event);
  return EXIT.ok;
}

function tell(call: Call, verdict: VerifiedEvidence, sha256: string): void {
  const { record, keySha256, pinned, leafIndex, loggedAt, time, events, batches } = verdict;
  const stamp = time.stamped
    ? { en: `time stamp ${utc(time.at)}`, zh: `时间戳 ${utc(time.at)}` }
    : { en: `no time stamp: ${time.why}`, zh: `没有时间戳：${time.why}` };
  const whose = pinned
    ? { en: "signed with the pinned key", zh: "由登记的密钥签名" }
    : {
        en: "⚠ no keys were pinned: nothing was changed, but compare the fingerprint below with one from elsewhere",
        zh: "⚠ 没有给出登记的密钥：内容未被改动，但请另行核对下面的指纹",
      };
  call.output.say(
    {
      ok: true,
      sha256,
      pinned,
      keySha256,
      packageId: record.packageId,
      community: record.communityName,
      caseId: record.case.id,
      madeAt: record.madeAt,
      leafIndex,
      loggedAt,
      ...(time.stamped ? { stampedAt: time.at, signerSha256: time.signerSha256 } : { notStamped: time.why }),
      events: events.length,
      batches,
      signs: record.signs,
      custody: record.custody,
    },
    {
      en: [
        `✓ verified  SHA-256 ${sha256}`,
        `  ${whose.en}`,
        `  key SHA-256 ${keySha256}`,
        `  ${record.communityName}, package ${record.packageId} of ${utc(record.madeAt)}, made by ${record.madeBy}`,
        `  leaf ${leafIndex} of the log, ${utc(loggedAt)}; ${stamp.en}`,
        `  ${events.length} entries signed by their gates, ${batches} stretches of journals`,
        ...record.signs.map(({ rule, en, at }) => `  ${rule} ${en}, ${utc(at)}`),
      ].join("\n"),
      zh: [
        `✓ 验证通过  SHA-256 ${sha256}`,
        `  ${whose.zh}`,
        `  密钥 SHA-256 ${keySha256}`,
        `  ${record.communityName}，证据包 ${record.packageId}，${utc(record.madeAt)} 由 ${record.madeBy} 制作`,
        `  日志第 ${leafIndex} 条，${utc(loggedAt)}；${stamp.zh}`,
        `  门控器签名的记录 ${events.length} 条，流水账片段 ${batches} 段`,
        ...record.signs.map(({ rule, zh, at }) => `  ${rule} ${zh}，${utc(at)}`),
      ].join("\n"),
    },
  );
}

function tellEvent(call: Call, { record }: VerifiedEvidence, { stated, entry }: VerifiedEvent): void {
  const { accessPointId, granted, evidence } = entry.body;
  const door = record.doors.find(({ id }) => id === accessPointId)?.name ?? accessPointId;
  const counter = evidence?.counter === undefined ? "" : `  #${evidence.counter}`;
  call.output.say(
    {
      gateId: stated.gateId,
      sequence: stated.sequence,
      accessPointId,
      earliest: entry.earliest,
      latest: entry.latest,
      granted,
      ...(evidence?.counter === undefined ? {} : { counter: evidence.counter }),
      ...(stated.half === undefined ? {} : { half: stated.half }),
      chained: stated.batch !== undefined,
    },
    {
      en: `  ${utc(entry.earliest)}  ${door}  ${granted ? "opened" : "refused"}${counter}  ${stated.half ?? ""}`.trimEnd(),
      zh: `  ${utc(entry.earliest)}  ${door}  ${granted ? "放行" : "拒绝"}${counter}  ${halfName(stated.half)}`.trimEnd(),
    },
  );
}

function halfName(half: "first" | "second" | undefined): string {
  return half === undefined ? "" : half === "first" ? "甲" : "乙";
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (cause) {
    throw new CliError(
      "usage",
      { en: `file \`${file}\` cannot be read`, zh: `文件 \`${file}\` 无法读取` },
      undefined,
      { cause },
    );
  }
}

function beginsLikeZip(file: string): boolean {
  const start = Buffer.alloc(ZIP.length);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, start, 0, ZIP.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return start.toString("latin1") === ZIP;
}
