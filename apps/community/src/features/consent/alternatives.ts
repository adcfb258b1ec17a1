import { Instant, PersonId } from "@menshen/domain";
import type { AlternativeAtDoor } from "@menshen/evidence";
import { type CommunityModel, waysOfPersons } from "@menshen/policy";
import type { Database } from "../../database/database.ts";
import type { ModelCache } from "../publishing/index.ts";
import { selectPointNames } from "./consents.store.ts";

const DAY_MS = 86_400_000;
/** A receipt names no more doors. */
const MAX_DOORS = 500;

/** Answers by which ways in a person passes which doors today, for the evidence that nothing forced them. */
export function makeAlternatives(dependencies: { readonly db: Database; readonly cache: ModelCache }) {
  const { db, cache } = dependencies;
  // Worked out once for each state of the rules and each day, not once for each question.
  let newest:
    | {
        readonly model: CommunityModel;
        readonly day: number;
        readonly of: ReturnType<typeof waysOfPersons>;
      }
    | undefined;
  return async (personId: string, at: number): Promise<readonly AlternativeAtDoor[]> => {
    const { model } = await cache.current();
    const day = Math.floor(at / DAY_MS);
    if (newest?.model !== model || newest.day !== day) {
      newest = { model, day, of: waysOfPersons(model, Instant(at), Instant(at + DAY_MS)) };
    }
    const names = await selectPointNames(db);
    return newest
      .of(PersonId(personId))
      .slice(0, MAX_DOORS)
      .map(({ accessPointId, ways }) => ({ door: names.get(accessPointId) ?? accessPointId, ways }));
  };
}
