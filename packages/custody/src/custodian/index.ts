export { type Adoption, adoptCustodians, placeIn } from "./adopt-custodians.ts";
export { adoptWitnessPolicy } from "./adopt-policy.ts";
export { type Answered, answerEntries, type EntryRefusal, rememberRefused } from "./answer-entries.ts";
export { answerTally, ballotShareOf, type TallyAnswered, type TallyRefusal } from "./answer-tally.ts";
export {
  type Attendance,
  attendCeremony,
  type BoardView,
  type CeremonyBoard,
  type ReportedFault,
} from "./attend-ceremony.ts";
export {
  checkRequest,
  type RequestChecked,
  type RequestChecking,
  type RequestRefusal,
  type ShownRequest,
} from "./check-request.ts";
export { acknowledgeLogFault, type ContentsPlace, followShownLog } from "./follow-shown-log.ts";
export {
  addShares,
  type Destruction,
  destroyOverdue,
  destroyShares,
  epochsAhead,
  identityKeyOf,
  nextDeath,
  settleReceipt,
} from "./hold-shares.ts";
export { entriesOfPinnedLog } from "./pinned-entries.ts";
export { custodianRefusalText, tallyRefusalText } from "./refusal-texts.ts";
export type {
  AnsweredRequest,
  AnsweredTally,
  HeldShare,
  LogFault,
  OwedReceipt,
  PinnedLog,
  RefusedRequest,
  SeenTree,
  StoreContents,
} from "./store-contents.ts";
export {
  createStore,
  openStore,
  rereadStore,
  type ShareStore,
  STORE_COST,
  type StoreOpened,
  type StoreUnlock,
  sealStore,
} from "./store-file.ts";
