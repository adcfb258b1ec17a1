import {
  ed25519FromSecret,
  ed25519Sign,
  fromHex,
  primitives,
  randomBytes,
  toHex,
} from "@menshen/crypto/node";
import { Duration, tidyCrockford, type VoteChoice } from "@menshen/domain";
import { opensLeaf, parseLeaf } from "@menshen/evidence";
import {
  buildingEndpoints,
  dwellingEndpoints,
  evidenceEndpoints,
  gateEndpoints,
  type Motion,
  type MotionDraft,
  motionEndpoints,
  ownersRollEndpoints,
  personEndpoints,
  publicMotionEndpoints,
  type RollOwner,
  residentEndpoints,
  residentInvitationEndpoints,
  residentMotionEndpoints,
  residentTexts,
  retentionEndpoints,
  type StaffRole,
  type VendorPageFields,
  vendorEndpoints,
  voteTexts,
} from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer, type TestClient } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const DAY_MS = 86_400_000;
const server = await startTestServer();
const site = await buildSite(server);
const { clock } = server;
const reason = { code: "security" } as const;
const { community } = await server.visitor().call(residentEndpoints.session);
const communityId = community.id;

const clients = new Map<string, { readonly client: Promise<TestClient>; readonly since: number }>();
/** Signed in anew when time went by. */
function as(role: StaffRole, name: string = role): Promise<TestClient> {
  const known = clients.get(name);
  if (known !== undefined && clock.now() === known.since) return known.client;
  const client = server.member(role);
  clients.set(name, { client, since: clock.now() });
  return client;
}

interface Voter {
  readonly personId: string;
  readonly client: TestClient;
  readonly sign: (text: string) => string;
  readonly signIn: () => Promise<void>;
}

async function moveIn(displayName: string, role: "owner" | "tenant", dwellingId: string): Promise<Voter> {
  const operate = await as("manager");
  const { id: personId } = await operate.call(personEndpoints.create, {
    body: { displayName, residency: { role, dwellingId } },
  });
  const { code } = await operate.call(residentInvitationEndpoints.create, {
    params: { id: personId },
    reason,
  });
  const key = ed25519FromSecret(randomBytes(32));
  const keys = { authKey: toHex(key.publicKey), trailKey: toHex(randomBytes(32)) };
  const sign = (text: string) => toHex(ed25519Sign(key.secretKey, new TextEncoder().encode(text)));
  const client = server.visitor();
  const signature = sign(residentTexts.join(communityId, keys, tidyCrockford(code) ?? ""));
  await client.call(residentEndpoints.join, { body: { code, ...keys, signature } });
  const { authKey } = keys;
  return {
    personId,
    client,
    sign,
    async signIn() {
      const { challenge } = await client.call(residentEndpoints.challenge, { body: { authKey } });
      const signed = sign(residentTexts.signIn(communityId, challenge));
      await client.call(residentEndpoints.signIn, { body: { authKey, challenge, signature: signed } });
    },
  };
}

const manager = await as("manager");
const dwellings: string[] = [...site.dwellingIds];
const { items: buildings } = await manager.call(buildingEndpoints.list, { query: {} });
for (const name of ["103", "104", "105", "106", "107", "108"]) {
  const body = { buildingId: buildings[0]?.id ?? "", name };
  dwellings.push((await manager.call(dwellingEndpoints.create, { body })).id);
}
const [d101 = "", d102 = "", d103 = "", d104 = "", d105 = "", d106 = "", d107 = "", d108 = ""] = dwellings;

// Before there is a roll, nothing here can be voted on, and a community is set up without.
const desk = await as("desk");
const wang = await moveIn("王一", "owner", d101);
const li = await moveIn("李二", "owner", d103);
const zhao = await moveIn("赵三", "owner", d103);
const qian = await moveIn("钱四", "owner", d104);
const agent = await moveIn("公司代表", "owner", d105);
const sun = await moveIn("孙五", "owner", d108);
const tenant = await moveIn("租客", "tenant", d102);

async function roll(dwellingId: string, areaDm2: number, owner: RollOwner): Promise<void> {
  await desk.call(ownersRollEndpoints.put, { params: { id: dwellingId }, body: { areaDm2, owner } });
}

