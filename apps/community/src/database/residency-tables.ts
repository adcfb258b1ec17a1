import type { Generated } from "kysely";
import type { OptionalPersonText, OptionalTimestamp, PersonText, Timestamp } from "./column-types.ts";

export interface ResidencyEndTable {
  readonly id: string;
  readonly residency_id: string;
  readonly state: string;
  readonly asked_by: string;
  readonly asked_staff_id: string | null;
  readonly ground: OptionalPersonText;
  readonly asked_at: Timestamp;
  readonly told_at: OptionalTimestamp;
  readonly told_by: string | null;
  readonly grace_until: OptionalTimestamp;
  readonly answered_at: OptionalTimestamp;
  readonly objection: OptionalPersonText;
  readonly decided_at: OptionalTimestamp;
  readonly decided_staff_id: string | null;
  readonly decision_reason: OptionalPersonText;
  readonly ends_at: OptionalTimestamp;
  readonly until_before: OptionalTimestamp;
}

export interface RightsRequestTable {
  readonly id: string;
  readonly person_id: string;
  readonly kind: string;
  readonly words: PersonText;
  readonly asked_at: Timestamp;
  readonly due_at: Timestamp;
  readonly state: Generated<string>;
  readonly answered_at: OptionalTimestamp;
  readonly staff_id: string | null;
  readonly reason: OptionalPersonText;
}

/** Tables about the end of residencies, and what residents ask of the community about their data. */
export interface ResidencyTables {
  readonly residency_end: ResidencyEndTable;
  readonly rights_request: RightsRequestTable;
}
