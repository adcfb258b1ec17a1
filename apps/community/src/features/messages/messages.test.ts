import { randomUUID } from "node:crypto";
import { randomBytes } from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import { PERMISSIONS } from "@menshen/wire";
import { beforeEach, expect, test } from "vitest";
import type { StaffAuthor } from "../../authority/authorise.ts";
import { makeChangeRunner } from "../../change-record/change-scope.ts";
import { makeLeafRecorder } from "../../evidence-record/index.ts";
import { makeStorageKey } from "../../keys/storage-key.ts";
import { makeTestClock } from "../../testing/test-clock.ts";
import { startTestDatabase } from "../../testing/test-database.ts";
import type { ConsentInForce, HasConsent } from "./index.ts";
import { makeMessagesService, makeSharingService } from "./index.ts";

const { db, pool } = await startTestDatabase();
const clock = makeTestClock();
const change = makeChangeRunner({
  db,
  clock,
  leaves: makeLeafRecorder({ storageKey: makeStorageKey(randomBytes(32)) }),
  policy: { guard: async () => async () => {}, changed: async () => () => {} },
  credentials: { follow: async () => {} },
});
/** What the consent slice says, by person and purpose, or recipient. */
const consents = new Map<string, ConsentInForce>();
const hasConsent: HasConsent = async (_reader, personId, wanted) =>
  consents.get(`${personId} ${wanted.purpose === "sharing" ? wanted.recipient : wanted.purpose}`);
const messages = makeMessagesService({ db, clock, change, hasConsent });
const sharing = makeSharingService({ db, change, hasConsent });

const staffId = randomUUID();
const actor = {
  staffId,
  displayName: "服务台",
  roles: ["desk"],
  duty: "operate",
  body: "property",
  permissions: new Set(PERMISSIONS),
} as const;
const author: StaffAuthor = { actor, reason: { code: "routine" } };
const [areaId, buildingId, homeId] = [randomUUID(), randomUUID(), randomUUID()];
const people = Array.from({ length: 11 }, () => randomUUID());
const [first = "", second = ""] = people;
const resident = (personId: string) => ({ personId });

await pool.query(
  "insert into staff (id, display_name, roles, created_at) values ($1, '服务台', '{desk}', now())",
  [staffId],
);
await pool.query("insert into area (id, name) values ($1, '门厅')", [areaId]);
await pool.query("insert into building (id, name, area_id) values ($1, '1号楼', $2)", [buildingId, areaId]);
await pool.query("insert into dwelling (id, building_id, name) values ($1, $2, '101')", [homeId, buildingId]);
for (const id of people) {
  await pool.query("insert into person (id, display_name) values ($1, '住户')", [id]);
  await pool.query("insert into residency (id, person_id, role, dwelling_id) values ($1, $2, 'tenant', $3)", [
    randomUUID(),
    id,
    homeId,
  ]);
}
const advertiser = await sharing.register(author, {
  name: "邻里超市",
  purpose: "优惠信息",
  contact: "ads@example.org",
  subProcessors: ["云短信"],
});
const all = { kind: "all" } as const;
const advert = { title: "周末优惠", text: "鸡蛋九折", audience: all, advertiserId: advertiser.id };
const consent = (personId: string, purpose: string) =>
  consents.set(`${personId} ${purpose}`, { consentId: `receipt-${personId}`, givenAt: clock.now() });

beforeEach(() => {
  consents.clear();
  clock.advance(Duration.minutes(1));
});

test("A1 (D12 item 7; PIPL 24): a commercial message without the receipt of a consent is refused", async () => {
  await expect(messages.sendCommercial(author, advert)).rejects.toMatchObject({ code: "conflict" });
  const { rows } = await pool.query("select from commercial_message");
  expect(rows).toEqual([]);
  consent(first, "commercial-messages");
  const sent = await messages.sendCommercial(author, advert);
  expect(sent).toMatchObject({ advertiser: "邻里超市", addressed: { below: 10 }, read: { below: 10 } });
  const stored = await pool.query("select person_id, consent_id from commercial_message_recipient");
  expect(stored.rows).toEqual([{ person_id: first, consent_id: `receipt-${first}` }]);
  // Also past the service: the table takes none without a receipt.
  await expect(
    pool.query(
      "insert into commercial_message_recipient (message_id, person_id, consent_id) values ($1, $2, '')",
      [sent.id, second],
    ),
  ).rejects.toThrow("consent_id");
  await expect(
    pool.query("insert into commercial_message_recipient (message_id, person_id) values ($1, $2)", [
      sent.id,
      second,
    ]),
  ).rejects.toThrow("consent_id");
  await expect(
    messages.sendCommercial(author, { ...advert, advertiserId: randomUUID() }),
  ).rejects.toMatchObject({ code: "not-found" });
});

