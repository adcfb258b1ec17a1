import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openInProcessChannel } from "@menshen/credentials";
import { percentile } from "./measure.ts";
import { type Result, rounded } from "./result.ts";
import { makeCountingCard, makeTapCard, makeTapDesk, TAP_KINDS, type TapTimes } from "./tap-desk.ts";
import { openTapJournal } from "./tap-journal.ts";

const TAPS = 500;
const WARM_UP = 100;
const TARGET_MS = 15;

/** Half and 99 of 100 values, sorted or not. */
export function middleAndTail(values: readonly number[]): { p50: number; p99: number } {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: rounded(percentile(sorted, 0.5)), p99: rounded(percentile(sorted, 0.99)) };
}

/** `p50/p99` of each stage, for a note. */
export function stagesNote(times: readonly Readonly<Record<string, number>>[]): string {
  const stages = Object.keys(times[0] ?? {}).filter((stage) => stage !== "total");
  return stages
    .map((stage) => {
      const { p50, p99 } = middleAndTail(times.map((time) => time[stage] ?? Number.NaN));
      return `${stage} ${p50}/${p99}`;
    })
    .join(", ");
}

/** Tap to the moment in which the lock is driven, in one process: card, decision, and an entry sealed and synced to the disk. */
export async function benchTap(): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "menshen-tap-"));
  const journal = await openTapJournal(join(folder, "journal.db"));
  try {
    const cards = [
      ...(await Promise.all(TAP_KINDS.map((kind) => makeTapCard(kind, 1)))),
      await makeCountingCard(1),
    ];
    const desk = makeTapDesk(cards, journal);
    const results: Result[] = [];
    const disk = openSync(join(folder, "bare"), "w");
    const page = new Uint8Array(4_096);
    const syncsMs: number[] = [];
    for (const { kind, card, transactionKey } of cards) {
      const id = transactionKey === undefined ? `tap.${kind}` : `tap.${kind}_counted`;
      const times: TapTimes[] = [];
      for (let tap = 0; tap < WARM_UP + TAPS; tap++) {
        const channel = openInProcessChannel(card);
        const time = await desk.tap(channel);
        await channel.close();
        if (tap < WARM_UP) continue;
        times.push(time);
        // In turns with the taps, so that whoever else keeps the disk busy is seen by both.
        const begin = performance.now();
        writeSync(disk, page);
        fdatasyncSync(disk);
        syncsMs.push(performance.now() - begin);
      }
      const { p50, p99 } = middleAndTail(times.map(({ total }) => total));
      results.push(
        { id: `${id}.p50_ms`, value: p50, unit: "ms", better: "lower" },
        {
          id: `${id}.p99_ms`,
          value: p99,
          unit: "ms",
          better: "lower",
          ...(kind === "uid" ? {} : { target: TARGET_MS }),
          note: `in-process channel, 100,000 credentials, sealed to custodians and holder, SQLite WAL synced; ms p50/p99: ${stagesNote(times.map((time) => ({ ...time })))}`,
        },
      );
    }
    closeSync(disk);
    const { p50, p99 } = middleAndTail(syncsMs);
    results.push(
      { id: "tap.disk_sync.p50_ms", value: p50, unit: "ms", better: "lower" },
      {
        id: "tap.disk_sync.p99_ms",
        value: p99,
        unit: "ms",
        better: "lower",
        note: "the disk alone: a bare 4 KiB write with fdatasync, in turns with the taps; no journal can be faster",
      },
    );
    return results;
  } finally {
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
