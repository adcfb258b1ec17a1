import { ed25519FromSecret, ed25519Sign, fromHex, randomBytes, sha256, toHex } from "@menshen/crypto/node";
import {
  addShares,
  answerTally,
  type EntrySource,
  encodeBallot,
  parseEpochKey,
  recountVote,
  type StoreContents,
  sealBallot,
} from "@menshen/custody";
import { Duration, tidyCrockford, type VoteChoice } from "@menshen/domain";
import {
  buildingEndpoints,
  custodianEndpoints,
  custodianMotionEndpoints,
  custodyEndpoints,
  dwellingEndpoints,
  type Motion,
  motionEndpoints,
  ownersRollEndpoints,
  personEndpoints,
  publicMotionEndpoints,
  residentEndpoints,
  residentInvitationEndpoints,
  residentMotionEndpoints,
  residentTexts,
  type StaffRole,
  voteTexts,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer, type TestClient } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import {
  attend,
  BODIES,
  codeOf,
  makeCustodian,
  must,
  type TestCustodian,
} from "../custody/custody.fixture.ts";

const DAY_MS = 86_400_000;
const server = await startTestServer();
const site = await buildSite(server);
const { clock } = server;
const reason = { code: "security" } as const;
const { community } = await server.visitor().call(residentEndpoints.session);
const communityId = community.id;
const TOOLS = { random: randomBytes, pause: async () => {} };

const clients = new Map<string, { readonly client: Promise<TestClient>; readonly since: number }>();
/** Signed in anew when time went by. */
function as(role: StaffRole): Promise<TestClient> {
  const known = clients.get(role);
  if (known !== undefined && clock.now() === known.since) return known.client;
  const client = server.member(role);
  clients.set(role, { client, since: clock.now() });
  return client;
}

const manager = await as("manager");
const desk = await as("desk");
const dwellings: string[] = [...site.dwellingIds];
const { items: buildings } = await manager.call(buildingEndpoints.list, { query: {} });
while (dwellings.length < 4) {
  const body = { buildingId: buildings[0]?.id ?? "", name: `2${dwellings.length}1` };
  dwellings.push((await manager.call(dwellingEndpoints.create, { body })).id);
}

async function owner(displayName: string, areaDm2: number) {
  const dwellingId = dwellings.shift() ?? "";
  const { id: personId } = await manager.call(personEndpoints.create, {
    body: { displayName, residency: { role: "owner", dwellingId } },
  });
  await desk.call(ownersRollEndpoints.put, {
    params: { id: dwellingId },
    body: { areaDm2, owner: { kind: "persons", personIds: [personId] } },
  });
  const { code } = await manager.call(residentInvitationEndpoints.create, {
    params: { id: personId },
    reason,
  });
  const key = ed25519FromSecret(randomBytes(32));
  const keys = { authKey: toHex(key.publicKey), trailKey: toHex(randomBytes(32)) };
  const { authKey } = keys;
  const sign = (text: string) => toHex(ed25519Sign(key.secretKey, new TextEncoder().encode(text)));
  const client = server.visitor();
  const signature = sign(residentTexts.join(communityId, keys, tidyCrockford(code) ?? ""));
  await client.call(residentEndpoints.join, { body: { code, ...keys, signature } });
  return {
    client,
    sign,
    async signIn() {
      const { challenge } = await client.call(residentEndpoints.challenge, { body: { authKey } });
      const signed = sign(residentTexts.signIn(communityId, challenge));
      await client.call(residentEndpoints.signIn, { body: { authKey, challenge, signature: signed } });
    },
  };
}
type Owner = Awaited<ReturnType<typeof owner>>;

const [wang, li, zhao, qian] = [
  await owner("王一", 10_000),
  await owner("李二", 9_000),
  await owner("赵三", 8_000),
  await owner("钱四", 7_001),
];
const everybody = [wang, li, zhao, qian];

