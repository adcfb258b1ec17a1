import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, NameText, NoContent, ResidencyRoleName, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { ResidentInvitation } from "./resident.ts";

const closed = { additionalProperties: false };
const OWN = `${API_BASE}/resident`;

/** Somebody who lives in the same home, by the name or alias they chose. */
export const HouseholdMember = Type.Object({
  name: Type.String(),
  role: ResidencyRoleName,
  isSelf: Type.Boolean(),
  /** They joined with an account of their own. */
  hasJoined: Type.Boolean(),
  /** Their residency ends then. */
  until: Type.Optional(EpochMs),
});
export type HouseholdMember = Static<typeof HouseholdMember>;

export const Household = Type.Object({
  dwellingId: Uuid,
  home: Type.String(),
  members: Type.Array(HouseholdMember, { maxItems: 200 }),
});
export type Household = Static<typeof Household>;

/** Of residents, about their own home. */
export const householdEndpoints = {
  list: endpoint({
    id: "listHouseholds",
    method: "GET",
    path: `${OWN}/households`,
    tag: "resident",
    summary: "who lives in one's own homes",
    response: Type.Object({ items: Type.Array(Household, { maxItems: 50 }) }),
  }),
  alias: endpoint({
    id: "changeOwnName",
    method: "PUT",
    path: `${OWN}/name`,
    tag: "resident",
    summary: "the name or alias that one is known by here; an alias is enough",
    body: Type.Object({ displayName: NameText }, closed),
    response: NoContent,
  }),
  invite: endpoint({
    id: "inviteHouseholdMember",
    method: "POST",
    path: `${OWN}/households/:dwellingId/members`,
    tag: "resident",
    summary: "let somebody in who lives in one's home from now on; answers with their code to join",
    params: Type.Object({ dwellingId: Uuid }, closed),
    body: Type.Object({ displayName: NameText, role: Type.Enum(["family", "helper"]) }, closed),
    response: ResidentInvitation,
    status: 201,
  }),
} as const;
