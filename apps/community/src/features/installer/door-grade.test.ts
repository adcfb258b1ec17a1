import type { GateWiring } from "@menshen/wire";
import { expect, test } from "vitest";
import { doorGrade, type ReaderAtDoor } from "./door-grade.ts";

const outside: ReaderAtDoor = { readerId: "outside", kind: "osdp", hasOwnKey: true };
const wired = (readerId: string): GateWiring => ({
  lines: [],
  readers: [],
  plugged: [],
  portals: [{ portalId: "door", lock: { readerId, output: 0 } }],
});

test("a lock on an indoor unit, readers with keys of their own and a TPM: grade A", () => {
  expect(doorGrade("door", [outside], wired("unit"), true)).toEqual({ best: "A", limits: [] });
});

test("without a TPM no better than B, on the reader's own relay no better than D; both are said", () => {
  expect(doorGrade("door", [outside], wired("unit"), false)).toEqual({
    best: "B",
    limits: [{ code: "gate-without-tpm", allows: "B" }],
  });
  expect(doorGrade("door", [outside], wired("outside"), false)).toEqual({
    best: "D",
    limits: [
      { code: "lock-on-reader", allows: "D" },
      { code: "gate-without-tpm", allows: "B" },
    ],
  });
});

test("a reader without a key opens nothing: no grade, or that of the others", () => {
  const keyless = { ...outside, hasOwnKey: false };
  expect(doorGrade("door", [keyless], wired("unit"), true)).toEqual({
    limits: [{ code: "reader-not-served" }],
  });
  const plugged: ReaderAtDoor = { readerId: "box", kind: "pcsc", hasOwnKey: false };
  expect(doorGrade("door", [keyless, plugged], wired("unit"), true)).toEqual({
    best: "B",
    limits: [{ code: "reader-not-served" }, { code: "reader-plugged-in", allows: "B" }],
  });
});
