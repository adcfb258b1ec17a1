/** A place in a set of custodians that is, or once was, in force. */
export interface CustodianSeat {
  /** Version of the set. */
  readonly version: number;
  /** From 1. */
  readonly index: number;
  readonly body: string;
}

/** A custodian's program that signed this request. Acts for its body alone, and has no permission of staff. */
export interface SignedInCustodian {
  /** Ed25519, 32 bytes. */
  readonly identityKey: Uint8Array;
  /** Its place in the present set; absent for one that was replaced: it still holds shares of past epochs. */
  readonly present: CustodianSeat | undefined;
  /** All its places, the latest first. */
  readonly seats: readonly [CustodianSeat, ...CustodianSeat[]];
}
