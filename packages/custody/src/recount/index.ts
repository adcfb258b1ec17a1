export { openLogEntries, type ReadableLog } from "./log-entries.ts";
export { type ReadBallots, readSecretBallots } from "./recount-secret.ts";
export {
  type EntrySource,
  type RecountFault,
  type RecountOutcome,
  type RecountTools,
  recountVote,
} from "./recount-vote.ts";
