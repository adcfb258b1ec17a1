import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { gateLinkCddl } from "./cddl.ts";

it("is the published text", () => {
  const published = readFileSync(
    new URL("../../../../docs/protocol/gate-link.cddl", import.meta.url),
    "utf8",
  );
  expect(published).toBe(gateLinkCddl());
});

it("says what a field is", () => {
  const text = gateLinkCddl();
  for (const line of [
    "  3: bstr .size 32, ; previousHash",
    "  4: [1*512 bstr .size (1..4096)], ; entries",
    "  4: 1, ; kind = access",
    "  ? 3: bstr .size 16, ; pseudonym",
    "  / [12, {0: &(A: 0, B: 1, C: 2, D: 3, E: 4), 1: &(A: 0, B: 1, C: 2, D: 3, E: 4), ? 2: uint}] ; grade-too-low",
    "  / [10, ? {? 0: instant, ? 1: uint}] ; outside-schedule",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});
