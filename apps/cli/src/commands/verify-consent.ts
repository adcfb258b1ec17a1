import { ed25519Verify, sha256 } from "@menshen/crypto/node";
import { CONSENT_PURPOSE_TEXTS } from "@menshen/domain";
import {
  type ConsentExportFault,
  type ConsentReceipt,
  verifyConsentExport,
  verifyConsentReceipt,
} from "@menshen/evidence";
import { EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { readReceipt, receiptKeyOf } from "./receipt-input.ts";

const FAULTS: Readonly<Record<ConsentExportFault, { readonly en: string; readonly zh: string }>> = {
  malformed: { en: "this is no receipt and no export of receipts", zh: "这不是回执，也不是回执的导出文件" },
  "unknown-version": { en: "its version is not known here", zh: "版本不认识" },
  "bad-signature": { en: "this community did not sign it as it stands", zh: "不是该社区签名的原文" },
  "bad-own-signature": {
    en: "the person's own signature is about something else",
    zh: "本人的签名不是对这件事的",
  },
  "other-notice": { en: "it is about another notice", zh: "对应的是另一份告知书" },
  "notice-missing": {
    en: "the text of a notice is missing or another one",
    zh: "缺少告知书原文，或原文不符",
  },
};

export const verifyConsentCommand: Command = {
  path: ["verify", "consent"],
  summary: {
    en: "verify a receipt of a consent, or all of somebody's, offline",
    zh: "离线验证同意回执，或某人的全部同意证据",
  },
  positionals: [
    { name: "FILE", help: { en: "a receipt, or an export of all", zh: "一份回执，或全部导出文件" } },
  ],
  options: {
    key: {
      type: "string",
      placeholder: "KEY",
      help: {
        en: "the community's receipt key as it was told on paper (C2SP verifier key); required",
        zh: "社区书面告知的回执密钥（C2SP 验证密钥）；必填",
      },
    },
  },
  details: {
    en: [
      "The community serves its key at /api/v1/receipt-key; compare it with the one you were told on paper.",
      "Exit code 0: everything holds. 1: it does not.",
      "",
      "Example: menshen verify consent receipt.json --key 'receipts.menshen.local/…+1a2b3c4d+…'",
    ].join("\n"),
    zh: [
      "社区在 /api/v1/receipt-key 提供其密钥；请与纸面告知的核对。",
      "退出码 0：全部成立；1：有问题。",
      "",
      "示例：menshen verify consent receipt.json --key 'receipts.menshen.local/…+1a2b3c4d+…'",
    ].join("\n"),
  },
  run: verify,
};

async function verify(call: Call): Promise<ExitCode> {
  const [file = ""] = call.positionals;
  const crypto = { sha256, ed25519Verify };
  const keys = { receiptKey: receiptKeyOf(call) };
  const text = readReceipt(file);
  const one = verifyConsentReceipt(crypto, text, keys);
  if (one.verified) {
    tell(call, one.receipt);
    return EXIT.ok;
  }
  const all = one.fault === "malformed" ? verifyConsentExport(crypto, text, keys) : one;
  if ("receipts" in all) {
    for (const receipt of all.receipts) tell(call, receipt);
    return EXIT.ok;
  }
  const fault = all.verified ? "malformed" : all.fault;
  const words = FAULTS[fault];
  call.output.say({ ok: false, fault }, { en: `✗ ${words.en}`, zh: `✗ ${words.zh}` });
  return EXIT.failed;
}

function tell(call: Call, receipt: ConsentReceipt): void {
  const { event, at, purpose, recordId, communityName, processor, period } = receipt;
  const name = CONSENT_PURPOSE_TEXTS[purpose];
  const [when, until] = [new Date(at).toISOString(), new Date(period.until).toISOString()];
  const [yes, no] = event === "given" ? ["agreed", "同意"] : ["withdrawn", "撤回"];
  call.output.say(
    { ok: true, receipt },
    {
      en: `✓ ${yes} ${when}  ${name.en}  ${communityName}, ${processor.name}  until ${until}  ${recordId}`,
      zh: `✓ ${no} ${when}  ${name["zh-CN"]}  ${communityName}，${processor.name}  到 ${until}  ${recordId}`,
    },
  );
}
