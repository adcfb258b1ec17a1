import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { gateLinkCddl } from "./cddl.ts";

/** The repository's documents stand above the workspace. */
function published(directory = import.meta.dirname): string {
  const file = join(directory, "docs", "protocol", "gate-link.cddl");
  if (existsSync(file)) return readFileSync(file, "utf8");
  if (dirname(directory) === directory) throw new Error("expected docs/protocol/gate-link.cddl");
  return published(dirname(directory));
}

it("is the published text", () => {
  expect(published()).toBe(gateLinkCddl());
});

it("says what a field is", () => {
  const text = gateLinkCddl();
  for (const line of [
    "  3: bstr .size 32, ; previousHash",
    "  4: [1*512 bstr .size (1..4096)], ; entries",
    "  4: 1, ; kind = access",
    "  ? 3: bstr .size 16, ; pseudonym",
    "  / [12, {0: &(A: 0, B: 1, C: 2, D: 3, E: 4), ? 1: &(A: 0, B: 1, C: 2, D: 3, E: 4), ? 2: uint}] ; grade-too-low",
    "  / [10, ? {? 0: instant, ? 1: uint}] ; outside-schedule",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});