const HOUR_MS = 3_600_000;
function draft(changes: Partial<MotionDraft> = {}): MotionDraft {
  return {
    matter: "other",
    title: "更换路灯",
    text: "小区内 40 盏路灯换成 LED，费用 3 万元，由公共收益支付。",
    opensAt: clock.now() + 15 * DAY_MS + HOUR_MS,
    closesAt: clock.now() + 22 * DAY_MS,
    ...changes,
  };
}

async function put(changes: Partial<MotionDraft> = {}): Promise<Motion> {
  const committee = await as("committee");
  const { id } = await committee.call(motionEndpoints.create, { body: draft(changes) });
  return committee.call(motionEndpoints.publish, { params: { id }, reason });
}

async function goTo(at: number, ...voters: Voter[]): Promise<void> {
  clock.advance(Duration.ms(at - clock.now()));
  await server.logRunner.settle();
  for (const voter of voters) await voter.signIn();
}

async function mine(voter: Voter, motionId: string) {
  const { items } = await voter.client.call(residentMotionEndpoints.list);
  const found = items.find(({ motion }) => motion.id === motionId);
  if (found === undefined) throw new Error("not on the agenda");
  return found;
}

async function ballotFor(voter: Voter, motion: Motion, choice: VoteChoice, head = 0) {
  const { number } = (await mine(voter, motion.id)).heads[head] ?? { number: 0 };
  const agendaSha256 = motion.agendaSha256 ?? "";
  const signature = voter.sign(
    voteTexts.ballot(communityId, { motionId: motion.id, agendaSha256, number, choice }),
  );
  return { params: { id: motion.id, number }, body: { choice, signature } };
}

const vote = async (voter: Voter, motion: Motion, choice: VoteChoice) =>
  voter.client.call(residentMotionEndpoints.vote, await ballotFor(voter, motion, choice));

const PAGE: VendorPageFields = {
  name: "杭州安居科技有限公司",
  owner: "统一社会信用代码 91330100MA27X0000X",
  beneficialOwner: "安居集团持股 80%，员工持股平台 20%",
  contract: {
    number: "2026-017",
    from: "2026-01-01",
    until: "2029-12-31",
    clauses: "退出时返还或删除全部数据",
  },
  fees: "每年 48,000 元",
  adIncome: [],
  dataHeld: [],
  subProcessors: [],
  grade: { grade: "A", evidence: "测评报告", until: "2029-03-01" },
  incidents: [],
};

describe("before a community has a roll", () => {
  test("T1 (PIPL 21; Civil Code 943): a missing field blocks installation, and the page is public with its history", async () => {
    const office = await as("manager");
    const secure = await as("security");
    const { beneficialOwner: _, ...hidden } = PAGE;
    const vendor = await office.call(vendorEndpoints.create, { body: hidden });
    expect(vendor).toMatchObject({ missing: ["beneficialOwner"], needsMotion: false });
    const refused = await secure.refused(gateEndpoints.create, { body: { name: "西门", doorGroup: 2 } });
    expect(refused).toMatchObject({ code: "conflict", fields: [{ path: "vendor/beneficialOwner" }] });
    // A gate from before the page was written is not installed either.
    expect(await secure.refused(gateEndpoints.enrolmentCode, { params: { id: site.gateId } })).toMatchObject({
      code: "conflict",
    });

    await office.call(vendorEndpoints.update, {
      params: { id: vendor.id },
      body: { page: PAGE, revision: 1 },
    });
    const gate = await secure.call(gateEndpoints.create, { body: { name: "西门", doorGroup: 2 } });
    expect(gate.vendorId).toBe(vendor.id);
    await secure.call(gateEndpoints.enrolmentCode, { params: { id: site.gateId } });
    await server.logRunner.settle();
    const { items } = await server.visitor().call(vendorEndpoints.list);
    expect(items).toMatchObject([
      {
        page: { beneficialOwner: "安居集团持股 80%，员工持股平台 20%" },
        missing: [],
        gateNames: ["北门控制器", "西门"],
        history: [
          { revision: 2, leafIndex: expect.any(Number) },
          { revision: 1, leafIndex: expect.any(Number) },
        ],
      },
    ]);
    expect(
      await office.refused(vendorEndpoints.update, {
        params: { id: vendor.id },
        body: { page: PAGE, revision: 1 },
      }),
    ).toMatchObject({ code: "stale-revision" });
    expect(await desk.refused(vendorEndpoints.create, { body: PAGE })).toMatchObject({ code: "forbidden" });
  });

  test("nothing can be published, and settings need no vote", async () => {
    const committee = await as("committee");
    const { id } = await committee.call(motionEndpoints.create, { body: draft() });
    expect(await committee.refused(motionEndpoints.publish, { params: { id }, reason })).toMatchObject({
      code: "conflict",
    });
    const secure = await as("security");
    const { revision } = await secure.call(retentionEndpoints.get);
    await secure.call(retentionEndpoints.change, { body: { recordRetentionDays: 200, revision }, reason });
  });
});

