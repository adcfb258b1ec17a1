import { type LogReader, meetsQuorum, openCheckpoint, readEntries, TILE_WIDTH } from "@menshen/evidence";
import type { EntrySource } from "../recount/index.ts";
import { type RequestChecking, readPinned } from "./check-request.ts";
import type { StoreContents } from "./store-contents.ts";

/**
 * Entries of the log that the program pinned, under its newest checkpoint, each verified; nothing of them is remembered.
 *
 * @returns a source that gives nothing where the checkpoint is not signed by the pinned log, lacks witnesses, or shows less than
 *   the program saw before. Rejects where the log is not reached
 */
export async function entriesOfPinnedLog(
  crypto: RequestChecking,
  contents: StoreContents,
  reader: LogReader,
): Promise<EntrySource> {
  const nothing: EntrySource = async () => undefined;
  const pinned = readPinned(crypto, contents.log);
  if (pinned === undefined || contents.logFault !== undefined) return nothing;
  const { logKeys, policy } = pinned;
  const witnessKeys = policy.witnesses.map(({ key }) => key);
  const log = { origin: contents.log.origin, logKeys, witnessKeys };
  const opened = openCheckpoint(crypto, await reader.checkpoint(), log);
  if (!opened.opened || !meetsQuorum(policy, opened.cosignatures)) return nothing;
  const { checkpoint } = opened.signed;
  if (checkpoint.size < (contents.seen?.size ?? 0)) return nothing;
  const bundles = new Map<number, ReturnType<typeof readEntries>>();
  return async (leafIndex) => {
    if (leafIndex >= checkpoint.size) return undefined;
    const place = Math.floor(leafIndex / TILE_WIDTH);
    const reading = bundles.get(place) ?? readEntries(crypto.sha256, reader.tile, checkpoint, place);
    bundles.set(place, reading);
    const bundle = await reading;
    return bundle.read ? bundle.entries[leafIndex % TILE_WIDTH] : undefined;
  };
}
