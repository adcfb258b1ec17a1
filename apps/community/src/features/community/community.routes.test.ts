import { communityEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;

test("the first start makes the street, the grounds and what every resident is offered", async () => {
  expect(await operate.call(communityEndpoints.get)).toMatchObject({
    name: "海棠苑",
    timeZone: "Asia/Shanghai",
    outsideAreaId: site.outsideAreaId,
    groundsAreaId: site.groundsAreaId,
    offers: [
      { kind: "desfire", grade: "B" },
      { kind: "phone-pass", grade: "C" },
      { kind: "pin", grade: "D" },
    ],
    gradeCaps: [],
  });
});

test("name and grade caps change; a falling grade is never a reason to refuse", async () => {
  const { offers, revision } = await operate.call(communityEndpoints.get);
  const gradeCaps = [{ kind: "desfire" as const, grade: "E" as const, from: server.clock.now() + 1_000 }];
  const changed = await operate.call(communityEndpoints.update, {
    body: { name: "海棠苑二期", offers, gradeCaps, revision },
  });
  expect(changed).toMatchObject({ name: "海棠苑二期", gradeCaps, revision: revision + 1 });
  expect(
    await operate.refused(communityEndpoints.update, { body: { name: "x", offers, gradeCaps, revision } }),
  ).toMatchObject({ code: "stale-revision" });
});

test("an offer that residents need is not taken back, and none stands twice", async () => {
  const { name, offers, revision } = await operate.call(communityEndpoints.get);
  const update = (wrong: typeof offers) =>
    operate.refused(communityEndpoints.update, { body: { name, offers: wrong, gradeCaps: [], revision } });
  expect(await update(offers.filter((offer) => offer.kind !== "phone-pass"))).toMatchObject({
    code: "way-in-lost",
  });
  expect(await update([...offers, { kind: "pin", grade: "D" }])).toMatchObject({
    status: 400,
    fields: [{ path: "body/offers" }],
  });
});

test("whoever may not is refused", async () => {
  const guard = await server.member("guard");
  const { name, offers, revision } = await operate.call(communityEndpoints.get);
  const body = { name, offers, gradeCaps: [], revision };
  expect(await guard.refused(communityEndpoints.update, { body })).toMatchObject({ code: "forbidden" });
  expect(await server.visitor().refused(communityEndpoints.get)).toMatchObject({ status: 401 });
});
