import { fromHex } from "@menshen/crypto/node";
import { parsePackageKeys, verifyPackage } from "@menshen/custody";
import { Duration } from "@menshen/domain";
import {
  credentialEndpoints,
  custodianOpeningEndpoints,
  evidenceEndpoints,
  openingEndpoints,
  overviewEndpoints,
  sessionEndpoints,
} from "@menshen/wire";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { selectDisclosuresFor } from "./index.ts";
import { DAY, forgePartial, HOUR, makeOpeningWorld } from "./testing/opening-world.ts";

const world = await makeOpeningWorld();
const { server, site, custodian } = world;
const REASON = { code: "incident" } as const;
const ABSENT = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
const advance = (ms: number) => server.clock.advance(Duration.ms(ms));

const publicStatements = async (
  topic: "opening-refused" | "opening-disclosed" | "opening-late" | "opening-answered",
) => {
  const { items } = await server.visitor().call(evidenceEndpoints.statements, { query: { topic } });
  return items.map(({ statement }) => JSON.parse(statement));
};

describe("the desk", () => {
  test("a request beyond the scope is refused with every reason, and the log knows (privacy row P1)", async () => {
    const records = await world.records();
    const now = server.clock.now();
    const body = await world.draft(records, {
      accessPointIds: ["*"],
      authority: undefined,
      documentSha256: "00".repeat(32),
      until: now + 1,
      from: now - 25 * HOUR,
      sealUntil: now + 400 * DAY,
    });
    const expected = {
      accepted: false,
      refusals: [
        { code: "field-missing", field: "authority" },
        { code: "document-not-here", field: "documentSha256" },
        { code: "wildcard", field: "accessPointIds" },
        { code: "window-too-long", field: "until" },
        { code: "window-in-future", field: "until" },
        { code: "seal-too-long", field: "sealUntil" },
      ],
    };
    const before = (await publicStatements("opening-refused")).length;
    expect(await records.call(openingEndpoints.check, { body })).toEqual(expected);
    expect(await publicStatements("opening-refused")).toHaveLength(before);
    expect(await records.call(openingEndpoints.request, { body })).toEqual(expected);
    expect((await publicStatements("opening-refused"))[0]).toEqual({
      topic: "opening-refused",
      at: now,
      stage: "intake",
      reasons: [
        "field-missing",
        "document-not-here",
        "wildcard",
        "window-too-long",
        "window-in-future",
        "seal-too-long",
      ],
    });
  });

  test("a door that is not here, and entries whose keys are gone, are refused (privacy row P1)", async () => {
    const records = await world.records();
    const body = await world.draft(records, { accessPointIds: [ABSENT] });
    expect((await records.call(openingEndpoints.check, { body })).refusals).toEqual([
      { code: "door-unknown", field: "accessPointIds" },
    ]);
    const old = await world.draft(records, { from: 1, until: HOUR });
    expect((await records.call(openingEndpoints.check, { body: old })).refusals).toEqual([
      { code: "entries-destroyed", field: "from" },
    ]);
  });

  test("more entries in the window than the request allows are refused (privacy row P1)", async () => {
    advance(6 * HOUR);
    await world.pass(server.clock.now() - HOUR);
    await world.pass(server.clock.now() - HOUR + 1);
    const records = await world.records();
    const body = await world.draft(records, { entryCap: 1 });
    expect((await records.call(openingEndpoints.check, { body })).refusals).toEqual([
      { code: "more-entries-in-scope", field: "entryCap" },
    ]);
  });

  test("a scan is bounded, and stored under the storage key only", async () => {
    const records = await world.records();
    const digest = await world.paper(records);
    const { rows } = await server.pool.query("select sealed from opening_document where sha256 = $1", [
      fromHex(digest),
    ]);
    expect(rows[0].sealed.toString("latin1")).not.toContain("scan");
    const notBase64 = { kind: "image/png", content: "AAB=" } as const;
    expect(await records.refused(openingEndpoints.addDocument, { body: notBase64 })).toMatchObject({
      code: "invalid-request",
    });
    const scan = (sizeBytes: number) => ({
      body: { kind: "image/png", content: Buffer.alloc(sizeBytes).toString("base64") } as const,
    });
    const largest = 4 * 1024 * 1024;
    expect((await records.ask(openingEndpoints.addDocument, scan(largest))).status).toBe(201);
    expect((await records.refused(openingEndpoints.addDocument, scan(largest + 1))).code).toBe("too-large");
    expect((await records.refused(openingEndpoints.addDocument, scan(largest + 4_096))).code).toBe(
      "too-large",
    );
  });

  test("every use case is refused to those who have another duty (privacy row L6)", async () => {
    const records = await world.records();
    const opening = await world.requested(records);
    const guard = await server.member("guard");
    const body = await world.draft(records);
    const params = { id: opening.id };
    const refusedToGuard = await Promise.all([
      guard.refused(openingEndpoints.check, { body }),
      guard.refused(openingEndpoints.request, { body }),
      guard.refused(openingEndpoints.addDocument, { body: { kind: "image/png", content: "AAAA" } }),
      guard.refused(openingEndpoints.list),
      guard.refused(openingEndpoints.get, { params }),
      guard.refused(openingEndpoints.handOver, { params, reason: REASON }),
      guard.refused(openingEndpoints.extendSeal, {
        params,
        body: { sealUntil: 1, documentSha256: "00".repeat(32) },
      }),
      guard.refused(openingEndpoints.settings),
    ]);
    expect(new Set(refusedToGuard.map(({ code }) => code))).toEqual(new Set(["wrong-duty"]));
    const review = { params, body: { outcome: "not-justified" }, reason: REASON } as const;
    expect((await records.refused(openingEndpoints.review, review)).code).toBe("wrong-duty");
    const settings = { body: { sealMaxDays: 1 }, reason: REASON } as const;
    expect((await records.refused(openingEndpoints.changeSettings, settings)).code).toBe("forbidden");
    const auditor = await world.auditor();
    expect((await auditor.refused(openingEndpoints.request, { body })).code).toBe("wrong-duty");
    expect((await server.visitor().refused(openingEndpoints.list)).code).toBe("not-signed-in");
    expect((await records.call(sessionEndpoints.get)).signedIn).toBe(true);
    expect((await records.refused(credentialEndpoints.list)).code).toBe("wrong-duty");
    expect((await records.refused(openingEndpoints.get, { params: { id: ABSENT } })).code).toBe("not-found");
  });
});

