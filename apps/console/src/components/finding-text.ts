import type { TFunction } from "i18next";
import { zhCN } from "../i18n/zh-CN.ts";

type KnownCode = keyof typeof zhCN.finding.code;

const isKnown = (code: string): code is KnownCode => Object.hasOwn(zhCN.finding.code, code);

/** A finding in words: what is so, and what to do. One this console does not know is named with its code. */
export function findingText(t: TFunction, code: string): string {
  return isKnown(code) ? t(`finding.code.${code}`) : t("finding.other", { code });
}
