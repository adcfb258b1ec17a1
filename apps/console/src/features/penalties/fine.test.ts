import fc from "fast-check";
import { expect, test } from "vitest";
import { fenOf, yuanOf } from "./fine.ts";

test("K3: a fine is read as it is typed, to the fen", () => {
  expect(fenOf("50,000")).toBe(5_000_000);
  expect(fenOf(" 12.5 ")).toBe(1_250);
  expect(fenOf("0.01")).toBe(1);
  expect(fenOf("0")).toBe(0);
  expect(yuanOf(5_000_000)).toBe("50,000");
  expect(yuanOf(1_250)).toBe("12.50");
});

test.each(["", " ", "-1", "1.234", "1e6", "五万", "12元", ".5", "99999999999", "0x10", "1.", "NaN"])(
  "K3: `%s` is no amount",
  (text) => expect(fenOf(text)).toBeUndefined(),
);

test("K3: what is shown reads back as the same fine, and any text is an amount or none", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (fen) => {
      expect(fenOf(yuanOf(fen))).toBe(fen);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      const fen = fenOf(text);
      expect(fen === undefined || (Number.isSafeInteger(fen) && fen >= 0)).toBe(true);
    }),
  );
});
