import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder for the run, in which each worker that needs a database server starts one. */
    readonly databaseFolder: string;
  }
}

const STOPPED_MS = 50_000;

/** Set-up of a whole run of tests; the folder goes with it, once the servers have ended with their workers. */
export default function setUp(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "menshen-databases-"));
  // The database's own user must be able to pass.
  chmodSync(folder, 0o711);
  project.provide("databaseFolder", folder);
  return async () => {
    const isAtWork = () =>
      readdirSync(folder).some((name) => existsSync(join(folder, name, "postgres/data/postmaster.pid")));
    for (const until = Date.now() + STOPPED_MS; isAtWork() && Date.now() < until; ) await delay(50);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}
