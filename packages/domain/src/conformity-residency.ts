import type { ConformityRow } from "./conformity-row.ts";

/** Rows of equality, of deletion and of what residents may ask about their data. */
export const RESIDENCY_ROWS: readonly ConformityRow[] = [
  {
    id: "E3",
    articles: "Hangzhou 50; SPC face provisions 10",
    behaviour: {
      "zh-CN":
        "业主、租户、家人、同住保姆在每扇门、每种方式、每个时段都一样；谁住在这里，谁就能让家人和保姆进来登记。",
      en: "Owners, tenants, family and live-in helpers are alike at every door, in every way, at every hour; whoever lives here lets in family and helpers.",
    },
    evidence: "test",
    tests: [
      "packages/policy/src/equality.property.test.ts",
      "apps/community/src/features/rights/rights.test.ts",
    ],
  },
  {
    id: "C4",
    articles: "PIPL 16; Facial recognition measures 10, 12",
    behaviour: {
      "zh-CN": "不同意或撤回之后，卡、手机和密码照样开同样的门，时段不变。",
      en: "After a refusal or withdrawal, card, phone and PIN open the same doors at the same hours.",
    },
    evidence: "test",
    tests: ["packages/policy/src/equality.property.test.ts", "packages/policy/src/consent.property.test.ts"],
  },
  {
    id: "X1",
    articles: "PIPL 47; Facial recognition measures 8",
    behaviour: {
      "zh-CN": "撤回、搬走、合同结束即删除；旧备份恢复出来也读不到本人的信息。（删除已做到，旧备份还没有。）",
      en: "Withdrawal, moving out and the end of a contract delete; a backup from before restores nothing readable. (Deletion is built; backups are not reached yet.)",
    },
    evidence: "open",
    tests: [],
  },
  {
    id: "X2",
    articles: "ETSI EN 303 645 5.11",
    behaviour: {
      "zh-CN": "每台门禁机对删除给出签名回执，其他人照常进门。",
      en: "Each gate gives a signed receipt of a deletion; others still enter.",
    },
    evidence: "open",
    tests: [],
  },
  {
    id: "X3",
    articles: "PIPL 21",
    behaviour: {
      "zh-CN": "厂商退出时逐个存储、逐台设备返还或删除，缺一份回执就不算结束。",
      en: "A vendor's exit returns or deletes, with a receipt of each store and device; one missing, and it is not closed.",
    },
    evidence: "open",
    tests: [],
  },
  {
    id: "X4",
    articles: "PIPL 45, 46, 49, 50",
    behaviour: {
      "zh-CN": "本人可得到可机读的副本、要求更正；近亲属可替逝者要求；拒绝必须写明理由。",
      en: "A machine-readable copy, correction, next of kin; no refusal without a reason.",
    },
    evidence: "test",
    tests: ["apps/community/src/features/rights/rights.test.ts"],
  },
];
