import type { GateEntry } from "@menshen/wire";
import { expect, test } from "vitest";
import { makeDrivenClock } from "./clock/injected-clock-source.ts";
import { makeFindings } from "./findings.ts";
import { makeJournalNotes } from "./journal-notes.ts";

const START_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

function rig() {
  const driven = makeDrivenClock(START_MS, 0, "b");
  const findings = makeFindings(() => undefined);
  const entries: GateEntry["body"][] = [];
  const notes = makeJournalNotes({
    source: driven.source,
    findings,
    recordGate: (body) => void entries.push(body),
    logger: { error: () => undefined, warn: () => undefined },
  });
  const known = () => findings.list().map(({ code, severity }) => `${code} ${severity}`);
  const passes = (ms: number) => driven.moveTo(driven.source.wallMs() + ms, driven.source.monotonicMs() + ms);
  return { passes, notes, entries, known };
}

test("one late write is a note that stands for a day, and an entry that says how late", async () => {
  const { passes, notes, entries, known } = rig();
  notes.late(1_249.6);
  expect(known()).toEqual(["journal-late notice"]);
  expect(entries).toEqual([{ event: "journal-late", cause: "after-1250-ms" }]);
  await passes(20 * HOUR_MS);
  notes.late(300);
  await passes(23 * HOUR_MS);
  expect(known()).toEqual(["journal-late notice"]);
  await passes(HOUR_MS);
  expect(known()).toEqual([]);
});

test("trouble is a fault until it is over, and its end says what was lost", () => {
  const { notes, entries, known } = rig();
  notes.degraded({ cause: "often-late", sinceMonotonicMs: 0, lost: 0 });
  expect(known()).toEqual(["journal-degraded fault"]);
  notes.restored({ cause: "often-late", sinceMonotonicMs: 0, lost: 2 });
  expect(known()).toEqual([]);
  expect(entries).toEqual([
    { event: "journal-degraded", cause: "often-late" },
    { event: "journal-restored", cause: "lost-2-entries" },
  ]);
});