test("V1 (Civil Code 278): the roll counts several dwellings, co-owners, companies and the developer as one head each", async () => {
  await roll(d101, 8_812, { kind: "persons", personIds: [wang.personId] });
  await roll(d102, 9_000, { kind: "persons", personIds: [wang.personId] });
  await roll(d103, 10_000, { kind: "persons", personIds: [li.personId, zhao.personId] });
  await roll(d104, 7_000, { kind: "persons", personIds: [qian.personId] });
  await roll(d105, 6_000, { kind: "company", name: "海棠商贸", personIds: [agent.personId] });
  await roll(d106, 5_000, { kind: "developer", name: "开发公司", personIds: [agent.personId] });
  await roll(d107, 5_000, { kind: "developer", name: "开发公司", personIds: [agent.personId] });
  const listed = await desk.call(ownersRollEndpoints.list, { viewReason: null });
  expect(listed).toMatchObject({ heads: 5, areaDm2: 50_812, missing: [{ dwellingName: "1号楼 108" }] });
  expect(listed.items.every(({ persons }) => persons.every(({ name }) => name === undefined))).toBe(true);
  await roll(d108, 8_000, { kind: "persons", personIds: [sun.personId] });
  const named = await desk.call(ownersRollEndpoints.list);
  expect(named).toMatchObject({ heads: 6, areaDm2: 58_812 });
  expect(named.items[0]?.persons).toEqual([{ id: wang.personId, name: "王一" }]);
  // The committee reads the roll and never names.
  const read = await (await as("committee")).call(ownersRollEndpoints.list);
  expect(read.items[0]?.persons).toEqual([{ id: wang.personId }]);
});

test("V2 and V3 (Civil Code 278; PIPL 29): what may not be put is refused with its rule", async () => {
  const committee = await as("committee");
  const refusedFor = async (changes: Partial<MotionDraft>) =>
    (await committee.refused(motionEndpoints.create, { body: draft(changes) })).detail ?? "";
  expect(await refusedFor({ title: "电梯广告位出租", text: "三年" })).toContain("earn-from-common-parts");
  expect(
    await refusedFor({ matter: "earn-from-common-parts", majority: "more-than-half", title: "电梯广告" }),
  ).toContain("three quarters");
  expect(await refusedFor({ matter: "face-mandatory", title: "门禁升级" })).toContain("PIPL 29");
  expect(await refusedFor({ title: "进出必须刷脸" })).toContain("Hangzhou property regulation 50");
  expect(await refusedFor({ opensAt: clock.now() + 15 * DAY_MS - 1 })).toContain("fifteen days");
  const other = await as("manager");
  expect(await other.refused(motionEndpoints.create, { body: draft() })).toMatchObject({
    code: "wrong-duty",
  });
});

