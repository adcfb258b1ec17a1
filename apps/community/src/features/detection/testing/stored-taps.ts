import { sha256 } from "@menshen/crypto/node";
import { AccessPointId, GateId, Instant } from "@menshen/domain";
import { encodeJournalEntry } from "@menshen/wire";
import type pg from "pg";
import type { TestSite } from "../../../testing/test-site.ts";

const CARDS = 60;
const TAPS = 100;
const HOUR = 3_600_000;
/** Every fourth card has a copy, whose counter stays behind. */
const FORKED = Array.from({ length: CARDS / 4 }, (_, index) => index * 4);
export const ALL_TAPS = CARDS * TAPS;

/** The cards that have a copy, as cases name them. */
export const COPIED_CARDS = FORKED.map(
  (card) => `${"01".repeat(8)}${Buffer.from(pseudonymOf(card)).toString("hex")}`,
).toSorted();

function pseudonymOf(card: number): Uint8Array {
  return sha256(new TextEncoder().encode(`card ${card}`)).slice(0, 16);
}

/** The tap at a place from 1 on, of seven days of taps; a forked card's copy is used with an old number once on its own day. */
function tapAt(site: TestSite, start: number, place: number) {
  const at = Math.round(start + (place * 7 * 24 * HOUR) / ALL_TAPS);
  const card = (place - 1) % CARDS;
  const tap = Math.floor((place - 1) / CARDS);
  const isCopy = FORKED.includes(card) && tap === 20 + card;
  const pseudonym = pseudonymOf(card);
  const entry = encodeJournalEntry({
    version: 1,
    sequence: place,
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
      pseudonym,
      pseudonymKeyId: new Uint8Array(8).fill(1),
      epoch: 1,
      evidence: { counter: isCopy ? 2 : tap + 1 },
    },
  });
  return { at, pseudonym, entry };
}

/** Writes taps as if the gate link had stored them. */
export async function storeTaps(
  pool: pg.Pool,
  site: TestSite,
  start: number,
  { from, until }: { readonly from: number; readonly until: number } = { from: 1, until: ALL_TAPS },
): Promise<void> {
  for (const [name, first, end] of [
    ["event_2026_11", "2026-11-01", "2026-12-01"],
    ["event_2026_12", "2026-12-01", "2027-01-01"],
  ]) {
    await pool.query(
      `create table if not exists ${name} partition of event for values from ('${first}') to ('${end}')`,
    );
  }
  const places = Array.from({ length: until - from + 1 }, (_, index) => from + index);
  const taps = places.map((place) => tapAt(site, start, place));
  await pool.query(
    `insert into event (position, gate_id, sequence, at, received_at, kind, granted, subject, pseudonym, entry)
     select n, $1, n, at, at, 1, true, $2, pseudonym, entry
     from unnest($3::bigint[], $4::timestamptz[], $5::bytea[], $6::bytea[]) as t (n, at, pseudonym, entry)`,
    [
      site.gateId,
      site.points.northIn,
      places,
      taps.map(({ at }) => new Date(at)),
      taps.map(({ pseudonym }) => pseudonym),
      taps.map(({ entry }) => entry),
    ],
  );
  await pool.query("update event_position set last = $1", [until]);
}

/** Cards of cases that are beyond doubt, and how often each was raised. */
export async function raisedCards(pool: pg.Pool): Promise<{ cards: string[]; times: number[] }> {
  const { rows } = await pool.query<{ credential: Buffer; raised: string }>(
    `select credential, (select count(*) from detection_note n where n.case_id = c.id and what = 'raised') as raised
     from detection_case c where step = 'replace'`,
  );
  return {
    cards: rows.map(({ credential }) => credential.toString("hex")).toSorted(),
    times: [...new Set(rows.map(({ raised }) => Number(raised)))],
  };
}

/** The same taps as the gate link hands them to listeners. */
export function handedTaps(site: TestSite, start: number, from: number, until: number) {
  const taps = Array.from({ length: until - from + 1 }, (_, index) => tapAt(site, start, from + index));
  return taps.map(({ at, entry }, index) => ({
    firstPosition: from + index,
    firstSequence: from + index,
    gateId: GateId(site.gateId),
    receivedAt: Instant(at),
    entries: [entry],
  }));
}
