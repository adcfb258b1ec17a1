import type { ConformityRow } from "./conformity-row.ts";

const ROUTES = "apps/community/src/features/consent/consent.routes.test.ts";

/** Enrolment, notices and consent. */
export const CONSENT_ROWS: readonly ConformityRow[] = [
  {
    id: "E1",
    articles: "PIPL 6; GB/T 22239",
    behaviour: {
      "zh-CN": "登记只要房号、姓名或化名和一个联系方式；任何地方都不收身份证号。",
      en: "Enrolment takes a home, a name or alias and one contact; no identity number is taken anywhere.",
    },
    evidence: "test",
    tests: [ROUTES, "packages/domain/src/consent.test.ts"],
  },
  {
    id: "E2",
    articles: "NPCSC decision 2012, item 6; network-ID measures",
    behaviour: {
      "zh-CN": "核验过身份的，只存由谁核验和时间；不核验的，服务一样。",
      en: "Of a checked identity only issuer and time are kept; who declines gets the same service.",
    },
    evidence: "test",
    tests: [ROUTES],
  },
  {
    id: "E4",
    articles: "PIPL 31; FR 7",
    behaviour: {
      "zh-CN": "未满 14 岁由同住的成年人签字同意；不存生日。",
      en: "Under 14 an adult of the same home signs; no birthday is kept.",
    },
    evidence: "test",
    tests: [ROUTES],
  },
  {
    id: "E5",
    articles: "PIPL 17, 30; FR 5",
    behaviour: {
      "zh-CN": "没有看过现行告知书，就不能同意。",
      en: "Nothing is agreed to without the notice that asks now.",
    },
    evidence: "test",
    tests: [ROUTES],
  },
  {
    id: "E6",
    articles: "FR 5",
    behaviour: {
      "zh-CN": "用键盘、大字或纸张都能同意和撤回。",
      en: "Consent is given and withdrawn by keyboard, in large type and on paper.",
    },
    evidence: "test",
    tests: [ROUTES, "e2e/src/consent.browser.ts", "e2e/src/no-smartphone.browser.ts"],
  },
  {
    id: "C1",
    articles: "PIPL 14, 29; FR 6",
    behaviour: {
      "zh-CN": "一次只问一件事，不捆绑，不预先勾选。",
      en: "One purpose is asked at a time; nothing is bundled or ticked before.",
    },
    evidence: "test",
    tests: [ROUTES],
  },
  {
    id: "C2",
    articles: "ISO/IEC TS 27560",
    behaviour: {
      "zh-CN": "每次同意都有签名的回执，离线可验，改一个字就失效。",
      en: "Each consent has a signed receipt that verifies offline; one changed byte and it fails.",
    },
    evidence: "test",
    tests: [
      ROUTES,
      "packages/evidence/src/consent/consent-receipt.test.ts",
      "packages/evidence/src/consent/consent-receipt.fuzz.test.ts",
    ],
  },
  {
    id: "C3",
    articles: "PIPL 15; FR 6",
    behaviour: {
      "zh-CN": "撤回和同意一样只要一步，当场生效。",
      en: "Withdrawing takes one step, as giving does, and holds at once.",
    },
    evidence: "test",
    tests: [ROUTES],
  },
  {
    id: "C5",
    articles: "SPC 6",
    behaviour: {
      "zh-CN": "每个人都能导出自愿的证据：告知书、回执、当时的其他开门方式，都有签名。",
      en: "The evidence of voluntariness is exported per person: notice, receipts and other ways in then, signed.",
    },
    evidence: "test",
    tests: [ROUTES, "packages/policy/src/consent.property.test.ts"],
  },
  {
    id: "C6",
    articles: "SPC 4, 11",
    behaviour: {
      "zh-CN": "没有期限、不可撤回、可转授权或捆绑的条款不能公布。",
      en: "Terms without an end, irrevocable, sub-licensable or bundled cannot be published.",
    },
    evidence: "test",
    tests: [ROUTES, "packages/domain/src/consent.test.ts"],
  },
  {
    id: "C7",
    articles: "PIPL 14(2)",
    behaviour: {
      "zh-CN": "用途、方式或处理方变了，以前的同意暂停，要重新问；门照样开。",
      en: "A change of purpose, method or processor suspends consent until people are asked again; doors open as before.",
    },
    evidence: "test",
    tests: [ROUTES, "packages/domain/src/consent.test.ts"],
  },
  {
    id: "A4",
    articles: "PIPL 10; BIPA 15(c)",
    behaviour: {
      "zh-CN": "人脸信息不得交给别人，也没有导出的格式。",
      en: "Data of faces go to nobody else, and there is no format to export them in.",
    },
    evidence: "test",
    tests: ["packages/domain/src/consent.test.ts", "packages/wire/src/http/no-templates.test.ts"],
  },
];
