import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { openLog } from "@menshen/evidence/node";
import pg from "pg";

/**
 * A process that records leaves, gives them indices and publishes, as fast as it can, until it is killed or whoever
 * holds its standard input is gone.
 *
 * Lines on standard output: `ready`; `r` before leaves are recorded and `ack ID` once that is committed; `s` and `d`
 * around each sequencing, `p` and `d` around each publishing.
 */
const [connection = "", origin = "", seed = ""] = process.argv.slice(2);
process.stdin.resume().on("end", () => process.exit());
const pool = new pg.Pool({ ...JSON.parse(connection), max: 2, connectionTimeoutMillis: 2_000 });
pool.on("error", () => {});
const log = openLog({
  pool,
  origin,
  secretKey: new Uint8Array(Buffer.from(seed, "hex")),
  now: Date.now,
  witnesses: [],
  quorum: 0,
});

/** Until it succeeds: the database may be killed too. */
async function persist<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch {
      await delay(20);
    }
  }
}

const say = (line: string) => writeSync(1, `${line}\n`);

async function record(): Promise<void> {
  const ids = Array.from({ length: 1 + Math.floor(Math.random() * 4) }, () => randomUUID());
  say("r");
  // Tried again under the same id when the answer was lost: it may be there already, with or without its index.
  await persist(() =>
    pool.query(
      `insert into evidence_pending (leaf_id, entry)
       select id, convert_to('leaf ' || id, 'UTF8') from unnest($1::uuid[]) as leaf(id) on conflict do nothing`,
      [ids],
    ),
  );
  for (const id of ids) say(`ack ${id}`);
}

async function sequence(): Promise<void> {
  say("s");
  await persist(() => log.sequence());
  say("d");
}

async function publish(): Promise<void> {
  say("p");
  await persist(() => log.publish());
  say("d");
}

const ACTS = [record, record, sequence, publish];

await persist(() => pool.query("select 1"));
say("ready");
for (;;) await ACTS[Math.floor(Math.random() * ACTS.length)]?.();
