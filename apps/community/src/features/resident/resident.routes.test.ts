import { ed25519FromSecret, ed25519Sign, randomBytes, toHex } from "@menshen/crypto/node";
import { Duration, tidyCrockford } from "@menshen/domain";
import {
  changeEndpoints,
  credentialEndpoints,
  eventEndpoints,
  ownResidencyEndpoints,
  personEndpoints,
  residencyEndTexts,
  residentEndpoints,
  residentInvitationEndpoints,
  residentTexts,
} from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer, type TestClient } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
/** Sessions of staff end when this test lets time go by, and signing in too often is refused. */
let signedIn = { client: site.operate, at: server.clock.now() };
async function desk(): Promise<TestClient> {
  const at = server.clock.now();
  if (at > signedIn.at) signedIn = { client: await server.founder(), at };
  return signedIn.client;
}
const reason = { code: "resident-request" } as const;
const { community } = await server.visitor().call(residentEndpoints.session);

/** A resident's program: its keys, and what it signs. */
function makeProgram() {
  const key = ed25519FromSecret(randomBytes(32));
  const keys = { authKey: toHex(key.publicKey), trailKey: toHex(randomBytes(32)) };
  const sign = (text: string) => toHex(ed25519Sign(key.secretKey, new TextEncoder().encode(text)));
  const client = server.visitor();
  return {
    client,
    keys,
    sign,
    async join(code: string) {
      const text = residentTexts.join(community.id, keys, tidyCrockford(code) ?? "");
      return client.ask(residentEndpoints.join, { body: { code, ...keys, signature: sign(text) } });
    },
    async challenge(): Promise<string> {
      const { authKey } = keys;
      return (await client.call(residentEndpoints.challenge, { body: { authKey } })).challenge;
    },
    async signIn(as: TestClient = client, challenge?: string) {
      const given = challenge ?? (await this.challenge());
      const signature = sign(residentTexts.signIn(community.id, given));
      const body = { authKey: keys.authKey, challenge: given, signature };
      return as.ask(residentEndpoints.signIn, { body });
    },
  };
}

async function newPerson(displayName: string): Promise<string> {
  const residency = { role: "tenant" as const, dwellingId: site.dwellingIds[1] };
  return (await (await desk()).call(personEndpoints.create, { body: { displayName, residency } })).id;
}

const invite = async (id: string) =>
  (await desk()).call(residentInvitationEndpoints.create, { params: { id }, reason });

async function joined(displayName: string) {
  const personId = await newPerson(displayName);
  const program = makeProgram();
  const { code } = await invite(personId);
  expect(await program.join(code)).toMatchObject({ ok: true });
  return { personId, ...program };
}

