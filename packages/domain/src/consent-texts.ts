import type { BothLanguages, ConsentPurpose, NoticePart } from "./consent.ts";

/** What each purpose is called wherever somebody is asked. */
export const CONSENT_PURPOSE_TEXTS: Readonly<Record<ConsentPurpose, BothLanguages>> = {
  "service-contact": {
    "zh-CN": "留一个联系方式，收社区通知",
    en: "Keep one contact, for notices about the home",
  },
  "commercial-messages": { "zh-CN": "接收商业信息", en: "Receive commercial messages" },
  sharing: { "zh-CN": "把信息提供给别的单位", en: "Give data to another organisation" },
  "face-opening": { "zh-CN": "刷脸开门", en: "Open by face" },
};

/** The questions that the parts of a notice answer. */
export const NOTICE_PART_TEXTS: Readonly<Record<NoticePart, BothLanguages>> = {
  why: { "zh-CN": "为什么", en: "Why" },
  data: { "zh-CN": "用哪些信息", en: "Which data" },
  method: { "zh-CN": "怎么用", en: "How they are used" },
  storage: { "zh-CN": "存在哪里", en: "Where they are kept" },
  necessity: { "zh-CN": "有没有必要", en: "Is it necessary" },
  effects: { "zh-CN": "对您有什么影响", en: "What it means for you" },
  rights: { "zh-CN": "您的权利", en: "Your rights" },
};