test("V4 (Hangzhou: published agenda only; forged e-votes barred): a vote from the agenda to the recount", async () => {
  const motion = await put();
  const { id } = motion;
  const everybody = [wang, li, zhao, qian, agent, sun, tenant];
  expect(motion).toMatchObject({ stage: "announced", majority: "more-than-half", roll: { heads: 6 } });

  // One millisecond before it opens, and at the moment.
  await goTo(motion.opensAt - 1, ...everybody);
  const early = await ballotFor(wang, motion, "for");
  expect(await wang.client.refused(residentMotionEndpoints.vote, early)).toMatchObject({ code: "conflict" });
  clock.advance(Duration.ms(1));

  // Forged: another's key, another choice, another motion, another head.
  const good = await ballotFor(wang, motion, "for");
  const forged = { ...good, body: { ...good.body, choice: "against" as const } };
  expect(await wang.client.refused(residentMotionEndpoints.vote, forged)).toMatchObject({
    code: "key-refused",
  });
  const byLi = { ...good, body: (await ballotFor(li, motion, "for")).body };
  expect(await wang.client.refused(residentMotionEndpoints.vote, byLi)).toMatchObject({
    code: "key-refused",
  });
  expect(await li.client.refused(residentMotionEndpoints.vote, good)).toMatchObject({ code: "not-found" });
  expect(await tenant.client.refused(residentMotionEndpoints.vote, good)).toMatchObject({
    code: "not-found",
  });

  const cast = await wang.client.call(residentMotionEndpoints.vote, good);
  expect(cast.heads).toMatchObject([
    { areaDm2: 17_812, dwellingNames: ["1号楼 101", "1号楼 102"], ballot: { choice: "for", way: "app" } },
  ]);
  // Replayed, and voted again otherwise.
  expect(await wang.client.refused(residentMotionEndpoints.vote, good)).toMatchObject({ code: "conflict" });
  expect(
    await wang.client.refused(residentMotionEndpoints.vote, await ballotFor(wang, motion, "against")),
  ).toMatchObject({ code: "conflict" });

  // A co-owned dwelling has one ballot, whoever of them casts it.
  await vote(zhao, motion, "for");
  expect(
    await li.client.refused(residentMotionEndpoints.vote, await ballotFor(li, motion, "against")),
  ).toMatchObject({ code: "conflict" });
  // The company's own, and not the developer's, which are two heads of one agent.
  expect((await mine(agent, id)).heads).toHaveLength(2);

  // Paper: two persons who agree.
  const desk1 = await as("desk");
  const desk2 = await as("committee");
  const { number } = (await mine(qian, id)).heads[0] ?? { number: 0 };
  const paper = { number, choice: "against" as const, documentNumber: "纸-017" };
  const enter = { params: { id }, body: paper };
  expect(await desk1.call(motionEndpoints.enterPaper, enter)).toEqual({ state: "waiting" });
  expect(await desk1.refused(motionEndpoints.enterPaper, enter)).toMatchObject({ code: "conflict" });
  const differs = { params: { id }, body: { ...paper, choice: "for" as const } };
  expect(await desk2.refused(motionEndpoints.enterPaper, differs)).toMatchObject({ code: "conflict" });
  const heads = (await desk2.call(motionEndpoints.get, { params: { id } })).heads;
  expect(heads.find((head) => head.number === number)).toEqual({
    number,
    dwellingNames: ["1号楼 104"],
    areaDm2: 7_000,
    state: "waiting",
    mine: false,
    proxy: false,
  });
  expect(await desk2.call(motionEndpoints.enterPaper, enter)).toEqual({ state: "cast" });
  expect(
    await qian.client.refused(residentMotionEndpoints.vote, await ballotFor(qian, motion, "for")),
  ).toMatchObject({ code: "conflict" });

  // Proxies: registered, at most three of one person.
  const agentHeads = (await mine(agent, id)).heads.map((head) => head.number);
  const sunHead = (await mine(sun, id)).heads[0]?.number ?? 0;
  const proxy = (head: number) => ({
    params: { id, number: head },
    body: { personId: tenant.personId, documentNumber: "委-1" },
  });
  for (const head of [...agentHeads, sunHead]) await desk1.call(motionEndpoints.putProxy, proxy(head));
  expect(await desk1.refused(motionEndpoints.putProxy, proxy(number))).toMatchObject({ code: "conflict" });
  expect((await mine(sun, id)).heads).toMatchObject([{ hasProxy: true, byProxy: false }]);
  // Who gave it takes it back, once; nobody else does, not even who holds it.
  const back = { params: { id, number: sunHead } };
  const withdraw = (who: typeof sun) => who.client.refused(residentMotionEndpoints.withdrawProxy, back);
  expect(await withdraw(tenant)).toMatchObject({ code: "not-found" });
  expect(await withdraw(wang)).toMatchObject({ code: "not-found" });
  const after = await sun.client.call(residentMotionEndpoints.withdrawProxy, back);
  expect(after.heads).toMatchObject([{ hasProxy: false }]);
  expect(await withdraw(sun)).toMatchObject({ code: "not-found" });
  expect((await mine(tenant, id)).heads.map((head) => head.number)).not.toContain(sunHead);
  await desk1.call(motionEndpoints.putProxy, proxy(sunHead));
  const standing = (await mine(tenant, id)).heads.findIndex((head) => head.number === sunHead);
  await tenant.client.call(
    residentMotionEndpoints.vote,
    await ballotFor(tenant, motion, "abstain", standing),
  );
  // Used: nothing to take back.
  expect(await withdraw(sun)).toMatchObject({ code: "conflict" });

  // The tenant is asked too, once, and counts apart.
  const agendaSha256 = motion.agendaSha256 ?? "";
  const advice = {
    params: { id },
    body: {
      choice: "for" as const,
      signature: tenant.sign(voteTexts.advisory(communityId, { motionId: id, agendaSha256, choice: "for" })),
    },
  };
  await tenant.client.call(residentMotionEndpoints.advise, advice);
  expect(await tenant.client.refused(residentMotionEndpoints.advise, advice)).toMatchObject({
    code: "conflict",
  });
  const wangAdvice = {
    ...advice,
    body: {
      choice: "for" as const,
      signature: wang.sign(voteTexts.advisory(communityId, { motionId: id, agendaSha256, choice: "for" })),
    },
  };
  expect(await wang.client.refused(residentMotionEndpoints.advise, wangAdvice)).toMatchObject({
    code: "not-found",
  });

  // Nobody is told how, before the end.
  await server.logRunner.settle();
  const visitor = server.visitor();
  const before = await visitor.call(publicMotionEndpoints.recount, { params: { id } });
  expect([before.ballots, before.advisory, before.motion.votedHeads]).toEqual([[], [], 4]);
  const { items: said } = await visitor.call(evidenceEndpoints.statements, { query: {} });
  expect(said.some(({ topic }) => topic === "ballot-cast" || topic === "advisory-ballot-cast")).toBe(false);
  const changes = await server.pool.query("select before, after from change where action like 'motion.%'");
  expect(JSON.stringify(changes.rows)).not.toMatch(/"(for|against|abstain)"/);

  // The receipt: the entry in the log is the commitment of what the voter was shown, and shows no choice itself.
  const own = (await mine(wang, id)).heads[0]?.ballot;
  expect(own?.evidence).toMatchObject({ topic: "ballot-cast", leafIndex: expect.any(Number) });

  // At the end: no vote any more, a count, and everything to do it again.
  await goTo(motion.closesAt, sun, wang);
  expect(
    await sun.client.refused(residentMotionEndpoints.vote, await ballotFor(sun, motion, "for")),
  ).toMatchObject({ code: "conflict" });
  const committee = await as("committee");
  const counted = await committee.call(motionEndpoints.count, { params: { id } });
  expect(counted).toMatchObject({
    stage: "counted",
    result: {
      passed: false,
      vote: {
        heads: { total: 6, voted: 4, inFavour: 2 },
        areaDm2: { total: 58_812, voted: 42_812, inFavour: 27_812 },
      },
      shortfalls: [{ measure: "heads", lacks: "majority" }],
      advisory: { for: 1, against: 0, abstain: 0 },
    },
  });
  expect(await committee.refused(motionEndpoints.count, { params: { id } })).toMatchObject({
    code: "conflict",
  });

  const recount = await visitor.call(publicMotionEndpoints.recount, { params: { id } });
  expect([recount.roll.length, recount.ballots.length, recount.advisory.length]).toEqual([6, 4, 1]);
  for (const { statement, salt, leafIndex = -1 } of [...recount.ballots, ...recount.advisory]) {
    const proof = await server.app.inject({ url: `/log/proof/${leafIndex}` });
    const extra = /^extra (.+)$/m.exec(proof.body)?.[1] ?? "";
    const parsed = parseLeaf(new Uint8Array(Buffer.from(extra, "base64")));
    if (!parsed.parsed) throw new Error(`no leaf at ${leafIndex}`);
    const text = new TextEncoder().encode(statement);
    expect(opensLeaf(primitives, parsed.leaf, fromHex(salt), text)).toBe(true);
    // What a voter can show is the proof with this entry: topic and commitment, nothing else.
    expect(Buffer.from(extra, "base64").toString("latin1")).not.toMatch(/for|against|abstain/);
  }
  expect(JSON.stringify(recount)).not.toContain("王一");
  expect(recount.ballots.some(({ statement }) => statement.includes("1号楼"))).toBe(false);
});

