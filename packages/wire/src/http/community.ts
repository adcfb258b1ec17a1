import Type, { type Static } from "typebox";
import { API_BASE, CredentialKindName, EpochMs, GradeLetter, NameText, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };

const settings = {
  name: NameText,
  /** Kinds that every resident gets on request and free of charge; ways in are counted with them. */
  offers: Type.Array(Type.Object({ kind: CredentialKindName, grade: GradeLetter }, closed), { maxItems: 9 }),
  /** From `from` on, openings by a kind count as no better than `grade`: it turned out, or will be, weaker. */
  gradeCaps: Type.Array(
    Type.Object({ kind: CredentialKindName, grade: GradeLetter, from: EpochMs }, closed),
    { maxItems: 32 },
  ),
};

export const CommunitySettings = Type.Object({
  id: Uuid,
  revision: Revision,
  /** IANA name; fixed at the first start. */
  timeZone: Type.String(),
  /** The street, where every path of a resident begins; made at the first start. */
  outsideAreaId: Uuid,
  /** The grounds between the buildings; made at the first start. */
  groundsAreaId: Uuid,
  /** Latest end of a credential that is a mere number; the first start sets it to twelve months later. */
  legacyUntil: EpochMs,
  ...settings,
});
export type CommunitySettings = Static<typeof CommunitySettings>;
export const CommunityUpdate = Type.Object(
  { ...settings, legacyUntil: Type.Optional(EpochMs), revision: Revision },
  closed,
);
export type CommunityUpdate = Static<typeof CommunityUpdate>;

export const communityEndpoints = {
  get: endpoint({
    id: "getCommunity",
    method: "GET",
    path: `${API_BASE}/community`,
    tag: "community",
    summary: "the community and its settings",
    response: CommunitySettings,
  }),
  update: endpoint({
    id: "updateCommunity",
    method: "PUT",
    path: `${API_BASE}/community`,
    tag: "community",
    summary: "change name, offers or grade caps",
    body: CommunityUpdate,
    response: CommunitySettings,
  }),
} as const;