test("A1 (D12 item 7; PIPL 24): one step turns them off, at once, until a later consent", async () => {
  consent(first, "commercial-messages");
  await messages.sendCommercial(author, advert);
  expect((await messages.ownCommercial(resident(first))).items.length).toBeGreaterThan(0);
  await messages.stopCommercial(resident(first));
  // The consent slice says yes still: the stop is stronger.
  expect(await messages.ownCommercial(resident(first))).toEqual({ isOn: false, items: [] });
  await expect(messages.sendCommercial(author, advert)).rejects.toMatchObject({ code: "conflict" });
  clock.advance(Duration.seconds(1));
  consent(first, "commercial-messages");
  await expect(messages.sendCommercial(author, advert)).resolves.toMatchObject({ title: "周末优惠" });
});

test("A1 (two types): a notice reaches everybody without a consent, and is never a commercial message", async () => {
  const sent = await messages.sendNotice(author, { title: "停水", text: "周三 9 点至 11 点", audience: all });
  expect(sent).toMatchObject({ addressed: { count: 11 }, read: { below: 10 } });
  const [notice] = await messages.ownNotices(resident(second));
  expect(notice).toMatchObject({ id: sent.id, title: "停水" });
  expect(notice?.readAt).toBeUndefined();
  await messages.readNotice(resident(second), sent.id);
  const readAt = clock.now();
  clock.advance(Duration.minutes(1));
  await messages.readNotice(resident(second), sent.id);
  expect(await messages.ownNotices(resident(second))).toMatchObject([{ id: sent.id, readAt }]);
  // Who read it is told to nobody: ten or more are counted, fewer are "below 10".
  for (const personId of people) await messages.readNotice(resident(personId), sent.id);
  expect((await messages.notices(actor)).items[0]).toMatchObject({ read: { count: 11 } });
  await expect(messages.readNotice(resident(randomUUID()), sent.id)).rejects.toMatchObject({
    code: "not-found",
  });
  expect((await messages.ownCommercial(resident(second))).items).toEqual([]);
  const audience = { kind: "home", id: randomUUID() } as const;
  await expect(messages.sendNotice(author, { title: "a", text: "b", audience })).rejects.toMatchObject({
    code: "conflict",
  });
});

test("A3 (PIPL 21, 23): data go to a registered recipient by a consent for exactly that one", async () => {
  const share = (recipientId: string, subProcessors: readonly string[] = []) =>
    sharing.share(author, recipientId, { personId: first, subProcessors });
  await expect(share(randomUUID())).rejects.toMatchObject({ code: "not-found" });
  await expect(share(advertiser.id)).rejects.toMatchObject({ code: "forbidden" });
  // A consent to messages, or to another recipient, is none to this.
  consent(first, "commercial-messages");
  consent(first, "另一家超市");
  await expect(share(advertiser.id)).rejects.toMatchObject({ code: "forbidden" });
  consent(first, advertiser.name);
  await expect(share(advertiser.id, ["没有写明的公司"])).rejects.toMatchObject({ code: "forbidden" });
  expect(await share(advertiser.id, ["云短信"])).toMatchObject({
    person: { id: first, name: "住户", homes: ["1号楼 101"] },
    consentId: `receipt-${first}`,
  });
  const { rows } = await pool.query(
    "select public, subject_id from evidence_statement where topic = 'data-shared'",
  );
  expect(rows).toEqual([{ public: false, subject_id: first }]);
  await sharing.end(author, advertiser.id);
  await expect(share(advertiser.id)).rejects.toMatchObject({ code: "not-found" });
  // Registered anew, e.g. with another sub-processor: the earlier consent does not reach it.
  clock.advance(Duration.minutes(1));
  const next = await sharing.register(author, { ...advertiser, subProcessors: ["另一家"] });
  consents.set(`${first} ${advertiser.name}`, { consentId: "old", givenAt: clock.now() - 1 });
  await expect(share(next.id, ["另一家"])).rejects.toMatchObject({ code: "forbidden" });
});
