import { expect, test } from "vitest";
import { CommunityError, refusal } from "../errors.ts";
import { problemOf } from "./problems.ts";

test("a refusal tells its code, its words and its facts", () => {
  expect(problemOf(refusal("rate-limited", "too many attempts", { retryAfterSeconds: 6 }))).toEqual({
    status: 429,
    code: "rate-limited",
    title: "too many attempts",
    detail: "too many attempts",
    retryAfterSeconds: 6,
  });
});

test("internal text never goes out", () => {
  const secret = { status: 500, code: "internal", title: "the server failed" };
  expect(problemOf(new Error("password=1"))).toEqual(secret);
  expect(problemOf(new CommunityError("keys-unreadable", "/state/keys"))).toEqual(secret);
  expect(problemOf("text")).toEqual(secret);
});

test.each([
  ["going down", Object.assign(new Error("x"), { code: "57P01" })],
  ["starting", Object.assign(new Error("x"), { code: "57P03" })],
  ["without a socket", Object.assign(new Error("x"), { code: "ENOENT" })],
  ["gone in the middle of a query", new Error("Connection terminated unexpectedly")],
])("a database that is %s is unavailable, not a fault", (_, error) => {
  expect(problemOf(error)).toMatchObject({ status: 503, code: "unavailable" });
});
