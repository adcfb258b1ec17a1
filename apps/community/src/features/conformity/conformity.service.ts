import { CONFORMITY_ROWS } from "@menshen/domain";
import type { Conformity, ConformityItem } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { selectStates, upsertState } from "./conformity.store.ts";

export type ConformityService = ReturnType<typeof makeConformityService>;

/** Counts what stands against a rule in this community now. */
export type BreachCounters = Readonly<Record<string, (now: number) => Promise<number>>>;

/**
 * Each rule of law, and whether it is kept here. That the software does what a rule says is shown by the tests that carry
 * the rule's name; what people here did or left undone is counted in the database.
 */
export function makeConformityService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly version: string;
  /** By the row's name. */
  readonly counters: BreachCounters;
}) {
  const { db, clock, version, counters } = dependencies;

  async function judge(
    row: (typeof CONFORMITY_ROWS)[number],
    now: number,
  ): Promise<Pick<ConformityItem, "state" | "breaches">> {
    if (row.evidence !== "test") return { state: row.evidence };
    const breaches = await counters[row.id]?.(now);
    if (breaches === undefined) return { state: "kept" };
    return { state: breaches === 0 ? "kept" : "broken", breaches };
  }

  return {
    /** For anybody. Notes when a state changed. */
    async read(): Promise<Conformity> {
      const now = clock.now();
      const known = await selectStates(db);
      const items: ConformityItem[] = [];
      for (const row of CONFORMITY_ROWS) {
        const { id, articles, behaviour, tests } = row;
        const found = await judge(row, now);
        const before = known.get(id);
        const since = before?.state === found.state ? before.since : now;
        if (before?.state !== found.state) await upsertState(db, id, { state: found.state, since });
        items.push({ id, articles, behaviour, tests: [...tests], since, ...found });
      }
      return { checkedAt: now, softwareVersion: version, items };
    },
  };
}
