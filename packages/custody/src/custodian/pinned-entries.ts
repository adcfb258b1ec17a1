import type { LogReader } from "@menshen/evidence";
import { type EntrySource, openLogEntries } from "../recount/index.ts";
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
  const pinned = readPinned(crypto, contents.log);
  if (pinned === undefined || contents.logFault !== undefined) return async () => undefined;
  const { logKeys, policy } = pinned;
  const log = await openLogEntries(crypto, { origin: contents.log.origin, logKeys }, policy, reader);
  return log === undefined || log.size < (contents.seen?.size ?? 0) ? async () => undefined : log.entryAt;
}