describe("custodians", () => {
  test("no custodian sees a request, or can answer it, before its leaf is published (privacy row P6)", async () => {
    advance(6 * HOUR);
    const now = server.clock.now();
    const sealed = await world.pass(now - HOUR);
    world.witness.silence();
    const records = await world.records();
    const { opening } = await records.call(openingEndpoints.request, { body: await world.draft(records) });
    await server.logRunner.settle();
    const id = opening?.id ?? "";
    expect(opening).toMatchObject({ state: "requested", logged: false, entryCount: 1 });
    const one = custodian(1);
    expect((await one.ask(custodianOpeningEndpoints.list)).body.items.map((item) => item.id)).not.toContain(
      id,
    );
    expect((await one.ask(custodianOpeningEndpoints.get, { params: { id } })).problem.code).toBe("not-found");
    const partials = [one.partialOf(sealed)];
    const answer = { params: { id }, body: { partials } };
    expect((await one.ask(custodianOpeningEndpoints.answer, answer)).problem.code).toBe("not-found");
    const refusing = { params: { id }, body: { reason: "other" } } as const;
    expect((await one.ask(custodianOpeningEndpoints.refuse, refusing)).problem.code).toBe("not-found");
    expect(
      (await server.pool.query("select 1 from opening_partial where opening_id = $1", [id])).rowCount,
    ).toBe(0);

    world.witness.watch(server.evidenceLog.verifierKey);
    await server.logRunner.settle();
    expect((await one.ask(custodianOpeningEndpoints.list)).body.items.map((item) => item.id)).toContain(id);
    expect((await one.answer(id)).counted).toBe(1);
    expect((await custodian(2).answer(id)).state).toBe("answered");
    expect((await records.call(openingEndpoints.get, { params: { id } })).logged).toBe(true);
  });

  test("one share opens nothing, a wrong answer is named, the next entry stays sealed (privacy row P3)", async () => {
    advance(6 * HOUR);
    const now = server.clock.now();
    await world.pass(now - HOUR);
    const neighbour = await world.pass(now - HOUR + 1, { accessPointId: site.points.northOut });
    const records = await world.records();
    const { id } = await world.requested(records);
    const [one, two, three] = [custodian(1), custodian(2), custodian(3)];
    expect(await one.answer(id)).toEqual({ counted: 1, rejected: [], state: "requested" });
    expect(await one.answer(id)).toEqual({
      counted: 0,
      rejected: [{ position: 0, fault: "twice" }],
      state: "requested",
    });
    const [good = ""] = await three.partialsFor(id);
    const answer = async (partials: string[]) =>
      (await two.ask(custodianOpeningEndpoints.answer, { params: { id }, body: { partials } })).body;
    expect(await answer(["00", good, two.partialOf(neighbour)])).toEqual({
      counted: 0,
      rejected: [
        { position: 0, fault: "malformed" },
        { position: 1, fault: "not-yours" },
        { position: 2, fault: "not-asked" },
      ],
      state: "requested",
    });
    const [own = ""] = await two.partialsFor(id);
    expect(await answer([forgePartial(own)])).toEqual({
      counted: 0,
      rejected: [{ position: 0, fault: "invalid-proof" }],
      state: "requested",
    });
    expect((await records.call(openingEndpoints.get, { params: { id } })).custodians).toEqual([
      // An answer sent twice is nothing against who sent it.
      { index: 1, body: "committee", onCall: false, answeredCount: 1, rejectedCount: 0 },
      { index: 2, body: "property", onCall: false, answeredCount: 0, rejectedCount: 4 },
      { index: 3, body: "city", onCall: false, answeredCount: 0, rejectedCount: 0 },
    ]);
    expect((await three.answer(id)).state).toBe("answered");
    expect(await records.call(openingEndpoints.get, { params: { id } })).toMatchObject({
      state: "answered",
      openedCount: 1,
      package: "ready",
    });
    const late = await two.ask(custodianOpeningEndpoints.answer, {
      params: { id },
      body: { partials: [own] },
    });
    expect(late.problem).toMatchObject({ code: "conflict", detail: "this request has ended" });
  });

  test("when too few are left, the request is refused with their reasons", async () => {
    advance(6 * HOUR);
    await world.pass(server.clock.now() - HOUR);
    const records = await world.records();
    const { id } = await world.requested(records);
    const refusing = (reason: "document-doubtful" | "no-legal-ground") => ({
      params: { id },
      body: { reason },
    });
    await custodian(1).ask(custodianOpeningEndpoints.refuse, refusing("document-doubtful"));
    expect((await records.call(openingEndpoints.get, { params: { id } })).state).toBe("requested");
    await custodian(2).ask(custodianOpeningEndpoints.refuse, refusing("no-legal-ground"));
    expect(await records.call(openingEndpoints.get, { params: { id } })).toMatchObject({
      state: "refused",
      package: "none",
    });
    expect((await publicStatements("opening-refused"))[0]).toMatchObject({
      stage: "custodians",
      path: "ordinary",
      custodians: [
        { body: "committee", reason: "document-doubtful" },
        { body: "property", reason: "no-legal-ground" },
      ],
    });
    const params = { id };
    expect(await records.refused(openingEndpoints.handOver, { params, reason: REASON })).toMatchObject({
      code: "conflict",
      detail: "nothing was opened",
    });
  });

  test("a stranger's program is shown nothing", async () => {
    const answer = await server.app.inject({
      method: "GET",
      url: custodianOpeningEndpoints.list.path,
      headers: { host: "localhost:8080" },
    });
    expect(answer.statusCode).toBe(401);
  });
});

