import { COMPLAINTS_ROWS } from "./conformity-complaints.ts";
import { CONSENT_ROWS } from "./conformity-consent.ts";
import { DETECTION_ROWS } from "./conformity-detection.ts";
import { RESIDENCY_ROWS } from "./conformity-residency.ts";
import type { ConformityRow } from "./conformity-row.ts";
import { VOTES_ROWS } from "./conformity-votes.ts";

export type { ConformityRow } from "./conformity-row.ts";

/** Every rule with what this software does about it, by area. */
export const CONFORMITY_ROWS: readonly ConformityRow[] = [
  ...CONSENT_ROWS,
  ...RESIDENCY_ROWS,
  ...COMPLAINTS_ROWS,
  ...DETECTION_ROWS,
  ...VOTES_ROWS,
];
