import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sha256 } from "@menshen/crypto/node";
import { AccessPointId, Instant } from "@menshen/domain";
import { encodeJournalEntry } from "@menshen/wire";
import { expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const CHILD = fileURLToPath(new URL("./testing/judge-stored.ts", import.meta.url));
const CARDS = 60;
const TAPS = 100;
const HOUR = 3_600_000;
/** Every fourth card has a copy, whose counter stays behind. */
const FORKED = Array.from({ length: CARDS / 4 }, (_, index) => index * 4);

const server = await startTestServer();
const site = await buildSite(server);
const { pool, connection } = server;

function nameOf(card: number): string {
  return `${"01".repeat(8)}${Buffer.from(pseudonymOf(card)).toString("hex")}`;
}

function pseudonymOf(card: number): Uint8Array {
  return sha256(new TextEncoder().encode(`card ${card}`)).slice(0, 16);
}

/** Seven days of taps; a forked card's copy is used with an old number once on its own day. */
async function storeTaps(start: number): Promise<number> {
  const step = (7 * 24 * HOUR) / (CARDS * TAPS);
  const rows: unknown[][] = [];
  for (let tap = 0; tap < TAPS; tap += 1) {
    for (let card = 0; card < CARDS; card += 1) {
      const sequence = rows.length + 1;
      const at = Math.round(start + sequence * step);
      const isCopy = FORKED.includes(card) && tap === 20 + card;
      const counter = isCopy ? 2 : tap + 1;
      const entry = encodeJournalEntry({
        version: 1,
        sequence,
        earliest: Instant(at),
        latest: Instant(at),
        kind: "access",
        body: {
          accessPointId: AccessPointId(site.points.northIn),
          granted: true,
          reasons: [{ code: "rule-allows" }],
          kind: "ntag424",
          snapshotVersion: 1,
          lockDriven: true,
          pseudonym: pseudonymOf(card),
          pseudonymKeyId: new Uint8Array(8).fill(1),
          epoch: 1,
          evidence: { counter },
        },
      });
      rows.push([sequence, new Date(at), pseudonymOf(card), entry]);
    }
  }
  for (const [name, from, until] of [
    ["event_2026_11", "2026-11-01", "2026-12-01"],
    ["event_2026_12", "2026-12-01", "2027-01-01"],
  ]) {
    await pool.query(
      `create table if not exists ${name} partition of event for values from ('${from}') to ('${until}')`,
    );
  }
  await pool.query(
    `insert into event (position, gate_id, sequence, at, received_at, kind, granted, subject, pseudonym, entry)
     select n, $1, n, at, at, 1, true, $2, pseudonym, entry
     from unnest($3::bigint[], $4::timestamptz[], $5::bytea[], $6::bytea[]) as t (n, at, pseudonym, entry)`,
    [site.gateId, site.points.northIn, ...[0, 1, 2, 3].map((column) => rows.map((row) => row[column]))],
  );
  await pool.query("update event_position set last = $1", [rows.length]);
  return start + 8 * 24 * HOUR;
}

async function countCases(): Promise<number> {
  const { rows } = await pool.query<{ count: string }>("select count(*) from detection_case");
  return Number(rows[0]?.count);
}

/** A process of its own that judges what is stored. */
function judge(now: number) {
  const options = ["--connection", JSON.stringify(connection), "--now", String(now)];
  return spawn(process.execPath, [CHILD, ...options], { stdio: ["ignore", "pipe", "inherit"] });
}

test("a process that is killed while it judges neither misses nor repeats a case", {
  timeout: 120_000,
}, async () => {
  const now = await storeTaps(server.clock.now());
  let kills = 0;
  // Each process gets a little further before it is killed: after one case, after six, after eleven.
  for (const enough of [1, 6, 11]) {
    const child = judge(now);
    const ended = once(child, "exit");
    await eventually("cases", async () => (await countCases()) >= enough).finally(() =>
      child.kill("SIGKILL"),
    );
    await ended;
    const { rows } = await pool.query<{ judged_at: Date | null }>("select judged_at from detection_setting");
    if (rows[0]?.judged_at === null) kills += 1;
  }
  // At least one died before it was through.
  expect(kills).toBeGreaterThan(0);
  const child = judge(now);
  expect(await once(child, "exit")).toEqual([0, null]);

  const { rows } = await pool.query<{ credential: Buffer; raised: string }>(
    `select credential, (select count(*) from detection_note n where n.case_id = c.id and what = 'raised') as raised
     from detection_case c where step = 'replace'`,
  );
  expect(rows.map(({ credential }) => credential.toString("hex")).toSorted()).toEqual(
    FORKED.map(nameOf).toSorted(),
  );
  expect(new Set(rows.map(({ raised }) => raised))).toEqual(new Set(["1"]));
});
