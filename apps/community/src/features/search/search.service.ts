import type { Permission, SearchHit, ViewReason } from "@menshen/wire";
import type { Actor } from "../../authority/authorise.ts";
import type { Database } from "../../database/database.ts";
import { selectHits } from "./search.store.ts";

const DEFAULT_LIMIT = 20;

/** What must be allowed to find each kind of thing. */
const NEEDED: Readonly<Record<SearchHit["type"], Permission>> = {
  person: "homes.read",
  dwelling: "homes.read",
  credential: "credentials.read",
  building: "doors.read",
  portal: "doors.read",
  gate: "doors.read",
  reader: "doors.read",
  schedule: "schedules.read",
  rule: "rules.read",
  staff: "staff.read",
};

/** Kinds of things that are found only by somebody who said why they look at residents' data. */
const OF_RESIDENTS: ReadonlySet<SearchHit["type"]> = new Set(["person", "credential"]);

export type SearchService = ReturnType<typeof makeSearchService>;

/**
 * The command palette's search. Instead of refusing as a whole, it finds only what the asker may read, and nothing of
 * residents without a reason.
 */
export function makeSearchService({ db }: { readonly db: Database }) {
  return {
    async search(
      actor: Actor,
      viewReason: ViewReason | undefined,
      query: { readonly text: string; readonly limit?: number },
    ): Promise<SearchHit[]> {
      const types = Object.entries(NEEDED).flatMap(([type, permission]) =>
        isHitType(type) &&
        actor.permissions.has(permission) &&
        (viewReason !== undefined || !OF_RESIDENTS.has(type))
          ? [type]
          : [],
      );
      const text = query.text.trim();
      return text === "" ? [] : selectHits(db, types, text, query.limit ?? DEFAULT_LIMIT);
    },
  };
}

function isHitType(text: string): text is SearchHit["type"] {
  return Object.hasOwn(NEEDED, text);
}
