import { expect, test } from "vitest";
import { problemOf as problemOfApp, type Refused } from "./problems.ts";

class AppError extends Error implements Refused {
  readonly code: string;
  readonly facts: Refused["facts"];

  constructor(code: string, message: string, facts: Refused["facts"] = {}) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}

const problemOf = (error: unknown) =>
  problemOfApp(error, (candidate) => (candidate instanceof AppError ? candidate : undefined));

test("a refusal tells its code, its words and its facts", () => {
  expect(
    problemOf(
      new AppError("rate-limited", "internal text", { detail: "too many attempts", retryAfterSeconds: 6 }),
    ),
  ).toEqual({
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
  expect(problemOf(new AppError("keys-unreadable", "/state/keys", { detail: "/state/keys" }))).toEqual(
    secret,
  );
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
