import { type Grade, weakestGrade } from "@menshen/domain";

/**
 * Best grade that the keeping of keys at a gate allows. A gate without a TPM keeps the key to its sealed files on the
 * same disk: whoever takes the disk takes the door group's card keys (docs/decisions).
 */
export const CUSTODY_WITHOUT_TPM: Grade = "B";

/** How a reader is connected. */
export type ReaderLink =
  /** OSDP under a secure channel with the reader's own key. */
  | "osdp-own-key"
  /** Plugged into the gate's own box. */
  | "pcsc";

/** Best grade that the way from the reader to the gate allows. Readers without a secure channel are not served. */
export function linkGrade(link: ReaderLink): Grade {
  return link === "osdp-own-key" ? "A" : "B";
}

/**
 * The grade of an opening: what the tap proved, whose grade already counts reader link and key custody, and no better
 * than the lock deserves. A lock that hangs on a reader's own relay can be opened with a screwdriver from outside,
 * whatever the card proves.
 */
export function openingGrade(tap: Grade, lockOnOutdoorReader: boolean): Grade {
  return lockOnOutdoorReader ? weakestGrade(tap, "D") : tap;
}
