import Type, { type Static } from "typebox";
import { CASE_STEPS, CaseReason } from "./cases.ts";
import { API_BASE, EpochMs, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const tag = "cases";

export const DetectionNumbers = Type.Object(
  {
    prior: Type.Optional(Type.Number({ minimum: 1e-6, maximum: 0.5 })),
    lateHours: Type.Optional(Type.Number({ minimum: 0, maximum: 744 })),
    fastestTimesWalk: Type.Optional(Type.Number({ minimum: 1, maximum: 50 })),
    counterSlackMinutes: Type.Optional(Type.Number({ minimum: 0, maximum: 1_440 })),
    conflictAfterSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 3_600 })),
    watchScore: Type.Optional(Type.Number({ minimum: 0.1, maximum: 10 })),
    secondFactorScore: Type.Optional(Type.Number({ minimum: 10, maximum: 1_000 })),
    caseDays: Type.Optional(Type.Number({ minimum: 0, maximum: 366 })),
  },
  closed,
);
export type DetectionNumbers = Static<typeof DetectionNumbers>;

const Walk = Type.Object({ a: Uuid, b: Uuid, seconds: Type.Integer({ minimum: 1, maximum: 7_200 }) }, closed);

export const DetectionSettings = Type.Object({
  /** Those that were changed; the others are as delivered. */
  tuned: DetectionNumbers,
  delivered: Type.Required(DetectionNumbers),
  walks: Type.Array(Walk),
  /** Until then copies that families had made are exchanged without a question. */
  amnestyUntil: Type.Optional(EpochMs),
  /** Who changed what and why, newest first. The last one can be taken back. */
  changes: Type.Array(
    Type.Object({
      at: EpochMs,
      by: Type.String(),
      reason: Type.String(),
      isUndo: Type.Boolean(),
      before: DetectionNumbers,
      after: DetectionNumbers,
      /** Walks that it added, took away or changed. */
      walks: Type.Integer({ minimum: 0 }),
      /** Present if it set another end of the amnesty; `until` is absent where it took the end away. */
      amnesty: Type.Optional(Type.Object({ until: Type.Optional(EpochMs) })),
    }),
  ),
  revision: Revision,
});
export type DetectionSettings = Static<typeof DetectionSettings>;

export const DetectionState = Type.Object({
  /** Everything before this is judged. */
  judgedUntil: Type.Optional(EpochMs),
  waitingFor: Type.Array(Uuid),
  credentials: Type.Integer(),
  stateBytes: Type.Integer(),
  /** How often the engine's thread failed and was started again since the server's start; absent: never. */
  restarts: Type.Optional(Type.Integer()),
  /** When it failed last. */
  restartedAt: Type.Optional(EpochMs),
  /** Entries that are stored and that it has not taken; absent while it begins at the beginning, as after a start. */
  waiting: Type.Optional(Type.Integer({ minimum: 0 })),
  gates: Type.Array(
    Type.Object({
      gateId: Uuid,
      /** How far its clock is ahead, as far as arrivals show it. */
      offsetMs: Type.Optional(Type.Number()),
      errorMs: Type.Optional(Type.Number()),
      jumps: Type.Integer(),
      outOfOrder: Type.Integer(),
      duplicates: Type.Integer(),
    }),
  ),
});
export type DetectionState = Static<typeof DetectionState>;

const TrialCases = Type.Array(
  Type.Object({
    at: EpochMs,
    kind: Type.String(),
    step: Type.Enum([...CASE_STEPS]),
    rules: Type.Array(Type.String()),
  }),
);

/** What numbers would have raised on the stored events of this epoch and the last, beside those in force. */
export const DetectionTrial = Type.Object({
  id: Uuid,
  tuned: DetectionNumbers,
  startedAt: EpochMs,
  state: Type.Enum(["running", "over", "failed", "stopped"]),
  /** 0 to 1. */
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  events: Type.Optional(Type.Integer()),
  /** How many cases reached each step, with the numbers in force and with these. */
  present: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  tried: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  /** Cases that only these numbers raise, and only those in force; the gravest, at most fifty of each. */
  more: Type.Optional(TrialCases),
  fewer: Type.Optional(TrialCases),
});
export type DetectionTrial = Static<typeof DetectionTrial>;

export const detectionEndpoints = {
  settings: endpoint({
    id: "getDetectionSettings",
    method: "GET",
    path: `${API_BASE}/detection-settings`,
    tag,
    summary: "numbers and walks that the engine works with",
    response: DetectionSettings,
  }),
  change: endpoint({
    id: "changeDetectionSettings",
    method: "PUT",
    path: `${API_BASE}/detection-settings`,
    tag,
    summary: "change numbers and walks; everything is judged anew",
    body: Type.Object(
      {
        tuned: DetectionNumbers,
        walks: Type.Array(Walk, { maxItems: 10_000 }),
        amnestyUntil: Type.Optional(EpochMs),
        reason: CaseReason,
        revision: Revision,
      },
      closed,
    ),
    response: DetectionSettings,
  }),
  undo: endpoint({
    id: "undoDetectionSettings",
    method: "POST",
    path: `${API_BASE}/detection-settings/undo`,
    tag,
    summary: "take back the last change of numbers and walks; done again, it stands again",
    body: Type.Object({ revision: Revision }, closed),
    response: DetectionSettings,
  }),
  attempt: endpoint({
    id: "tryDetectionSettings",
    method: "POST",
    path: `${API_BASE}/detection-settings/try`,
    tag,
    summary:
      "begin to find out what these numbers would have raised on the stored events; nothing is changed",
    body: Type.Object({ tuned: DetectionNumbers }, closed),
    response: DetectionTrial,
  }),
  trial: endpoint({
    id: "getDetectionTrial",
    method: "GET",
    path: `${API_BASE}/detection-settings/try`,
    tag,
    summary: "how far the trial has come that was begun last, and what it found",
    response: DetectionTrial,
  }),
  stopTrial: endpoint({
    id: "stopDetectionTrial",
    method: "DELETE",
    path: `${API_BASE}/detection-settings/try`,
    tag,
    summary: "stop the trial that runs; what it found so far is thrown away",
    response: DetectionTrial,
  }),
  state: endpoint({
    id: "getDetectionState",
    method: "GET",
    path: `${API_BASE}/detection-state`,
    tag,
    summary: "up to when events are judged, for which gates that waits, and what is known of their clocks",
    response: DetectionState,
  }),
} as const;
