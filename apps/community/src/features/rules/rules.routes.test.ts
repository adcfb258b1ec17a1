import { personEndpoints, ruleEndpoints } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;
const guard = await server.member("guard");
const ABSENT = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
const FORBIDDEN = { status: 403, code: "forbidden" };

const staffRule = {
  name: "员工",
  who: { roles: ["staff" as const] },
  where: { accessPointIds: [site.points.northIn] },
  means: ["desfire" as const],
  minimumGrade: "B" as const,
  validity: {},
  overridesLockdown: true,
};

describe("rules", () => {
  test("carry a number that is never used again", async () => {
    const first = await operate.call(ruleEndpoints.create, { body: staffRule });
    expect(first).toMatchObject({ ...staffRule, revision: 1 });
    await operate.call(ruleEndpoints.remove, { params: { id: first.id } });
    const second = await operate.call(ruleEndpoints.create, { body: staffRule });
    expect(second.number).toBeGreaterThan(first.number);
    // Its name is taken by now.
    expect(await operate.refused(ruleEndpoints.restore, { params: { id: first.id } })).toMatchObject({
      code: "conflict",
    });
    await operate.call(ruleEndpoints.remove, { params: { id: second.id } });
    expect(await operate.call(ruleEndpoints.restore, { params: { id: first.id } })).toMatchObject({
      number: first.number,
    });
    const removed = await operate.call(ruleEndpoints.list, { query: { removed: true } });
    expect(removed.items.map((item) => item.id)).toEqual([second.id]);
  });

  test("name only what is there, select somebody and lead somewhere", async () => {
    const create = (wrong: object) =>
      operate.ask(ruleEndpoints.create, { body: { ...staffRule, name: "x", ...wrong } });
    expect(await create({ scheduleId: ABSENT })).toMatchObject({ status: 404 });
    expect(await create({ where: { areaIds: [ABSENT] } })).toMatchObject({ status: 404 });
    expect(await create({ who: { personIds: [site.resident.personId, ABSENT] } })).toMatchObject({
      status: 404,
    });
    expect(await create({ who: {} })).toMatchObject({ status: 400 });
    expect(await create({ where: {} })).toMatchObject({ status: 400 });
    expect(await create({ who: { roles: [] } })).toMatchObject({ status: 400 });
    expect(await create({ validity: { from: 2, until: 1 } })).toMatchObject({ status: 400 });
    expect(await create({ minimumGrade: "F" })).toMatchObject({ status: 400 });
  });

  test("the change that takes a way in is refused and named; what it would do can be asked before", async () => {
    const { id, number: _, ...rule } = await operate.call(ruleEndpoints.get, { params: { id: site.ruleId } });
    const faceOnly = { ...rule, means: ["face" as const, "phone" as const] };
    const { revision: __, ...asked } = faceOnly;
    const checked = await operate.call(ruleEndpoints.check, { body: { id, rule: asked } });
    expect(checked).toMatchObject({ allowed: false, personCount: 1, violationCount: 2 });
    expect(checked.violations[0]).toMatchObject({
      problem: "no-way",
      persons: [{ name: "李奶奶", dwellingNames: ["1号楼 101"] }],
    });
    const problem = await operate.refused(ruleEndpoints.update, {
      params: { id },
      body: faceOnly,
      viewReason: { code: "complaint" },
    });
    expect(problem).toMatchObject({ status: 409, code: "way-in-lost", violationCount: 2 });
    expect(problem.violations).toEqual(checked.violations);
    expect(await operate.refused(ruleEndpoints.remove, { params: { id } })).toMatchObject({
      code: "way-in-lost",
    });
    expect(await operate.call(ruleEndpoints.check, { body: { id } })).toMatchObject({
      allowed: false,
      personCount: 0,
    });
    expect(await operate.call(ruleEndpoints.get, { params: { id } })).toMatchObject({
      revision: rule.revision,
    });
  });

  test("a harmless change passes, counted over whom it selects", async () => {
    await operate.call(personEndpoints.create, {
      body: { displayName: "保安", residency: { role: "staff" } },
    });
    expect(
      await operate.call(ruleEndpoints.check, { body: { rule: { ...staffRule, name: "夜班" } } }),
    ).toMatchObject({
      allowed: true,
      personCount: 1,
      violations: [],
    });
    expect(await operate.refused(ruleEndpoints.check, { body: { id: ABSENT } })).toMatchObject({
      status: 404,
    });
  });

  test("two people who edit the same rule notice each other", async () => {
    const { id, number: _, ...rule } = await operate.call(ruleEndpoints.get, { params: { id: site.ruleId } });
    const update = () =>
      operate.ask(ruleEndpoints.update, { params: { id }, body: { ...rule, name: "住户规则" } });
    const answers = await Promise.all([update(), update()]);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200, 409]));
  });

  test("refuse whoever may not", async () => {
    const one = { params: { id: site.ruleId } };
    const desk = await server.member("desk");
    expect(await guard.refused(ruleEndpoints.create, { body: staffRule })).toMatchObject(FORBIDDEN);
    expect(
      await desk.refused(ruleEndpoints.update, { ...one, body: { ...staffRule, revision: 1 } }),
    ).toMatchObject(FORBIDDEN);
    expect(await guard.refused(ruleEndpoints.remove, one)).toMatchObject(FORBIDDEN);
    expect(await guard.refused(ruleEndpoints.restore, one)).toMatchObject(FORBIDDEN);
    expect(await site.secure.refused(ruleEndpoints.list)).toMatchObject({ code: "wrong-duty" });
    expect(await site.secure.refused(ruleEndpoints.get, one)).toMatchObject({ code: "wrong-duty" });
    expect(await site.secure.refused(ruleEndpoints.check, { body: {} })).toMatchObject({
      code: "wrong-duty",
    });
  });

  test("a guard who asks what a change would do reads no names", async () => {
    const { violations } = await guard.call(ruleEndpoints.check, { body: { id: site.ruleId } });
    expect(violations[0]?.persons).toEqual([{ id: site.resident.personId, dwellingNames: [] }]);
  });
});
