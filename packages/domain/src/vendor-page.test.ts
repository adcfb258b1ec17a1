import { expect, test } from "vitest";
import { missingVendorFields, VENDOR_FIELDS, type VendorPage } from "./vendor-page.ts";

const COMPLETE: VendorPage = {
  name: "杭州安居科技有限公司",
  owner: "杭州安居科技有限公司，统一社会信用代码 91330100MA27X0000X",
  beneficialOwner: "安居集团持股 80%，员工持股平台 20%",
  contract: {
    number: "2026-017",
    from: "2026-01-01",
    until: "2028-12-31",
    clauses: "退出时返还或删除全部数据",
  },
  fees: "每年 48,000 元，由物业费支付",
  adIncome: [],
  dataHeld: [],
  subProcessors: [],
  grade: { grade: "A", evidence: "2026-03 测评报告", until: "2027-03-01" },
  incidents: [],
};

test("T1 (PIPL 21; Civil Code 943): a page that says everything, also that there is none, misses nothing", () => {
  expect(missingVendorFields(COMPLETE, "2026-11-23")).toEqual([]);
});

test.each(VENDOR_FIELDS)("T1 (PIPL 21; Civil Code 943): `%s` unsaid is missing", (field) => {
  expect(missingVendorFields({ ...COMPLETE, [field]: undefined }, "2026-11-23")).toEqual([field]);
});

test("T1 (PIPL 21; Civil Code 943): blanks say nothing, and what is over is missing", () => {
  const blank = { ...COMPLETE, fees: "  ", dataHeld: [{ what: "门禁记录", where: " ", until: "30 天" }] };
  expect(missingVendorFields(blank, "2026-11-23")).toEqual(["fees", "dataHeld"]);
  expect(missingVendorFields(COMPLETE, "2027-03-01")).toEqual([]);
  expect(missingVendorFields(COMPLETE, "2027-03-02")).toEqual(["grade"]);
  expect(missingVendorFields(COMPLETE, "2029-01-01")).toEqual(["contract", "grade"]);
});
