import Type, { type Static } from "typebox";
import { ChangeReason } from "./change-reason.ts";
import { API_BASE, EpochMs, PageFields, pageOf, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { DUTIES, STAFF_ROLES } from "./session.ts";
import { STAFF_BODIES, VIEWED, ViewReason } from "./view-reason.ts";

const closed = { additionalProperties: false };

/** What was changed, by whom, in which duty and why. Personal fields are named as changed, their values are not kept. */
export const ChangeItem = Type.Object({
  id: Type.Integer(),
  at: EpochMs,
  staffId: Type.Optional(Uuid),
  /** Absent if the server itself acted. */
  staffName: Type.Optional(Type.String()),
  duty: Type.Optional(Type.Enum([...DUTIES])),
  /** E.g. `credential.blocked`. */
  action: Type.String(),
  entity: Type.String(),
  entityId: Type.String(),
  reason: ChangeReason,
  before: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  after: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type ChangeItem = Static<typeof ChangeItem>;

/** One look at a resident's data. It names the look and never the person looked at. */
export const ViewItem = Type.Object({
  id: Uuid,
  at: EpochMs,
  staffId: Uuid,
  staffName: Type.String(),
  /** Whose member looked, and in which role. */
  body: Type.Enum([...STAFF_BODIES]),
  role: Type.Enum([...STAFF_ROLES]),
  /** What of the person was shown. */
  what: Type.Enum([...VIEWED]),
  reason: ViewReason,
  /** Place in the evidence log; absent until the log has taken it. */
  leafIndex: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type ViewItem = Static<typeof ViewItem>;

export const changeEndpoints = {
  list: endpoint({
    id: "listChanges",
    method: "GET",
    path: `${API_BASE}/changes`,
    tag: "changes",
    summary: "changes, newest first",
    query: Type.Object(
      {
        ...PageFields,
        entity: Type.Optional(Type.String({ maxLength: 40 })),
        entityId: Type.Optional(Type.String({ maxLength: 60 })),
        action: Type.Optional(Type.String({ maxLength: 60 })),
        staffId: Type.Optional(Uuid),
        from: Type.Optional(EpochMs),
        until: Type.Optional(EpochMs),
      },
      closed,
    ),
    response: pageOf(ChangeItem),
  }),
  views: endpoint({
    id: "listViews",
    method: "GET",
    path: `${API_BASE}/views`,
    tag: "changes",
    summary: "who looked at residents' data and why, newest first; names the look, not the person looked at",
    query: Type.Object({ ...PageFields, staffId: Type.Optional(Uuid) }, closed),
    response: pageOf(ViewItem),
  }),
} as const;
