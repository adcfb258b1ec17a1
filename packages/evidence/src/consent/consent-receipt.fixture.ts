import { ed25519FromSecret, ed25519Sign, toHex } from "@menshen/crypto/node";
import { consentTexts } from "@menshen/domain";
import { type ConsentReceipt, makeConsentReceipt } from "./consent-receipt.ts";

export const RECEIPT_KEY = ed25519FromSecret(new Uint8Array(32).fill(7));
const OWN_KEY = ed25519FromSecret(new Uint8Array(32).fill(9));
/** SHA-256 of "abc" (FIPS 180-4, example 1). */
const NOTICE_SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const ids = {
  recordId: "00000000-0000-4000-8000-000000000001",
  communityId: "00000000-0000-4000-8000-000000000002",
  subject: "00000000-0000-4000-8000-000000000003",
};
const signed = (text: string) => toHex(ed25519Sign(OWN_KEY.secretKey, new TextEncoder().encode(text)));
export const sign = (message: Uint8Array) => ed25519Sign(RECEIPT_KEY.secretKey, message);

export const RECEIPT: ConsentReceipt = {
  ...ids,
  event: "given",
  at: 1_800_000_000_000,
  communityName: "海棠苑",
  controller: { name: "海棠物业", contact: "0571-0000" },
  processor: { name: "海棠物业", contact: "0571-0000" },
  subProcessors: [{ name: "云", task: "存放" }],
  noticeSha256: NOTICE_SHA256,
  noticeVersion: 1,
  purpose: "commercial-messages",
  data: { "zh-CN": "联系方式", en: "contact" },
  storage: { "zh-CN": "小区服务器", en: "the community's server" },
  period: { from: 1_800_000_000_000, until: 1_810_000_000_000, deleteWithinDays: 7 },
  withdrawal: { "zh-CN": "在手机上按一下", en: "one press in the app" },
  alternatives: [{ door: "北门", ways: ["card", "pin"] }],
  by: {
    way: "own-key",
    key: toHex(OWN_KEY.publicKey),
    signature: signed(
      consentTexts.give(ids.communityId, {
        ...ids,
        purpose: "commercial-messages",
        noticeSha256: NOTICE_SHA256,
      }),
    ),
  },
};

export const WITHDRAWN: ConsentReceipt = {
  ...RECEIPT,
  event: "withdrawn",
  by: {
    way: "own-key",
    key: toHex(OWN_KEY.publicKey),
    signature: signed(consentTexts.withdraw(ids.communityId, ids.recordId)),
  },
};

export const made = (changes: Partial<ConsentReceipt> = {}) =>
  makeConsentReceipt({ ...RECEIPT, ...changes }, sign);
