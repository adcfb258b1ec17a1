import { primitives } from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import { opensLeaf, parseLeaf } from "@menshen/evidence";
import * as wire from "@menshen/wire";
import {
  changeEndpoints,
  communityEndpoints,
  credentialEndpoints,
  type Endpoint,
  personEndpoints,
  residencyEndpoints,
  ruleEndpoints,
  searchEndpoints,
  VIEW_REASON_HEADER,
} from "@menshen/wire";
import { describe, expect, test, vi } from "vitest";
import { sampleOf } from "../testing/sample-of-schema.ts";
import { startTestServer } from "../testing/test-server.ts";
import { buildSite } from "../testing/test-site.ts";
import { selectLooksAt } from "./index.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;
const { personId, credentialId, residencyId } = site.resident;
const id = { params: { id: personId } };

const looks = async () => await selectLooksAt(server.db, server.storageKey, personId);
const lately = async (what: string) => (await looks()).filter((look) => look.what === what);

/** Of operations that are refused without one. */
const QUERIES: Readonly<Record<string, string>> = {
  readEntryNames: `?entries=${personId}.1`,
};

/** Every operation of the API whose answer shows residents. */
const SHOWING: readonly Endpoint[] = Object.entries(wire)
  .filter(([name]) => name.endsWith("Endpoints"))
  .flatMap(([, group]) => Object.values<Endpoint>(Object(group)))
  .filter(({ shows }) => shows !== undefined);

describe("a look without a reason (privacy row L6)", () => {
  test("is refused for every answer that names residents, their homes or credentials", async () => {
    expect(
      SHOWING.filter(({ shows }) => shows?.reason === "for-names").map((endpoint) => endpoint.id),
    ).toEqual(["getComplaint", "checkRule", "search", "listOwnersRoll"]);
    const required = SHOWING.filter(({ shows }) => shows?.reason === "required");
    expect(required).toHaveLength(61);
    const before = await server.pool.query("select from personal_view");
    for (const endpoint of required) {
      const response = await server.app.inject({
        method: endpoint.method,
        url:
          endpoint.path
            .replace(":id", personId)
            .replace(":doorGroup", "1")
            .replace(":passId", "0011223344556677") + (QUERIES[endpoint.id] ?? ""),
        headers: {
          host: "localhost:8080",
          cookie: operate.cookie ?? "",
          "menshen-reason": "test",
        },
        ...(endpoint.body === undefined
          ? {}
          : { payload: BODIES[endpoint.id] ?? Object(sampleOf(endpoint.body)) }),
      });
      expect([endpoint.id, response.statusCode, response.json().code]).toEqual([
        endpoint.id,
        400,
        "view-reason-required",
      ]);
      expect(response.body).not.toContain("李奶奶");
    }
    expect((await server.pool.query("select from personal_view")).rows).toHaveLength(before.rows.length);
  });

  test("finds nobody: neither by name nor by card", async () => {
    for (const text of ["奶奶", "E5F6"]) {
      expect(await operate.call(searchEndpoints.search, { query: { text }, viewReason: null })).toEqual({
        items: [],
      });
    }
    const doors = await operate.call(searchEndpoints.search, { query: { text: "北门" }, viewReason: null });
    expect(doors.items).toHaveLength(3);
  });

  test("is told how many a rule would shut out, and not who", async () => {
    const check = { body: { id: site.ruleId } };
    const nameless = await operate.call(ruleEndpoints.check, { ...check, viewReason: null });
    expect(nameless.violations[0]).toMatchObject({
      personCount: 1,
      persons: [{ id: personId, dwellingNames: [] }],
    });
    expect(JSON.stringify(nameless)).not.toContain("李奶奶");
    const named = await operate.call(ruleEndpoints.check, { ...check, viewReason: { code: "complaint" } });
    expect(named.violations[0]?.persons[0]).toMatchObject({ name: "李奶奶" });
    expect((await lately("ways-in")).map(({ reason }) => reason.code)).toEqual(["complaint"]);
  });

  test("stays nameless in the refusal of a change, and with a reason is a look", async () => {
    const remove = { params: { id: site.ruleId }, reason: { code: "test" } as const };
    const nameless = await operate.refused(ruleEndpoints.remove, { ...remove, viewReason: null });
    expect(nameless.code).toBe("way-in-lost");
    expect(JSON.stringify(nameless)).not.toContain("李奶奶");
    server.clock.advance(Duration.seconds(1));
    const named = await operate.refused(ruleEndpoints.remove, {
      ...remove,
      viewReason: { code: "incident" },
    });
    expect(named.violations?.[0]?.persons[0]?.name).toBe("李奶奶");
    expect((await lately("ways-in")).map(({ reason }) => reason.code)).toEqual(["incident", "complaint"]);
  });

  test("is refused for a reason that is none", async () => {
    for (const value of ["curiosity", "other", "routine"]) {
      const refused = await operate.refused(personEndpoints.get, {
        ...id,
        headers: { [VIEW_REASON_HEADER]: value },
      });
      expect(refused).toMatchObject({ status: 400, code: "invalid-request" });
    }
  });
});

