import { Instant, type Reason } from "@menshen/domain";
import type { EventItem } from "@menshen/wire";
import { expect, test } from "vitest";
import { isForgivable } from "./is-forgivable.ts";

const at = Instant(1_800_000_000_000);
const item = (reasons: Reason[], granted = false): EventItem => ({
  gateId: "5f0d8c3e-6c1b-4b9e-9f43-2f8b54c1c901",
  sequence: 7,
  kind: "access",
  earliestAt: at,
  latestAt: at,
  receivedAt: at,
  gateName: "北门控制器",
  granted,
  reasons,
});
const inside: Reason = { code: "anti-passback", kind: "hard" };

test("who is refused for being inside already can be forgiven for ten minutes", () => {
  expect(isForgivable(item([inside]), at + 599_999)).toBe(true);
  expect(isForgivable(item([inside]), at + 600_000)).toBe(false);
});

test("another refusal, and an entry that was granted, have nothing to forgive", () => {
  expect(isForgivable(item([{ code: "interlock" }]), at)).toBe(false);
  expect(isForgivable(item([inside], true), at)).toBe(false);
});
