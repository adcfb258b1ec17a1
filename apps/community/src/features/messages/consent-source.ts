import type { Reader } from "../../database/database.ts";

/** What somebody would have consented to: commercial messages, or sharing with one recipient, by its registered name. */
export type ConsentWanted =
  | { readonly purpose: "commercial-messages" }
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
