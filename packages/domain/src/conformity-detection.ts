import type { ConformityRow } from "./conformity-row.ts";

/** Copied cards: how they are found, and who decides. */
export const DETECTION_ROWS: readonly ConformityRow[] = [
  {
    id: "D7",
    articles: "PIPL 6, 9; GB/T 22239-2019",
    behaviour: {
      "zh-CN": "只凭每期更换的代号发现复制卡；持卡人是谁，系统不知道，持卡人自己的手机认得出来。",
      en: "Copies are found by pseudonyms that change with each period; whose card it is only the holder's own program knows.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/detection/detection.routes.test.ts",
      "packages/detection/src/early.test.ts",
      "apps/gate/src/tap/card-habits.test.ts",
      "e2e/src/clone.browser.ts",
    ],
  },
  {
    id: "D8",
    articles: "PIPL 24",
    behaviour: {
      "zh-CN": "系统只提建议，说明依据；停用等措施由人决定并写明理由，持卡人看得到、可以提出异议。",
      en: "The engine proposes and says by what; a person decides each step with a reason, which the holder reads and can object to.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/detection/detection.routes.test.ts",
      "packages/detection/src/engine.test.ts",
      "e2e/src/clone.browser.ts",
    ],
  },
];
