export { type Adoption, adoptCustodians, placeIn, type ShownSet } from "./adopt-custodians.ts";
export { type Answered, answerEntries, type EntryRefusal } from "./answer-entries.ts";
export { type Attendance, attendCeremony, type BoardView, type CeremonyBoard } from "./attend-ceremony.ts";
export {
  checkRequest,
  type RequestChecked,
  type RequestChecking,
  type RequestRefusal,
  type ShownRequest,
} from "./check-request.ts";
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
export { custodianRefusalText } from "./refusal-texts.ts";
export type { AnsweredRequest, HeldShare, OwedReceipt, PinnedLog, StoreContents } from "./store-contents.ts";
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
