import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Instant } from "@menshen/domain";
import { decodeJournalEntry } from "@menshen/wire";
import { expect, test } from "vitest";
import { openJournalFile } from "./journal-file.ts";

const ENTRIES = 3_000;
const START_MS = 1_800_000_000_000;
const clock = { bootId: "b", wallMs: 1, monotonicMs: 1, earliestMs: 1, latestMs: 1 };

/** Forgets by time, ten entries a step, and says after each step how many it forgot. */
const FORGETTER = `
  const [, file, path] = process.argv;
  const { openJournalFile } = await import(file);
  const journal = openJournalFile(path);
  process.stdout.write("0\\n");
  for (;;) {
    const count = journal.prune(1_000_000, 10, ${START_MS + ENTRIES - 500});
    process.stdout.write(count + "\\n");
    if (count === 0) await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
`;

function forget(path: string): {
  readonly child: ChildProcess;
  readonly steps: (count: number) => Promise<void>;
} {
  const file = pathToFileURL(join(import.meta.dirname, "journal-file.ts")).href;
  const child = spawn(process.execPath, ["--input-type=module", "-e", FORGETTER, file, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  let told: () => void = () => undefined;
  child.stdout?.on("data", (bytes: Buffer) => {
    said += bytes.toString();
    told();
  });
  return {
    child,
    async steps(count) {
      while (said.split("\n").length <= count) {
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
    },
  };
}

test("killed while it forgets by time, a journal goes on from its base, and nothing young is gone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gate-journal-kill-"));
  const path = join(folder, "journal.db");
  const journal = openJournalFile(path);
  const drafts = Array.from({ length: ENTRIES }, (_, number) => ({
    draftId: number + 1,
    draft: {
      kind: "gate" as const,
      earliest: Instant(START_MS + number),
      latest: Instant(START_MS + number),
      body: { event: "started" as const },
    },
  }));
  journal.append(drafts, 0, clock);
  journal.acknowledge(ENTRIES - 100);
  const head = journal.head();
  journal.close();
  let oldest = 1;
  for (const steps of [3, 20, 50]) {
    const { child, steps: reached } = forget(path);
    await reached(steps);
    const ended = new Promise((resolve) => child.on("close", resolve));
    child.kill("SIGKILL");
    await ended;
    const after = openJournalFile(path);
    const kept = after.verify(1, ENTRIES);
    expect(kept).toEqual({ next: ENTRIES + 1, broken: undefined });
    expect(after.head()).toEqual(head);
    const first = Array.from({ length: ENTRIES }, (_, at) => at + 1).find(
      (sequence) => after.read(sequence, 1, 1_000) !== undefined,
    );
    expect(first).toBeGreaterThan(oldest);
    oldest = first ?? 0;
    after.close();
  }
  const last = openJournalFile(path);
  while (last.prune(1_000_000, 500, START_MS + ENTRIES - 500) > 0);
  const [entry = new Uint8Array()] = last.read(ENTRIES - 499, 1, 1_000)?.entries ?? [];
  expect(decodeJournalEntry(entry).latest).toBe(START_MS + ENTRIES - 500);
  expect(last.read(ENTRIES - 500, 1, 1_000)).toBeUndefined();
  expect(last.verify(1, ENTRIES)).toEqual({ next: ENTRIES + 1, broken: undefined });
  last.close();
  rmSync(folder, { recursive: true });
});