const custodians = BODIES.map((_, index) => makeCustodian(server, 10 + index));
const stores = new Map<TestCustodian, StoreContents>();
for (const custodian of custodians) {
  stores.set(custodian, {
    identitySeed: custodian.seed,
    communityId,
    grid: { anchorMs: 0, epochMs: 1 },
    log: { origin: "x", logKey: "x", witnesses: [], quorum: 0 },
    retentionDays: 30,
    shares: [],
    receipts: [],
    answered: [],
    latestMs: 0,
  });
}
const storeOf = (custodian: TestCustodian) => {
  const found = stores.get(custodian);
  if (found === undefined) throw new Error("no such custodian");
  return found;
};
await (await as("security")).call(custodyEndpoints.appoint, {
  body: {
    threshold: 2,
    members: custodians.map(({ identityKey }, index) => ({ body: BODIES[index] ?? "", identityKey })),
  },
  reason,
});

async function draft(title: string): Promise<Motion> {
  return (await as("committee")).call(motionEndpoints.create, {
    body: {
      matter: "elect-committee",
      title,
      text: "五名委员，名单见附件。",
      opensAt: clock.now() + 15 * DAY_MS + 3_600_000,
      closesAt: clock.now() + 22 * DAY_MS,
      secret: true,
    },
  });
}

/** The three custodians make the key of a motion's ballots and keep their shares. */
async function makeKey(motionId: string): Promise<void> {
  const attendances = await Promise.all(
    custodians.map((custodian) =>
      attend(custodian, {
        motionId,
        keep: async ({ keys, shares }) => {
          stores.set(custodian, addShares(storeOf(custodian), motionId, keys, shares, motionId));
        },
      }),
    ),
  );
  expect(attendances.map(({ finished }) => finished)).toEqual([true, true, true]);
}

async function put(title: string): Promise<Motion> {
  const { id } = await draft(title);
  await makeKey(id);
  return (await as("committee")).call(motionEndpoints.publish, { params: { id }, reason });
}

async function goTo(at: number): Promise<void> {
  clock.advance(Duration.ms(at - clock.now()));
  await server.logRunner.settle();
  for (const voter of everybody) await voter.signIn();
}

async function mine(voter: Owner, motionId: string) {
  const { items } = await voter.client.call(residentMotionEndpoints.list);
  const found = items.find(({ motion }) => motion.id === motionId);
  const [head] = found?.heads ?? [];
  if (found === undefined || head === undefined) throw new Error("not on the agenda");
  return { motion: found.motion, head };
}

async function sealed(voter: Owner, motionId: string, choice: VoteChoice) {
  const { motion, head } = await mine(voter, motionId);
  const place = { communityId, motionId, agendaSha256: motion.agendaSha256 ?? "", number: head.number };
  const key = parseEpochKey(fromHex(motion.secret?.key ?? ""));
  return signed(
    voter,
    motionId,
    place,
    encodeBallot(sealBallot({ key, place, choice, random: randomBytes })),
  );
}

function signed(
  voter: Owner,
  motionId: string,
  { agendaSha256, number }: { readonly agendaSha256: string; readonly number: number },
  ballot: Uint8Array,
) {
  const ballotSha256 = toHex(sha256(ballot));
  const signature = voter.sign(
    voteTexts.secretBallot(communityId, { motionId, agendaSha256, number, ballotSha256 }),
  );
  return { params: { id: motionId, number }, body: { ballot: toHex(ballot), signature } };
}

const vote = async (voter: Owner, motionId: string, choice: VoteChoice) =>
  voter.client.call(residentMotionEndpoints.voteSecretly, await sealed(voter, motionId, choice));

const entryAt: EntrySource = async (index) => {
  const proof = await server.app.inject({ url: `/log/proof/${index}` });
  return new Uint8Array(Buffer.from(/^extra (.+)$/m.exec(proof.body)?.[1] ?? "", "base64"));
};