describe("an invitation", () => {
  test("joins one person once, by hand or by link", async () => {
    const personId = site.resident.personId;
    const state = async () =>
      (await desk()).call(residentInvitationEndpoints.state, { params: { id: personId } });
    expect(await state()).toEqual({});
    const { code, link, expiresAt } = await invite(personId);
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(link).toBe(`http://localhost:8080/resident/#join=${code}`);
    expect(expiresAt).toBe(server.clock.now() + Duration.hours(7 * 24));
    expect(await state()).toEqual({ invitedUntil: expiresAt });

    const program = makeProgram();
    const answer = await program.join(code.toLowerCase().replaceAll("-", " "));
    expect(answer).toMatchObject({
      status: 200,
      body: {
        personId,
        displayName: "李奶奶",
        homes: [{ role: "owner", name: "1号楼 101" }],
        credentials: [{ kind: "desfire", label: expect.any(String), keyStart: expect.any(String) }],
        firstPosition: 0,
        keys: [{ registeredAt: server.clock.now(), registeredBy: "invitation" }],
      },
    });
    expect(await state()).toEqual({ registeredAt: server.clock.now() });
    expect(await makeProgram().join(code)).toMatchObject({ problem: { status: 401, code: "code-invalid" } });
  });

  test("is not kept where it could be read", async () => {
    const { code } = await invite(await newPerson("密码"));
    const tidy = tidyCrockford(code) ?? "";
    const { rows } = await server.pool.query("select * from resident_invitation");
    expect(JSON.stringify(rows)).not.toContain(tidy);
    expect(rows.some((row) => Buffer.from(row.code_hash).includes(tidy))).toBe(false);
  });

  test("of later voids the one before, and a week ends it", async () => {
    const personId = await newPerson("迟到");
    const first = await invite(personId);
    const second = await invite(personId);
    expect(await makeProgram().join(first.code)).toMatchObject({ problem: { code: "code-invalid" } });
    server.clock.advance(Duration.hours(7 * 24));
    expect(await makeProgram().join(second.code)).toMatchObject({ problem: { code: "code-invalid" } });
  });

  test("needs a reason and the desk", async () => {
    const params = { id: await newPerson("谁") };
    const { create, state } = residentInvitationEndpoints;
    expect(await (await desk()).refused(create, { params })).toMatchObject({ code: "reason-required" });
    const guard = await server.member("guard");
    expect(await guard.refused(create, { params, reason })).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(state, { params })).toMatchObject({ code: "forbidden" });
    expect(await server.visitor().refused(create, { params, reason })).toMatchObject({
      code: "not-signed-in",
    });
    const nobody = { id: "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11" };
    expect(await (await desk()).refused(create, { params: nobody, reason })).toMatchObject({
      code: "not-found",
    });
  });

  test("is used up by nobody whose key did not sign", async () => {
    const personId = await newPerson("换签名");
    const { code } = await invite(personId);
    const program = makeProgram();
    const other = makeProgram();
    const text = residentTexts.join(community.id, program.keys, tidyCrockford(code) ?? "");
    const wrong = [
      { ...program.keys, signature: other.sign(text) },
      { ...program.keys, trailKey: other.keys.trailKey, signature: program.sign(text) },
      {
        ...program.keys,
        signature: program.sign(residentTexts.join(site.gateId, program.keys, tidyCrockford(code) ?? "")),
      },
    ];
    for (const body of wrong) {
      expect(await program.client.refused(residentEndpoints.join, { body: { code, ...body } })).toMatchObject(
        { status: 401, code: "key-refused" },
      );
    }
    expect(await program.join(code)).toMatchObject({ ok: true });
  });

  test("guessing is slowed down", async () => {
    const program = makeProgram();
    let problem: unknown;
    for (let i = 0; i < 40; i += 1) {
      const answer = await program.join(`0000-0000-0000-${String(i).padStart(4, "0")}`);
      if (answer.status === 429) problem = answer;
    }
    expect(problem).toMatchObject({ problem: { code: "rate-limited" } });
    server.clock.advance(Duration.minutes(5));
  });
});

describe("signing in", () => {
  test("takes a signed challenge, once", async () => {
    const resident = await joined("登录");
    await resident.client.call(residentEndpoints.signOut);
    expect(await resident.client.refused(residentEndpoints.me)).toMatchObject({ code: "not-signed-in" });
    const challenge = await resident.challenge();
    expect(await resident.signIn(resident.client, challenge)).toMatchObject({
      body: { personId: resident.personId },
    });
    expect(await resident.client.call(residentEndpoints.session)).toMatchObject({ signedIn: true });
    expect(await resident.signIn(server.visitor(), challenge)).toMatchObject({
      problem: { code: "key-refused" },
    });
  });

  test("is refused with another's challenge, an old one, or an unknown key", async () => {
    const resident = await joined("甲");
    const other = await joined("乙");
    expect(await resident.signIn(server.visitor(), await other.challenge())).toMatchObject({
      problem: { code: "key-refused" },
    });
    const challenge = await resident.challenge();
    server.clock.advance(Duration.minutes(5));
    expect(await resident.signIn(server.visitor(), challenge)).toMatchObject({
      problem: { code: "key-refused" },
    });
    // A key that nobody registered is given a challenge too: asking tells nothing.
    const stranger = makeProgram();
    expect(await stranger.signIn()).toMatchObject({ problem: { status: 401, code: "key-refused" } });
  });

  test("lasts half a day, and is no way into anything of staff, nor staff's into this", async () => {
    const resident = await joined("丙");
    expect(await resident.client.refused(eventEndpoints.list)).toMatchObject({ code: "not-signed-in" });
    expect(await (await desk()).refused(residentEndpoints.me)).toMatchObject({ code: "not-signed-in" });
    const { places } = residentEndpoints;
    expect((await resident.client.call(places)).accessPoints).toContainEqual({
      id: site.points.northIn,
      name: "北门进",
      portalName: "北门",
    });
    server.clock.advance(Duration.hours(12));
    expect(await resident.client.refused(places)).toMatchObject({ code: "not-signed-in" });
  });
});

