import { ed25519Verify, sha256, toHex } from "@menshen/crypto/node";
import { Duration, noticeText } from "@menshen/domain";
import { parseVerifierKey, verifyConsentExport, verifyConsentReceipt } from "@menshen/evidence";
import {
  consentDeskEndpoints,
  consentNoticeEndpoints,
  evidenceEndpoints,
  personEndpoints,
  residentConsentEndpoints,
  residentEndpoints,
  residentPassEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { leave } from "../../testing/test-resident.ts";
import { startTestServer, type TestClient } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { goodDraft, makeConsentWorld } from "./consent.fixture.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;
const { community } = await server.visitor().call(residentEndpoints.session);
const world = makeConsentWorld(server, community.id);
const reason = { code: "resident-request" } as const;
/** The example of GB 11643-1999. */
const IDENTITY_NUMBER = "11010519491231002X";

/** The same member of staff with a session that has not ended. */
let signedIn = { client: operate, at: server.clock.now() };
async function desk(): Promise<TestClient> {
  const at = server.clock.now();
  if (at > signedIn.at) signedIn = { client: await server.founder(), at };
  return signedIn.client;
}

async function moveIn(displayName: string, dwellingId: string = site.dwellingIds[1]): Promise<string> {
  const residency = { role: "family" as const, dwellingId };
  return (await (await desk()).call(personEndpoints.create, { body: { displayName, residency } })).id;
}

const joined = async (displayName: string, dwellingId?: string) =>
  world.joined(await desk(), await moveIn(displayName, dwellingId));

async function receiptKey(): Promise<Uint8Array> {
  const { key } = await server.visitor().call(consentNoticeEndpoints.receiptKey);
  const parsed = parseVerifierKey(sha256, key);
  if (!parsed.parsed) throw new Error(parsed.refusal);
  return parsed.key.publicKey;
}

const verified = async (text: string | undefined) =>
  verifyConsentReceipt({ sha256, ed25519Verify }, text ?? "", { receiptKey: await receiptKey() });

/** Who has a contact on record. */
const contacts = async () =>
  (await server.pool.query("select person_id from person_contact")).rows.map((row) => row.person_id);

const contact = await world.publish(operate, goodDraft(server.clock.now()));
const adverts = await world.publish(operate, {
  ...goodDraft(server.clock.now(), "commercial-messages"),
  processor: { name: "海棠小店", contact: "0571-1111" },
});

test("C1 (PIPL 14, 29; FR 6): one request is about one purpose, and nothing is agreed to before", async () => {
  const resident = await joined("周一");
  const { notices, records } = await resident.client.call(residentConsentEndpoints.list);
  expect(notices.map(({ purpose }) => purpose).toSorted()).toEqual([
    "commercial-messages",
    "service-contact",
  ]);
  expect(records).toEqual([]);
  const one = resident.consentTo(contact);
  for (const bundled of [
    { ...one, purpose: ["service-contact", "commercial-messages"] },
    { ...one, purposes: ["service-contact", "commercial-messages"] },
    [one, resident.consentTo(adverts)],
  ]) {
    const answer = await server.app.inject({
      method: "POST",
      url: residentConsentEndpoints.give.path,
      headers: {
        host: "localhost:8080",
        origin: "http://localhost:8080",
        cookie: resident.client.cookie ?? "",
      },
      payload: bundled,
    });
    expect([answer.statusCode, answer.json().code]).toEqual([400, "invalid-request"]);
  }
  expect((await resident.client.call(residentConsentEndpoints.list)).records).toEqual([]);
  // One notice's hash with another's purpose is no consent to either.
  const crossed = { ...one, purpose: "commercial-messages" as const };
  expect(await resident.client.refused(residentConsentEndpoints.give, { body: crossed })).toMatchObject({
    code: "not-found",
  });
});

test("C2 (ISO 27560): the receipt verifies offline, says everything, and the log names it", async () => {
  const resident = await joined("周二");
  const record = await resident.give(contact);
  expect(record).toMatchObject({ state: "in-force", way: "own-key", purpose: "service-contact" });
  const text = record.receipt?.text ?? "";
  expect(await verified(text)).toEqual({
    verified: true,
    receipt: {
      recordId: record.recordId,
      event: "given",
      at: server.clock.now(),
      communityId: community.id,
      communityName: "海棠苑",
      subject: resident.personId,
      controller: { name: "海棠物业", contact: "0571-0000" },
      processor: { name: "海棠物业", contact: "0571-0000" },
      subProcessors: [],
      noticeSha256: contact.sha256,
      noticeVersion: 1,
      purpose: "service-contact",
      data: contact.texts.data,
      storage: contact.texts.storage,
      period: { from: server.clock.now(), until: contact.endsAt, deleteWithinDays: 7 },
      withdrawal: expect.objectContaining({ en: expect.stringContaining("/resident/#/consents") }),
      alternatives: expect.arrayContaining([{ door: "北门 · 北门进", ways: ["card", "phone"] }]),
      by: expect.objectContaining({ way: "own-key" }),
    },
  });
  expect((await verified(text.replace("海棠苑", "海棠园"))).verified).toBe(false);
  // The hash is that of the notice as anybody can read it.
  expect(toHex(sha256(new TextEncoder().encode(noticeText(contact))))).toBe(contact.sha256);
  const said = JSON.parse(record.receipt?.evidence?.statement ?? "{}");
  expect(said).toMatchObject({
    topic: "consent-given",
    recordId: record.recordId,
    receiptSha256: toHex(sha256(new TextEncoder().encode(text))),
  });
  const { items } = await server.visitor().call(evidenceEndpoints.statements, {
    query: { topic: "consent-notice-published" },
  });
  expect(items.map(({ statement }) => JSON.parse(statement).noticeSha256)).toContain(contact.sha256);
});

test("C3 (PIPL 15; FR 6): withdrawing takes one step, as giving does, and what was kept by it is gone at once", async () => {
  const resident = await joined("周三");
  const doors = await resident.client.call(residentPassEndpoints.doors);
  const phone = { kind: "phone", value: "0571-123456" } as const;
  expect(await resident.client.refused(residentConsentEndpoints.setContact, { body: phone })).toMatchObject({
    code: "conflict",
  });
  // Absence means no: nothing was stored.
  expect(await contacts()).not.toContain(resident.personId);
  const record = await resident.give(contact);
  await resident.client.call(residentConsentEndpoints.setContact, { body: phone });
  expect((await resident.client.call(residentConsentEndpoints.list)).contact).toEqual(phone);
  const withdrawn = await resident.withdraw(record);
  expect(withdrawn.state).toBe("withdrawn");
  expect(await verified(withdrawn.withdrawalReceipt?.text)).toMatchObject({
    verified: true,
    receipt: { event: "withdrawn", recordId: record.recordId },
  });
  expect(await contacts()).not.toContain(resident.personId);
  expect((await resident.client.call(residentConsentEndpoints.list)).contact).toBeUndefined();
  // C4: the same doors as before anything was asked.
  expect(await resident.client.call(residentPassEndpoints.doors)).toEqual(doors);
  // Twice is once; and one may change one's mind.
  expect(
    await resident.client.refused(residentConsentEndpoints.withdraw, {
      params: { id: record.recordId },
      body: { signature: "0".repeat(128) },
    }),
  ).toMatchObject({ code: "key-refused" });
  expect((await resident.give(contact)).state).toBe("in-force");
});

test("E5 (PIPL 17, 30; FR 5): without the hash of the notice that asks now, nothing is agreed to", async () => {
  const resident = await joined("周四");
  const first = await world.publish(await desk(), goodDraft(server.clock.now(), "sharing"));
  const draft = goodDraft(server.clock.now(), "sharing");
  const clearer = { ...draft.texts, effects: { "zh-CN": "更清楚", en: "clearer" } };
  const second = await world.publish(await desk(), { ...draft, texts: clearer }, first.seriesId);
  expect([first.version, second.version]).toEqual([1, 2]);
  const { noticeSha256: _, ...missing } = resident.consentTo(second);
  const answer = await server.app.inject({
    method: "POST",
    url: residentConsentEndpoints.give.path,
    headers: {
      host: "localhost:8080",
      origin: "http://localhost:8080",
      cookie: resident.client.cookie ?? "",
    },
    payload: missing,
  });
  expect(answer.json().code).toBe("invalid-request");
  const refused = async (notice: typeof first) =>
    (await resident.client.refused(residentConsentEndpoints.give, { body: resident.consentTo(notice) })).code;
  expect(await refused(first)).toBe("stale-revision");
  expect(await refused({ ...second, sha256: "0".repeat(64) })).toBe("not-found");
  const paper = { purpose: "sharing", noticeSha256: first.sha256 } as const;
  expect(
    await (await desk()).refused(consentDeskEndpoints.enterPaper, {
      params: { id: resident.personId },
      body: paper,
    }),
  ).toMatchObject({ code: "stale-revision" });
  expect((await resident.give(second)).state).toBe("in-force");
});

test("C6 (SPC 4, 11): terms without an end, irrevocable, sub-licensable or bundled are not published", async () => {
  const staff = await desk();
  const { endsAt: _, ...endless } = goodDraft(server.clock.now());
  const draft = {
    ...endless,
    revocable: false,
    sublicensable: true,
    purposes: ["service-contact" as const, "face-opening" as const],
  };
  const drafted = await staff.call(consentNoticeEndpoints.draft, { body: { draft } });
  expect(drafted.faults).toEqual(["bundled", "locked-purpose", "no-end", "irrevocable", "sub-licensable"]);
  const problem = await staff.refused(consentNoticeEndpoints.publish, {
    params: { id: drafted.id },
    body: { revision: drafted.revision },
    reason,
  });
  expect(problem.code).toBe("invalid-request");
  expect(problem.fields).toHaveLength(5);
  await staff.call(consentNoticeEndpoints.discard, { params: { id: drafted.id } });
});

test("what was published never changes, and its next version is of the same purpose", async () => {
  await expect(
    server.pool.query("update consent_notice set text = 'x' where id = $1", [contact.id]),
  ).rejects.toThrow();
  await expect(server.pool.query("delete from consent_notice where id = $1", [contact.id])).rejects.toThrow();
  const staff = await desk();
  const drafted = await staff.call(consentNoticeEndpoints.draft, {
    body: { draft: goodDraft(server.clock.now(), "commercial-messages"), seriesId: contact.seriesId },
  });
  const publication = { params: { id: drafted.id }, body: { revision: drafted.revision } };
  expect(await staff.refused(consentNoticeEndpoints.publish, publication)).toMatchObject({
    code: "reason-required",
  });
  expect(await staff.refused(consentNoticeEndpoints.publish, { ...publication, reason })).toMatchObject({
    code: "conflict",
  });
  await staff.call(consentNoticeEndpoints.discard, { params: { id: drafted.id } });
});

test("C7 (PIPL 14(2)): another processor suspends every consent until people are asked again; doors open as before", async () => {
  const resident = await joined("周五");
  const doors = await resident.client.call(residentPassEndpoints.doors);
  const own = await world.publish(await desk(), goodDraft(server.clock.now(), "commercial-messages"));
  const record = await resident.give(own);
  server.clock.advance(Duration.seconds(1));
  const draft = goodDraft(server.clock.now() - 1_000, "commercial-messages");
  const states = async () =>
    (await resident.client.call(residentConsentEndpoints.list)).records.map(({ state }) => state);
  const clearer = { ...draft.texts, rights: { "zh-CN": "更清楚", en: "clearer" } };
  await world.publish(await desk(), { ...draft, texts: clearer }, own.seriesId);
  expect(await states()).toEqual(["in-force"]);
  const moved = await world.publish(
    await desk(),
    { ...draft, processor: { name: "别的公司", contact: "0571-2222" } },
    own.seriesId,
  );
  expect(await states()).toEqual(["suspended"]);
  expect(await resident.client.call(residentPassEndpoints.doors)).toEqual(doors);
  // Terms that come back ask as well: nobody was asked meanwhile.
  const back = await world.publish(await desk(), draft, own.seriesId);
  expect(await states()).toEqual(["suspended"]);
  expect(moved.version).toBe(3);
  server.clock.advance(Duration.seconds(1));
  await resident.give(back);
  expect(await states()).toEqual(["in-force", "replaced"]);
  expect(record.state).toBe("in-force");
});

test("C5 (SPC 6): notice, receipts and alternatives of a person, all signed, and nothing of it can be changed", async () => {
  const resident = await joined("周六");
  await resident.withdraw(await resident.give(contact));
  const keys = { receiptKey: await receiptKey() };
  const verify = (value: unknown) =>
    verifyConsentExport({ sha256, ed25519Verify }, JSON.stringify(value), keys);
  const exported = await resident.client.call(residentConsentEndpoints.export);
  const verdict = verify(exported);
  if (!verdict.verified) throw new Error(verdict.fault);
  expect(verdict.receipts.map(({ event }) => event)).toEqual(["given", "withdrawn"]);
  expect(verdict.receipts[0]?.alternatives.map(({ ways }) => ways)).toContainEqual(["card", "pin", "phone"]);
  expect(exported.notices.map(({ text }) => JSON.parse(text).purpose)).toEqual(["service-contact"]);
  expect(verify({ ...exported, personId: site.resident.personId })).toEqual({
    verified: false,
    fault: "bad-signature",
  });
  expect(verify({ ...exported, notices: [] }).verified).toBe(false);
  // The desk hands out the same, and the person reads that it looked.
  const atDesk = await (await desk()).call(consentDeskEndpoints.export, {
    params: { id: resident.personId },
  });
  expect(verify(atDesk).verified).toBe(true);
  const looks = await resident.client.call(residentEndpoints.looks, { params: { id: resident.personId } });
  expect(looks.items.length).toBeGreaterThan(0);
});

test("E6 (FR 5): on paper by two persons of the desk; withdrawn by one, at once", async () => {
  const personId = await moveIn("没有手机的老人");
  const staff = await desk();
  const body = { purpose: "service-contact", noticeSha256: contact.sha256 } as const;
  const entered = await staff.call(consentDeskEndpoints.enterPaper, { params: { id: personId }, body });
  expect(entered.state).toBe("waiting");
  expect(entered.receipt).toBeUndefined();
  const confirmation = { params: { id: entered.recordId } };
  expect(await staff.refused(consentDeskEndpoints.confirm, confirmation)).toMatchObject({
    code: "second-person-needed",
  });
  const phone = { kind: "phone", value: "0571-888888" } as const;
  // A paper that nobody else has seen allows nothing.
  expect(
    await staff.refused(consentDeskEndpoints.setContact, { params: { id: personId }, body: phone }),
  ).toMatchObject({ code: "conflict" });
  const second = await server.member("desk");
  const { items } = await second.call(consentDeskEndpoints.waiting);
  expect(items.find((paper) => paper.recordId === entered.recordId)).toMatchObject({ own: false });
  const confirmed = await second.call(consentDeskEndpoints.confirm, confirmation);
  expect(confirmed).toMatchObject({ state: "in-force", way: "paper" });
  expect(await verified(confirmed.receipt?.text)).toMatchObject({
    verified: true,
    receipt: { by: { way: "paper" }, subject: personId },
  });
  await second.call(consentDeskEndpoints.setContact, { params: { id: personId }, body: phone });
  expect(await contacts()).toContain(personId);
  expect((await second.call(consentDeskEndpoints.withdraw, confirmation)).state).toBe("withdrawn");
  expect(await contacts()).not.toContain(personId);
  const guard = await server.member("guard");
  expect(await guard.refused(consentDeskEndpoints.list, { params: { id: personId } })).toMatchObject({
    code: "forbidden",
  });
});

test("E4 (PIPL 31; FR 7): under 14 an adult of the same home signs, and nobody else can", async () => {
  const mother = await joined("母亲");
  const stranger = await joined("隔壁", site.dwellingIds[0]);
  const child = await joined("孩子");
  const childId = child.personId;
  const staff = await desk();
  const setUntil = (until: string) =>
    staff.call(consentDeskEndpoints.setGuardian, { params: { id: childId }, body: { until } });
  await setUntil("2027-05-01");
  const refused = async (who: typeof mother, forChild?: string) =>
    (await who.client.refused(residentConsentEndpoints.give, { body: who.consentTo(contact, forChild) }))
      .code;
  expect(await refused(child)).toBe("second-person-needed");
  expect(await refused(stranger, childId)).toBe("not-found");
  expect(await refused(mother, stranger.personId)).toBe("not-found");
  const paper = { purpose: "service-contact", noticeSha256: contact.sha256 } as const;
  const enter = (guardianId: string | undefined) =>
    staff.refused(consentDeskEndpoints.enterPaper, {
      params: { id: childId },
      body: { ...paper, ...(guardianId === undefined ? {} : { guardianId }) },
    });
  expect((await enter(undefined)).code).toBe("second-person-needed");
  expect((await enter(stranger.personId)).code).toBe("second-person-needed");
  const record = await mother.give(contact, childId);
  expect(record).toMatchObject({ state: "in-force", personId: childId, guardianId: mother.personId });
  // It ends with the day on which the child decides: midnight in the community.
  expect(record.until).toBe(Date.parse("2027-05-01T00:00:00+08:00"));
  expect(await verified(record.receipt?.text)).toMatchObject({
    verified: true,
    receipt: { subject: childId, guardian: mother.personId },
  });
  const { wards } = await mother.client.call(residentConsentEndpoints.list);
  expect(wards.map(({ personId }) => personId)).toEqual([childId]);
  expect((await stranger.client.call(residentConsentEndpoints.list)).wards).toEqual([]);
  // What is stored of the child's age is that one day, and no year of birth can be asked of anybody.
  const { rows } = await server.pool.query("select * from person_guardian_need");
  expect(rows).toEqual([{ person_id: childId, until_on: "2027-05-01" }]);
  const wrong = { params: { id: childId }, body: { until: "2041-01-01" } };
  expect((await staff.refused(consentDeskEndpoints.setGuardian, wrong)).code).toBe("invalid-request");
  expect((await mother.withdraw(record)).state).toBe("withdrawn");
});

test("nobody reads or ends a neighbour's consent, and nothing signed once serves twice", async () => {
  const resident = await joined("周日");
  const neighbour = await joined("邻居");
  const body = resident.consentTo(contact);
  await resident.client.call(residentConsentEndpoints.give, { body });
  const again = await resident.client.refused(residentConsentEndpoints.give, { body });
  expect(again.code).toBe("conflict");
  const mine = (await resident.client.call(residentConsentEndpoints.list)).records[0];
  if (mine === undefined) throw new Error("expected a record");
  await expect(neighbour.withdraw(mine)).rejects.toThrow("not-found");
  const replayed = { ...neighbour.consentTo(contact), signature: body.signature };
  expect((await neighbour.client.refused(residentConsentEndpoints.give, { body: replayed })).code).toBe(
    "key-refused",
  );
  await resident.withdraw(mine);
  // A withdrawn record stays withdrawn, whoever sends the old text again.
  expect((await resident.client.refused(residentConsentEndpoints.give, { body })).code).toBe("conflict");
  expect((await server.visitor().refused(residentConsentEndpoints.list)).code).toBe("not-signed-in");
});

test("E1 (PIPL 6; GB/T 22239): no identity number is taken anywhere, and none stands in any table", async () => {
  const staff = await desk();
  for (const displayName of [`王 ${IDENTITY_NUMBER}`, "110105 19491231 002x"]) {
    const residency = { role: "tenant" as const, dwellingId: site.dwellingIds[0] };
    expect((await staff.refused(personEndpoints.create, { body: { displayName, residency } })).code).toBe(
      "invalid-request",
    );
  }
  const resident = await joined("化名");
  await resident.give(contact);
  for (const kind of ["phone", "email"] as const) {
    const value =
      kind === "phone" ? "110105194912310021".replace(/1$/, "X") : `${IDENTITY_NUMBER}@example.org`;
    expect(
      (await resident.client.refused(residentConsentEndpoints.setContact, { body: { kind, value } })).code,
    ).toBe("invalid-request");
  }
  const extra = { displayName: "多余", identityNumber: IDENTITY_NUMBER, employer: "某公司", face: "AAAA" };
  const answer = await server.app.inject({
    method: "POST",
    url: personEndpoints.create.path,
    headers: { host: "localhost:8080", origin: "http://localhost:8080", cookie: staff.cookie ?? "" },
    payload: extra,
  });
  expect(answer.json().code).toBe("invalid-request");
  const { rows } = await server.pool.query(
    "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE' and table_schema in ('public', 'keys')",
  );
  expect(rows.length).toBeGreaterThan(80);
  const patterns = [IDENTITY_NUMBER, Buffer.from(IDENTITY_NUMBER).toString("hex"), "110105 19491231"];
  for (const { table_schema, table_name } of rows) {
    const name = `"${table_schema}"."${table_name}"`;
    const found = await server.pool.query(
      `select count(*)::int as n from ${name} as t where exists (
         select from unnest($1::text[]) as p where position(lower(p) in lower(t::text)) > 0)`,
      [patterns],
    );
    expect(found.rows, name).toEqual([{ n: 0 }]);
  }
});

test("E2 (D12 item 6): of a checked identity, issuer and time are kept, and nothing depends on it", async () => {
  const checked = await joined("已核验");
  const declined = await joined("不核验");
  const before = await checked.client.call(residentPassEndpoints.doors);
  const staff = await desk();
  const params = { id: checked.personId };
  const verify = (issuer: string) => ({ params, body: { issuer } });
  expect((await staff.refused(consentDeskEndpoints.verify, verify(IDENTITY_NUMBER))).code).toBe(
    "invalid-request",
  );
  await staff.call(consentDeskEndpoints.verify, verify("国家网络身份认证公共服务"));
  expect(await staff.call(consentDeskEndpoints.enrolment, { params })).toEqual({
    personId: checked.personId,
    verified: { issuer: "国家网络身份认证公共服务", at: server.clock.now() },
  });
  const { rows } = await server.pool.query("select * from person_identity_check");
  expect(rows.map((row) => Object.keys(row).sort())).toEqual([["checked_at", "issuer", "person_id"]]);
  expect(await checked.client.call(residentPassEndpoints.doors)).toEqual(before);
  const { doors } = await declined.client.call(residentPassEndpoints.doors);
  expect(doors).toEqual(before.doors);
});

test("with a person goes everything that they agreed to", async () => {
  const resident = await joined("要走的人");
  await resident.give(contact);
  const staff = await desk();
  const params = { id: resident.personId };
  await leave(resident, staff);
  await staff.call(personEndpoints.erase, { params, reason });
  const { rows } = await server.pool.query("select count(*)::int as n from consent where person_id = $1", [
    resident.personId,
  ]);
  expect(rows).toEqual([{ n: 0 }]);
});

test("X1: a consent that runs out deletes what it was for, by itself", async () => {
  const resident = await joined("到期的人");
  await resident.give(contact);
  const phone = { kind: "phone", value: "0571-765432" } as const;
  await resident.client.call(residentConsentEndpoints.setContact, { body: phone });
  await server.tidy();
  expect(await contacts()).toContain(resident.personId);
  server.clock.advance(Duration.hours(24 * 366));
  await server.tidy();
  expect(await contacts()).not.toContain(resident.personId);
});
