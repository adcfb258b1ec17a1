import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, Revision } from "./common.ts";
import { endpoint } from "./endpoint.ts";

/**
 * Days for which records of administration, of looks and of devices are kept at least. Cybersecurity Law art. 21 says no
 * less than six months; the longest six calendar months, as July to December, have 184 days.
 */
export const LEAST_RECORD_RETENTION_DAYS = 184;

const RecordRetentionDays = Type.Integer({ minimum: LEAST_RECORD_RETENTION_DAYS, maximum: 3_660 });

/** How far a deletion went: nothing of its kind from before `before` is kept. */
const Deleted = Type.Object({ before: EpochMs, deletedAt: EpochMs });

export const Retention = Type.Object({
  recordRetentionDays: RecordRetentionDays,
  revision: Revision,
  /** Accesses and passages, which go with the epoch whose keys seal them; absent: nothing was deleted yet. */
  entries: Type.Optional(Deleted),
  records: Type.Optional(Deleted),
});
export type Retention = Static<typeof Retention>;

export const RetentionChange = Type.Object(
  { recordRetentionDays: RecordRetentionDays, revision: Revision },
  { additionalProperties: false },
);
export type RetentionChange = Static<typeof RetentionChange>;

const path = `${API_BASE}/retention`;

export const retentionEndpoints = {
  get: endpoint({
    id: "getRetention",
    method: "GET",
    path,
    tag: "retention",
    summary: "how long records are kept, and what was deleted last",
    response: Retention,
  }),
  change: endpoint({
    id: "changeRetention",
    method: "PUT",
    path,
    tag: "retention",
    summary: "set how long records are kept; stands in the evidence log",
    body: RetentionChange,
    response: Retention,
    reason: "required",
  }),
} as const;
