import {
  type LogIdentity,
  type LogReader,
  meetsQuorum,
  type NoteVerification,
  openCheckpoint,
  readEntries,
  TILE_WIDTH,
  type WitnessPolicy,
} from "@menshen/evidence";
import type { EntrySource } from "./recount-outcome.ts";

/** A log whose newest checkpoint its key signed and enough witnesses cosigned. */
export interface ReadableLog {
  /** Entries under that checkpoint. */
  readonly size: number;
  /** Each verified against the signed root; each bundle is read once. */
  readonly entryAt: EntrySource;
}

/**
 * Opens a log for reading single entries.
 *
 * @returns `undefined` where the checkpoint is not signed by the log or lacks witnesses. Rejects where the log is not reached
 */
export async function openLogEntries(
  crypto: NoteVerification,
  log: Pick<LogIdentity, "origin" | "logKeys">,
  policy: WitnessPolicy,
  reader: LogReader,
): Promise<ReadableLog | undefined> {
  const witnessKeys = policy.witnesses.map(({ key }) => key);
  const opened = openCheckpoint(crypto, await reader.checkpoint(), { ...log, witnessKeys });
  if (!opened.opened || !meetsQuorum(policy, opened.cosignatures)) return undefined;
  const { checkpoint } = opened.signed;
  const bundles = new Map<number, ReturnType<typeof readEntries>>();
  return {
    size: checkpoint.size,
    async entryAt(leafIndex) {
      if (leafIndex >= checkpoint.size) return undefined;
      const place = Math.floor(leafIndex / TILE_WIDTH);
      const reading = bundles.get(place) ?? readEntries(crypto.sha256, reader.tile, checkpoint, place);
      bundles.set(place, reading);
      const bundle = await reading;
      return bundle.read ? bundle.entries[leafIndex % TILE_WIDTH] : undefined;
    },
  };
}
