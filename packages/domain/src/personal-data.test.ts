import { expect, test } from "vitest";
import { personalDataIn } from "./personal-data.ts";

test("finds identity card numbers, however they are written", () => {
  // Numbers of GB 11643's own example form; nobody's.
  for (const text of [
    "11010519491231002X",
    "号码 110105 19491231 002x。",
    "１１０１０５１９４９１２３１００２Ｘ",
    "110105-19491231-0021",
  ]) {
    expect(personalDataIn(text), text).toContain("id-number");
  }
  expect(personalDataIn("文号 杭市监处〔2026〕123456789012 号")).toEqual([]);
});

test("finds telephone numbers and addresses of mail", () => {
  for (const text of ["13812345678", "+86 138-1234-5678", "致电 0571-88886666", "138 1234 5678 找我"]) {
    expect(personalDataIn(text), text).toEqual(["phone"]);
  }
  expect(personalDataIn("写信 a.b@example.org")).toEqual(["email"]);
  for (const text of ["罚款 13812345 元", "《条例》第 50 条", "2026-11-23", "1381234567890123"]) {
    expect(personalDataIn(text), text).toEqual([]);
  }
});

test("finds names that it is told of, with blanks and other letters in between", () => {
  expect(personalDataIn("住户 李 奶奶 投诉", ["李奶奶"])).toEqual(["known-name"]);
  expect(personalDataIn("by ALEX  SMITH", ["Alex Smith"])).toEqual(["known-name"]);
  expect(personalDataIn("李", ["李"])).toEqual([]);
  expect(personalDataIn("", ["李奶奶"])).toEqual([]);
});