const recountOf = (id: string) => server.visitor().call(publicMotionEndpoints.recount, { params: { id } });

async function answer(custodian: TestCustodian, motionId: string): Promise<string> {
  const contents = storeOf(custodian);
  const answered = await answerTally({ contents, recount: await recountOf(motionId), entryAt, ...TOOLS });
  if (!answered.answered) throw new Error(answered.refusal);
  stores.set(custodian, answered.contents);
  return toHex(answered.share);
}

test("V4 (secret ballot): is put with a key that the custodians made for it, and with none other", async () => {
  const { id } = await draft("选举业主委员会");
  const committee = await as("committee");
  expect(await committee.refused(motionEndpoints.publish, { params: { id }, reason })).toMatchObject({
    code: "conflict",
    detail: expect.stringContaining("key"),
  });
  const [first] = custodians;
  if (first === undefined) throw new Error("no custodians");
  expect((await must(first.ask(custodianMotionEndpoints.list))).items).toMatchObject([{ needs: "key" }]);
  // Keys of epochs are made at another time; what is under way is not taken for it.
  await must(first.ask(custodianMotionEndpoints.startCeremony, { params: { id } }));
  expect(await codeOf(first.ask(custodianEndpoints.startCeremony))).toBe("conflict");
  await makeKey(id);
  expect(await codeOf(first.ask(custodianMotionEndpoints.startCeremony, { params: { id } }))).toBe(
    "conflict",
  );
  const published = await committee.call(motionEndpoints.publish, { params: { id }, reason });
  expect(published.secret?.key).toMatch(/^[0-9a-f]+$/);
  const status = await server.visitor().call(custodyEndpoints.status);
  expect([status.epochsLeft, status.lastCeremony]).toEqual([0, undefined]);
  const open = await committee.call(motionEndpoints.create, {
    body: {
      matter: "other",
      title: "路灯",
      text: "换路灯",
      opensAt: clock.now() + 16 * DAY_MS,
      closesAt: clock.now() + 20 * DAY_MS,
    },
  });
  expect(open.secret).toBeUndefined();
  expect(await codeOf(first.ask(custodianMotionEndpoints.startCeremony, { params: { id: open.id } }))).toBe(
    "conflict",
  );
});

