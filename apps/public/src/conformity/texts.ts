import { usePreferences } from "@menshen/ui";

const zhCN = {
  title: "合规公示",
  lead: "保护居民的每一条规则、它的法律依据，以及在本社区是否做到、从何时起。不用登录，谁都可以看。",
  unreachable: "现在读不到，请稍后再试。",
  summary: "{{kept}} 条做到，{{broken}} 条没有做到，{{open}} 条还没有实现，{{person}} 条要由人判断。",
  checked: "核对于 {{when}} · 软件版本 {{version}}",
  asJson: "机器可读（JSON）",
  state: { kept: "做到", broken: "没有做到", person: "由人判断", open: "还没有实现" },
  since: "从 {{when}} 起",
  breaches: "现有 {{count}} 处不符",
  articles: "依据",
  tests: "由这些测试证明",
  help: "“做到”指软件按此行事，由所列测试证明，且本社区现在没有不符之处。软件判断不了的，如实写明。",
  areas: {
    E: "登记",
    C: "同意",
    A: "广告与共享",
    B: "数据泄露",
    X: "删除与权利",
    K: "投诉与处罚",
    V: "表决",
    T: "厂商",
  },
  other: "其他",
  log: "公开存证日志",
};

const en: typeof zhCN = {
  title: "Conformity",
  lead: "Every rule that protects residents, the law behind it, and whether it is kept in this community, and since when. For anybody, without signing in.",
  unreachable: "It cannot be read now. Try again later.",
  summary: "{{kept}} kept, {{broken}} not kept, {{open}} not built yet, {{person}} for people to decide.",
  checked: "Checked {{when}} · software {{version}}",
  asJson: "Machine-readable (JSON)",
  state: { kept: "Kept", broken: "Not kept", person: "For people to decide", open: "Not built yet" },
  since: "since {{when}}",
  breaches: "{{count}} against it now",
  articles: "Law",
  tests: "Shown by these tests",
  help: "Kept means: the software acts so, as the named tests show, and nothing in this community stands against it now. What software cannot decide says so.",
  areas: {
    E: "Enrolment",
    C: "Consent",
    A: "Adverts and sharing",
    B: "Breaches",
    X: "Deletion and rights",
    K: "Complaints and penalties",
    V: "Votes",
    T: "Vendors",
  },
  other: "More",
  log: "Public evidence log",
};

export type ConformityTexts = typeof zhCN;

export function useConformityTexts(): ConformityTexts {
  return usePreferences().language === "en" ? en : zhCN;
}
