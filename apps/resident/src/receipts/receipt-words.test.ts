import type { ResidentReceipt } from "@menshen/wire";
import { expect, test } from "vitest";
import { en } from "../i18n/en.ts";
import { zhCN } from "../i18n/zh-CN.ts";
import { receiptsNotice, receiptText } from "./receipt-words.ts";

const CARD: ResidentReceipt = {
  credentialId: "5f0e3a52-6f0d-4a3c-9d7a-2f1f8a0b7c11",
  kind: "desfire",
  label: "3412",
  enrolledAt: Date.parse("2026-11-20T02:00:00Z"),
};
const PIN: ResidentReceipt = { ...CARD, kind: "pin", label: "" };
const day = (at: number) => new Date(at).toISOString().slice(0, 10);

test("nothing to sign for is no notice", () => {
  expect(receiptsNotice(zhCN, [], day)).toBeUndefined();
});

test("what was said never to have come is not asked about again", () => {
  const denied = { ...PIN, deniedAt: CARD.enrolledAt };
  expect(receiptsNotice(zhCN, [denied], day)).toBeUndefined();
  expect(receiptsNotice(zhCN, [denied, CARD], day)).toBe(
    "服务台说，2026-11-20 交给了您：卡，尾号 3412。是这样吗？",
  );
});

test("one thing is named with its day, several are counted", () => {
  expect(receiptsNotice(zhCN, [CARD], day)).toBe("服务台说，2026-11-20 交给了您：卡，尾号 3412。是这样吗？");
  expect(receiptsNotice(en, [CARD], day)).toBe(
    "The desk says it gave you this on 2026-11-20: Card ending 3412. Is that so?",
  );
  expect(receiptsNotice(zhCN, [CARD, PIN], day)).toBe("服务台说交给了您 2 件凭证，请核对。");
  expect(receiptsNotice(en, [CARD, PIN], day)).toBe("The desk says it gave you 2 credentials. Is that so?");
});

test("a receipt names the community, the thing and its number", () => {
  expect(receiptText(zhCN, CARD, "海棠苑")).toBe(
    "我已从海棠苑收到：卡，尾号 3412。编号 5f0e3a52-6f0d-4a3c-9d7a-2f1f8a0b7c11。",
  );
  expect(receiptText(en, PIN, "Haitang Court")).toBe(
    "I received from Haitang Court: PIN. Number 5f0e3a52-6f0d-4a3c-9d7a-2f1f8a0b7c11.",
  );
});
