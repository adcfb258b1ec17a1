import Type, { type Static } from "typebox";
import { API_BASE } from "./common.ts";
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
});
export type SearchHit = Static<typeof SearchHit>;

export const searchEndpoints = {
  search: endpoint({
    id: "search",
    method: "GET",
    path: `${API_BASE}/search`,
    tag: "search",
    summary: "things by part of their name, only of kinds that the session may read",
    query: Type.Object(
      {
        text: Type.String({ minLength: 1, maxLength: 80 }),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 20 })),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ items: Type.Array(SearchHit) }),
  }),
} as const;
