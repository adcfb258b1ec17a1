import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { passesCddl } from "./cddl.ts";

/** The repository's documents stand above the workspace. */
function published(directory = import.meta.dirname): string {
  const file = join(directory, "docs", "protocol", "passes.md");
  if (existsSync(file)) return readFileSync(file, "utf8");
  if (dirname(directory) === directory) throw new Error("expected docs/protocol/passes.md");
  return published(dirname(directory));
}

it("is what the document says", () => {
  const block = published().split("```cddl\n")[1]?.split("```")[0] ?? "";
  expect(block.slice(block.indexOf("phone-pass"))).toBe(passesCddl());
});