describe("hand-over", () => {
  test("the package verifies offline and names the holder of that time, once (privacy row P4)", async () => {
    advance(6 * HOUR);
    const now = server.clock.now();
    await world.pass(now - HOUR);
    await world.pass(now - HOUR + 1, { card: "04999999999999" });
    await world.pass(now - HOUR + 2, { text: new Uint8Array(32).fill(7) });
    await world.pass(now - HOUR + 3, { unsealed: true });
    const records = await world.records();
    const { id, entryCount } = await world.requested(records);
    expect(entryCount).toBe(4);
    await custodian(2).answer(id);
    await custodian(3).answer(id);
    const params = { id };
    expect((await records.refused(openingEndpoints.handOver, { params })).code).toBe("reason-required");
    const handed = await records.call(openingEndpoints.handOver, { params, reason: REASON });
    const pinned = parsePackageKeys(await server.visitor().call(openingEndpoints.keys));
    const verdict = verifyPackage(handed.package, pinned);
    if (!verdict.verified) throw new Error(JSON.stringify(verdict.faults));
    expect(
      verdict.entries.map(({ earliest, holder, openedBy }) => [earliest - now, holder, openedBy]),
    ).toEqual([
      [-HOUR, { name: "李奶奶", dwelling: "1号楼 101" }, ["property", "city"]],
      [-HOUR + 1, undefined, ["property", "city"]],
    ]);
    expect(verdict.content.unopened.map(({ reason }) => reason)).toEqual(["undecipherable", "not-sealed"]);
    expect(verdict.request).toMatchObject({ requestId: id, documentNumber: "调证〔2026〕0147号" });
    const altered = handed.package.replace("李奶奶", "王奶奶");
    expect(verifyPackage(altered, pinned).verified).toBe(false);

    expect(await records.refused(openingEndpoints.handOver, { params, reason: REASON })).toMatchObject({
      code: "conflict",
      detail: "the package was handed over already",
    });
    const { rows } = await server.pool.query(
      "select result, (select count(*) from opening_partial where opening_id = $1)::int as partials from opening where id = $1",
      [id],
    );
    expect(rows).toEqual([{ result: null, partials: 0 }]);
  });

  test("what was opened is nowhere in clear, and no name goes into the log", async () => {
    advance(6 * HOUR);
    await world.pass(server.clock.now() - HOUR);
    const records = await world.records();
    const { id } = await world.requested(records);
    await custodian(1).answer(id);
    await custodian(3).answer(id);
    const { rows } = await server.pool.query("select o::text as row from opening o where id = $1", [id]);
    expect(rows[0].row).not.toContain(site.resident.personId);
    expect(rows[0].row).not.toContain(Buffer.from("李奶奶").toString("hex"));
    const [answered] = await publicStatements("opening-answered");
    expect(answered).toEqual({
      topic: "opening-answered",
      at: server.clock.now(),
      path: "ordinary",
      entriesOpened: 1,
    });
  });

  test("where nothing can be opened, nobody is waited for", async () => {
    advance(6 * HOUR);
    const records = await world.records();
    const { id } = await world.requested(records);
    await server.openings.seal.tick();
    expect(await records.call(openingEndpoints.get, { params: { id } })).toMatchObject({
      state: "answered",
      entryCount: 0,
      openedCount: 0,
    });
  });
});

