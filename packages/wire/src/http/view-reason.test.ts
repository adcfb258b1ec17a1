import { expect, test } from "vitest";
import { decodeViewReason, encodeViewReason } from "./view-reason.ts";

test("a code alone, and one with a text", () => {
  expect(encodeViewReason({ code: "card-desk" })).toBe("card-desk");
  expect(decodeViewReason("card-desk")).toEqual({ code: "card-desk" });
  expect(encodeViewReason({ code: "law", text: "京公协查 7 号" })).toBe(
    "law;%E4%BA%AC%E5%85%AC%E5%8D%8F%E6%9F%A5%207%20%E5%8F%B7",
  );
  expect(decodeViewReason("law;%E4%BA%AC%E5%85%AC%E5%8D%8F%E6%9F%A5%207%20%E5%8F%B7")).toEqual({
    code: "law",
    text: "京公协查 7 号",
  });
});
