import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, NameText, PageFields, pageOf, RecordFields, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { recordEndpoints, withRevision } from "./record-endpoints.ts";

const closed = { additionalProperties: false };

/** Whom a door under lockdown still lets in: 1 residents and staff, 2 staff who override a lockdown, 3 nobody. */
export const LockdownLevelNumber = Type.Integer({ minimum: 1, maximum: 3 });

const planInput = {
  name: NameText,
  /** Places the plan among the others on the screen, the most severe first: 1 is the highest. */
  rank: Type.Integer({ minimum: 1, maximum: 9 }),
  level: LockdownLevelNumber,
  /** Absent: every door, also those that are added later. */
  portalIds: Type.Optional(Type.Array(Uuid, { minItems: 1, maxItems: 2_000, uniqueItems: true })),
  /** It ends by itself after so long, from five minutes to a day. */
  durationMinutes: Type.Integer({ minimum: 5, maximum: 1_440 }),
  /** What the guard should do meanwhile. */
  instruction: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
};
export const LockdownPlan = Type.Object({
  ...RecordFields,
  ...planInput,
  name: Type.String(),
  /** Doors that it would close now. */
  doorCount: Type.Integer(),
});
export type LockdownPlan = Static<typeof LockdownPlan>;
export const LockdownPlanCreate = Type.Object(planInput, closed);
export type LockdownPlanCreate = Static<typeof LockdownPlanCreate>;

export const lockdownPlanEndpoints = recordEndpoints(
  { one: "lockdownPlan", many: "lockdownPlans", path: "lockdown-plans" },
  {
    item: LockdownPlan,
    create: LockdownPlanCreate,
    update: withRevision(planInput),
    query: Type.Object({ ...PageFields, removed: Type.Optional(Type.Boolean()) }, closed),
  },
);

/** `time`: it came to its end; `early`: two persons ended it. */
export const LOCKDOWN_ENDINGS = ["time", "early"] as const;

/** A plan that was started, as it stood then. */
export const Lockdown = Type.Object({
  id: Uuid,
  planId: Uuid,
  name: Type.String(),
  rank: Type.Integer(),
  level: LockdownLevelNumber,
  instruction: Type.Optional(Type.String()),
  /** Recorded and shown like a real one; no door hears of it. */
  drill: Type.Boolean(),
  portalIds: Type.Array(Uuid),
  startedBy: Type.String(),
  reasonCode: Type.String(),
  reasonText: Type.Optional(Type.String()),
  startedAt: EpochMs,
  until: EpochMs,
  /** Doors whose gates reported that they adopted it; of a drill none has to. */
  adoptedCount: Type.Integer(),
  /** Somebody asked to end it early; another person must agree until `expiresAt`. `own`: it was this session's person. */
  endRequest: Type.Optional(
    Type.Object({ by: Type.String(), own: Type.Boolean(), at: EpochMs, expiresAt: EpochMs }),
  ),
  ended: Type.Optional(
    Type.Object({
      at: EpochMs,
      how: Type.Enum([...LOCKDOWN_ENDINGS]),
      /** For `early`: who asked and who agreed; of a drill one is enough. */
      by: Type.Optional(Type.String()),
      agreedBy: Type.Optional(Type.String()),
    }),
  ),
});
export type Lockdown = Static<typeof Lockdown>;

/** A lockdown, or a mass unlock, is another than it was: read it again. */
export const LockdownNews = Type.Object({ id: Uuid, what: Type.Enum(["lockdown", "mass-unlock"]) });
export type LockdownNews = Static<typeof LockdownNews>;

export const lockdownEndpoints = {
  list: endpoint({
    id: "listLockdowns",
    method: "GET",
    path: `${API_BASE}/lockdowns`,
    tag: "lockdown",
    summary: "lockdowns and drills, newest first; with `active` those only that have not ended",
    query: Type.Object({ ...PageFields, active: Type.Optional(Type.Boolean()) }, closed),
    response: pageOf(Lockdown),
  }),
  start: endpoint({
    id: "startLockdown",
    method: "POST",
    path: `${API_BASE}/lockdowns`,
    tag: "lockdown",
    summary: "start a plan; one person is enough",
    body: Type.Object(
      {
        planId: Uuid,
        drill: Type.Boolean(),
        /** Absent: as the plan says. */
        durationMinutes: Type.Optional(Type.Integer({ minimum: 5, maximum: 1_440 })),
      },
      closed,
    ),
    response: Lockdown,
    status: 201,
    reason: "required",
  }),
  /** The first call asks, a second by somebody else within ten minutes ends it. A drill ends at once. */
  end: endpoint({
    id: "endLockdown",
    method: "POST",
    path: `${API_BASE}/lockdowns/:id/end`,
    tag: "lockdown",
    summary: "ask to end it early, or agree to what somebody else asked",
    params: IdParams,
    response: Lockdown,
    reason: "required",
  }),
  keep: endpoint({
    id: "keepLockdown",
    method: "POST",
    path: `${API_BASE}/lockdowns/:id/keep`,
    tag: "lockdown",
    summary: "withdraw or refuse a request to end it early",
    params: IdParams,
    response: Lockdown,
  }),
} as const;

/** Many doors held open at once, which two persons decide; they close by themselves at the end. */
export const MassUnlock = Type.Object({
  id: Uuid,
  portalIds: Type.Array(Uuid),
  minutes: Type.Integer(),
  requestedBy: Type.String(),
  own: Type.Boolean(),
  reasonCode: Type.String(),
  reasonText: Type.Optional(Type.String()),
  requestedAt: EpochMs,
  /** Another person must agree until then. */
  expiresAt: EpochMs,
  agreedBy: Type.Optional(Type.String()),
  /** Doors stand open until then, once agreed. */
  until: Type.Optional(EpochMs),
});
export type MassUnlock = Static<typeof MassUnlock>;

export const massUnlockEndpoints = {
  list: endpoint({
    id: "listMassUnlocks",
    method: "GET",
    path: `${API_BASE}/mass-unlocks`,
    tag: "lockdown",
    summary: "requests that await a second person, and those in force",
    response: Type.Object({ items: Type.Array(MassUnlock) }),
  }),
  request: endpoint({
    id: "requestMassUnlock",
    method: "POST",
    path: `${API_BASE}/mass-unlocks`,
    tag: "lockdown",
    summary: "ask to hold doors open, at most four hours",
    body: Type.Object(
      {
        portalIds: Type.Array(Uuid, { minItems: 1, maxItems: 2_000, uniqueItems: true }),
        minutes: Type.Integer({ minimum: 1, maximum: 240 }),
      },
      closed,
    ),
    response: MassUnlock,
    status: 201,
    reason: "required",
  }),
  agree: endpoint({
    id: "agreeToMassUnlock",
    method: "POST",
    path: `${API_BASE}/mass-unlocks/:id/agree`,
    tag: "lockdown",
    summary: "agree to what somebody else asked; the doors open",
    params: IdParams,
    response: MassUnlock,
    reason: "required",
  }),
} as const;