describe("time", () => {
  test("a custodian is reminded, then named as late to the others and in the log; then it expires (privacy row P5)", async () => {
    advance(6 * HOUR);
    await world.pass(server.clock.now() - HOUR);
    const deadline = server.clock.now() + 10 * HOUR;
    const { id } = await world.requested(await world.records(), { deadline });
    await custodian(1).answer(id);
    const standings = async () => {
      const { body } = await custodian(1).ask(custodianOpeningEndpoints.get, { params: { id } });
      return body.custodians.map(({ body: name, remindedAt, lateAt }) => [name, remindedAt, lateAt]);
    };
    advance(5 * HOUR - 1);
    await server.openings.seal.tick();
    expect(await standings()).toEqual([
      ["committee", undefined, undefined],
      ["property", undefined, undefined],
      ["city", undefined, undefined],
    ]);
    advance(1);
    await server.openings.seal.tick();
    await server.openings.seal.tick();
    const reminded = server.clock.now();
    expect(await standings()).toEqual([
      ["committee", undefined, undefined],
      ["property", reminded, undefined],
      ["city", reminded, undefined],
    ]);
    advance(4 * HOUR);
    await server.openings.seal.tick();
    const late = server.clock.now();
    expect(await standings()).toEqual([
      ["committee", undefined, undefined],
      ["property", reminded, late],
      ["city", reminded, late],
    ]);
    const named = (await publicStatements("opening-late")).filter(({ at }) => at === late);
    expect(named).toHaveLength(2);
    expect(new Set(named.map(({ body }) => body))).toEqual(new Set(["city", "property"]));
    const partials = await custodian(2).partialsFor(id);
    advance(HOUR);
    const tooLate = await custodian(2).ask(custodianOpeningEndpoints.answer, {
      params: { id },
      body: { partials },
    });
    expect(tooLate.problem).toMatchObject({
      code: "conflict",
      detail: "the deadline of this request has passed",
    });
    await server.openings.seal.tick();
    const records = await world.records();
    expect((await records.call(openingEndpoints.get, { params: { id } })).state).toBe("expired");
    expect(
      (await server.pool.query("select 1 from opening_partial where opening_id = $1", [id])).rowCount,
    ).toBe(0);
  });

  test("an emergency is logged first, needs two, and always leaves a review; overdue it is an alarm (privacy row P5)", async () => {
    advance(6 * HOUR);
    await world.pass(server.clock.now() - HOUR);
    const records = await world.records();
    const asked = server.clock.now();
    const { opening } = await records.call(openingEndpoints.request, { body: world.emergency() });
    const id = opening?.id ?? "";
    expect(opening?.review).toEqual({ dueAt: asked + 72 * HOUR, overdue: false });
    expect((await custodian(1).ask(custodianOpeningEndpoints.get, { params: { id } })).problem.code).toBe(
      "not-found",
    );
    await server.logRunner.settle();
    expect((await custodian(1).answer(id)).state).toBe("requested");
    expect((await custodian(3).answer(id)).state).toBe("answered");

    const alarms = async () => {
      const manager = await server.member("manager");
      const { findings } = await manager.call(overviewEndpoints.get);
      return findings.filter(({ code }) => code === "opening-review-overdue");
    };
    advance(72 * HOUR);
    expect(await alarms()).toEqual([]);
    advance(1);
    expect(await alarms()).toEqual([
      { code: "opening-review-overdue", severity: "fault", since: asked + 72 * HOUR },
    ]);

    const auditor = await world.auditor();
    const params = { id };
    const justified = { params, body: { outcome: "justified" }, reason: REASON } as const;
    expect(await auditor.refused(openingEndpoints.review, justified)).toMatchObject({
      detail: "an emergency is justified with its document, which is missing",
    });
    const documentSha256 = await world.paper(auditor);
    const body = { outcome: "justified", documentNumber: "补〔2026〕3号", documentSha256 } as const;
    const unknown = { ...body, documentSha256: "00".repeat(32) };
    expect(
      (await auditor.refused(openingEndpoints.review, { params, body: unknown, reason: REASON })).code,
    ).toBe("conflict");
    const reviewed = await auditor.call(openingEndpoints.review, { params, body, reason: REASON });
    expect(reviewed.review).toEqual({
      dueAt: asked + 72 * HOUR,
      overdue: false,
      doneAt: server.clock.now(),
      outcome: "justified",
    });
    expect(await alarms()).toEqual([]);
    expect((await auditor.refused(openingEndpoints.review, { params, body, reason: REASON })).code).toBe(
      "conflict",
    );
  });

  test("at the end of the seal the log says what was asked, and each person concerned is told (privacy row P6)", async () => {
    advance(6 * HOUR);
    await world.pass(server.clock.now() - HOUR);
    await world.pass(server.clock.now() - HOUR + 1);
    const records = await world.records();
    const asked = server.clock.now();
    const { id, sealUntil } = await world.requested(records);
    await custodian(1).answer(id);
    await custodian(2).answer(id);
    const told = async () =>
      (await selectDisclosuresFor(server.db, site.resident.personId)).filter(
        ({ requestId }) => requestId === id,
      );
    const published = async () =>
      (await publicStatements("opening-disclosed")).filter(({ requestId }) => requestId === id);
    advance(sealUntil - asked - 1);
    await server.openings.seal.tick();
    expect([await told(), await published()]).toEqual([[], []]);
    advance(1);
    await server.openings.seal.tick();
    await server.openings.seal.tick();
    expect(await told()).toEqual([
      {
        requestId: id,
        requestedAt: asked,
        disclosedAt: sealUntil,
        authority: "某区公安分局",
        documentNumber: "调证〔2026〕0147号",
        purpose: "crime-investigation",
        accessPointIds: [site.points.northIn],
        from: asked - 4 * HOUR,
        until: asked,
        entryCount: 2,
        leafId: expect.any(String),
      },
    ]);
    const [statement] = await published();
    expect(JSON.parse(statement.requested)).toMatchObject({ requestId: id, authority: "某区公安分局" });
    expect(statement).toMatchObject({
      salt: expect.stringMatching(/^[0-9a-f]{64}$/),
      leafIndex: expect.any(Number),
    });
    const { rows } = await server.pool.query("select result, concerned from opening where id = $1", [id]);
    expect(rows).toEqual([{ result: null, concerned: null }]);
  });

  test("a seal is extended by a new document only, and never beyond the limit", async () => {
    const records = await world.records();
    const now = server.clock.now();
    const { id } = await world.requested(records);
    const params = { id };
    const refusedWith = async (sealUntil: number, documentSha256: string) =>
      (await records.refused(openingEndpoints.extendSeal, { params, body: { sealUntil, documentSha256 } }))
        .detail;
    const [{ document } = { document: "" }] = (
      await sql<{
        document: string;
      }>`select statement::jsonb->>'documentSha256' as document from opening where id = ${id}::uuid`.execute(
        server.db,
      )
    ).rows;
    expect(await refusedWith(now + 60 * DAY, document)).toBe("a seal is extended by a new document only");
    expect(await refusedWith(now + 60 * DAY, "00".repeat(32))).toBe(
      "this document was not handed in here: add its scan first",
    );
    const documentSha256 = await world.paper(records);
    expect(await refusedWith(now + 30 * DAY, documentSha256)).toBe("an extension ends later than the seal");
    expect(await refusedWith(now + 181 * DAY, documentSha256)).toBe(
      "the persons concerned would be told later than the community allows",
    );
    const body = { sealUntil: now + 60 * DAY, documentSha256 };
    expect(await records.call(openingEndpoints.extendSeal, { params, body })).toMatchObject({
      sealUntil: now + 60 * DAY,
    });
    expect(await refusedWith(now + 90 * DAY, documentSha256)).toBe("this document extended a seal before");
  });

  test("how long a seal may last is a setting, whose change stands in the log", async () => {
    const security = await server.member("security");
    const change = (sealMaxDays: number) => ({ body: { sealMaxDays }, reason: REASON });
    expect((await security.refused(openingEndpoints.changeSettings, { body: { sealMaxDays: 9 } })).code).toBe(
      "reason-required",
    );
    expect(await security.call(openingEndpoints.changeSettings, change(10))).toEqual({ sealMaxDays: 10 });
    const records = await world.records();
    expect(await records.call(openingEndpoints.settings)).toEqual({ sealMaxDays: 10 });
    expect(
      (await records.call(openingEndpoints.check, { body: await world.draft(records) })).refusals,
    ).toEqual([{ code: "seal-too-long", field: "sealUntil" }]);
    await security.call(openingEndpoints.changeSettings, change(180));
  });
});

