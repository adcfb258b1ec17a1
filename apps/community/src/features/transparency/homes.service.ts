import { toHex } from "@menshen/crypto/node";
import type { ResidentHome } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { openStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { type NumberedLeaf, selectHomesOf, selectNumbered } from "./homes.store.ts";
import { homeKeyContext } from "./register.ts";

export type HomesService = ReturnType<typeof makeHomesService>;

/** What those at home need to find their credentials in the log. */
export function makeHomesService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly storageKey: StorageKey;
}) {
  const { db, clock, storageKey } = dependencies;
  return {
    /** Homes of whoever asks, with their keys; none for who lives nowhere here. Throws `keys-unreadable`. */
    async of(personId: string): Promise<readonly ResidentHome[]> {
      const homes = await selectHomesOf(db, clock.now(), personId);
      const numbered = await selectNumbered(
        db,
        homes.map(({ id }) => id),
      );
      const opened = new Map(
        (
          await openStatements(
            db,
            storageKey,
            numbered.map((leaf) => leaf.leaf_id),
          )
        ).map((statement) => [statement.leafId, statement]),
      );
      return homes.map((home) => ({
        dwellingId: home.dwelling_id,
        name: home.name,
        homeKey: toHex(storageKey.open(home.sealed, homeKeyContext(home.id))),
        dwellingTag: toHex(home.tag),
        credentials: numbered
          .filter((leaf) => leaf.home_id === home.id)
          .flatMap((leaf) => {
            const statement = opened.get(leaf.leaf_id);
            if (statement === undefined) return [];
            return [
              {
                number: leaf.number,
                statement: statement.statement,
                ...optional("salt", statement.salt === undefined ? undefined : toHex(statement.salt)),
                ...optional("index", statement.index),
                ...optional("holder", leaf.holder),
                ...optional("label", leaf.label),
                ...optional("endedAt", leaf.ended_at),
                ...optional("visit", visitOf(leaf)),
              },
            ];
          }),
      }));
    },
  };
}

function visitOf({ purpose, not_before: from, not_after: until }: NumberedLeaf) {
  return purpose === null || from === null || until === null ? undefined : { purpose, from, until };
}