describe("a look with a reason (privacy row L7)", () => {
  test("can be read at once, with body, role, purpose and what was shown", async () => {
    server.clock.advance(Duration.seconds(1));
    await operate.call(personEndpoints.get, { ...id, viewReason: { code: "law", text: "京公协查 7 号" } });
    const [look] = await looks();
    expect(look).toMatchObject({
      at: server.clock.now(),
      body: "property",
      role: "manager",
      reason: { code: "law", text: "京公协查 7 号" },
      what: "record",
    });
    expect(JSON.parse(look?.evidence.statement ?? "")).toEqual({
      at: server.clock.now(),
      topic: "personal-data-viewed",
      body: "property",
      role: "manager",
      staffId: expect.any(String),
      personId,
      purpose: "law",
      text: "京公协查 7 号",
      what: "record",
    });
  });

  test("is a leaf of the evidence log that only its statement and salt open", async () => {
    // A leaf waits for a moment only before the log takes it in: a look that was missed is made again.
    let attempt = 0;
    const { look, entry } = await vi.waitFor(async () => {
      server.clock.advance(Duration.seconds(1));
      attempt += 1;
      const text = `leaf ${attempt}`;
      await operate.call(personEndpoints.get, { ...id, viewReason: { code: "law", text } });
      const [made] = await looks();
      const { rows } = await server.pool.query<{ entry: Buffer }>(
        "select entry from evidence_pending where leaf_id = $1",
        [made?.evidence.leafId],
      );
      if (rows[0] === undefined) throw new Error("the log has it already");
      return { look: made, entry: rows[0].entry };
    });
    const parsed = parseLeaf(new Uint8Array(entry));
    if (!parsed.parsed || look?.evidence.salt === undefined) throw new Error("expected a leaf and its salt");
    const said = new TextEncoder().encode(look.evidence.statement);
    expect(opensLeaf(primitives, parsed.leaf, look.evidence.salt, said)).toBe(true);
    expect(parsed.leaf.topic).toBe("personal-data-viewed");
  });

  test("counts for everybody shown, in lists, searches, homes and cards", async () => {
    const why = { viewReason: { code: "maintenance", text: "lists" } } as const;
    await operate.call(searchEndpoints.search, { query: { text: "E5F6" }, ...why });
    await operate.call(personEndpoints.list, why);
    await operate.call(residencyEndpoints.get, { params: { id: residencyId }, ...why });
    await operate.call(credentialEndpoints.history, { params: { id: credentialId }, ...why });
    const mine = (await looks()).filter(({ reason }) => reason.text === "lists");
    expect(mine.map(({ what }) => what).sort()).toEqual(["credentials", "list", "record", "search"]);
  });

  test("is one look when repeated within an hour for the same reason, and never less than what was seen", async () => {
    const why = { viewReason: { code: "card-desk" } } as const;
    const count = async () => (await looks()).filter(({ reason }) => reason.code === "card-desk").length;
    await operate.call(credentialEndpoints.list, { query: { personId }, ...why });
    await operate.call(credentialEndpoints.list, { query: { personId }, ...why });
    await operate.call(personEndpoints.get, { ...id, ...why });
    expect(await count()).toBe(1);
    const manager = await server.member("manager");
    await manager.call(personEndpoints.get, { ...id, ...why });
    expect(await count()).toBe(2);
    await operate.call(personEndpoints.get, { ...id, viewReason: { code: "card-desk", text: "again" } });
    expect(await count()).toBe(3);
    // An idle session would end.
    for (let quarter = 0; quarter < 4; quarter += 1) {
      server.clock.advance(Duration.minutes(15));
      await operate.call(communityEndpoints.get);
    }
    await operate.call(personEndpoints.get, { ...id, ...why });
    expect(await count()).toBe(4);
  });

  test("cannot be taken back, also by SQL", async () => {
    await expect(server.pool.query("delete from personal_view")).rejects.toThrow("only grow");
  });

  test("is stored before the answer goes out: what cannot be recorded is not shown", async () => {
    await server.pool.query("alter table personal_view rename to personal_view_gone");
    const refused = await operate.refused(personEndpoints.get, { ...id, viewReason: { code: "law" } });
    await server.pool.query("alter table personal_view_gone rename to personal_view");
    expect(refused.status).toBe(500);
    expect(
      (await looks()).filter(({ reason }) => reason.code === "law" && reason.text === undefined),
    ).toEqual([]);
  });

  test("shows in the audit, which learns who looked and never at whom", async () => {
    const audit = await server.founder("audit");
    const { items } = await audit.call(changeEndpoints.views, { query: { limit: 1 } });
    expect(items[0]).toMatchObject({
      body: "property",
      role: "manager",
      what: "record",
      reason: { code: "card-desk" },
    });
    expect(JSON.stringify(items)).not.toContain(personId);
    expect(await operate.refused(changeEndpoints.views)).toMatchObject({ code: "wrong-duty" });
  });
});

/** Bodies that parse, so that only the missing reason can be refused. */
const BODIES: Readonly<Record<string, object>> = {
  shareWithRecipient: { personId, subProcessors: [] },
  updatePerson: { displayName: "李", revision: 1 },
  createResidency: { personId, role: "staff" },
  updateResidency: { role: "staff", revision: 1 },
  enrolCredential: { kind: "pin", personId },
  replaceCredential: { kind: "pin" },
  orderCredential: { kind: "desfire", personId },
  personaliseCredential: { identifier: "04a1b2c3d4e5f7" },
  handOverCredential: {},
  enrolPhoneKey: { possession: "00".repeat(275) },
  issueVisitorPass: {
    purpose: "visitor",
    portalIds: [personId],
    notBefore: 1_800_000_000_000,
    notAfter: 1_800_000_060_000,
  },
  issueAccessDocument: { until: 1_900_000_000_000 },
  previewCardList: { file: "dWlkCg==" },
  setCredentialValidity: { revision: 1 },
};
