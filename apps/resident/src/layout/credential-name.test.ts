import { expect, test } from "vitest";
import { en } from "../i18n/en.ts";
import { zhCN } from "../i18n/zh-CN.ts";
import { credentialName } from "./credential-name.ts";

test.each([
  ["desfire", "3C50", "卡，尾号 3C50", "Card ending 3C50"],
  ["phone-pass", "我的手机", "手机通行码“我的手机”", "Phone pass “我的手机”"],
  ["pin", "", "密码", "PIN"],
  ["constructor", "", "constructor", "constructor"],
])("%s `%s`", (kind, label, zh, english) => {
  expect(credentialName(zhCN, kind, label)).toBe(zh);
  expect(credentialName(en, kind, label)).toBe(english);
});
