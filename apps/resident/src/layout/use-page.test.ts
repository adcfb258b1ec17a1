import { expect, test } from "vitest";
import { parsePage } from "./use-page.ts";

test.each([
  ["", "home", undefined],
  ["#/trail", "trail", undefined],
  ["#/receipts", "receipts", undefined],
  ["#/phones", "phones", undefined],
  ["#/nothing", "home", undefined],
  ["#join=K7QF-9M2X-AB12-CD34", "join", "K7QF-9M2X-AB12-CD34"],
  ["#join=<script>", "home", undefined],
  [`#join=${"A".repeat(41)}`, "home", undefined],
])("`%s` is %s", (hash, name, code) => {
  expect(parsePage(hash)).toEqual({ name, code });
});

test.each([
  ["#/visitors/new", "visitors", "new"],
  ["#/visitors/0102030405060708", "visitors", "0102030405060708"],
  ["#/visitors/", "home", undefined],
  ["#/visitors/a/b", "home", undefined],
  ["#/nothing/new", "home", undefined],
  [`#/visitors/${"a".repeat(41)}`, "home", undefined],
])("`%s` is %s, part %s", (hash, name, part) => {
  expect(parsePage(hash)).toEqual({ name, code: undefined, part });
});