test("the yearly report equals a recount from the public log, and shows when it does not (privacy row P7)", async () => {
  const years = new Set([2026, 2027, new Date(server.clock.now()).getUTCFullYear()]);
  const reports = await Promise.all(
    [...years].map((year) =>
      server.visitor().call(openingEndpoints.report, { params: { year: String(year) } }),
    ),
  );
  for (const { report, recount, equal } of reports) {
    expect(recount).toEqual(report);
    expect(equal).toBe(true);
  }
  const sum = (
    name: "requests" | "refusals" | "entriesOpened" | "emergencies" | "lateAnswers" | "expired" | "reviewed",
  ) => reports.reduce((total, { report }) => total + report[name], 0);
  expect(sum("refusals")).toBeGreaterThanOrEqual(2);
  expect([sum("emergencies"), sum("reviewed")]).toEqual([1, 1]);
  expect(sum("expired")).toBeGreaterThanOrEqual(1);
  expect(sum("lateAnswers")).toBeGreaterThanOrEqual(2);
  expect(sum("entriesOpened")).toBeGreaterThanOrEqual(6);
  // Somebody hides an emergency.
  await sql`update opening set path = 'ordinary', review_due_at = null where path = 'emergency'`.execute(
    server.db,
  );
  const year = reports.find(({ report }) => report.emergencies > 0)?.report.year;
  const after = await server.visitor().call(openingEndpoints.report, { params: { year: String(year) } });
  expect([after.report.emergencies, after.recount.emergencies, after.equal]).toEqual([0, 1, false]);
});
