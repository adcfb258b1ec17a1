import Type, { type Static } from "typebox";
import { API_BASE, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

/** One hit of the command palette. */
export const SearchHit = Type.Object({
  type: Type.Enum([
    "person",
    "dwelling",
    "building",
    "portal",
    "gate",
    "reader",
    "credential",
    "schedule",
    "rule",
    "staff",
  ]),
  id: Type.String(),
  title: Type.String(),
  subtitle: Type.Optional(Type.String()),
  /** Whose it is, for a credential. */
  personId: Type.Optional(Uuid),
});
export type SearchHit = Static<typeof SearchHit>;

export const searchEndpoints = {
  search: endpoint({
    id: "search",
    method: "GET",
    path: `${API_BASE}/search`,
    tag: "search",
    summary:
      "things by part of their name, only of kinds that the session may read; residents and their credentials only with a reason",
    query: Type.Object(
      {
        text: Type.String({ minLength: 1, maxLength: 80 }),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 20 })),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ items: Type.Array(SearchHit) }),
    shows: { what: "search", reason: "for-names" },
  }),
} as const;
