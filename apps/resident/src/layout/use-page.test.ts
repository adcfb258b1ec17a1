import { expect, test } from "vitest";
import { parsePage } from "./use-page.ts";

test.each([
  ["", "home", undefined],
  ["#/trail", "trail", undefined],
  ["#/nothing", "home", undefined],
  ["#join=K7QF-9M2X-AB12-CD34", "join", "K7QF-9M2X-AB12-CD34"],
  ["#join=<script>", "home", undefined],
  [`#join=${"A".repeat(41)}`, "home", undefined],
])("`%s` is %s", (hash, name, code) => {
  expect(parsePage(hash)).toEqual({ name, code });
});