test("V4 (secret ballot): a vote from the key to the recount; nobody learns a choice, and a copy counts for nobody", async () => {
  const { id, opensAt, closesAt } = await put("是否更换物业公司");
  await goTo(opensAt);
  const ballot = await sealed(wang, id, "for");
  const cast = await wang.client.call(residentMotionEndpoints.voteSecretly, ballot);
  const own = cast.heads[0]?.ballot;
  expect([own?.way, own?.choice]).toEqual(["app", undefined]);
  expect(own?.evidence.statement).not.toMatch(/"(for|against|abstain)"/);

  // Voted again, replayed, copied by another owner under their own signature, and an open ballot.
  expect(
    await wang.client.refused(residentMotionEndpoints.voteSecretly, await sealed(wang, id, "against")),
  ).toMatchObject({ code: "conflict" });
  const { motion, head } = await mine(li, id);
  const place = { agendaSha256: motion.agendaSha256 ?? "", number: head.number };
  const copy = signed(li, id, place, fromHex(ballot.body.ballot));
  expect(await li.client.refused(residentMotionEndpoints.voteSecretly, copy)).toMatchObject({
    code: "invalid-request",
  });
  const garbage = signed(li, id, place, new Uint8Array(40));
  expect(await li.client.refused(residentMotionEndpoints.voteSecretly, garbage)).toMatchObject({
    code: "invalid-request",
  });
  const unsigned = { ...(await sealed(li, id, "for")) };
  const forged = { ...unsigned, body: { ...unsigned.body, signature: "00".repeat(64) } };
  expect(await li.client.refused(residentMotionEndpoints.voteSecretly, forged)).toMatchObject({
    code: "key-refused",
  });
  const text = voteTexts.ballot(communityId, { motionId: id, ...place, choice: "for" });
  expect(
    await li.client.refused(residentMotionEndpoints.vote, {
      params: { id, number: head.number },
      body: { choice: "for", signature: li.sign(text) },
    }),
  ).toMatchObject({ code: "conflict" });

  await vote(li, id, "against");
  await vote(zhao, id, "for");
  // Paper: its choice is forgotten once two persons agree.
  const { number } = (await mine(qian, id)).head;
  const paper = { params: { id }, body: { number, choice: "abstain" as const, documentNumber: "纸-1" } };
  await (await as("desk")).call(motionEndpoints.enterPaper, paper);
  expect(await (await as("committee")).call(motionEndpoints.enterPaper, paper)).toEqual({ state: "cast" });
  const { rows } = await server.pool.query("select choice from motion_paper where motion_id = $1", [id]);
  expect(rows).toEqual([{ choice: null }]);

  await goTo(closesAt);
  const committee = await as("committee");
  const [first, second, third] = custodians;
  if (first === undefined || second === undefined || third === undefined) throw new Error("no custodians");
  // Nobody answers for what was not added up.
  await expect(answer(first, id)).rejects.toThrow("not-over");
  const fixed = await committee.call(motionEndpoints.count, { params: { id } });
  expect([fixed.stage, fixed.secret?.shares, fixed.secret?.tallySha512?.length]).toEqual(["closed", 0, 128]);
  expect(await committee.refused(motionEndpoints.count, { params: { id } })).toMatchObject({
    code: "conflict",
  });

  const share = await answer(first, id);
  const give = (custodian: TestCustodian, hex: string) =>
    custodian.ask(custodianMotionEndpoints.giveShare, { params: { id }, body: { share: hex } });
  expect(await codeOf(give(second, share))).toBe("key-refused");
  const wrong = `${share.slice(0, -2)}${share.endsWith("00") ? "01" : "00"}`;
  expect(await codeOf(give(first, wrong))).toBe("key-refused");
  await must(give(first, share));
  await must(give(first, share));
  expect((await recountOf(id)).motion.stage).toBe("closed");
  const asked = (await must(third.ask(custodianMotionEndpoints.list))).items.find(
    (one) => one.motion.id === id,
  );
  expect(asked?.needs).toBe("share");
  await must(give(third, await answer(third, id)));

  const recount = await recountOf(id);
  expect(recount.motion).toMatchObject({
    stage: "counted",
    result: {
      passed: false,
      vote: {
        heads: { total: 4, voted: 4, inFavour: 2 },
        areaDm2: { total: 34_001, voted: 34_001, inFavour: 18_000 },
      },
      choices: {
        for: { heads: 2, areaDm2: 18_000 },
        against: { heads: 1, areaDm2: 9_000 },
        abstain: { heads: 1, areaDm2: 7_001 },
      },
      shortfalls: [{ measure: "heads", lacks: "majority" }],
    },
  });
  await server.logRunner.settle();
  expect(await recountVote(recount, entryAt, TOOLS)).toEqual({
    good: true,
    ballots: 4,
    advisory: 0,
    passed: false,
  });
  // Whatever is changed shows.
  const { result } = recount.motion;
  if (result === undefined) throw new Error("no result");
  const changed = { ...result.choices, for: { heads: 2, areaDm2: 18_001 } };
  const lying = { ...recount, motion: { ...recount.motion, result: { ...result, choices: changed } } };
  expect(await recountVote(lying, entryAt, TOOLS)).toMatchObject({ fault: "shares" });
  const [one, ...others] = recount.ballots;
  if (one === undefined) throw new Error("no ballots");
  const fewer = await recountVote({ ...recount, ballots: others }, entryAt, TOOLS);
  expect(fewer).toMatchObject({ fault: "shares" });
  const swapped = [{ ...one, sealed: others[0]?.sealed }, ...others] as typeof recount.ballots;
  expect(await recountVote({ ...recount, ballots: swapped }, entryAt, TOOLS)).toMatchObject({
    fault: "forged",
  });
  const retold = { ...recount.motion, title: "别的" };
  expect(await recountVote({ ...recount, motion: retold }, entryAt, TOOLS)).toMatchObject({ fault: "key" });
  expect(await recountVote({ ...recount, shares: [] }, entryAt, TOOLS)).toMatchObject({ fault: "shares" });

  // Nothing that stands in the database or is shown has a choice.
  const { rows: stored } = await server.pool.query("select * from motion_ballot where motion_id = $1", [id]);
  expect(JSON.stringify([stored, recount.ballots])).not.toMatch(/"(for|against|abstain)"/);
});

