import { expect, test } from "vitest";
import { decodeChangeReason } from "./change-reason.ts";

test.each([
  ["empty", ""],
  ["unknown code", "because"],
  ["code in capitals", "ROUTINE"],
  ["other without a text", "other"],
  ["an empty text", "test;"],
  ["only blanks", "test;%20%20"],
  ["broken percent-encoding", "test;%E4%B8"],
  ["a lone percent sign", "test;100%"],
  ["a control character", "test;a%00b"],
  ["a line break", "test;a%0Ab"],
  ["a text over 500 characters", `test;${"a".repeat(501)}`],
  ["an encoded text over 6,000 characters", `test;${"%41".repeat(2_001)}`],
])("%s is refused", (_, value) => {
  expect(decodeChangeReason(value)).toBeUndefined();
});
