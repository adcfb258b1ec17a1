import { Duration } from "@menshen/domain";
import {
  type ComplaintInput,
  type ConformityItem,
  complaintEndpoints,
  conformityEndpoints,
  PERMISSIONS,
  personEndpoints,
  type StaffBody,
  type StaffRole,
  sessionEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import { expect, test, vi } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { pool, clock } = server;

async function advance(by: Duration): Promise<void> {
  clock.advance(by);
  await pool.query("update staff_session set last_used_at = $1, expires_at = $2", [
    new Date(clock.now()),
    new Date(clock.now() + Duration.hours(12)),
  ]);
}

async function member(role: StaffRole, displayName: string, body?: StaffBody) {
  const { staff, signIn } = await site.secure.call(staffEndpoints.create, {
    body: { displayName, roles: [role], ...(body === undefined ? {} : { body }) },
  });
  const client = server.visitor();
  await client.call(sessionEndpoints.signInWithCode, { body: { code: signIn.code } });
  return { ...staff, client };
}
const desk = await member("desk", "服务台 小周");
const committee = await member("committee", "业委会");
const officer = await member("supervisor", "区住建");

const FEES: ComplaintInput = {
  kind: "complaint",
  category: "fees",
  to: "property",
  text: "电梯广告的收入没有公布。",
};

async function row(id: string): Promise<ConformityItem | undefined> {
  const { items } = await server.visitor().call(conformityEndpoints.read);
  return items.find((item) => item.id === id);
}

test("K1 (the city's desk): a supervisor is the city's, reads what came up to it, and nothing else here", async () => {
  expect([officer.body, committee.body, desk.body]).toEqual(["city", "committee", "property"]);
  const wrong = await site.secure.refused(staffEndpoints.create, {
    body: { displayName: "假监管", roles: ["supervisor"], body: "property" },
  });
  expect(wrong.fields).toEqual([{ path: "body/body", message: "expected the city for a supervisor" }]);
  const moved = await site.secure.refused(staffEndpoints.update, {
    params: { id: officer.id },
    body: {
      displayName: "区住建",
      roles: ["supervisor"],
      body: "property",
      revision: officer.revision,
    },
  });
  expect(moved.code).toBe("invalid-request");
  const session = await officer.client.call(sessionEndpoints.get);
  if (!session.signedIn) throw new Error("expected a session");
  const areas = new Set(session.permissions.map((permission) => permission.split(".")[0]));
  expect(areas).toEqual(new Set(["complaints", "incidents", "penalties"]));
  expect(PERMISSIONS.length).toBeGreaterThan(session.permissions.length);
  const people = await officer.client.refused(personEndpoints.list, { query: {} });
  expect(people.code).toMatch(/forbidden|wrong-duty/);

  const { complaint } = await server.visitor().call(complaintEndpoints.writeNameless, { body: FEES });
  const ids = async (who: typeof officer) =>
    (await who.client.call(complaintEndpoints.queue, { query: {} })).items.map((one) => [one.id, one.cameBy]);
  expect(await ids(officer)).toEqual([]);
  expect(await ids(desk)).toEqual([[complaint.id, undefined]]);
  for (let day = 0; day < 11; day += 1) {
    await advance(Duration.days(1));
    await server.tidy();
  }
  expect(await ids(committee)).toEqual([[complaint.id, "unanswered"]]);
  expect(await ids(officer)).toEqual([]);
  await committee.client.call(complaintEndpoints.handOn, {
    params: { id: complaint.id },
    body: { to: "city", why: "要由监管部门定" },
  });
  expect(await ids(officer)).toEqual([[complaint.id, "handler"]]);
  const answered = await officer.client.call(complaintEndpoints.answer, {
    params: { id: complaint.id },
    body: { text: "已约谈物业。" },
  });
  expect(answered).toMatchObject({ state: "answered", body: "city" });
});

test("K1 (its count): an open complaint past its deadline is a breach until somebody answers it", async () => {
  const { complaint } = await server.visitor().call(complaintEndpoints.writeNameless, {
    body: { ...FEES, to: "city" },
  });
  expect(await row("K1")).toMatchObject({ state: "kept", breaches: 0 });
  // Its last quarter of an hour belongs to the clock that gives it on.
  await advance(Duration.ms(complaint.answerBy - clock.now() + Duration.minutes(15) - 1));
  await server.tidy();
  const before = await row("K1");
  await advance(Duration.ms(1));
  const after = await row("K1");
  expect((after?.breaches ?? 0) - (before?.breaches ?? 0)).toBe(1);
  expect(after?.state).toBe("broken");
  await officer.client.call(complaintEndpoints.answer, {
    params: { id: complaint.id },
    body: { text: "已责令公布。" },
  });
  expect((await row("K1"))?.breaches).toBe(before?.breaches);
});

test("K2 (its count): a complaint that the log left out is a breach once its day is over", async () => {
  const { complaint } = await server.visitor().call(complaintEndpoints.writeNameless, { body: FEES });
  await vi.waitFor(async () => {
    const { rows } = await pool.query("select 1 from evidence_pending");
    expect(rows).toEqual([]);
  }, 10_000);
  await advance(Duration.days(2));
  expect(await row("K2")).toMatchObject({ state: "kept", breaches: 0 });
  // Somebody with the database in their hands: the leaf has no place, though its statement is there.
  const { rows } = await pool.query("select leaf_id from complaint where id = $1", [complaint.id]);
  const leafId: string = rows[0].leaf_id;
  const other = "99999999-9999-4999-8999-999999999999";
  const point = (to: string) =>
    pool.query("update complaint set leaf_id = $1 where id = $2", [to, complaint.id]);
  await pool.query("alter table complaint disable trigger complaint_stays");
  await pool.query(
    `insert into evidence_statement (leaf_id, topic, subject_kind, subject_id, statement, public, at)
      select $1, topic, subject_kind, subject_id, statement, public, at from evidence_statement where leaf_id = $2`,
    [other, leafId],
  );
  await point(other);
  expect(await row("K2")).toMatchObject({ state: "broken", breaches: 1 });
  await point(leafId);
  expect(await row("K2")).toMatchObject({ state: "kept", breaches: 0 });
  // The leaf has its place, and nobody may read what it says.
  await pool.query("delete from evidence_statement where leaf_id = $1", [leafId]);
  expect(await row("K2")).toMatchObject({ state: "broken", breaches: 1 });
});

test("K2 (without a name, about somebody): whoever is named as on the badge neither sees nor handles it", async () => {
  const visitor = server.visitor();
  const { complaint } = await visitor.call(complaintEndpoints.writeNameless, {
    body: { ...FEES, category: "staff-conduct", aboutName: "服务台小周" },
  });
  expect(complaint).toMatchObject({ aboutStaff: "服务台 小周" });
  const seen = await desk.client.call(complaintEndpoints.queue, { query: {} });
  expect(seen.items.map(({ id }) => id)).not.toContain(complaint.id);
  const refused = await visitor.refused(complaintEndpoints.writeNameless, {
    body: { ...FEES, aboutName: "没有这个人" },
  });
  expect(refused.fields?.map(({ path }) => path)).toEqual(["body/aboutName"]);
  // Two of one name: nobody can tell whom to keep it from.
  await member("guard", "小刘");
  await member("guard", "小 刘");
  const twice = await visitor.refused(complaintEndpoints.writeNameless, {
    body: { ...FEES, aboutName: "小刘" },
  });
  expect(twice.code).toBe("invalid-request");
});

test("K1 (bad input): half a character is taken as one that is none, and has a receipt like any other", async () => {
  const { complaint } = await server.visitor().call(complaintEndpoints.writeNameless, {
    body: { ...FEES, text: " 半个字 \ud83d " },
  });
  expect(complaint.text).toBe("半个字 \ufffd");
  const blank = await server.visitor().refused(complaintEndpoints.writeNameless, {
    body: { ...FEES, text: " \n " },
  });
  expect(blank.fields?.map(({ path }) => path)).toEqual(["body/text"]);
});
