import type { ConformityRow } from "./conformity-row.ts";

const COUNT = "packages/domain/src/votes/count-vote.test.ts";
const MATTERS = "packages/domain/src/votes/matters.test.ts";
const SECRET = "apps/community/src/features/votes/secret-votes.routes.test.ts";
const SEALED = "packages/custody/src/ballot/secret-vote.test.ts";
const ROUTES = "apps/community/src/features/votes/votes.routes.test.ts";

/** Rows of owners' votes and of vendors' pages. */
export const VOTES_ROWS: readonly ConformityRow[] = [
  {
    id: "V1",
    articles: "Civil Code 278; Interpretation on divided ownership 9",
    behaviour: {
      "zh-CN":
        "参加表决的业主须占专有面积和人数各三分之二以上；再按事项要求过半数或四分之三以上同意。一人多套、共有、公司和开发商未售房屋各算一人。",
      en: "Two thirds by area and by heads take part; more than half or three quarters of both agree. Owners of several dwellings, co-owners, companies and the developer are one head each.",
    },
    evidence: "test",
    tests: [COUNT, ROUTES],
  },
  {
    id: "V2",
    articles: "Civil Code 278 (6) to (8)",
    behaviour: {
      "zh-CN":
        "每类事项有自己的通过比例；广告等利用共有部分经营的事项不能按普通事项提出。与设置绑定的事项须先通过表决。",
      en: "Each kind of matter has its majority: adverts and other earning from common parts cannot be filed as ordinary. Bound settings need a motion that passed.",
    },
    evidence: "test",
    tests: [MATTERS, ROUTES],
  },
  {
    id: "V3",
    articles: "PIPL 14, 16, 29; Facial recognition measures 10; SPC face provisions 4, 10, 11; Hangzhou 50",
    behaviour: {
      "zh-CN": "强制刷脸、亏待租户、无限期使用数据、以表决代替本人同意的议案不能提出，并写明依据。",
      en: "Motions that make face mandatory, treat tenants worse, allow data without limit or replace somebody's consent cannot be put; the rule is cited.",
    },
    evidence: "test",
    tests: [MATTERS, ROUTES],
  },
  {
    id: "V4",
    articles: "Property management regulations 14; Hangzhou property regulation",
    behaviour: {
      "zh-CN":
        "只对提前十五天公示的议案表决；每票签名并写入存证日志，重复、伪造、篡改的不计；任何人可重新计票；秘密表决只打开合计；租户意见另列。",
      en: "Only what was on the agenda fifteen days before is voted on; each ballot is signed and stands in the log; duplicates and forgeries do not count; anybody can count again; of a secret vote only sums are opened; tenants' answers stand apart.",
    },
    evidence: "test",
    tests: [COUNT, MATTERS, ROUTES, SECRET, SEALED],
  },
  {
    id: "T1",
    articles: "PIPL 21; Civil Code 943",
    behaviour: {
      "zh-CN":
        "厂商的所有人、实际受益人、合同、收费、广告收入、数据、分包、等级和事故全部公示；缺一项，其设备不能安装。",
      en: "A vendor's owner, beneficial owner, contract, fees, advert income, data, sub-processors, grade and incidents are public; one missing field blocks installation.",
    },
    evidence: "test",
    tests: ["packages/domain/src/vendor-page.test.ts", ROUTES],
  },
];
