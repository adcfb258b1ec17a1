import type { Reader } from "../../database/database.ts";

/**
 * What somebody would have consented to: commercial messages of one advertiser (absent: of any), or sharing with one
 * recipient, each by its registered name, which is the processor's on the notice.
 */
export type ConsentWanted =
  | { readonly purpose: "commercial-messages"; readonly advertiser?: string }
  | { readonly purpose: "sharing"; readonly recipient: string };

/** A consent that is in force. */
export interface ConsentInForce {
  /** Of its receipt. */
  readonly consentId: string;
  /** Unix milliseconds. */
  readonly givenAt: number;
}

/** What messages and sharing need of the consent slice. Absent means no. */
export type HasConsent = (
  reader: Reader,
  personId: string,
  wanted: ConsentWanted,
) => Promise<ConsentInForce | undefined>;