test("V4 (secret ballot): a custodian's program answers for one tally of a motion, and never for another", async () => {
  const { id, opensAt, closesAt } = await put("车库改造");
  await goTo(opensAt);
  for (const voter of [wang, li, zhao]) await vote(voter, id, "against");
  await goTo(closesAt);
  await (await as("committee")).call(motionEndpoints.count, { params: { id } });
  const [first] = custodians;
  if (first === undefined) throw new Error("no custodians");
  const recount = await recountOf(id);
  const ask = (changes: Partial<typeof recount>, contents = storeOf(first)) =>
    answerTally({ contents, recount: { ...recount, ...changes }, entryAt, ...TOOLS });
  // A server that asks for the difference of two sums.
  expect(await ask({ ballots: recount.ballots.slice(1) })).toEqual({ answered: false, refusal: "no-quorum" });
  await answer(first, id);
  const other = { ...storeOf(first), tallies: [{ motionId: id, digest: "00".repeat(64) }] };
  expect(await ask({}, other)).toEqual({ answered: false, refusal: "answered-otherwise" });
  expect(await ask({}, { ...storeOf(first), shares: [] })).toEqual({ answered: false, refusal: "no-share" });
  const moved = { ...recount.motion, secret: { ...recount.motion.secret, shares: 0, key: "00" } };
  expect(await ask({ motion: moved })).toEqual({ answered: false, refusal: "other-key" });
});

test("V4 (secret ballot): a vote without its quorum comes to nothing, and is opened by nobody", async () => {
  const { id, opensAt, closesAt } = await put("加装雨棚");
  await goTo(opensAt);
  await vote(wang, id, "for");
  await vote(li, id, "for");
  await goTo(closesAt);
  const counted = await (await as("committee")).call(motionEndpoints.count, { params: { id } });
  expect(counted).toMatchObject({
    stage: "counted",
    result: {
      passed: false,
      unopened: true,
      vote: { heads: { total: 4, voted: 2, inFavour: 0 } },
    },
  });
  expect(counted.secret?.tallySha512).toBeUndefined();
  const [first] = custodians;
  if (first === undefined) throw new Error("no custodians");
  await expect(answer(first, id)).rejects.toThrow("no-quorum");
  await server.logRunner.settle();
  expect(await recountVote(await recountOf(id), entryAt, TOOLS)).toMatchObject({ good: true, ballots: 2 });
});

test("V4 (secret ballot): a sealed ballot that was changed in the database is counted by nobody", async () => {
  const { id, opensAt, closesAt } = await put("修路");
  await goTo(opensAt);
  for (const voter of everybody) await vote(voter, id, "for");
  await server.pool.query(
    "update motion_ballot set sealed = (select sealed from motion_ballot where motion_id = $1 limit 1) where motion_id = $1",
    [id],
  );
  await goTo(closesAt);
  expect(await (await as("committee")).refused(motionEndpoints.count, { params: { id } })).toMatchObject({
    code: "conflict",
    detail: expect.stringContaining("not what its voter signed"),
  });
});
