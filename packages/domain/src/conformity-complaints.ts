import type { ConformityRow } from "./conformity-row.ts";

/** Rows of complaints and penalties, of messages and sharing, and of incidents. */
export const COMPLAINTS_ROWS: readonly ConformityRow[] = [
  {
    id: "K1",
    articles: "Hangzhou 50; PIPL 65; D12 8-9",
    behaviour: {
      "zh-CN":
        "投诉当即给回执，十日内答复；无人答复时自动转到上一级：物业、业委会、市区主管部门。时钟、时区、转办都不能推迟期限。",
      en: "A complaint gets a receipt at once and an answer within ten days; unanswered it moves by itself to the committee, then to the city. No clock, time zone or hand-over moves the deadline.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/complaints/complaints.test.ts",
      "apps/community/src/features/complaints/deadlines.test.ts",
      "apps/community/src/features/complaints/supervision.test.ts",
    ],
  },
  {
    id: "K2",
    articles: "PIPL 65",
    behaviour: {
      "zh-CN":
        "投诉记入公开日志，谁也删改不了；回执可离线核对，能证明投诉被隐瞒。被投诉的人看不到，也不能处理。",
      en: "A complaint stands in the public log and nobody edits it out; its receipt is checked offline and proves an omission. Those it is about neither see nor handle it.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/complaints/complaints.test.ts",
      "apps/community/src/features/complaints/supervision.test.ts",
      "packages/evidence/src/complaints/complaint-receipt.test.ts",
      "packages/evidence/src/complaints/check-complaint.test.ts",
      "packages/evidence/src/complaints/complaint-vectors.test.ts",
    ],
  },
  {
    id: "K3",
    articles: "PIPL 66-67; D12 11",
    behaviour: {
      "zh-CN": "处罚连同事由、金额和申诉情况公开；移出名单也留下痕迹；其中没有住户信息。",
      en: "Penalties are public with ground, amount and state of an appeal; taking one off the list leaves a trace; nothing of a resident stands in them.",
    },
    evidence: "test",
    tests: ["apps/community/src/features/complaints/complaints.test.ts", "e2e/src/incident.browser.ts"],
  },
  {
    id: "A1",
    articles: "D12 7; PIPL 24",
    behaviour: {
      "zh-CN": "没有同意回执，商业信息发不出去；一步关闭，立即生效。",
      en: "No commercial message goes out without the receipt of a consent; one step turns them off at once.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/messages/messages.test.ts",
      "apps/community/src/features/messages/commercial.routes.test.ts",
      "e2e/src/incident.browser.ts",
    ],
  },
  {
    id: "A2",
    articles: "PIPL 24; D12 7",
    behaviour: {
      "zh-CN": "开门的页面不载入任何商业内容，也不连接别的来源。",
      en: "Pages that open a door load nothing commercial and no other origin.",
    },
    evidence: "test",
    tests: ["apps/resident/src/messages/door-pages.test.ts"],
  },
  {
    id: "A3",
    articles: "PIPL 21, 23",
    behaviour: {
      "zh-CN": "信息只给登记的接收方，且要有针对它的单独同意；未披露的受托方一律拒绝。",
      en: "Data go only to a registered recipient by a separate consent to exactly that one; an undisclosed sub-processor is refused.",
    },
    evidence: "test",
    tests: ["apps/community/src/features/messages/messages.test.ts", "e2e/src/incident.browser.ts"],
  },
  {
    id: "B1",
    articles: "PIPL 57",
    behaviour: {
      "zh-CN": "发生泄露时，准确算出受影响的人，并备好含法定三项内容的通知。",
      en: "An incident names exactly those affected and has complete drafts with the three statutory items.",
    },
    evidence: "test",
    tests: ["apps/community/src/features/breach/breach.test.ts", "e2e/src/incident.browser.ts"],
  },
  {
    id: "B2",
    articles: "Incident reporting measures 4; GDPR 33",
    behaviour: {
      "zh-CN": "报告期限在过半和九成时报警；错过即公开。",
      en: "Report clocks alarm at half and nine tenths of their time; a miss is public.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/breach/breach.test.ts",
      "apps/community/src/features/breach/report-alarms.test.ts",
      "e2e/src/incident.browser.ts",
    ],
  },
  {
    id: "B3",
    articles: "PIPL 57",
    behaviour: {
      "zh-CN": "认为不必通知本人的，须记明理由并公开；主管部门要求时立即发出。",
      en: "Deciding that those affected need not be told takes a public reason; the authority's word sends at once.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/breach/breach.test.ts",
      "apps/community/src/features/breach/report-alarms.test.ts",
      "e2e/src/incident.browser.ts",
    ],
  },
  {
    id: "B4",
    articles: "PIPL 57; Cybersecurity Law 25",
    behaviour: {
      "zh-CN": "门禁凭证被批量复制，即使没有丢失信息也按安全事件处理，并保存已签名的证据。",
      en: "Mass cloning of credentials is an incident even without lost data, and its signed evidence is kept.",
    },
    evidence: "test",
    tests: [
      "apps/community/src/features/breach/breach.test.ts",
      "apps/community/src/features/detection/mass-cloning.test.ts",
      "apps/community/src/features/case-evidence/case-evidence.routes.test.ts",
    ],
  },
];
