import { expect, test } from "vitest";
import { decodeChangeReason, encodeChangeReason } from "./change-reason.ts";

test("a code alone", () => {
  expect(encodeChangeReason({ code: "maintenance" })).toBe("maintenance");
  expect(decodeChangeReason("maintenance")).toEqual({ code: "maintenance" });
});

test("a text travels percent-encoded", () => {
  expect(encodeChangeReason({ code: "other", text: " 丢卡; 补办 " })).toBe(
    "other;%E4%B8%A2%E5%8D%A1%3B%20%E8%A1%A5%E5%8A%9E",
  );
  expect(decodeChangeReason("other;%E4%B8%A2%E5%8D%A1%3B%20%E8%A1%A5%E5%8A%9E")).toEqual({
    code: "other",
    text: "丢卡; 补办",
  });
});
