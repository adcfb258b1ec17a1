export { BALLOT_EPOCH, isBallotKey } from "./ballot-key.ts";
export { addUpPart, type BallotPart, type EncodedBallot, joinParts } from "./ballot-parts.ts";
export {
  BALLOT_SEED_BYTES,
  type BallotOpening,
  ballotCode,
  codeOfOpening,
  formatOpening,
  parseOpening,
  sealFromSeed,
} from "./challenged-ballot.ts";
export {
  isOpenedBy,
  type OpenedSums,
  openTally,
  type RejectedShare,
  type TallyOpening,
} from "./open-tally.ts";
export {
  type BallotPlace,
  encodeBallot,
  parseBallot,
  SECRET_BALLOT_BYTES,
  type SecretBallot,
  sealBallot,
  verifyBallot,
} from "./secret-ballot.ts";
export { MAX_SUM } from "./small-logarithm.ts";
export { encodeTally, parseTally, type SealedTally, sumBallots, type WeighedBallot } from "./tally.ts";
export {
  encodeTallyShare,
  faultOfTallyShare,
  makeTallyShare,
  parseTallyShare,
  type TallyShare,
  type TallyShareFault,
} from "./tally-share.ts";
export { findBadBallots, type PlacedBallot } from "./verify-ballots.ts";
