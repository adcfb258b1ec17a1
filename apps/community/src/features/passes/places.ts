import { PersonId } from "@menshen/domain";
import { type CommunityModel, grantedPlaces } from "@menshen/policy";
import type { Database, Reader } from "../../database/database.ts";
import type { ModelCache } from "../publishing/index.ts";
import { selectResidents } from "../transparency/index.ts";

/** Where people's own paths lead, as the rules say now. */
export interface Places {
  /** Access points that the rules grant to a person. */
  readonly ofPerson: (personId: string) => Promise<ReadonlySet<string>>;
  /**
   * Access points that the rules grant to those who live in a dwelling and do not work here, as its registration in the
   * evidence log says; `undefined` where nobody lives.
   */
  readonly ofDwelling: (db: Reader, at: number, dwellingId: string) => Promise<DwellingPlaces | undefined>;
}

export interface DwellingPlaces {
  readonly accessPointIds: ReadonlySet<string>;
  /** Who lives there. */
  readonly residentIds: readonly string[];
}

export function makePlaces(dependencies: { readonly db: Database; readonly cache: ModelCache }): Places {
  // A community's rules are worked out once for each of their states, not once for each question.
  let newest: { readonly model: CommunityModel; readonly of: ReturnType<typeof grantedPlaces> } | undefined;

  async function granted() {
    const { model } = await dependencies.cache.current();
    if (newest?.model !== model) newest = { model, of: grantedPlaces(model) };
    return newest.of;
  }

  return {
    ofPerson: async (personId) => (await granted())(PersonId(personId)),
    async ofDwelling(db, at, dwellingId) {
      const residents = await selectResidents(db, at, [dwellingId]);
      if (residents.length === 0) return undefined;
      const placesOf = await granted();
      const living = residents.filter((one) => !one.works_here);
      return {
        accessPointIds: new Set(living.flatMap(({ person_id }) => [...placesOf(PersonId(person_id))])),
        residentIds: residents.map(({ person_id }) => person_id),
      };
    },
  };
}