test("V4 (Hangzhou): a ballot changed in the database is counted by nobody", async () => {
  const motion = await put({ title: "更换信箱" });
  await goTo(motion.opensAt, wang);
  await vote(wang, motion, "for");
  await server.pool.query(
    "update motion_ballot set signature = decode(repeat('00', 64), 'hex') where motion_id = $1",
    [motion.id],
  );
  await goTo(motion.closesAt);
  const committee = await as("committee");
  expect(await committee.refused(motionEndpoints.count, { params: { id: motion.id } })).toMatchObject({
    code: "conflict",
    detail: expect.stringContaining("not what its voter signed"),
  });
});

test("V2 (Civil Code 278): bound settings need a passed motion about just that, and use it up", async () => {
  const secure = await as("security");
  const { revision } = await secure.call(retentionEndpoints.get);
  const change = { body: { recordRetentionDays: 365, revision }, reason };
  expect(await secure.refused(retentionEndpoints.change, change)).toMatchObject({ code: "motion-needed" });

  const office = await as("manager");
  const vendor = await office.call(vendorEndpoints.create, { body: { ...PAGE, name: "另一家公司" } });
  expect(vendor).toMatchObject({ missing: [], needsMotion: true });
  const gate = { body: { name: "东门", doorGroup: 3, vendorId: vendor.id } };
  expect(await secure.refused(gateEndpoints.create, gate)).toMatchObject({ code: "conflict" });
  // Two are listed now: whose device it is has to be said.
  expect(await secure.refused(gateEndpoints.create, { body: { name: "东门", doorGroup: 3 } })).toMatchObject({
    code: "conflict",
  });

  const keep = await put({ matter: "retention", title: "记录保存一年", subject: "365" });
  const choose = await put({ matter: "new-vendor", title: "增加一家厂商", subject: vendor.id });
  await goTo(Math.max(keep.opensAt, choose.opensAt), wang, zhao, qian, agent, sun);
  for (const motion of [keep, choose]) {
    for (const voter of [wang, zhao, qian, agent, sun]) await vote(voter, motion, "for");
  }
  await goTo(Math.max(keep.closesAt, choose.closesAt));
  const committee = await as("committee");
  for (const { id } of [keep, choose]) {
    expect(await committee.call(motionEndpoints.count, { params: { id } })).toMatchObject({
      result: { passed: true },
    });
  }
  const later = await as("security");
  const other = { body: { recordRetentionDays: 366, revision }, reason };
  expect(await later.refused(retentionEndpoints.change, other)).toMatchObject({ code: "motion-needed" });
  await later.call(retentionEndpoints.change, change);
  const back = { body: { recordRetentionDays: 200, revision: revision + 1 }, reason };
  expect(await later.refused(retentionEndpoints.change, back)).toMatchObject({ code: "motion-needed" });
  expect((await later.call(gateEndpoints.create, gate)).vendorId).toBe(vendor.id);
  const shown = await committee.call(motionEndpoints.get, { params: { id: keep.id } });
  expect(shown.motion.usedFor).toBe("record-retention-days 365");
  // Taken off the agenda before it opens, never after.
  const third = await put({ title: "修车棚" });
  expect(
    await (await as("committee")).call(motionEndpoints.withdraw, { params: { id: third.id }, reason }),
  ).toMatchObject({ stage: "withdrawn" });
  expect(
    await committee.refused(motionEndpoints.withdraw, { params: { id: keep.id }, reason }),
  ).toMatchObject({ code: "conflict" });
});