describe("a key", () => {
  test("is replaced by a new invitation, and the account tells of both", async () => {
    const resident = await joined("丢了手机");
    const registeredAt = server.clock.now();
    server.clock.advance(Duration.hours(1));
    const next = makeProgram();
    await next.join((await invite(resident.personId)).code);
    expect(await resident.client.refused(residentEndpoints.me)).toMatchObject({ code: "not-signed-in" });
    expect(await resident.signIn()).toMatchObject({ problem: { code: "key-refused" } });
    const me = await next.client.call(residentEndpoints.me);
    expect(me.keys).toEqual([
      { registeredAt, registeredBy: "invitation", endedAt: server.clock.now() },
      { registeredAt: server.clock.now(), registeredBy: "invitation" },
    ]);
  });

  test("is replaced by its owner when both keys sign", async () => {
    const resident = await joined("换钥匙");
    const next = makeProgram();
    const body = async (oldSign: typeof next.sign, newSign: typeof next.sign) => {
      const challenge = await resident.challenge();
      const text = residentTexts.replaceKey(community.id, next.keys, challenge);
      return { challenge, ...next.keys, signature: oldSign(text), newSignature: newSign(text) };
    };
    const ask = async (input: Awaited<ReturnType<typeof body>>) =>
      resident.client.ask(residentEndpoints.replaceKey, { body: input });
    expect(await ask(await body(next.sign, next.sign))).toMatchObject({ problem: { code: "key-refused" } });
    expect(await ask(await body(resident.sign, resident.sign))).toMatchObject({
      problem: { code: "key-refused" },
    });
    expect(await ask(await body(resident.sign, next.sign))).toMatchObject({
      body: { keys: [{ registeredBy: "invitation" }, { registeredBy: "own-key" }] },
    });
    expect(await next.signIn()).toMatchObject({ ok: true });
    expect(await resident.signIn(server.visitor())).toMatchObject({ problem: { code: "key-refused" } });
  });

  test("belongs to one person", async () => {
    const resident = await joined("一号");
    const code = (await invite(await newPerson("二号"))).code;
    expect(await resident.join(code)).toMatchObject({ problem: { status: 409, code: "conflict" } });
  });

  test("is deleted by its owner's signature, and gates are told", async () => {
    const resident = await joined("不要了");
    const version = async () =>
      (await server.pool.query("select version from model_part where part = 'credentials'")).rows[0].version;
    const before = await version();
    const { deleteKey } = residentEndpoints;
    const remove = async (sign: typeof resident.sign) => {
      const challenge = await resident.challenge();
      const signature = sign(residentTexts.deleteKey(community.id, challenge));
      return resident.client.ask(deleteKey, { body: { challenge, signature } });
    };
    expect(await remove(makeProgram().sign)).toMatchObject({ problem: { code: "key-refused" } });
    expect(await version()).toBe(before);
    expect(await remove(resident.sign)).toMatchObject({ status: 204 });
    expect(Number(await version())).toBeGreaterThan(Number(before));
    expect(await resident.signIn()).toMatchObject({ problem: { code: "key-refused" } });
    const { rowCount } = await server.pool.query("select 1 from resident_account where person_id = $1", [
      resident.personId,
    ]);
    expect(rowCount).toBe(0);
  });

  test("and its account go with the person, for good", async () => {
    const resident = await joined("搬走了");
    const params = { id: resident.personId };
    const [home] = (await resident.client.call(ownResidencyEndpoints.list)).items;
    const residencyId = home?.id ?? "";
    const challenge = await resident.challenge();
    await resident.client.call(ownResidencyEndpoints.leave, {
      params: { id: residencyId },
      body: {
        inDays: 0,
        challenge,
        signature: resident.sign(residencyEndTexts.leave(community.id, residencyId, 0, challenge)),
      },
    });
    await (await desk()).call(personEndpoints.remove, { params });
    expect(await resident.client.refused(residentEndpoints.me)).toMatchObject({ code: "not-signed-in" });
    expect(await resident.signIn()).toMatchObject({ problem: { code: "key-refused" } });
    expect(
      await (await desk()).refused(residentInvitationEndpoints.create, { params, reason }),
    ).toMatchObject({
      code: "not-found",
    });
    await (await desk()).call(personEndpoints.restore, { params });
    expect(await resident.signIn()).toMatchObject({ problem: { code: "key-refused" } });
  });

  test("leaves a trace in the evidence log and in the record of changes, without the key", async () => {
    const resident = await joined("留痕");
    const { rows } = await server.pool.query(
      "select statement, public from evidence_statement where topic = 'resident-key-registered' and subject_id = $1",
      [resident.personId],
    );
    expect(rows).toEqual([
      {
        statement: JSON.stringify({
          at: server.clock.now(),
          authKey: resident.keys.authKey,
          personId: resident.personId,
          registeredBy: "invitation",
          topic: "resident-key-registered",
          trailKey: resident.keys.trailKey,
        }),
        public: false,
      },
    ]);
    const auditor = await server.founder("audit");
    const { items } = await auditor.call(changeEndpoints.list, { query: { entityId: resident.personId } });
    expect(items.map(({ action }) => action)).toEqual([
      "resident.key-registered",
      "resident.invited",
      "person.created",
    ]);
    expect(JSON.stringify(items)).not.toContain(resident.keys.authKey);
  });
});

