import { expect, it } from "vitest";
import { ServiceError } from "./errors.ts";
import { pairOf } from "./problem.ts";

const mapping = (error: unknown) =>
  error instanceof ServiceError && error.code === "already-running"
    ? { status: 409, code: "conflict", title: "it runs already" }
    : undefined;
const unavailable = (error: unknown) =>
  error instanceof RangeError ? { status: 503, code: "unavailable", title: "try again later" } : undefined;

it("tells outside what is known, and keeps the error itself inside", () => {
  const error = new ServiceError("already-running", "another process uses /var/lib/x");
  expect(pairOf(error, [unavailable, mapping])).toEqual({
    public: { status: 409, code: "conflict", title: "it runs already" },
    internal: error,
    fault: false,
  });
});

it("says nothing of an error that nobody knows", () => {
  const error = new Error("password is hunter2");
  const pair = pairOf(error, [mapping]);
  expect(pair).toMatchObject({ public: { status: 500, code: "internal" }, internal: error, fault: true });
  expect(JSON.stringify(pair.public)).not.toContain("hunter2");
});

it("counts what is down here as a fault", () => {
  expect(pairOf(new RangeError(), [unavailable]).fault).toBe(true);
});
