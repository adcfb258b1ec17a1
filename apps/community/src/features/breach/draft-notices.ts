import { incidentDataText } from "@menshen/domain";
import { type IncidentKind, NOTICE_ITEMS, type NoticeDraft, type NoticeItem } from "@menshen/wire";

/** What the notices are made of. */
export interface IncidentFacts {
  readonly kind: IncidentKind;
  readonly community: string;
  /** As the community writes times. */
  readonly openedAt: string;
  readonly from: string;
  readonly until: string | undefined;
  readonly affected: number;
  readonly data: readonly { readonly data: string; readonly persons: number }[];
  readonly words: Readonly<Partial<Record<NoticeItem, string>>>;
}

/** In a sentence; elsewhere they are headings. */
const KINDS: Readonly<Record<IncidentKind, { readonly "zh-CN": string; readonly en: string }>> = {
  "data-leak": { "zh-CN": "个人信息泄露", en: "personal data were disclosed" },
  "data-loss": { "zh-CN": "个人信息丢失", en: "personal data were lost" },
  "data-altered": { "zh-CN": "个人信息被篡改", en: "personal data were altered" },
  "mass-cloning": { "zh-CN": "门禁凭证被批量复制", en: "access credentials were copied in numbers" },
};

const UNKNOWN = { "zh-CN": "正在查明", en: "being established" } as const;
type Language = keyof typeof UNKNOWN;

/**
 * Drafts of the two notices with the three items that the law wants (PIPL art. 57): which data, why, and what harm; what was
 * done and what those affected can do; where to ask. What nobody wrote yet is named as missing and stands as open.
 */
export function draftNotices(facts: IncidentFacts): readonly NoticeDraft[] {
  const missing = NOTICE_ITEMS.filter((item) => (facts.words[item] ?? "").trim() === "");
  return (["authority", "persons"] as const).map((to) => ({
    to,
    "zh-CN": write("zh-CN", to, facts),
    en: write("en", to, facts),
    missing: [...missing],
  }));
}

function write(language: Language, to: NoticeDraft["to"], facts: IncidentFacts): string {
  const zh = language === "zh-CN";
  const said = (item: NoticeItem) => facts.words[item]?.trim() || UNKNOWN[language];
  const data = facts.data
    .map(({ data: name, persons }, place) => {
      const heading = incidentDataText(name, language);
      const word = place === 0 ? heading : heading.toLowerCase();
      return to === "authority" ? (zh ? `${word}（${persons} 人）` : `${word} (${persons} persons)`) : word;
    })
    .join(zh ? "、" : ", ");
  const until = facts.until ?? (zh ? "仍在持续" : "still going on");
  const kind = KINDS[facts.kind][language];
  const head = {
    authority: zh
      ? [
          `个人信息安全事件报告：${facts.community}`,
          `发现：${facts.openedAt}。受影响：${facts.affected} 人。`,
        ]
      : [
          `Report of an incident: ${facts.community}`,
          `Found: ${facts.openedAt}. Affected: ${facts.affected} persons.`,
        ],
    persons: zh
      ? [`${facts.community}：您的信息可能受到影响`, `发现：${facts.openedAt}。`]
      : [`${facts.community}: your data may be affected`, `Found: ${facts.openedAt}.`],
  }[to];
  const body = zh
    ? [
        `发生了什么：${kind}，${facts.from} 至 ${until}。`,
        `一、涉及的信息：${data === "" ? "无" : data}。原因：${said("cause")} 可能造成的危害：${said("harm")}`,
        `二、已采取的补救措施：${said("remedies")} 您可以采取的措施：${said("advice")}`,
        `三、联系方式：${said("contact")}`,
      ]
    : [
        `What happened: ${kind}, from ${facts.from}, until: ${until}.`,
        `1. Data concerned: ${data === "" ? "none" : data}. Cause: ${said("cause")} Possible harm: ${said("harm")}`,
        `2. What was done: ${said("remedies")} What you can do: ${said("advice")}`,
        `3. Where to ask: ${said("contact")}`,
      ];
  return [...head, ...body].join("\n");
}
