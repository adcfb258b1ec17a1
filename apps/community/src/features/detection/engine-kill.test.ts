import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { COPIED_CARDS, raisedCards, storeTaps } from "./testing/stored-taps.ts";

const CHILD = fileURLToPath(new URL("./testing/judge-stored.ts", import.meta.url));
const DAY = 86_400_000;
/** A process of its own starts slowly on a busy machine. */
const PATIENCE_MS = 60_000;

const server = await startTestServer();
const site = await buildSite(server);
const { pool, connection } = server;
const start = server.clock.now();
await storeTaps(pool, site, start);

async function countCases(): Promise<number> {
  const { rows } = await pool.query<{ count: string }>("select count(*) from detection_case");
  return Number(rows[0]?.count);
}

/** A process of its own that judges what is stored. */
function judge(more: readonly string[]) {
  const options = ["--connection", JSON.stringify(connection), "--now", String(start + 8 * DAY), ...more];
  return spawn(process.execPath, [CHILD, ...options], { stdio: ["ignore", "pipe", "inherit"] });
}

test.each([
  ["", []],
  [" in a thread of its own", ["--thread"]],
])(
  "a process that is killed while it judges%s neither misses nor repeats a case",
  { timeout: 240_000 },
  async (_where, more) => {
    await pool.query("truncate detection_case cascade");
    await pool.query("update detection_setting set judged_at = null, judged_with = null");
    let kills = 0;
    // Each process gets a little further before it is killed: after one case, after six, after eleven.
    for (const enough of [1, 6, 11]) {
      const child = judge(more);
      const ended = once(child, "exit");
      await eventually("cases", async () => (await countCases()) >= enough, PATIENCE_MS).finally(() =>
        child.kill("SIGKILL"),
      );
      await ended;
      const { rows } = await pool.query<{ judged_at: Date | null }>(
        "select judged_at from detection_setting",
      );
      if (rows[0]?.judged_at === null) kills += 1;
    }
    // At least one died before it was through.
    expect(kills).toBeGreaterThan(0);
    const child = judge(more);
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await raisedCards(pool)).toEqual({ cards: COPIED_CARDS, times: [1] });
  },
);
