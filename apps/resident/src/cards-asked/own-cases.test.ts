import type { PublishedCase } from "@menshen/wire";
import { expect, test } from "vitest";
import type { TrailEntry } from "../device/device-store.ts";
import { ownCases } from "./own-cases.ts";

const CASE = "5f1c2a9e-0d4b-8c55-9a67-000000000001";
const DOOR = "11111111-2222-4333-8444-555555555555";

const entry = (sequence: number, at: number): TrailEntry => ({
  id: `${DOOR} ${sequence}`,
  at,
  accessPointId: DOOR,
  kind: "uid",
  granted: true,
  reason: "rule-allows",
  keyStart: "0011223344556677",
});
const published: PublishedCase = {
  id: CASE,
  at: 1_795_500_000_000,
  kind: "uid",
  // First 16 bytes of SHA-256 of "menshen/case-mark/v1\n<case>\n<door>\n7\n1795500000123", computed with sha256sum.
  marks: ["d1ea5bdc0180675b37b0b313b649a202"],
  measures: [],
  isAnswered: false,
  isClosed: false,
};

test("a case with the mark of one's own tap is one's own", () => {
  const own = ownCases([published], [entry(7, 1_795_500_000_123), entry(9, 1_795_400_000_000)]);
  expect(own).toEqual([{ published, tap: { accessPointId: DOOR, sequence: 7, at: 1_795_500_000_123 } }]);
});

test("a tap a millisecond beside, or with another number, is not", () => {
  expect(ownCases([published], [entry(7, 1_795_500_000_124), entry(8, 1_795_500_000_123)])).toEqual([]);
});

test("entries that name no number are passed over", () => {
  expect(ownCases([published], [{ ...entry(7, 1_795_500_000_123), id: DOOR }])).toEqual([]);
});
