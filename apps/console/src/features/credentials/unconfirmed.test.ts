import { expect, it } from "vitest";
import { confirmStep } from "./unconfirmed.ts";

const ME = "0b0e6f2e-7c55-4c4e-9d3e-1d7e3d0f1a01";
const OTHER = "0b0e6f2e-7c55-4c4e-9d3e-1d7e3d0f1a02";

it.each([
  ["what another issued is confirmed", OTHER, true, "second"],
  ["what oneself issued waits for another", ME, true, "yours"],
  ["what nobody answered for gets its first name", undefined, true, "first"],
  ["a role that only reads confirms nothing", OTHER, false, "may-not"],
  ["a role that only reads is told of the role, also of its own", ME, false, "may-not"],
] as const)("%s", (_, issuedBy, mayWrite, step) => {
  const waiting = issuedBy === undefined ? {} : { issuedBy };
  expect(confirmStep(waiting, { staffId: ME, mayWrite })).toBe(step);
});
