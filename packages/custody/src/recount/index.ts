export { type ReadBallots, readSecretBallots } from "./recount-secret.ts";
export {
  type EntrySource,
  type RecountFault,
  type RecountOutcome,
  type RecountTools,
  recountVote,
} from "./recount-vote.ts";
