import { PIN_USES } from "@menshen/domain";
import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, GradeLetter, NameText, PageFields, RecordFields, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { recordEndpoints, withRevision } from "./record-endpoints.ts";

const closed = { additionalProperties: false };
const removed = Type.Optional(Type.Boolean({ description: "list removed ones instead" }));

export const Area = Type.Object({ ...RecordFields, name: Type.String(), staffOnly: Type.Boolean() });
export type Area = Static<typeof Area>;
const areaInput = {
  name: NameText,
  /** No resident needs it: one kind of way in is enough. */
  staffOnly: Type.Boolean(),
};
export const AreaCreate = Type.Object(areaInput, closed);
export type AreaCreate = Static<typeof AreaCreate>;
export const areaEndpoints = recordEndpoints(
  { one: "area", many: "areas", path: "areas" },
  {
    item: Area,
    create: AreaCreate,
    update: withRevision(areaInput),
    query: Type.Object({ ...PageFields, removed }, closed),
  },
);

/** A place on the floor plan, in thousandths of its width and height. */
const PlanPosition = Type.Object(
  { x: Type.Integer({ minimum: 0, maximum: 1000 }), y: Type.Integer({ minimum: 0, maximum: 1000 }) },
  closed,
);

const portalInput = {
  gateId: Uuid,
  name: NameText,
  /** A building's own door; absent for a door of the whole community. */
  buildingId: Type.Optional(Uuid),
  /** How long the lock stays released after a grant. */
  unlockMs: Type.Integer({ minimum: 500, maximum: 60_000 }),
  /** How long the door may stand open before it is reported. */
  heldOpenLimitMs: Type.Integer({ minimum: 1_000, maximum: 3_600_000 }),
  /** While this schedule holds, the door stands unlocked. */
  unlockScheduleId: Type.Optional(Uuid),
  position: Type.Optional(PlanPosition),
};
export const Portal = Type.Object({
  ...RecordFields,
  gateId: Uuid,
  name: Type.String(),
  buildingId: Type.Optional(Uuid),
  unlockMs: Type.Integer(),
  heldOpenLimitMs: Type.Integer(),
  unlockScheduleId: Type.Optional(Uuid),
  position: Type.Optional(PlanPosition),
});
export type Portal = Static<typeof Portal>;
export const PortalCreate = Type.Object(portalInput, closed);
export type PortalCreate = Static<typeof PortalCreate>;
export const portalEndpoints = recordEndpoints(
  { one: "portal", many: "portals", path: "portals" },
  {
    item: Portal,
    create: PortalCreate,
    update: withRevision(portalInput),
    query: Type.Object({ ...PageFields, gateId: Type.Optional(Uuid), removed }, closed),
  },
);

const accessPointInput = {
  portalId: Uuid,
  name: NameText,
  fromAreaId: Uuid,
  toAreaId: Uuid,
  /** Openings weaker than this are refused here, whatever a rule says. */
  minimumGrade: GradeLetter,
  /** Nothing opens it alone: it takes a PIN and another credential of the same person. */
  cardAndPin: Type.Optional(Type.Boolean()),
};
export const AccessPoint = Type.Object({
  ...RecordFields,
  ...accessPointInput,
  /** What a PIN is worth here: `second` at an outer door, where it opens with another credential only. */
  pinUse: Type.Enum([...PIN_USES]),
  name: Type.String(),
  portalName: Type.String(),
});
export type AccessPoint = Static<typeof AccessPoint>;
export const AccessPointCreate = Type.Object(accessPointInput, closed);
export type AccessPointCreate = Static<typeof AccessPointCreate>;
export const accessPointEndpoints = recordEndpoints(
  { one: "accessPoint", many: "accessPoints", path: "access-points" },
  {
    item: AccessPoint,
    create: AccessPointCreate,
    update: withRevision(accessPointInput),
    query: Type.Object({ ...PageFields, portalId: Type.Optional(Uuid), removed }, closed),
  },
);

const readerInput = {
  gateId: Uuid,
  name: NameText,
  /** `io` is an indoor unit with outputs and inputs only, `kiosk` a screen with a camera that reads codes. */
  kind: Type.Enum(["osdp", "pcsc", "kiosk", "io", "desk"]),
  /** Absent for `io` and `desk`. */
  accessPointId: Type.Optional(Uuid),
};
export const Reader = Type.Object({
  ...RecordFields,
  ...readerInput,
  name: Type.String(),
  /** As the gate last reported; `unknown` while it is offline or never reported. */
  link: Type.Enum(["online", "offline", "unknown"]),
  secureChannel: Type.Optional(Type.Boolean()),
});
export type Reader = Static<typeof Reader>;
export const ReaderCreate = Type.Object(readerInput, closed);
export type ReaderCreate = Static<typeof ReaderCreate>;
export const readerEndpoints = recordEndpoints(
  { one: "reader", many: "readers", path: "readers" },
  {
    item: Reader,
    create: ReaderCreate,
    update: withRevision(readerInput),
    query: Type.Object({ ...PageFields, gateId: Type.Optional(Uuid), removed }, closed),
  },
);

const LockdownRank = Type.Integer({
  minimum: 0,
  maximum: 3,
  description: "0 none, 1 residents and staff, 2 staff who override a lockdown, 3 nobody",
});
const ModeName = Type.Enum(["normal", "locked", "held-open"]);

/** Desired state of a door, with a generation and an end. */
export const PortalModeItem = Type.Object({
  portalId: Uuid,
  mode: ModeName,
  lockdown: LockdownRank,
  generation: Type.Integer(),
  until: Type.Optional(EpochMs),
  /** Whether the gate has reported that it adopted this generation. */
  adopted: Type.Boolean(),
});
export type PortalModeItem = Static<typeof PortalModeItem>;
export const ModeSet = Type.Object(
  { mode: ModeName, lockdown: Type.Optional(LockdownRank), until: Type.Optional(EpochMs) },
  closed,
);
export type ModeSet = Static<typeof ModeSet>;

export const modeEndpoints = {
  list: endpoint({
    id: "listModes",
    method: "GET",
    path: `${API_BASE}/modes`,
    tag: "modes",
    summary: "desired mode of every door",
    response: Type.Object({ items: Type.Array(PortalModeItem) }),
  }),
  set: endpoint({
    id: "setMode",
    method: "PUT",
    path: `${API_BASE}/modes/:portalId`,
    tag: "modes",
    summary: "set the desired mode of one door",
    params: Type.Object({ portalId: Uuid }, closed),
    body: ModeSet,
    response: PortalModeItem,
    reason: "required",
  }),
  lockdown: endpoint({
    id: "setLockdown",
    method: "PUT",
    path: `${API_BASE}/lockdown`,
    tag: "modes",
    summary: "set the lockdown level of all doors, or of those leading into one area",
    body: Type.Object(
      { level: LockdownRank, until: Type.Optional(EpochMs), areaId: Type.Optional(Uuid) },
      closed,
    ),
    response: Type.Object({ items: Type.Array(PortalModeItem) }),
    reason: "required",
  }),
} as const;
