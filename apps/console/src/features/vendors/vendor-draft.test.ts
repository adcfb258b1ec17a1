import { expect, test } from "vitest";
import { draftOf, EMPTY_VENDOR, pageOf } from "./vendor-draft.ts";

test("a blank says nothing, “none” is an answer, and lines have parts", () => {
  expect(pageOf({ ...EMPTY_VENDOR, name: " 安居 " })).toEqual({ name: "安居" });
  expect(
    pageOf({
      ...EMPTY_VENDOR,
      name: "安居",
      adIncome: "无",
      incidents: "None",
      dataHeld: "门禁记录 | 机房｜30 天\n\n日志|云",
      grade: "A",
      gradeUntil: "2027-03-01",
    }),
  ).toEqual({
    name: "安居",
    adIncome: [],
    incidents: [],
    dataHeld: [
      { what: "门禁记录", where: "机房", until: "30 天" },
      { what: "日志", where: "云", until: "" },
    ],
    grade: { grade: "A", evidence: "", until: "2027-03-01" },
  });
});

test("a page that is read for changing says the same when it is saved", () => {
  const page = {
    name: "安居",
    owner: "注册号 1",
    contract: { number: "1", from: "2026-01-01", until: "2027-01-01", clauses: "删除" },
    adIncome: [{ who: "业主", what: "电梯", amount: "1 万" }],
    subProcessors: [],
  };
  expect(pageOf(draftOf(page, "无"))).toEqual(page);
});
