import { ed25519Verify, fromHex, primitives, sha256, toHex } from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import {
  commitAnswer,
  commitComplaint,
  entryOfReceipt,
  judgeOmission,
  logVerifyKeysOf,
  parseVerifierKey,
  readComplaintReceipt,
} from "@menshen/evidence";
import {
  type ComplaintInput,
  complaintEndpoints,
  consentNoticeEndpoints,
  evidenceEndpoints,
  type OwnComplaint,
  penaltyEndpoints,
  personEndpoints,
  type StaffBody,
  type StaffRole,
  sessionEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import { expect, test, vi } from "vitest";
import { joinResident, leave } from "../../testing/test-resident.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { pool, clock } = server;
const crypto = { ...primitives, sha256, ed25519Verify };

/** Deadlines are days, sessions hours: what is tested here is not how often one signs in. */
async function staySignedIn(): Promise<void> {
  await pool.query("update staff_session set last_used_at = $1, expires_at = $2", [
    new Date(clock.now()),
    new Date(clock.now() + Duration.hours(12)),
  ]);
  await pool.query("update resident_session set expires_at = $1", [
    new Date(clock.now() + Duration.hours(12)),
  ]);
}
async function advance(by: Duration): Promise<void> {
  clock.advance(by);
  await staySignedIn();
}

const founder = { operate: site.operate, secure: site.secure };

/** Somebody who works for a body, signed in. */
async function member(body: StaffBody, role: StaffRole, name: string) {
  const { staff, signIn } = await founder.secure.call(staffEndpoints.create, {
    body: { displayName: name, roles: [role], body },
  });
  const client = server.visitor();
  await client.call(sessionEndpoints.signInWithCode, { body: { code: signIn.code } });
  return { id: staff.id, client };
}
const desk = await member("property", "desk", "服务台小周");
const manager = await member("property", "manager", "项目经理");
const committee = await member("committee", "committee", "业委会");
const city = await member("city", "auditor", "区住建");
const grandmother = await joinResident(server, founder.operate, site.resident.personId);
const { client: resident } = grandmother;
const neighbourId = (
  await founder.operate.call(personEndpoints.create, {
    body: { displayName: "邻居", residency: { role: "tenant", dwellingId: site.dwellingIds[1] } },
  })
).id;

const FEES: ComplaintInput = {
  kind: "complaint",
  category: "fees",
  to: "property",
  text: "电梯广告的收入没有公布。",
};

/** Some days later: what is due is done as the server's own timer does it. */
async function pass(days: number): Promise<void> {
  for (let count = 0; count < days; count += 1) {
    await advance(Duration.days(1));
    await server.tidy();
  }
}
const own = async (id: string): Promise<OwnComplaint> => {
  const { items } = await resident.call(complaintEndpoints.own);
  const found = items.find((one) => one.id === id);
  if (found === undefined) throw new Error("no such complaint of one's own");
  return found;
};
async function statements(topic: string): Promise<Record<string, unknown>[]> {
  const { rows } = await pool.query<{ statement: string; public: boolean }>(
    "select statement, public from evidence_statement where topic = $1 order by at",
    [topic],
  );
  expect(rows.every((row) => row.public)).toBe(true);
  return rows.map((row) => JSON.parse(row.statement));
}

test("K1 (Hangzhou 50; PIPL 65; D12 items 8-9): day 10 unanswered moves to the supervisor", async () => {
  const complaint = await resident.call(complaintEndpoints.write, { body: FEES });
  // Monday 08:00 in Shanghai.
  expect(new Date(complaint.answerBy).toISOString()).toBe("2026-12-03T16:00:00.000Z");
  const { id } = complaint;
  const kinds = async () => (await own(id)).steps.map(({ kind, body, to }) => [kind, to ?? body]);
  await pass(4);
  expect(await kinds()).toEqual([["received", "property"]]);
  await pass(1);
  expect(await kinds()).toEqual([
    ["received", "property"],
    ["reminded", "property"],
  ]);
  await pass(5);
  expect((await own(id)).body).toBe("property");
  await pass(1);
  expect(await own(id)).toMatchObject({ body: "committee", state: "open" });
  expect(await kinds()).toEqual([
    ["received", "property"],
    ["reminded", "property"],
    ["reminded", "property"],
    ["passed-on", "committee"],
  ]);
  // The property company lost it: an answer now is none.
  const late = await desk.client.refused(complaintEndpoints.answer, {
    params: { id },
    body: { text: "太晚了" },
  });
  expect(late.code).toBe("not-found");
  await pass(11);
  expect(await own(id)).toMatchObject({ body: "city", state: "open" });
  const queue = await city.client.call(complaintEndpoints.queue, { query: {} });
  expect(queue).toMatchObject({ body: "city", items: [{ id, late: false }] });
  await pass(12);
  // Nobody is above the city: that it is late stands in public.
  expect((await own(id)).body).toBe("city");
  expect(await statements("complaint-late")).toMatchObject([{ complaintId: id, body: "city" }]);
  expect(await statements("complaint-passed-on")).toMatchObject([
    { complaintId: id, from: "property", to: "committee", cause: "unanswered" },
    { complaintId: id, from: "committee", to: "city", cause: "unanswered" },
  ]);
  const officer = city.client;
  await officer.call(complaintEndpoints.answer, { params: { id }, body: { text: "已责令公布。" } });
  expect(await own(id)).toMatchObject({ state: "answered", body: "city" });
  expect((await statements("complaint-answered"))[0]).toMatchObject({
    complaintId: id,
    body: "city",
    late: true,
  });
  // Who handled it is recorded, and told to staff only.
  const handled = await officer.call(complaintEndpoints.get, { params: { id }, viewReason: null });
  expect(handled.steps.at(-1)).toMatchObject({ kind: "answered", staffName: "区住建" });
  expect(JSON.stringify(await own(id))).not.toContain("区住建");
});

test("K1 (clock games): the server's clock, its zone and a hand-over move no promised deadline", async () => {
  const client = resident;
  const complaint = await client.call(complaintEndpoints.write, { body: FEES });
  const { id, answerBy } = complaint;
  const officer = manager.client;
  await pool.query("update community set time_zone = 'Pacific/Kiritimati'");
  await pass(1);
  await pool.query("update community set time_zone = 'Asia/Shanghai'");
  await advance(Duration.hours(-30 * 24));
  await server.tidy();
  expect((await own(id)).answerBy).toBe(answerBy);
  await advance(Duration.hours(30 * 24));
  // Handing on gives nobody time, and goes to no body twice.
  const handed = await desk.client.call(complaintEndpoints.handOn, {
    params: { id },
    body: { to: "committee", why: "广告合同是业委会签的" },
  });
  expect(handed).toMatchObject({ body: "committee", answerBy });
  const back = await committee.client.refused(complaintEndpoints.handOn, {
    params: { id },
    body: { to: "property", why: "不归我们" },
  });
  expect(back.code).toBe("conflict");
  expect((await officer.refused(complaintEndpoints.get, { params: { id } })).code).toBe("not-found");
  // Nobody looked at the clock for three weeks: the first who answers finds that it rose.
  await advance(Duration.hours(21 * 24));
  const late = await committee.client.refused(complaintEndpoints.answer, {
    params: { id },
    body: { text: "马上" },
  });
  expect(late.code).toBe("not-found");
  expect(await own(id)).toMatchObject({ body: "city" });
  // A reminder that came with the rise reminded nobody, and is not said to have.
  expect((await own(id)).steps.map(({ kind }) => kind)).toEqual(["received", "passed-on", "passed-on"]);
  // To the millisecond: the last one before the deadline counts, the deadline itself does not.
  const answerAt = async (early: number) => {
    const next = await resident.call(complaintEndpoints.write, { body: FEES });
    await advance(Duration.ms(next.answerBy - early - clock.now()));
    return manager.client.ask(complaintEndpoints.answer, { params: { id: next.id }, body: { text: "好" } });
  };
  expect(await answerAt(1)).toMatchObject({ body: { state: "answered", late: false } });
  expect(await answerAt(0)).toMatchObject({ problem: { code: "not-found" } });
});

test("K1 (Hangzhou 50): closed only with an answer; not satisfied opens it again or carries it up", async () => {
  const client = resident;
  const { id } = await client.call(complaintEndpoints.write, { body: FEES });
  const judge = async (verdict: "satisfied" | "reopen" | "carry-up", text?: string) =>
    resident.ask(complaintEndpoints.judge, {
      params: { id },
      body: { verdict, ...(text === undefined ? {} : { text }) },
    });
  expect(await judge("satisfied")).toMatchObject({ problem: { code: "conflict" } });
  await expect(pool.query("update complaint set state = 'closed' where id = $1", [id])).rejects.toThrow();
  const answer = async (who: typeof desk, text: string) =>
    who.client.call(complaintEndpoints.answer, { params: { id }, body: { text } });
  await answer(desk, "下周公布。");
  expect(await judge("reopen", "下周到了，没有。")).toMatchObject({
    body: { state: "open", body: "property" },
  });
  await answer(desk, "已公布。");
  expect(await own(id)).toMatchObject({ next: "committee" });
  expect(await judge("carry-up")).toMatchObject({ body: { state: "open", body: "committee" } });
  await answer(committee, "已核对并张贴。");
  expect(await judge("satisfied")).toMatchObject({ body: { state: "closed" } });
  expect(await judge("reopen")).toMatchObject({ problem: { code: "conflict" } });
  const told = await own(id);
  expect(told.steps.map(({ kind, text }) => [kind, text])).toEqual([
    ["received", undefined],
    ["answered", "下周公布。"],
    ["reopened", "下周到了，没有。"],
    ["answered", "已公布。"],
    ["passed-on", undefined],
    ["answered", "已核对并张贴。"],
    ["satisfied", undefined],
  ]);
  // An answer that was changed later would no more open its leaf.
  const leaf = (await statements("complaint-answered")).filter((one) => one.complaintId === id);
  expect(leaf.map((one) => one.answer)).toContain(
    toHex(commitAnswer(primitives, fromHex(told.nonce), "已公布。")),
  );
  // After thirty days an answer stands.
  const second = await resident.call(complaintEndpoints.write, { body: FEES });
  await desk.client.call(complaintEndpoints.answer, {
    params: { id: second.id },
    body: { text: "好" },
  });
  await advance(Duration.hours(30 * 24));
  const { status } = await resident.ask(complaintEndpoints.judge, {
    params: { id: second.id },
    body: { verdict: "reopen" },
  });
  expect(status).toBe(409);
});

test("K2 (receipt): signed at once, verified offline, and proves whether the log has it", async () => {
  const complaint = await resident.call(complaintEndpoints.write, { body: FEES });
  const published = await server.visitor().call(consentNoticeEndpoints.receiptKey);
  const parsed = parseVerifierKey(sha256, published.key);
  if (!parsed.parsed) throw new Error("expected a key");
  const read = readComplaintReceipt(crypto, complaint.receipt, [parsed.key]);
  if (!read.read) throw new Error(read.refusal);
  expect(read.receipt).toMatchObject({
    complaintId: complaint.id,
    to: "property",
    answerBy: complaint.answerBy,
  });
  expect(read.receipt.commitment).toEqual(commitComplaint(primitives, fromHex(complaint.nonce), FEES));
  const log = await server.visitor().call(evidenceEndpoints.log);
  const keys = logVerifyKeysOf({ sha256 }, log);
  if (keys === undefined) throw new Error("expected keys of the log");
  const proof = await vi.waitFor(async () => {
    const { rows } = await pool.query<{ index: string }>(
      "select index from evidence_leaf where leaf_id = $1",
      [read.receipt.leafId],
    );
    const response = await server.app.inject({
      url: `/log/proof/${rows[0]?.index ?? "none"}`,
      headers: { host: "localhost:8080" },
    });
    if (response.statusCode !== 200) throw new Error("not published yet");
    return response.body;
  }, 10_000);
  expect(judgeOmission(crypto, read.receipt, proof, keys, clock.now())).toMatchObject({ verdict: "in-log" });
  const day = Duration.hours(24);
  expect(judgeOmission(crypto, read.receipt, undefined, keys, clock.now() + day)).toMatchObject({
    verdict: "missing",
  });
  expect(entryOfReceipt(crypto, read.receipt)).toHaveLength(2 + "complaint-received".length + 32);
});

test("K2 (nobody edits it out): neither delete nor edit, also by SQL; an erased writer's complaint stays", async () => {
  const person = await joinResident(server, founder.operate, neighbourId);
  const { id } = await person.client.call(complaintEndpoints.write, { body: FEES });
  for (const sql of [
    "delete from complaint where id = $1",
    "update complaint set text = null where id = $1",
    "update complaint set commitment = decode(repeat('00', 32), 'hex') where id = $1",
    "update complaint set received_at = now() where id = $1",
    "update complaint set category = 'other' where id = $1",
    "delete from complaint_step where complaint_id = $1",
    "update complaint_step set staff_id = null where complaint_id = $1",
  ]) {
    await expect(pool.query(sql, [id]), sql).rejects.toThrow(/cannot be edited|only grow/);
  }
  // What was written is not readable in the database.
  const { rows } = await pool.query("select text, nonce from complaint where id = $1", [id]);
  expect(Buffer.from(rows[0].text).includes("电梯")).toBe(false);
  const operate = founder.operate;
  await leave(person, operate);
  await operate.call(personEndpoints.erase, {
    params: { id: neighbourId },
    reason: { code: "resident-request" },
  });
  const left = await pool.query("select person_id, state from complaint where id = $1", [id]);
  expect(left.rows).toEqual([{ person_id: null, state: "open" }]);
});

test("K2 (without a name): nothing tells who wrote it, and only the code leads back", async () => {
  const visitor = server.visitor();
  const { code, complaint } = await visitor.call(complaintEndpoints.writeNameless, {
    body: { ...FEES, category: "privacy" },
  });
  expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  const { rows } = await pool.query("select * from complaint where id = $1", [complaint.id]);
  expect(rows[0]).toMatchObject({ person_id: null, entered_by: null });
  expect(JSON.stringify(rows[0])).not.toContain(code.replaceAll("-", ""));
  const followed = await server.visitor().call(complaintEndpoints.follow, {
    body: { code: code.toLowerCase().replaceAll("-", " ") },
  });
  expect(followed.id).toBe(complaint.id);
  expect(
    (await visitor.refused(complaintEndpoints.follow, { body: { code: "0000-0000-0000-0000" } })).code,
  ).toBe("code-invalid");
  // Whoever handles it sees that there is no name, whatever reason they say.
  const seen = await desk.client.call(complaintEndpoints.get, {
    params: { id: complaint.id },
    viewReason: { code: "complaint" },
  });
  expect(seen.writer).toBeUndefined();
  // A resident's own is nobody else's: by its id it is not there.
  const { id } = await resident.call(complaintEndpoints.write, { body: FEES });
  const stranger = await joinResident(
    server,
    founder.operate,
    (await founder.operate.call(personEndpoints.create, { body: { displayName: "旁人" } })).id,
  );
  const judged = await stranger.client.refused(complaintEndpoints.judge, {
    params: { id },
    body: { verdict: "satisfied" },
  });
  expect(judged.code).toBe("not-found");
});

test("K2 (whom it is about): they neither see nor handle it, and a report goes to another body", async () => {
  const client = resident;
  const about = { ...FEES, category: "staff-conduct", aboutStaffId: desk.id } as const;
  const { id } = await client.call(complaintEndpoints.write, { body: about });
  const concerned = desk.client;
  const queue = await concerned.call(complaintEndpoints.queue, { query: {} });
  expect(queue.items.map((one) => one.id)).not.toContain(id);
  expect((await concerned.refused(complaintEndpoints.get, { params: { id } })).code).toBe("not-found");
  const answered = await concerned.refused(complaintEndpoints.answer, {
    params: { id },
    body: { text: "没有的事" },
  });
  const handed = await concerned.refused(complaintEndpoints.handOn, {
    params: { id },
    body: { to: "city", why: "不归我" },
  });
  expect([answered.code, handed.code]).toEqual(["not-found", "not-found"]);
  const paper = await concerned.refused(complaintEndpoints.enterPaper, { body: about });
  expect(paper.code).toBe("conflict");
  const chief = manager.client;
  expect((await chief.call(complaintEndpoints.queue, { query: {} })).items.map((one) => one.id)).toContain(
    id,
  );
  await chief.call(complaintEndpoints.answer, { params: { id }, body: { text: "已谈话。" } });
  // A report of wrongdoing never goes to the body it is about.
  const report = { ...about, kind: "wrongdoing" } as const;
  expect((await client.refused(complaintEndpoints.write, { body: report })).code).toBe("invalid-request");
  const aboutBody = { ...FEES, kind: "wrongdoing", aboutBody: "property" } as const;
  expect((await client.refused(complaintEndpoints.write, { body: aboutBody })).code).toBe("invalid-request");
  const reported = await client.call(complaintEndpoints.write, { body: { ...report, to: "committee" } });
  expect(reported.body).toBe("committee");
  // The one committee member is concerned: it goes to those who could answer.
  const member = { ...FEES, to: "committee", aboutStaffId: committee.id } as const;
  expect((await client.call(complaintEndpoints.write, { body: member })).body).toBe("city");
});

test("K2 (on paper): the desk enters it, the writer takes receipt and code, and who entered it stands", async () => {
  const { complaint, code } = await desk.client.call(complaintEndpoints.enterPaper, {
    body: { ...FEES, to: "city" },
  });
  expect(complaint).toMatchObject({ channel: "paper", body: "city" });
  const { rows } = await pool.query("select entered_by from complaint where id = $1", [complaint.id]);
  expect(rows).toEqual([{ entered_by: desk.id }]);
  const followed = await server.visitor().call(complaintEndpoints.follow, { body: { code } });
  expect(followed.receipt).toBe(complaint.receipt);
});

test("K2 (who looked): a writer's name is shown with a reason only, and they can read that it was", async () => {
  const { id } = await resident.call(complaintEndpoints.write, { body: FEES });
  const chief = manager.client;
  const nameless = await chief.call(complaintEndpoints.get, { params: { id }, viewReason: null });
  expect(nameless.writer).toBeUndefined();
  const named = await chief.call(complaintEndpoints.get, {
    params: { id },
    viewReason: { code: "complaint" },
  });
  expect(named.writer?.name).toBe("李奶奶");
  const { rows } = await pool.query(
    "select purpose from personal_view where person_id = $1 and purpose = 'complaint'",
    [site.resident.personId],
  );
  expect(rows).toHaveLength(1);
});

test("K3 (PIPL 66-67; D12 item 11): a penalty is published with ground, amount and appeal, and leaves a trace when it goes", async () => {
  const input = {
    party: "property",
    authority: "杭州市市场监督管理局",
    documentNumber: "杭市监处〔2026〕17 号",
    decidedOn: "2026-11-20",
    ground: "强制业主以人脸识别方式进入物业管理区域（《杭州市物业管理条例》第五十条）",
    amountFen: 5_000_000,
  } as const;
  const officer = city.client;
  const penalty = await officer.call(penaltyEndpoints.publish, { body: input });
  const params = { id: penalty.id };
  expect(await server.visitor().call(penaltyEndpoints.list)).toEqual({
    items: [{ ...input, id: penalty.id, appeal: "none", publishedAt: clock.now(), leafId: penalty.leafId }],
  });
  await officer.call(penaltyEndpoints.appeal, { params, body: { appeal: "pending" } });
  await officer.call(penaltyEndpoints.remove, { params, body: { why: "复议撤销" } });
  const [listed] = (await server.visitor().call(penaltyEndpoints.list)).items;
  expect(listed).toMatchObject({ appeal: "pending", removed: { why: "复议撤销" } });
  expect(await statements("penalty-published")).toMatchObject([{ ...input, penaltyId: penalty.id }]);
  expect(await statements("penalty-changed")).toMatchObject([{ before: "none", appeal: "pending" }]);
  expect(await statements("penalty-removed")).toMatchObject([{ why: "复议撤销", published: penalty.leafId }]);
  await expect(pool.query("delete from penalty")).rejects.toThrow("only grow");
  // Nothing of a resident: a number, a telephone, a name or home that is known here.
  for (const ground of [
    "经 11010519491231002X 举报",
    "致电 13812345678",
    "对李奶奶强制刷脸",
    "1号楼 101 投诉",
  ]) {
    const refused = await officer.refused(penaltyEndpoints.publish, { body: { ...input, ground } });
    expect(
      refused.fields?.map(({ path }) => path),
      ground,
    ).toEqual(["body/ground"]);
  }
  expect(
    (await officer.refused(penaltyEndpoints.publish, { body: { ...input, decidedOn: "2026-02-30" } })).code,
  ).toBe("invalid-request");
  expect((await desk.client.refused(penaltyEndpoints.publish, { body: input })).code).toBe("wrong-duty");
});
