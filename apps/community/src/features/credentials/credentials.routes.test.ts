import { credentialKeyOf } from "@menshen/credentials";
import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { changeEndpoints, communityEndpoints, credentialEndpoints } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite, CARD_UID } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;
const guard = await server.member("guard");
const ABSENT = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
const LOST = { code: "lost-or-stolen" } as const;
const DAY_MS = 86_400_000;
let cards = 0;

function freshUid(): string {
  cards += 1;
  return `04ee${cards.toString(16).padStart(10, "0")}`;
}

/** A mere number ends within the community's twelve months. */
const until = server.clock.now() + 300 * DAY_MS;

async function enrol(kind: "desfire" | "ntag424" | "uid", identifier: string, more: object = {}) {
  const ends = kind === "uid" ? { until } : {};
  return operate.call(credentialEndpoints.enrol, {
    body: { kind, identifier, personId: site.resident.personId, ...ends, ...more },
  });
}

describe("enrolling", () => {
  test("a DESFire card gives its keys once: its own master and one per door group in use", async () => {
    const { credential, personalisation } = await enrol("desfire", freshUid(), {
      dwellingId: site.dwellingIds[0],
    });
    expect(credential).toMatchObject({
      kind: "desfire",
      grade: "B",
      state: "active",
      personName: "李奶奶",
      dwellingName: "101",
      doorGroups: [1],
      enrolledAt: server.clock.now(),
    });
    expect(personalisation).toMatchObject({ kind: "desfire", applicationId: "534df5" });
    expect(personalisation?.keys.map(({ number, version }) => [number, version])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    const values = personalisation?.keys.map((key) => key.value) ?? [];
    expect(new Set(values).size).toBe(2);
    expect(await operate.call(credentialEndpoints.get, { params: { id: credential.id } })).toEqual(
      credential,
    );
  });

  test("door groups can be chosen within what the kind holds", async () => {
    const { credential } = await enrol("desfire", freshUid(), { doorGroups: [13, 2] });
    expect(credential.doorGroups).toEqual([2, 13]);
    const refused = (kind: "ntag424" | "desfire", doorGroups: number[]) =>
      operate.refused(credentialEndpoints.enrol, {
        body: { kind, identifier: freshUid(), personId: site.resident.personId, doorGroups },
      });
    expect(await refused("ntag424", [1, 2, 3])).toMatchObject({
      status: 400,
      fields: [{ path: "body/doorGroups" }],
    });
    expect(await refused("ntag424", [5])).toMatchObject({ status: 400 });
    expect(await refused("desfire", [1, 2, 3, 4, 5, 6, 7, 8, 9])).toMatchObject({ status: 400 });
  });

  test("a card without keys gives none", async () => {
    const uid = await enrol("uid", "deadbeef");
    expect(uid).toMatchObject({ credential: { grade: "E", label: "BEEF", doorGroups: [] } });
    expect(uid).not.toHaveProperty("personalisation");
  });

  test("a PIN is drawn, given once, kept as nothing it could be read from, and replaced by another", async () => {
    const { personId } = site.resident;
    const first = await operate.call(credentialEndpoints.enrol, { body: { kind: "pin", personId } });
    expect(first.pin).toMatch(/^[0-9]{8}$/);
    expect(first).not.toHaveProperty("personalisation");
    // Under threat: another last digit.
    expect(first.duressPin).toMatch(/^[0-9]{8}$/);
    expect(first.duressPin).not.toBe(first.pin);
    expect(first.duressPin?.slice(0, 7)).toBe(first.pin?.slice(0, 7));
    const { credential } = first;
    expect(credential).toMatchObject({ kind: "pin", grade: "D", label: "PIN", doorGroups: [] });
    expect(await operate.call(credentialEndpoints.get, { params: { id: credential.id } })).not.toHaveProperty(
      "pin",
    );
    const { key, sealed_identifier } = await server.db
      .selectFrom("credential")
      .select(["key", "sealed_identifier"])
      .where("id", "=", credential.id)
      .executeTakeFirstOrThrow();
    // Nonce and tag around nothing.
    expect(sealed_identifier.length).toBe(28);
    expect(toHex(key)).not.toBe(
      toHex(credentialKeyOf(primitives, "pin", new TextEncoder().encode(first.pin))),
    );
    const second = await operate.call(credentialEndpoints.replace, {
      params: { id: credential.id },
      body: { kind: "pin" },
      reason: LOST,
    });
    expect(second.pin).toMatch(/^[0-9]{8}$/);
    expect(second.pin).not.toBe(first.pin);
    expect(second).toMatchObject({ replaced: { id: credential.id, state: "replaced" } });
    const auditor = await server.member("auditor");
    const { items } = await auditor.call(changeEndpoints.list, { query: { entityId: credential.id } });
    expect(JSON.stringify(items)).not.toContain(first.pin);
    expect(JSON.stringify(items)).not.toContain("duress");
    // Nothing that staff or residents can list tells that there is one.
    const { items: listed } = await operate.call(credentialEndpoints.list, {
      query: { personId, kind: "pin" },
    });
    expect(JSON.stringify(listed)).not.toContain("uress");
    expect(listed.map(({ state }) => state).toSorted()).toEqual(["active", "replaced"]);
  });

  test("a card without an identifier is refused", async () => {
    expect(
      await operate.refused(credentialEndpoints.enrol, {
        body: { kind: "uid", personId: site.resident.personId, until },
      }),
    ).toMatchObject({ status: 400, fields: [{ path: "body/identifier" }] });
  });

  test("a PKOC credential is the key that was shown, with nothing to write onto it", async () => {
    const identifier = "c2ae8d157d265f3d55c170a281c2a32b50775a209543043e1f140de52d361450";
    const enrolled = await operate.call(credentialEndpoints.enrol, {
      body: { kind: "pkoc", identifier, personId: site.resident.personId },
    });
    expect(enrolled.credential).toMatchObject({ kind: "pkoc", grade: "C", doorGroups: [], label: "1450" });
    expect(enrolled).not.toHaveProperty("personalisation");
    const { key } = await server.db
      .selectFrom("credential")
      .select("key")
      .where("id", "=", enrolled.credential.id)
      .executeTakeFirstOrThrow();
    expect(toHex(key)).toBe(toHex(credentialKeyOf(primitives, "pkoc", fromHex(identifier))));
  });

  test.each([
    ["a UID of the wrong length", "desfire", "04a1b2c3"],
    ["a whole PKOC key in the place of its x", "pkoc", `04${"11".repeat(63)}`],
    ["an upper-case identifier", "desfire", "04A1B2C3D4E5F7"],
    ["a PIN that somebody chose", "pin", "3132333435363738"],
    ["half a byte", "uid", "deadbee"],
  ] as const)("%s is refused", async (_, kind, identifier) => {
    expect(
      await operate.refused(credentialEndpoints.enrol, {
        body: { kind, identifier, personId: site.resident.personId },
      }),
    ).toMatchObject({ status: 400, code: "invalid-request" });
  });

  test("a plate is enrolled by its text, in whatever spelling, and kept sealed", async () => {
    const { personId } = site.resident;
    const { credential } = await operate.call(credentialEndpoints.enrol, {
      body: { kind: "plate", plate: "沪a·12345", personId },
    });
    expect(credential).toMatchObject({
      kind: "plate",
      grade: "D",
      label: "345",
      doorGroups: [],
      state: "active",
    });
    const again = { kind: "plate", plate: "沪A 12345", personId } as const;
    expect(await operate.refused(credentialEndpoints.enrol, { body: again })).toMatchObject({
      code: "conflict",
    });
    const stored = await server.db
      .selectFrom("credential")
      .selectAll()
      .where("id", "=", credential.id)
      .executeTakeFirstOrThrow();
    expect(Buffer.from(stored.sealed_identifier).includes("12345")).toBe(false);
    expect(JSON.stringify({ ...stored, sealed_identifier: undefined })).not.toContain("2345");
  });

  test.each([
    ["none", {}],
    ["a number in its place", { identifier: "b2c3d4e5" }],
    ["both", { plate: "沪A12346", identifier: "b2c3d4e5" }],
    ["one that is misread", { plate: "沪A1" }],
    ["a word", { plate: "PRIVATE" }],
  ])("a plate is asked for: %s", async (_what, body) => {
    expect(
      await operate.refused(credentialEndpoints.enrol, {
        body: { kind: "plate", ...body, personId: site.resident.personId },
      }),
    ).toMatchObject({ status: 400, code: "invalid-request" });
  });

  test("faces, phones and passes are not enrolled at a desk", async () => {
    for (const kind of ["face", "phone", "pass"]) {
      const response = await server.app.inject({
        method: "POST",
        url: credentialEndpoints.enrol.path,
        headers: { host: "localhost", cookie: operate.cookie },
        payload: { kind, identifier: "01020304", personId: site.resident.personId },
      });
      expect(response.statusCode).toBe(400);
    }
  });

  test("a card that is somebody's is not enrolled twice; one that was given back is", async () => {
    const uid = freshUid();
    const first = await enrol("uid", uid);
    const again = { kind: "uid", identifier: uid, personId: site.resident.personId, until } as const;
    expect(await operate.refused(credentialEndpoints.enrol, { body: again })).toMatchObject({
      code: "conflict",
    });
    await operate.call(credentialEndpoints.block, {
      params: { id: first.credential.id },
      reason: { code: "move-out" },
    });
    const second = await operate.call(credentialEndpoints.enrol, { body: again });
    expect(second.credential).toMatchObject({ replacesId: first.credential.id });
    expect(
      await operate.call(credentialEndpoints.get, { params: { id: first.credential.id } }),
    ).toMatchObject({
      state: "replaced",
      replacedById: second.credential.id,
    });
  });

  test("neither the card's number nor its keys lie in the database in clear", async () => {
    const uid = freshUid();
    const { personalisation } = await enrol("desfire", uid);
    const { rows } = await server.pool.query<{ text: string }>(
      "select coalesce(string_agg(c::text, ' '), '') as text from credential c",
    );
    const { rows: changes } = await server.pool.query<{ text: string }>(
      "select string_agg(c::text, ' ') as text from change c",
    );
    const stored = `${rows[0]?.text} ${changes[0]?.text}`;
    expect(stored).not.toContain(uid);
    expect(stored).not.toContain(CARD_UID);
    for (const key of personalisation?.keys ?? []) expect(stored).not.toContain(key.value);
  });
});

describe("commands", () => {
  test("need a reason", async () => {
    const { credential } = await enrol("uid", freshUid());
    const one = { params: { id: credential.id } };
    const required = { status: 400, code: "reason-required" };
    expect(await operate.refused(credentialEndpoints.block, one)).toMatchObject(required);
    expect(await operate.refused(credentialEndpoints.unblock, one)).toMatchObject(required);
    expect(await operate.refused(credentialEndpoints.lost, one)).toMatchObject(required);
    expect(
      await operate.refused(credentialEndpoints.replace, {
        ...one,
        body: { kind: "uid", identifier: freshUid(), until },
      }),
    ).toMatchObject(required);
    expect(
      await operate.refused(credentialEndpoints.block, { ...one, headers: { "menshen-reason": "because" } }),
    ).toMatchObject({ code: "invalid-request" });
  });

  test("block, unblock and lost are on record with who and why", async () => {
    const { credential } = await enrol("uid", freshUid());
    const one = { params: { id: credential.id } };
    expect(
      await operate.call(credentialEndpoints.block, {
        ...one,
        reason: { code: "security", text: "借给外人" },
      }),
    ).toMatchObject({ state: "blocked", revision: 2 });
    expect(
      await operate.call(credentialEndpoints.unblock, { ...one, reason: { code: "correction" } }),
    ).toMatchObject({ state: "active" });
    expect(await operate.call(credentialEndpoints.lost, { ...one, reason: LOST })).toMatchObject({
      state: "lost",
    });
    const { items } = await operate.call(credentialEndpoints.history, one);
    expect(items.map((item) => [item.action, item.reason, item.staffName])).toEqual([
      ["lost", { code: "lost-or-stolen" }, "管理员 Administrator"],
      ["unblocked", { code: "correction" }, "管理员 Administrator"],
      ["blocked", { code: "security", text: "借给外人" }, "管理员 Administrator"],
      ["enrolled", { code: "routine" }, "管理员 Administrator"],
    ]);
  });

  test("replace blocks the old card in the same change, and that is final", async () => {
    const { credential } = await enrol("desfire", freshUid(), { dwellingId: site.dwellingIds[0] });
    const one = { params: { id: credential.id } };
    const body = { kind: "desfire", identifier: freshUid() } as const;
    const result = await operate.call(credentialEndpoints.replace, { ...one, body, reason: LOST });
    expect(result.replaced).toMatchObject({
      id: credential.id,
      state: "replaced",
      replacedById: result.credential.id,
    });
    expect(result.credential).toMatchObject({
      state: "active",
      replacesId: credential.id,
      personId: site.resident.personId,
      dwellingId: site.dwellingIds[0],
    });
    expect(result.personalisation?.keys).toHaveLength(2);
    expect(await operate.refused(credentialEndpoints.unblock, { ...one, reason: LOST })).toMatchObject({
      code: "conflict",
    });
    expect(await operate.refused(credentialEndpoints.replace, { ...one, body, reason: LOST })).toMatchObject({
      code: "conflict",
    });
  });

  test("a replacement that fails leaves the old card as it was", async () => {
    const { credential } = await enrol("uid", freshUid());
    const taken = freshUid();
    await enrol("uid", taken);
    expect(
      await operate.refused(credentialEndpoints.replace, {
        params: { id: credential.id },
        body: { kind: "uid", identifier: taken, until },
        reason: LOST,
      }),
    ).toMatchObject({ code: "conflict" });
    expect(await operate.call(credentialEndpoints.get, { params: { id: credential.id } })).toMatchObject({
      state: "active",
      revision: 1,
    });
    const auditor = await server.founder("audit");
    const { items } = await auditor.call(changeEndpoints.list, { query: { entityId: credential.id } });
    expect(items.map((item) => item.action)).toEqual(["credential.enrolled"]);
  });

  test("validity has its order, and the newest revision", async () => {
    const { credential } = await enrol("uid", freshUid());
    const set = (body: { from?: number; until?: number; revision: number }) =>
      operate.ask(credentialEndpoints.validity, { params: { id: credential.id }, body });
    expect(await set({ from: 5, until: 5, revision: 1 })).toMatchObject({ status: 400 });
    expect(await set({ until: until - DAY_MS, revision: 1 })).toMatchObject({
      body: { until: until - DAY_MS, revision: 2 },
    });
    expect(await set({ revision: 1 })).toMatchObject({ status: 409, problem: { code: "stale-revision" } });
  });
});

describe("what anybody can copy", () => {
  const kinds = [
    ["uid", "0a0b0c0d"],
    ["wiegand", "1a000c00000159"],
    ["osdp-raw", "003830303132"],
  ] as const;
  test.each(kinds)("%s is accepted only until a date that the community sets", async (kind, identifier) => {
    const { legacyUntil } = await operate.call(communityEndpoints.get);
    expect(legacyUntil).toBe(server.clock.now() + 365 * DAY_MS);
    const body = { kind, identifier, personId: site.resident.personId };
    const refused = { status: 400, code: "invalid-request", fields: [{ path: "body/until" }] };
    expect(await operate.refused(credentialEndpoints.enrol, { body })).toMatchObject(refused);
    const late = { ...body, until: legacyUntil + 1 };
    expect(await operate.refused(credentialEndpoints.enrol, { body: late })).toMatchObject(refused);
    const { personId: _, ...card } = late;
    expect(
      await operate.refused(credentialEndpoints.replace, {
        params: { id: site.resident.credentialId },
        body: card,
        reason: LOST,
      }),
    ).toMatchObject(refused);
    const { credential } = await operate.call(credentialEndpoints.enrol, {
      body: { ...body, until: legacyUntil },
    });
    expect(credential).toMatchObject({ kind, grade: "E", until: legacyUntil });
    const one = { params: { id: credential.id } };
    expect(
      await operate.refused(credentialEndpoints.validity, { ...one, body: { revision: 1 } }),
    ).toMatchObject(refused);
  });

  test("a chip that its maker's key opens is refused where the reader could tell", async () => {
    const card = { kind: "uid", identifier: "5a7b12c4", personId: site.resident.personId, until } as const;
    // FM11RF08S as eprint 2024/1275 shows its block 0: UID, check byte, SAK, ATQA, maker's bytes from 01 to 90.
    const block0 = "5a7b12c4f7080400010203040506079000".slice(0, 32).replace(/..$/, "90");
    expect(
      await operate.refused(credentialEndpoints.enrol, { body: { ...card, chip: { sak: "08", block0 } } }),
    ).toMatchObject({ status: 400, fields: [{ path: "body/chip" }] });
    const nxp = "5a7b12c4f7880400c08e1dd9610c3112".slice(0, 32);
    const { credential } = await operate.call(credentialEndpoints.enrol, {
      body: { ...card, chip: { atqa: "0400", sak: "08", block0: nxp } },
    });
    expect(credential.state).toBe("active");
  });
});

describe("a life", () => {
  const DESK = { code: "resident-request" } as const;

  test("ordered, personalised, handed over with a receipt on paper, returned, destroyed", async () => {
    const ordered = await operate.call(credentialEndpoints.order, {
      body: { kind: "desfire", personId: site.resident.personId, dwellingId: site.dwellingIds[0] },
    });
    expect(ordered).toMatchObject({ state: "ordered", label: "", kind: "desfire" });
    const one = { params: { id: ordered.id } };
    expect(await operate.refused(credentialEndpoints.handOver, { ...one, body: {} })).toMatchObject({
      code: "conflict",
    });
    const identifier = freshUid();
    const { credential, personalisation } = await operate.call(credentialEndpoints.personalise, {
      ...one,
      body: { identifier },
    });
    expect(credential).toMatchObject({
      id: ordered.id,
      state: "personalised",
      label: identifier.slice(-4).toUpperCase(),
    });
    expect(credential.log).toBeUndefined();
    expect(personalisation?.keys).toHaveLength(2);
    const paper = { number: "R-2026-17", date: "2026-11-23" };
    expect(await operate.call(credentialEndpoints.handOver, { ...one, body: { paper } })).toMatchObject({
      state: "active",
      receipt: { at: server.clock.now(), way: "paper", ...paper },
      log: { state: "on-its-way" },
    });
    const { rows } = await server.pool.query<{ statement: string }>(
      "select statement from evidence_statement where topic = 'credential-handed-over'",
    );
    expect(rows.map(({ statement }) => JSON.parse(statement))).toEqual([
      {
        at: server.clock.now(),
        topic: "credential-handed-over",
        credentialId: ordered.id,
        kind: "desfire",
        way: "paper",
        ...paper,
      },
    ]);
    expect(await operate.refused(credentialEndpoints.handOver, { ...one, body: { paper } })).toMatchObject({
      code: "conflict",
    });
    expect(await operate.call(credentialEndpoints.returned, { ...one, reason: DESK })).toMatchObject({
      state: "returned",
    });
    expect(await operate.refused(credentialEndpoints.unblock, { ...one, reason: DESK })).toMatchObject({
      code: "conflict",
    });
    expect(await operate.call(credentialEndpoints.destroyed, { ...one, reason: DESK })).toMatchObject({
      state: "destroyed",
    });
    const { items } = await operate.call(credentialEndpoints.history, one);
    expect(items.map(({ action }) => action)).toEqual([
      "destroyed",
      "returned",
      "handed-over",
      "personalised",
      "ordered",
    ]);
    // What was destroyed is nobody's again.
    const again = { kind: "desfire", identifier, personId: site.resident.personId } as const;
    expect(await operate.refused(credentialEndpoints.enrol, { body: again })).toMatchObject({
      code: "conflict",
    });
  });

  test("an order that is called off never had a card", async () => {
    const { id } = await operate.call(credentialEndpoints.order, {
      body: { kind: "uid", personId: site.resident.personId, until },
    });
    expect(await operate.call(credentialEndpoints.destroyed, { params: { id }, reason: DESK })).toMatchObject(
      { state: "destroyed", label: "" },
    );
  });

  test("what is lent has an end, comes back, and goes to another", async () => {
    const uid = freshUid();
    const body = {
      kind: "ntag424",
      identifier: uid,
      personId: site.resident.personId,
      temporary: true,
    } as const;
    expect(await operate.refused(credentialEndpoints.enrol, { body })).toMatchObject({
      status: 400,
      fields: [{ path: "body/until" }],
    });
    const { credential } = await operate.call(credentialEndpoints.enrol, { body: { ...body, until } });
    expect(credential).toMatchObject({ temporary: true, until });
    await operate.call(credentialEndpoints.returned, { params: { id: credential.id }, reason: DESK });
    const next = await operate.call(credentialEndpoints.enrol, { body: { ...body, until } });
    expect(next.credential).toMatchObject({ replacesId: credential.id, state: "active" });
  });

  test("lost and found again, as its history tells", async () => {
    const { credential } = await enrol("desfire", freshUid());
    const one = { params: { id: credential.id } };
    await operate.call(credentialEndpoints.lost, { ...one, reason: LOST });
    expect(await operate.refused(credentialEndpoints.destroyed, { ...one, reason: LOST })).toMatchObject({
      code: "conflict",
    });
    expect(await operate.call(credentialEndpoints.unblock, { ...one, reason: DESK })).toMatchObject({
      state: "active",
    });
    const { items } = await operate.call(credentialEndpoints.history, one);
    expect(items.map(({ action }) => action)).toEqual(["found", "lost", "enrolled"]);
  });
});

test("lists are filtered and paged, newest first", async () => {
  const { items } = await operate.call(credentialEndpoints.list, {
    query: { personId: site.resident.personId, state: "active", kind: "pin" },
  });
  expect(items.map((item) => item.label)).toEqual(["PIN"]);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await operate.call(credentialEndpoints.list, {
      query: { limit: 3, ...(cursor === undefined ? {} : { cursor }) },
    });
    seen.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  const { rows } = await server.pool.query("select 1 from credential");
  expect(new Set(seen).size).toBe(rows.length);
  expect(seen).toHaveLength(rows.length);
  const labelled = await operate.call(credentialEndpoints.list, { query: { label: "e5f6" } });
  expect(labelled.items.map((item) => item.id)).toEqual([site.resident.credentialId]);
});

test("whoever may not is refused, and what is not there is not found", async () => {
  const one = { params: { id: site.resident.credentialId } };
  const reason = { reason: LOST };
  const card = { kind: "uid", identifier: "01020304" } as const;
  const forbidden = { status: 403, code: "forbidden" };
  expect(await guard.refused(credentialEndpoints.list)).toMatchObject(forbidden);
  expect(await guard.refused(credentialEndpoints.get, one)).toMatchObject(forbidden);
  expect(await guard.refused(credentialEndpoints.history, one)).toMatchObject(forbidden);
  expect(
    await guard.refused(credentialEndpoints.enrol, { body: { ...card, personId: site.resident.personId } }),
  ).toMatchObject(forbidden);
  expect(await guard.refused(credentialEndpoints.block, { ...one, ...reason })).toMatchObject(forbidden);
  expect(await guard.refused(credentialEndpoints.unblock, { ...one, ...reason })).toMatchObject(forbidden);
  expect(await guard.refused(credentialEndpoints.lost, { ...one, ...reason })).toMatchObject(forbidden);
  expect(await guard.refused(credentialEndpoints.replace, { ...one, ...reason, body: card })).toMatchObject(
    forbidden,
  );
  expect(await guard.refused(credentialEndpoints.returned, { ...one, ...reason })).toMatchObject(forbidden);
  expect(await guard.refused(credentialEndpoints.destroyed, { ...one, ...reason })).toMatchObject(forbidden);
  expect(await guard.refused(credentialEndpoints.handOver, { ...one, body: {} })).toMatchObject(forbidden);
  expect(
    await guard.refused(credentialEndpoints.personalise, { ...one, body: { identifier: "01020304" } }),
  ).toMatchObject(forbidden);
  expect(
    await guard.refused(credentialEndpoints.order, {
      body: { kind: "desfire", personId: site.resident.personId },
    }),
  ).toMatchObject(forbidden);
  expect(await guard.refused(credentialEndpoints.validity, { ...one, body: { revision: 1 } })).toMatchObject(
    forbidden,
  );
  expect(
    await operate.refused(credentialEndpoints.block, { params: { id: ABSENT }, ...reason }),
  ).toMatchObject({
    status: 404,
  });
  expect(
    await operate.refused(credentialEndpoints.enrol, { body: { ...card, personId: ABSENT } }),
  ).toMatchObject({
    status: 404,
  });
});
