import Type, { type Static } from "typebox";
import { API_BASE, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };

/** How an area counts the persons inside; see docs/guide for what each setting means at a door. */
const areaFields = {
  /** Persons inside are counted, for the screens and for the muster list in a fire; always so with any rule below. */
  counted: Type.Boolean(),
  /** `soft` marks and admits, `hard` refuses who is inside already, `timed` refuses for `timedMs` after an entry. */
  antiPassback: Type.Enum(["off", "soft", "hard", "timed"]),
  /** With `timed`, and with it only. */
  timedMs: Type.Optional(Type.Integer({ minimum: 10_000, maximum: 86_400_000 })),
  occupancyLimit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  /** Somebody has moved only when the door was seen to open. */
  countsOnlyConfirmed: Type.Boolean(),
  /** What holds while gates cannot hear each other. */
  whenApart: Type.Enum(["admit", "refuse"]),
  /** Nobody is let in before a member of staff is inside. */
  staffFirst: Type.Boolean(),
  /** The area never holds exactly one person. */
  twoPersons: Type.Boolean(),
  /** Visitors, and whoever neither lives nor works here, are let in only so close behind somebody who does. */
  escort: Type.Optional(Type.Object({ withinMs: Type.Integer({ minimum: 1_000, maximum: 60_000 }) }, closed)),
};
export const AreaRules = Type.Object({
  areaId: Uuid,
  areaName: Type.String(),
  revision: Revision,
  ...areaFields,
});
export type AreaRules = Static<typeof AreaRules>;
export const AreaRulesSet = Type.Object({ ...areaFields, revision: Revision }, closed);
export type AreaRulesSet = Static<typeof AreaRulesSet>;

const portalFields = {
  /** Inside one gate at most one door of a group is not closed and locked. */
  interlockGroup: Type.Optional(Type.Integer({ minimum: 1, maximum: 15 })),
  /** Two different persons within this time; not together with `doubleTapHold`. */
  twoPersonWithinMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 60_000 })),
  /** Staff who present twice within `withinMs` hold the door open for `forMs`. */
  doubleTapHold: Type.Optional(
    Type.Object(
      {
        withinMs: Type.Integer({ minimum: 500, maximum: 10_000 }),
        forMs: Type.Integer({ minimum: 60_000, maximum: 43_200_000 }),
      },
      closed,
    ),
  ),
  /** The door warns so long before it is held open too long. */
  preAlarmMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 600_000 })),
  /** Passage counts when the contact confirms it. */
  turnstile: Type.Boolean(),
  /** A lift: which relay is for the floor of which area. */
  floors: Type.Optional(
    Type.Array(
      Type.Object(
        {
          output: Type.Integer({ minimum: 0, maximum: 63 }),
          areaId: Uuid,
          /** While it holds, anybody may go there. */
          scheduleId: Type.Optional(Uuid),
        },
        closed,
      ),
      { minItems: 1, maxItems: 64 },
    ),
  ),
  /** A barrier that opens for number plates, which are weak evidence (grade D). */
  plate: Type.Boolean(),
};
export const PortalRules = Type.Object({
  portalId: Uuid,
  portalName: Type.String(),
  gateId: Uuid,
  revision: Revision,
  ...portalFields,
});
export type PortalRules = Static<typeof PortalRules>;
export const PortalRulesSet = Type.Object({ ...portalFields, revision: Revision }, closed);
export type PortalRulesSet = Static<typeof PortalRulesSet>;

/** Where the other gates find a gate on the site's own network. */
export const SiteAddress = Type.Object({
  gateId: Uuid,
  gateName: Type.String(),
  revision: Revision,
  host: Type.Optional(Type.String()),
  port: Type.Optional(Type.Integer()),
});
export type SiteAddress = Static<typeof SiteAddress>;
export type SiteAddressSet = Static<typeof SiteAddressSet>;
export const SiteAddressSet = Type.Object(
  {
    /** Name or address; both absent: the others do not call it. */
    host: Type.Optional(Type.String({ minLength: 1, maxLength: 253, pattern: "^[A-Za-z0-9.:-]+$" })),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    revision: Revision,
  },
  closed,
);

const settingFields = {
  /** An entry is forgotten after so many hours, so that a missed exit shuts nobody out for long. */
  presenceHours: Type.Integer({ minimum: 1, maximum: 168 }),
  /** Gates tell guards on duty the home and role of whoever was refused or is concerned by an alarm, for ten minutes. */
  tellsAtDoor: Type.Boolean(),
};
export const DoorRuleSettingsSet = Type.Object({ ...settingFields, revision: Revision }, closed);
export type DoorRuleSettingsSet = Static<typeof DoorRuleSettingsSet>;

export const DoorRules = Type.Object({
  areas: Type.Array(AreaRules),
  portals: Type.Array(PortalRules),
  sites: Type.Array(SiteAddress),
  ...settingFields,
  /** Of the settings, not of the rules. */
  revision: Revision,
});
export type DoorRules = Static<typeof DoorRules>;

export const doorRulesEndpoints = {
  get: endpoint({
    id: "getDoorRules",
    method: "GET",
    path: `${API_BASE}/door-rules`,
    tag: "door-rules",
    summary: "rules of all areas and doors; one that was never set has revision 1 and everything off",
    response: DoorRules,
  }),
  /** Refused with `only-path` if the rule could keep residents out of what they cannot reach otherwise; tells where. */
  setArea: endpoint({
    id: "setAreaRules",
    method: "PUT",
    path: `${API_BASE}/door-rules/areas/:areaId`,
    tag: "door-rules",
    summary: "set how an area counts persons",
    params: Type.Object({ areaId: Uuid }, closed),
    body: AreaRulesSet,
    response: AreaRules,
  }),
  setPortal: endpoint({
    id: "setPortalRules",
    method: "PUT",
    path: `${API_BASE}/door-rules/portals/:portalId`,
    tag: "door-rules",
    summary: "set the rules of a door",
    params: Type.Object({ portalId: Uuid }, closed),
    body: PortalRulesSet,
    response: PortalRules,
  }),
  setSite: endpoint({
    id: "setSiteAddress",
    method: "PUT",
    path: `${API_BASE}/door-rules/sites/:gateId`,
    tag: "door-rules",
    summary: "say where a gate is on the site's network",
    params: Type.Object({ gateId: Uuid }, closed),
    body: SiteAddressSet,
    response: SiteAddress,
  }),
  setSettings: endpoint({
    id: "setDoorRuleSettings",
    method: "PUT",
    path: `${API_BASE}/door-rules/settings`,
    tag: "door-rules",
    summary: "set after how many hours an entry is forgotten, and whether guards are told who was refused",
    body: DoorRuleSettingsSet,
    response: DoorRules,
  }),
} as const;
