import { PersonId } from "@menshen/domain";
import { grantedPlaces } from "@menshen/policy";
import { type PathCounts, SMALL_COUNT } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { runSql } from "../../evidence-record/index.ts";
import type { ModelCache } from "../publishing/index.ts";

/** Anybody asks as often as they like: it is counted once a minute. */
const FRESH_MS = 60_000;

interface Row {
  readonly topic: string;
  readonly person_id: string;
}

interface Place {
  readonly id: string;
  readonly building_id: string | null;
  readonly building_name: string | null;
}

export type PathCountsService = ReturnType<typeof makePathCountsService>;

/** How many credentials that nobody at home sees open the ways of each building, for anybody. */
export function makePathCountsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly cache: ModelCache;
}) {
  const { db, clock, cache } = dependencies;
  let last: { readonly at: number; readonly counts: PathCounts } | undefined;

  async function count(at: number): Promise<PathCounts> {
    const rows = await runSql<Row & Record<string, unknown>>(
      db,
      `select l.topic, c.person_id from credential_leaf l
         join credential c on c.id = l.credential_id and c.state = 'active'
         join evidence_leaf e on e.leaf_id = l.leaf_id
       where l.ended_at is null and l.home_id is null`,
      [],
    );
    const places = await runSql<Place & Record<string, unknown>>(
      db,
      `select a.id, b.id as building_id, b.name as building_name
       from access_point a join portal p on p.id = a.portal_id
       left join building b on b.id = p.building_id and b.removed_at is null
       where a.removed_at is null and p.removed_at is null
       order by b.name nulls first, b.id`,
      [],
    );
    const placesOf = grantedPlaces((await cache.current()).model);
    const ways = new Map<string, { name: string | null; ids: Set<string> }>();
    for (const { id, building_id, building_name } of places) {
      const way = ways.get(building_id ?? "") ?? { name: building_name, ids: new Set<string>() };
      ways.set(building_id ?? "", { ...way, ids: way.ids.add(id) });
    }
    const opens = rows.map(({ topic, person_id }) => ({ topic, places: placesOf(PersonId(person_id)) }));
    return {
      at,
      items: [...ways.values()].map(({ name, ids }) => {
        const of = (topic: string) =>
          blurred(
            opens.filter((one) => one.topic === topic && [...one.places].some((id) => ids.has(id))).length,
          );
        return {
          ...optional("buildingName", name),
          staff: of("credential-of-staff"),
          service: of("credential-of-service"),
          emptyDwelling: of("credential-of-empty-dwelling"),
        };
      }),
    };
  }

  return {
    async counts(): Promise<PathCounts> {
      const at = clock.now();
      if (last === undefined || at - last.at >= FRESH_MS) last = { at, counts: await count(at) };
      return last.counts;
    },
  };
}

/** None is none; a few are not told apart: one guard, or one flat that stands empty, is somebody's. */
function blurred(count: number): number | "few" {
  return count > 0 && count < SMALL_COUNT ? "few" : count;
}
