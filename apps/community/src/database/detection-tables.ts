import type { Generated } from "kysely";
import type { Json, OptionalTimestamp, Timestamp } from "./column-types.ts";

/** One sign of a case as it is stored; see `Sign` of the detection package. */
export interface StoredSign {
  readonly rule: string;
  readonly weight: number;
  readonly at: number;
  readonly gate: string;
  readonly accessPoint: string;
  readonly sequence?: number;
  readonly inputs: Readonly<Record<string, number | string>>;
}

export interface DetectionSettingTable {
  readonly only_row: Generated<boolean>;
  readonly tuned: Json<Readonly<Record<string, number>>>;
  readonly amnesty_until: OptionalTimestamp;
  readonly judged_with: Generated<string | null>;
  readonly judged_at: OptionalTimestamp;
  readonly revision: Generated<number>;
}

export interface DetectionWalkTable {
  readonly a: string;
  readonly b: string;
  readonly seconds: number;
}

/** What the engine worked with. */
interface StoredSettings {
  readonly tuned: Readonly<Record<string, number>>;
  readonly walks: readonly DetectionWalkTable[];
  readonly amnestyUntil?: number;
}

export interface DetectionChangeTable {
  readonly id: Generated<number>;
  readonly at: Timestamp;
  readonly staff_id: string;
  readonly reason: string;
  readonly is_undo: boolean;
  readonly before: Json<StoredSettings>;
  readonly after: Json<StoredSettings>;
}

export interface DetectionCaseTable {
  readonly id: string;
  readonly credential: Uint8Array | null;
  readonly epoch: number;
  readonly kind: string;
  readonly opened_at: Timestamp;
  readonly reached_at: Timestamp;
  readonly step: string;
  readonly score: number;
  readonly probability: number;
  readonly signs: Json<readonly StoredSign[]>;
  readonly explained_at: OptionalTimestamp;
  readonly assigned_to: string | null;
  readonly merged_into: string | null;
  readonly hold_id: string | null;
  /** Of copies of many cards. */
  readonly incident_id: Generated<string | null>;
  readonly closed_at: OptionalTimestamp;
  readonly closed_by: string | null;
  readonly finding: string | null;
  readonly forgotten_at: OptionalTimestamp;
  readonly revision: Generated<number>;
}

export interface DetectionEndTable {
  readonly credential: Uint8Array;
  readonly epoch: number;
  readonly at: Timestamp;
}

export interface DetectionMeasureTable {
  readonly id: string;
  readonly case_id: string;
  readonly measure: string;
  readonly taken_at: Timestamp;
  readonly taken_by: string;
  readonly reason: string;
  readonly ended_at: OptionalTimestamp;
  readonly ended_by: string | null;
  readonly end_reason: string | null;
}

export interface DetectionAnswerTable {
  readonly case_id: string;
  readonly answer: string;
  readonly at: Timestamp;
  readonly person_id: string | null;
}

export interface DetectionAppealTable {
  readonly id: string;
  readonly case_id: string;
  readonly words: string;
  readonly at: Timestamp;
  readonly entered_by: string | null;
  readonly answered_at: OptionalTimestamp;
  readonly answered_by: string | null;
  readonly outcome: string | null;
  readonly reason: string | null;
}

export interface DetectionNoteTable {
  readonly id: Generated<number>;
  readonly case_id: string;
  readonly at: Timestamp;
  readonly what: string;
  readonly step: string | null;
  readonly staff_id: string | null;
  readonly reason: string | null;
}

/** Tables of suspicions about copied cards. */
export interface DetectionTables {
  readonly detection_setting: DetectionSettingTable;
  readonly detection_walk: DetectionWalkTable;
  readonly detection_case: DetectionCaseTable;
  readonly detection_change: DetectionChangeTable;
  readonly detection_end: DetectionEndTable;
  readonly detection_measure: DetectionMeasureTable;
  readonly detection_answer: DetectionAnswerTable;
  readonly detection_appeal: DetectionAppealTable;
  readonly detection_note: DetectionNoteTable;
}
