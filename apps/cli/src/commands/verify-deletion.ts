import { coseVerify1, ed25519Verify } from "@menshen/crypto/node";
import { type DeletionReceiptFault, verifyDeletionReceipt } from "@menshen/evidence";
import { externalAad, forgottenMessage, uuidText, WireError } from "@menshen/wire";
import { EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { readReceipt, receiptKeyOf } from "./receipt-input.ts";

const FAULTS: Readonly<Record<DeletionReceiptFault, { readonly en: string; readonly zh: string }>> = {
  malformed: { en: "this is no receipt of a deletion", zh: "这不是删除回执" },
  "unknown-version": { en: "its version is not known here", zh: "版本不认识" },
  "bad-signature": { en: "this community did not sign it as it stands", zh: "不是该社区签名的原文" },
  "bad-gate-receipt": {
    en: "what stands there as a gate's receipt is not signed by that gate for this deletion",
    zh: "其中一份控制器回执不是那台控制器为这次删除签的",
  },
  "not-closed": {
    en: "it says that it is closed, and a gate is missing",
    zh: "写着已了结，却还缺控制器的回执",
  },
};

export const verifyDeletionCommand: Command = {
  path: ["verify", "deletion"],
  summary: {
    en: "verify the receipts of somebody's deletion, offline",
    zh: "离线验证某人的删除回执",
  },
  positionals: [{ name: "FILE", help: { en: "the receipt as it was saved", zh: "保存下来的回执文件" } }],
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
      "The community's signature and the signature of every gate that answered are checked.",
      "Exit code 0: everything holds. 1: it does not.",
      "",
      "Example: menshen verify deletion menshen-deletion.json --key 'receipts.menshen.local/…+1a2b3c4d+…'",
    ].join("\n"),
    zh: [
      "核对社区的签名，以及每台已答复控制器的签名。",
      "退出码 0：全部成立；1：有问题。",
      "",
      "示例：menshen verify deletion menshen-deletion.json --key 'receipts.menshen.local/…+1a2b3c4d+…'",
    ].join("\n"),
  },
  run: verify,
};

async function verify(call: Call): Promise<ExitCode> {
  const [file = ""] = call.positionals;
  const keys = { receiptKey: receiptKeyOf(call) };
  const verdict = verifyDeletionReceipt({ ed25519Verify, openGateReceipt }, readReceipt(file), keys);
  if (!verdict.verified) {
    const words = FAULTS[verdict.fault];
    call.output.say({ ok: false, fault: verdict.fault }, { en: `✗ ${words.en}`, zh: `✗ ${words.zh}` });
    return EXIT.failed;
  }
  const { receipt } = verdict;
  const missing = receipt.gates.filter(({ state }) => state === "awaiting").length;
  const answered = receipt.gates.filter(({ state }) => state === "answered").length;
  const when = new Date(receipt.at).toISOString();
  call.output.say(
    { ok: true, receipt: { ...receipt, stores: [...receipt.stores], gates: [...receipt.gates] } },
    {
      en: `✓ ${receipt.communityName}  ${when}  ${answered} gates signed, ${missing} awaited  ${receipt.deletionId}`,
      zh: `✓ ${receipt.communityName}  ${when}  ${answered} 台控制器已签名，还等 ${missing} 台  ${receipt.deletionId}`,
    },
  );
  return EXIT.ok;
}

function openGateReceipt(message: Uint8Array, publicKey: Uint8Array) {
  const key = { alg: "ES256", publicKey } as const;
  const opened = coseVerify1({ message, key, externalAad: externalAad("forgotten") });
  if (!opened.verified) return undefined;
  try {
    const { gateId, deletionId } = forgottenMessage.decode(opened.payload);
    return { gateId, deletionId: uuidText(deletionId) };
  } catch (fault) {
    if (fault instanceof WireError) return undefined;
    throw fault;
  }
}
