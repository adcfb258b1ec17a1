import type { Pool } from "pg";
import { withClient } from "./database.ts";

/** A calendar month in UTC: months since 1970-01. */
export type Month = number;

/** Before it stands the partition `event_before_2020`. */
const FIRST_MONTH: Month = monthOf(Date.UTC(2020, 0));
/** Any constant of our own: servers make partitions one after the other. */
const PARTITION_LOCK = 5_267_317;

export function monthOf(epochMs: number): Month {
  const date = new Date(epochMs);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** First millisecond of a month. */
export function monthStart(month: Month): number {
  return Date.UTC(1970, month);
}

/** Makes sure that events of a month have a place to go. */
export interface Partitions {
  readonly ensure: (months: Iterable<Month>) => Promise<void>;
}

/** Remembers what it made; a partition that a person detached is made again after the next start. */
export function makePartitions(pool: Pool): Partitions {
  const known = new Set<Month>();
  return {
    async ensure(months) {
      for (const month of months) {
        if (month < FIRST_MONTH || known.has(month)) continue;
        await create(pool, month);
        known.add(month);
      }
    },
  };
}

async function create(pool: Pool, month: Month): Promise<void> {
  const from = new Date(monthStart(month)).toISOString();
  const until = new Date(monthStart(month + 1)).toISOString();
  const name = `event_${from.slice(0, 7).replace("-", "_")}`;
  await withClient(pool, async (client) => {
    await client.query("select pg_advisory_lock($1)", [PARTITION_LOCK]);
    try {
      await client.query(
        `create table if not exists ${name} partition of event for values from ('${from}') to ('${until}')`,
      );
    } finally {
      await client.query("select pg_advisory_unlock($1)", [PARTITION_LOCK]);
    }
  });
}
