import { expect, test } from "vitest";
import { decodeViewReason } from "./view-reason.ts";

test.each([
  ["empty", ""],
  ["a reason for changes only", "routine"],
  ["an unknown code", "curiosity"],
  ["other without a text", "other"],
  ["an empty text", "law;"],
  ["broken percent-encoding", "law;%E4%B8"],
  ["a control character", "law;a%00b"],
  ["a text over 500 characters", `law;${"a".repeat(501)}`],
])("%s is refused", (_, value) => {
  expect(decodeViewReason(value)).toBeUndefined();
});
