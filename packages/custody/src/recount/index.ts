export { checkOpening, type OpeningFault } from "./check-opening.ts";
export { openLogEntries, type ReadableLog } from "./log-entries.ts";
export type { EntrySource, RecountFault, RecountOutcome, RecountTools } from "./recount-outcome.ts";
export { type ReadBallots, readSecretBallots } from "./recount-secret.ts";
export { recountVote } from "./recount-vote.ts";
