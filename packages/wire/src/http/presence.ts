import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, ResidencyRoleName, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

/** How many are in an area, as the gates at its edge say. */
export const AreaCount = Type.Object({
  areaId: Uuid,
  areaName: Type.String(),
  persons: Type.Integer(),
  occupancyLimit: Type.Optional(Type.Integer()),
  /** Gates at its edge do not hear each other: this is the largest number that one of them knows. */
  apart: Type.Boolean(),
  /** False: no gate at its edge is connected, and this is what one last said. */
  fresh: Type.Boolean(),
  at: EpochMs,
});
export type AreaCount = Static<typeof AreaCount>;

/** Whose a credential is: nobody's name. */
const whose = {
  dwellingName: Type.Optional(Type.String()),
  /** Absent: a visitor, or somebody who neither lives nor works here. */
  role: Type.Optional(ResidencyRoleName),
};

/** Persons of one home and role who count as inside an area. */
export const MusterLine = Type.Object({
  areaId: Uuid,
  areaName: Type.String(),
  ...whose,
  persons: Type.Integer(),
});
export type MusterLine = Static<typeof MusterLine>;

/** Somebody who was refused or gave an alarm within the last ten minutes. */
export const AtDoorItem = Type.Object({
  gateId: Uuid,
  /** With `gateId`: the event that this belongs to. */
  sequence: Type.Integer(),
  at: EpochMs,
  accessPointId: Uuid,
  ...whose,
});
export type AtDoorItem = Static<typeof AtDoorItem>;

/** It is another than it was: read it again. */
export const PresenceNews = Type.Object({ what: Type.Enum(["counts", "muster", "at-door"]) });
export type PresenceNews = Static<typeof PresenceNews>;

export const presenceEndpoints = {
  counts: endpoint({
    id: "getAreaCounts",
    method: "GET",
    path: `${API_BASE}/presence`,
    tag: "presence",
    summary: "how many are in each area that is counted; kept in memory only",
    response: Type.Object({
      areas: Type.Array(AreaCount),
      /** A fire input is on: there is a muster list. */
      muster: Type.Boolean(),
    }),
  }),
  /** Needs an open shift of one's own; that it was used is recorded once per shift. Empty unless a fire input is on. */
  muster: endpoint({
    id: "getMusterList",
    method: "GET",
    path: `${API_BASE}/presence/muster`,
    tag: "presence",
    summary: "during a fire: who counts as inside, by home and role, as the gates say; never stored",
    response: Type.Object({ lines: Type.Array(MusterLine) }),
  }),
  /** As `muster`. */
  atDoor: endpoint({
    id: "getAtDoor",
    method: "GET",
    path: `${API_BASE}/presence/at-door`,
    tag: "presence",
    summary: "home and role of whoever was refused or gave an alarm in the last ten minutes; never stored",
    response: Type.Object({ items: Type.Array(AtDoorItem) }),
  }),
} as const;
