import { expect, test } from "vitest";
import { readPlace } from "./place.ts";

test.each([
  ["#token=a1b2", { token: "a1b2", language: "zh-CN" }],
  ["#token=a1b2&lang=en", { token: "a1b2", language: "en" }],
  ["#lang=fr", { token: undefined, language: "zh-CN" }],
  ["#token=", { token: undefined, language: "zh-CN" }],
  ["", { token: undefined, language: "zh-CN" }],
])("the address `%s`", (hash, place) => {
  expect(readPlace(hash)).toEqual(place);
});
