import { Instant } from "@menshen/domain";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { makeDetectionEngine } from "./engine.ts";
import { ALL_TAPS, COPIED_CARDS, raisedCards, storeTaps } from "./testing/stored-taps.ts";

const DAY = 86_400_000;
const server = await startTestServer();
const site = await buildSite(server);

test("entries that gave way to what their gate holds are judged no more, while the engine runs", async () => {
  const start = server.clock.now();
  await storeTaps(server.pool, site, start);
  const engine = makeDetectionEngine({
    db: server.db,
    clock: { now: () => Instant(start + 8 * DAY) },
    logger: server.app.log,
    gateLink: { ...server.gateLink, onLive: () => () => undefined },
  });
  const standing = async () =>
    (
      await server.pool.query<{ name: string }>(
        "select encode(credential, 'hex') as name from detection_case where explained_at is null order by name",
      )
    ).rows.map(({ name }) => name);
  await engine.settle();
  expect((await raisedCards(server.pool)).cards).toEqual(COPIED_CARDS);
  expect(await standing()).toEqual(COPIED_CARDS);
  // As `giveWay` does it, but for the copy that it keeps: the gate held nothing behind the tenth tap of each card.
  await server.pool.query("insert into gate_device (gate_id) values ($1) on conflict do nothing", [
    site.gateId,
  ]);
  const client = await server.pool.connect();
  await client.query("begin");
  await client.query("delete from event where gate_id = $1 and sequence > $2", [site.gateId, ALL_TAPS / 10]);
  await client.query(
    "insert into gate_alarm (gate_id, kind, sequence, first_at, last_at) values ($1, 'replaced', $2, now(), now())",
    [site.gateId, ALL_TAPS / 10 + 1],
  );
  await client.query("commit");
  client.release();
  await engine.settle();
  expect(await standing()).toEqual([]);
  await engine.stop();
});
