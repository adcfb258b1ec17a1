import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openApduStream, openPcscCard, serveApduSocket, waitForPcscCard } from "@menshen/credentials/node";
import { FIRST_SLOT, missingPcscPackages, startTestPcscd } from "@menshen/testkit/pcscd";
import type { Result } from "./result.ts";
import { middleAndTail, stagesNote } from "./tap.ts";
import { makeTapCard, makeTapDesk, TAP_KINDS } from "./tap-desk.ts";
import { openTapJournal } from "./tap-journal.ts";

const TAPS = 20;
const PATIENCE_MS = 15_000;

/** The tap path with the card behind a real pcscd and vsmartcard's virtual reader; nothing without them or without root. */
export async function benchTapPcsc(): Promise<Result[]> {
  if (missingPcscPackages().length > 0 || process.getuid?.() !== 0) {
    process.stdout.write("    left out: it needs pcscd, vsmartcard-vpcd and root\n");
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "menshen-tap-"));
  const journal = await openTapJournal(join(folder, "journal.db"));
  const pcscd = await startTestPcscd();
  try {
    const cards = await Promise.all(TAP_KINDS.map((kind) => makeTapCard(kind, 2)));
    const desk = makeTapDesk(cards, journal);
    const results: Result[] = [];
    let afterEvent: number | undefined;
    for (const { kind, card } of cards) {
      let exchanges = 0;
      const counted = {
        ...card,
        transceive(command: Uint8Array) {
          exchanges += 1;
          return card.transceive(command);
        },
      };
      const served = serveApduSocket(
        await openApduStream({ host: "127.0.0.1", port: pcscd.vpcdPort }),
        counted,
      );
      const present = await waitForPcscCard(FIRST_SLOT, AbortSignal.timeout(PATIENCE_MS), {
        ...pcscd,
        ...(afterEvent === undefined ? {} : { afterEvent }),
      });
      afterEvent = present?.eventCounter;
      const times: Record<string, number>[] = [];
      for (let tap = 0; tap < 1 + TAPS; tap++) {
        if (tap === 1) exchanges = 0;
        const begin = performance.now();
        const channel = await openPcscCard(FIRST_SLOT, pcscd);
        const connected = performance.now() - begin;
        const { card: dialogue, decision, journal: stored, total } = await desk.tap(channel);
        if (tap > 0)
          times.push({
            connect: connected,
            card: dialogue,
            decision,
            journal: stored,
            total: connected + total,
          });
        await channel.close();
      }
      served.close();
      await served.ended;
      const { p50, p99 } = middleAndTail(times.map(({ total = Number.NaN }) => total));
      results.push(
        { id: `tap.pcsc.${kind}.p50_ms`, value: p50, unit: "ms", better: "lower" },
        {
          id: `tap.pcsc.${kind}.max_ms`,
          value: p99,
          unit: "ms",
          better: "lower",
          note:
            `of ${TAPS} taps; card in the field until the entry is synced; ms p50/max: ${stagesNote(times)}; ` +
            `${exchanges / TAPS} exchanges a tap, of which vpcd's driver delays each by some 45 ms (delayed acknowledgements)`,
        },
      );
    }
    return results;
  } finally {
    await pcscd.stop();
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
