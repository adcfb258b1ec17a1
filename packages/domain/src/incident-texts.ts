import type { BothLanguages } from "./consent.ts";

/** Words about incidents, wherever somebody reads of one: at the desk, in a notice, on the public page. */
export const INCIDENT_TEXTS = {
  kind: {
    "data-leak": { "zh-CN": "个人信息泄露", en: "Personal data disclosed" },
    "data-loss": { "zh-CN": "个人信息丢失", en: "Personal data lost" },
    "data-altered": { "zh-CN": "个人信息被篡改", en: "Personal data altered" },
    "mass-cloning": { "zh-CN": "门禁凭证被批量复制", en: "Access credentials copied in numbers" },
  },
  grade: {
    ordinary: { "zh-CN": "一般", en: "Ordinary" },
    larger: { "zh-CN": "较大", en: "Larger" },
    major: { "zh-CN": "重大", en: "Major" },
    grave: { "zh-CN": "特别重大", en: "Grave" },
  },
  authority: {
    "cac-provincial": { "zh-CN": "省级网信部门", en: "Provincial cyberspace administration" },
    "critical-infrastructure": {
      "zh-CN": "关键信息基础设施保护部门",
      en: "Protection department for critical infrastructure",
    },
    gdpr: { "zh-CN": "欧盟数据保护机构（GDPR）", en: "Data protection authority (GDPR)" },
  },
  /** Kinds of data, as an incident counts them. */
  data: {
    name: { "zh-CN": "称呼", en: "Name" },
    home: { "zh-CN": "住处", en: "Home" },
    credentials: { "zh-CN": "门禁凭证", en: "Access credentials" },
    "account-keys": { "zh-CN": "账户公钥", en: "Public keys of the account" },
    looks: { "zh-CN": "谁查看过的记录", en: "Records of who looked" },
    complaints: { "zh-CN": "投诉内容", en: "Complaints" },
    visits: { "zh-CN": "来访记录", en: "Visits to the home" },
  },
  /** Stores of the community's server. */
  store: {
    people: { "zh-CN": "住户名册", en: "List of residents" },
    credentials: { "zh-CN": "门禁凭证", en: "Credentials" },
    accounts: { "zh-CN": "住户账户", en: "Residents' accounts" },
    looks: { "zh-CN": "谁查看过的记录", en: "Records of who looked" },
    complaints: { "zh-CN": "投诉", en: "Complaints" },
    visits: { "zh-CN": "来访登记", en: "Visits" },
  },
} as const satisfies Record<string, Record<string, BothLanguages>>;

/** Words about penalties. */
export const PENALTY_TEXTS = {
  party: {
    property: { "zh-CN": "物业公司", en: "Property company" },
    vendor: { "zh-CN": "门禁厂商", en: "Vendor of the gates" },
    committee: { "zh-CN": "业主委员会", en: "Owners' committee" },
    operator: { "zh-CN": "系统运营方", en: "Operator of the system" },
  },
  appeal: {
    none: { "zh-CN": "没有申诉", en: "No appeal" },
    pending: { "zh-CN": "申诉中", en: "Appeal pending" },
    upheld: { "zh-CN": "申诉后维持", en: "Upheld on appeal" },
    changed: { "zh-CN": "申诉后变更", en: "Changed on appeal" },
    annulled: { "zh-CN": "申诉后撤销", en: "Annulled on appeal" },
  },
} as const satisfies Record<string, Record<string, BothLanguages>>;

/** The words for a kind of data, which a later server may name otherwise than this screen knows. */
export function incidentDataText(data: string, language: keyof BothLanguages): string {
  return Object.entries(INCIDENT_TEXTS.data).find(([name]) => name === data)?.[1][language] ?? data;
}
