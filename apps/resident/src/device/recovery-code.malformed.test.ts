import { expect, test } from "vitest";
import { readRecoveryCode } from "./recovery-code.ts";

const CODE = "000G40R40M30E209185GR38E1W8124GK2GAHC5RR34D1P70X3RFG";

test.each([
  ["nothing", "", "wrong-length"],
  ["without its check characters", CODE, "wrong-length"],
  ["one character too many", `${CODE}AAA`, "wrong-length"],
  ["a wrong check", `${CODE}00`, "wrong-check"],
  ["a letter that codes do not have", `${CODE}U0`, "wrong-character"],
  ["another script", `${CODE}门神`, "wrong-character"],
])("refused: %s", (_name, text, fault) => {
  expect(readRecoveryCode(text)).toEqual({ read: false, fault });
});
