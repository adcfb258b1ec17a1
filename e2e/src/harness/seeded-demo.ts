import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder for the run: the first test that needs a demonstration leaves a seeded one there for the others. */
    readonly seededDemo: string;
  }
}

/** Set-up of a whole run of tests; the folder goes with it. */
export default function setUp(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "menshen-seeded-"));
  project.provide("seededDemo", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