describe("another's record", () => {
  test("is refused, recorded, and told to whom it is about (privacy row L4)", async () => {
    const wife = await joined("妻子");
    const husband = await joined("丈夫");
    const { looks } = residentEndpoints;
    expect(await husband.client.refused(looks, { params: { id: wife.personId } })).toMatchObject({
      status: 403,
      code: "forbidden",
    });
    expect(await wife.client.call(looks, { params: { id: wife.personId } })).toEqual({
      items: [{ kind: "refused", at: server.clock.now() }],
    });
    const { rows } = await server.pool.query(
      "select person_id from resident_refused_read where asked_person_id = $1",
      [wife.personId],
    );
    expect(rows).toEqual([{ person_id: husband.personId }]);
    // Whoever asks for somebody who is not here learns nothing else, and the landlord is no exception.
    const landlord = await joined("房东");
    const nobody = { params: { id: "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11" } };
    expect(await landlord.client.refused(looks, nobody)).toMatchObject({ status: 403, code: "forbidden" });
  });
});

describe("a look of staff", () => {
  test("is told to the person at once, with body, role, purpose and the leaf that proves it (privacy row L7)", async () => {
    const resident = await joined("被看的人");
    server.clock.advance(Duration.seconds(59));
    const law = { code: "law", text: "京公协查 7 号" } as const;
    const params = { id: resident.personId };
    await (await desk()).call(personEndpoints.get, { params, viewReason: law });
    const { items } = await resident.client.call(residentEndpoints.looks, { params });
    expect(items[0]).toEqual({
      kind: "view",
      at: server.clock.now(),
      body: "property",
      role: "manager",
      reason: law,
      what: "record",
      evidence: {
        topic: "personal-data-viewed",
        statement: expect.stringContaining('"purpose":"law"'),
        salt: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
  });
});

describe("one's own home", () => {
  test("comes with its key, by which its credentials are found in the log, and nobody else's home", async () => {
    const { client, personId } = await joined("孙小妹");
    const { items } = await client.call(residentEndpoints.homes);
    // Nobody there has a credential yet: the log knows no home.
    expect(items).toEqual([]);
    await (await desk()).call(credentialEndpoints.enrol, {
      body: { kind: "uid", identifier: "51515151", personId, until: server.clock.now() + 86_400_000 },
    });
    await server.logRunner.settle();
    const [home, ...others] = (await client.call(residentEndpoints.homes)).items;
    expect(others).toEqual([]);
    expect(home).toMatchObject({
      dwellingId: site.dwellingIds[1],
      name: "1号楼 102",
      homeKey: expect.stringMatching(/^[0-9a-f]{64}$/),
      credentials: [{ number: 0, holder: "孙小妹", label: "5151", index: expect.any(Number) }],
    });
    expect(JSON.parse(home?.credentials[0]?.statement ?? "")).toMatchObject({
      topic: "credential-of-dwelling",
      dwellingTag: home?.dwellingTag,
      number: 0,
    });
    expect(await server.visitor().refused(residentEndpoints.homes)).toMatchObject({ status: 401 });
  });
});

describe("a receipt", () => {
  test("is signed with one's own key, once, and stands at the desk and in the log", async () => {
    const { client, personId, sign } = await joined("收卡人");
    const other = await joined("邻居");
    const { credential } = await (await desk()).call(credentialEndpoints.enrol, {
      body: { kind: "desfire", identifier: "04a0a0a0a0a0b1", personId },
    });
    const { items } = await client.call(residentEndpoints.receiptsDue);
    expect(items).toEqual([
      {
        credentialId: credential.id,
        kind: "desfire",
        label: "A0B1",
        enrolledAt: server.clock.now(),
      },
    ]);
    const [due = { credentialId: "", kind: "desfire", label: "" } as const] = items;
    const text = residentTexts.receipt(community.id, due);
    const params = { id: credential.id };
    const refused = { params, body: { signature: other.sign(text) } };
    expect(await client.refused(residentEndpoints.signReceipt, refused)).toMatchObject({
      code: "key-refused",
    });
    expect(await other.client.refused(residentEndpoints.signReceipt, refused)).toMatchObject({ status: 404 });
    await client.call(residentEndpoints.signReceipt, { params, body: { signature: sign(text) } });
    expect((await client.call(residentEndpoints.receiptsDue)).items).toEqual([]);
    const again = { params, body: { signature: sign(text) } };
    expect(await client.refused(residentEndpoints.signReceipt, again)).toMatchObject({ status: 404 });
    expect(await (await desk()).call(credentialEndpoints.get, { params })).toMatchObject({
      state: "active",
      receipt: { way: "own-key", at: server.clock.now() },
    });
    const { rows } = await server.pool.query<{ statement: string }>(
      "select statement from evidence_statement where topic = 'credential-handed-over'",
    );
    expect(rows.map(({ statement }) => JSON.parse(statement))).toMatchObject([
      { credentialId: credential.id, way: "own-key", signature: sign(text) },
    ]);
    expect(await server.visitor().refused(residentEndpoints.receiptsDue)).toMatchObject({
      code: "not-signed-in",
    });
  });

  test("that never came is the desk's to act on, until it is blocked or signed for", async () => {
    const { client, personId, sign } = await joined("没收到卡的人");
    const staff = await desk();
    const enrol = async (identifier: string) =>
      (await staff.call(credentialEndpoints.enrol, { body: { kind: "desfire", identifier, personId } }))
        .credential;
    const [stolen, late] = [await enrol("04a0a0a0a0a0b2"), await enrol("04a0a0a0a0a0b3")];
    const listed = async (receipt: "open" | "denied") =>
      (await staff.call(credentialEndpoints.list, { query: { personId, receipt } })).items;
    expect((await listed("open")).map(({ id }) => id).toSorted()).toEqual([stolen.id, late.id].toSorted());
    expect(await listed("denied")).toEqual([]);

    const deny = (of: typeof stolen, signature: string) =>
      client.ask(residentEndpoints.denyReceipt, { params: { id: of.id }, body: { signature } });
    const textOf = (of: typeof stolen) =>
      residentTexts.denial(community.id, { credentialId: of.id, kind: of.kind, label: of.label });
    // A signature that says one got it says nothing of the opposite.
    const receipt = residentTexts.receipt(community.id, {
      credentialId: stolen.id,
      kind: stolen.kind,
      label: stolen.label,
    });
    expect(await deny(stolen, sign(receipt))).toMatchObject({ ok: false, problem: { code: "key-refused" } });
    for (const one of [stolen, late, stolen]) {
      expect(await deny(one, sign(textOf(one)))).toMatchObject({ ok: true });
    }
    const at = server.clock.now();
    expect(await listed("denied")).toMatchObject([{ deniedAt: at }, { deniedAt: at }]);
    expect((await client.call(residentEndpoints.receiptsDue)).items).toMatchObject([
      { deniedAt: at },
      { deniedAt: at },
    ]);

    await staff.call(credentialEndpoints.block, {
      params: { id: stolen.id },
      reason: { code: "lost-or-stolen" },
    });
    expect((await listed("denied")).map(({ id }) => id)).toEqual([late.id]);
    const found = residentTexts.receipt(community.id, {
      credentialId: late.id,
      kind: late.kind,
      label: late.label,
    });
    await client.call(residentEndpoints.signReceipt, {
      params: { id: late.id },
      body: { signature: sign(found) },
    });
    expect(await listed("open")).toEqual([]);
    const signed = await staff.call(credentialEndpoints.get, { params: { id: late.id } });
    expect([signed.receipt?.way, signed.deniedAt]).toEqual(["own-key", undefined]);
    const { items } = await staff.call(credentialEndpoints.history, { params: { id: stolen.id } });
    expect(items.map(({ action }) => action)).toEqual(["blocked", "receipt-denied", "enrolled"]);
    const { rows } = await server.pool.query<{ statement: string }>(
      "select statement from evidence_statement where topic = 'credential-denied'",
    );
    expect(rows.map(({ statement }) => String(JSON.parse(statement).credentialId)).toSorted()).toEqual(
      [stolen.id, late.id].toSorted(),
    );
    const other = await joined("另一位邻居");
    expect(
      await other.client.refused(residentEndpoints.denyReceipt, {
        params: { id: late.id },
        body: { signature: sign(textOf(late)) },
      }),
    ).toMatchObject({ status: 404 });
  });
});
