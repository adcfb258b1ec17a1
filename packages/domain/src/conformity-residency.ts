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
      "zh-CN":
        "撤回、搬走、合同结束即删除；姓名、联系方式和本人写的话由每人一把的密钥加密，删除时销毁密钥，旧备份恢复出来也读不到。",
      en: "Withdrawal, moving out and the end of a contract delete. Name, contact and one's own words are sealed under a key per person, which a deletion destroys: a backup from before restores none of them.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/deletion/deletion.test.ts",
      "apps/community/src/features/consent/consent.routes.test.ts",
      "e2e/src/deletion.browser.ts",
    ],
  },
  {
    id: "X2",
    articles: "ETSI EN 303 645 5.11",
    behaviour: {
      "zh-CN": "每台控制器和每个存储对删除给出签名回执，离线的在第一次联系时给。",
      en: "Each gate and store gives a receipt of a deletion, an offline gate at its first contact.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/deletion/deletion.test.ts",
      "apps/gate/src/forget/forget-desk.test.ts",
      "e2e/src/deletion.browser.ts",
    ],
  },
  {
    id: "X3",
    articles: "PIPL 21",
    behaviour: {
      "zh-CN": "厂商退出时逐个存储、逐台设备返还或删除，缺一份回执就不算结束。",
      en: "A vendor's exit returns or deletes, with a receipt of each store and device; one missing, and it is not closed.",
    },
    evidence: "test",
    tests: ["apps/community/src/features/vendors/exits.test.ts", "e2e/src/deletion.browser.ts"],
  },
  {
    id: "X4",
    articles: "PIPL 45, 46, 49, 50",
    behaviour: {
      "zh-CN": "本人可得到可机读的副本、要求更正；近亲属可替逝者要求；拒绝必须写明理由。",
      en: "A machine-readable copy, correction, next of kin; no refusal without a reason.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/rights/rights.test.ts",
      "apps/community/src/features/resident-passkeys/resident-passkeys.test.ts",
    ],
  },
];
