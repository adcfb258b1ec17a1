import { randomUUID } from "node:crypto";
import { Duration } from "@menshen/domain";
import { caseEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { Scene } from "./testing/scene.ts";

test("a case relies on a hold that is in force alone: none that ended by time or by hand, was refused or is none", async () => {
  const scene = await Scene.open();
  const { server, site } = scene;
  await scene.tap(-300, 10);
  await scene.tap(-200, 9);
  await scene.settle();
  const [found] = await scene.cases();
  const id = found?.id ?? "";
  const now = server.clock.now();
  /** A request as it stands in the database; what it asks for does not matter here. */
  const request = async (state: string, holdUntil: number | null, endedAt: number | null = null) => {
    const openingId = randomUUID();
    const seconds = (at: number | null) => (at === null ? null : at / 1_000);
    await server.pool.query(
      `insert into opening (id, state, path, requested_at, deadline, seal_until, statement, leaf_id, staff_id, hold_until, hold_ended_at)
       select $1, $2, 'ordinary', now(), now(), now(), '{}', $3, id, to_timestamp($4), to_timestamp($5) from staff limit 1`,
      [openingId, state, randomUUID(), seconds(holdUntil), seconds(endedAt)],
    );
    return { params: { id }, body: { openingId } };
  };
  const later = now + Duration.days(9);
  for (const none of [
    await request("answered", null),
    await request("answered", now),
    await request("answered", later, now - 1),
    await request("refused", later),
    await request("expired", later),
  ]) {
    expect((await site.secure.refused(caseEndpoints.hold, none)).code).toBe("conflict");
  }
  const unknown = { params: { id }, body: { openingId: randomUUID() } };
  expect((await site.secure.refused(caseEndpoints.hold, unknown)).code).toBe("not-found");
  expect(await site.secure.call(caseEndpoints.get, { params: { id } })).not.toHaveProperty("holdId");
  const inForce = await request("answered", later);
  await site.secure.call(caseEndpoints.hold, inForce);
  const held = await site.secure.call(caseEndpoints.get, { params: { id } });
  expect(held.holdId).toBe(inForce.body.openingId);
});
