import { randomUUID } from "node:crypto";
import { Duration } from "@menshen/domain";
import {
  conformityEndpoints,
  messageEndpoints,
  personEndpoints,
  residentConsentEndpoints,
  residentEndpoints,
  sharingEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { goodDraft, makeConsentWorld } from "../consent/consent.fixture.ts";

const server = await startTestServer();
const { operate, secure, dwellingIds } = await buildSite(server);
const { clock, pool } = server;
const { community } = await server.visitor().call(residentEndpoints.session);
const world = makeConsentWorld(server, community.id);
const moveIn = async (displayName: string) => {
  const residency = { role: "tenant" as const, dwellingId: dwellingIds[1] };
  return (await operate.call(personEndpoints.create, { body: { displayName, residency } })).id;
};
const asked = await world.publish(operate, {
  ...goodDraft(clock.now(), "commercial-messages"),
  processor: { name: "海棠小店", contact: "0571-1111" },
});
const shop = await secure.call(sharingEndpoints.register, {
  body: { name: "海棠小店", purpose: "优惠信息", contact: "0571-1111", subProcessors: [] },
});
const AD = {
  title: "周末优惠",
  text: "鸡蛋九折",
  audience: { kind: "all" },
  advertiserId: shop.id,
} as const;

const row = async () => {
  const { items } = await server.visitor().call(conformityEndpoints.read);
  return items.find(({ id }) => id === "A1");
};

test("A1 (D12 item 7; PIPL 24): by a real consent, off in one step, and whatever went out without one is counted in public", async () => {
  expect(await row()).toMatchObject({ state: "kept", breaches: 0 });
  const refused = await operate.refused(messageEndpoints.sendCommercial, { body: AD });
  expect(refused.code).toBe("conflict");
  const tenant = await world.joined(operate, await moveIn("周一"));
  const given = await tenant.client.call(residentConsentEndpoints.give, { body: tenant.consentTo(asked) });
  clock.advance(Duration.seconds(1));
  // Agreed to this shop's messages, not to a bank's.
  const bank = await secure.call(sharingEndpoints.register, {
    body: { name: "一家银行", purpose: "贷款广告", contact: "95500", subProcessors: [] },
  });
  const loan = { ...AD, advertiserId: bank.id };
  expect((await operate.refused(messageEndpoints.sendCommercial, { body: loan })).code).toBe("conflict");
  const sent = await operate.call(messageEndpoints.sendCommercial, { body: AD });
  expect(await tenant.client.call(messageEndpoints.ownCommercial)).toMatchObject({
    isOn: true,
    items: [{ id: sent.id, advertiser: "海棠小店", consentId: given.recordId }],
  });
  expect(await row()).toMatchObject({ state: "kept", breaches: 0 });

  clock.advance(Duration.seconds(1));
  await tenant.client.call(messageEndpoints.stopCommercial);
  expect(await tenant.client.call(messageEndpoints.ownCommercial)).toEqual({ isOn: false, items: [] });
  expect((await operate.refused(messageEndpoints.sendCommercial, { body: AD })).code).toBe("conflict");
  // What was right when it went out stays so.
  expect(await row()).toMatchObject({ state: "kept", breaches: 0 });

  // Whoever has the database sends past the rule: to somebody who stopped it, and to somebody who never agreed.
  clock.advance(Duration.seconds(1));
  const other = await moveIn("后来的人");
  const id = randomUUID();
  await pool.query(
    `insert into commercial_message (id, title, text, advertiser_id, sent_at, sent_by)
     select $1, title, text, advertiser_id, $2, sent_by from commercial_message limit 1`,
    [id, new Date(clock.now())],
  );
  const to = (personId: string, consentId: string) =>
    pool.query(
      "insert into commercial_message_recipient (message_id, person_id, consent_id) values ($1, $2, $3)",
      [id, personId, consentId],
    );
  await to(tenant.personId, given.recordId);
  expect(await row()).toMatchObject({ state: "broken", breaches: 1 });
  await to(other, given.recordId);
  expect(await row()).toMatchObject({ state: "broken", breaches: 2 });
});
