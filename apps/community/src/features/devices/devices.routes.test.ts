import { GateId, Instant, PortalId, ReaderId } from "@menshen/domain";
import {
  changeEndpoints,
  gateEndpoints,
  overviewEndpoints,
  readerEndpoints,
  statusReport,
  uuidBytes,
} from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const { secure, operate } = site;
const ABSENT = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
const WRONG_DUTY = { status: 403, code: "wrong-duty", duty: "secure" };
const REASON = { code: "security" } as const;

describe("gates", () => {
  test("are named, put into a door group, removed and restored", async () => {
    const gate = await secure.call(gateEndpoints.create, { body: { name: "车库", doorGroup: 2 } });
    expect(gate).toMatchObject({ enrolment: "new", link: "never", revision: 1 });
    expect(
      await secure.refused(gateEndpoints.create, { body: { name: "车库", doorGroup: 3 } }),
    ).toMatchObject({
      code: "conflict",
    });
    expect(await secure.refused(gateEndpoints.create, { body: { name: "x", doorGroup: 14 } })).toMatchObject({
      status: 400,
    });
    const one = { params: { id: gate.id } };
    expect(
      await secure.call(gateEndpoints.update, { ...one, body: { name: "地库", doorGroup: 3, revision: 1 } }),
    ).toMatchObject({ name: "地库", doorGroup: 3, revision: 2 });
    expect(
      await secure.refused(gateEndpoints.update, {
        ...one,
        body: { name: "地库", doorGroup: 3, revision: 1 },
      }),
    ).toMatchObject({ code: "stale-revision" });
    await secure.call(gateEndpoints.remove, one);
    expect(await secure.refused(gateEndpoints.enrolmentCode, one)).toMatchObject({ code: "conflict" });
    const removed = await secure.call(gateEndpoints.list, { query: { removed: true } });
    expect(removed.items.map((item) => item.name)).toEqual(["地库"]);
    expect(await secure.call(gateEndpoints.restore, one)).toMatchObject({ revision: 4 });
    expect(await secure.refused(gateEndpoints.remove, { params: { id: site.gateId } })).toMatchObject({
      code: "in-use",
    });
  });

  test("are enrolled by a code, report, and are watched", async () => {
    expect(await operate.call(gateEndpoints.health)).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ code: "gate-not-enrolled", gateId: site.gateId }),
      ]),
    });
    const { gate } = await connectGate(server, site);
    await gate.send(
      "status",
      statusReport.encode({
        version: 1,
        gateId: gate.gateId,
        earliest: server.clock.now(),
        latest: Instant(server.clock.now() + 20_000),
        readers: [
          {
            readerId: ReaderId(site.readerId),
            online: true,
            secureChannel: "own-key",
            tamper: true,
            powerFault: false,
          },
        ],
        portals: [
          {
            portalId: PortalId(site.portals.north),
            mode: "normal",
            lockdown: 0,
            generation: 0,
            lock: "locked",
            contact: "forced",
            fireRelease: false,
          },
        ],
        findings: [
          { code: "duress", severity: "fault", subject: uuidBytes(site.readerId) },
          { code: "no-tpm", severity: "notice", subject: uuidBytes(site.readerId) },
        ],
        journalBacklog: 3,
        journalDegraded: false,
      }),
    );
    const detail = await eventually("status", async () => {
      const status = await operate.call(gateEndpoints.status, { params: { id: site.gateId } });
      return status.readers.length > 0 ? status : undefined;
    });
    expect(detail).toMatchObject({
      gate: { link: "online", enrolment: "enrolled", linkSince: server.clock.now() },
      softwareVersion: "1.2.3",
      clockSpreadMs: 20_000,
      journal: { lastSequence: 0, gaps: [], forked: false },
      readers: [{ readerId: site.readerId, name: "北门外读卡器", online: true, secureChannel: true }],
    });
    // Whoever goes to the door hears that somebody was forced there; nobody else of the staff does.
    const guard = await server.member("guard");
    for (const [client, sees] of [
      [guard, true],
      [operate, true],
      [secure, false],
      [await server.member("installer"), false],
      [await server.member("auditor"), false],
    ] as const) {
      const { items } = await client.call(gateEndpoints.health);
      const overview = await client.call(overviewEndpoints.get);
      const { findings } = await client.call(gateEndpoints.status, { params: { id: site.gateId } });
      for (const list of [items, overview.findings, findings]) {
        expect(list.some(({ code }) => code === "duress")).toBe(sees);
      }
    }
    expect(detail.findings.map((finding) => [finding.code, finding.severity, finding.subject])).toEqual([
      ["door-forced", "fault", "北门"],
      ["duress", "fault", "北门外读卡器"],
      ["reader-tamper", "fault", "北门外读卡器"],
      ["clock-doubtful", "warning", undefined],
      ["no-tpm", "notice", "北门外读卡器"],
    ]);
    expect(await operate.call(readerEndpoints.get, { params: { id: site.readerId } })).toMatchObject({
      link: "online",
      secureChannel: true,
    });
    expect(await secure.refused(gateEndpoints.enrolmentCode, { params: { id: site.gateId } })).toMatchObject({
      code: "conflict",
    });

    gate.client?.end(true);
    const offline = await eventually("offline", async () => {
      const { items } = await operate.call(gateEndpoints.health);
      return items.find((finding) => finding.code === "gate-offline");
    });
    expect(offline).toMatchObject({ gateName: "北门控制器", severity: "fault" });
    // What an offline gate last said is no news.
    expect((await operate.call(gateEndpoints.health)).items.map((finding) => finding.code)).not.toContain(
      "door-forced",
    );
    expect(await operate.call(readerEndpoints.get, { params: { id: site.readerId } })).toMatchObject({
      link: "unknown",
    });
  });

  test("are revoked for good, with a reason on record", async () => {
    const one = { params: { id: site.gateId } };
    expect(await secure.refused(gateEndpoints.revoke, one)).toMatchObject({ code: "reason-required" });
    const revoked = await secure.call(gateEndpoints.revoke, {
      ...one,
      reason: { code: "security", text: "控制器失窃" },
    });
    expect(revoked).toMatchObject({ enrolment: "revoked" });
    expect(await server.gateLink.readGate(GateId(site.gateId))).toMatchObject({ enrolment: "revoked" });
    expect(await secure.refused(gateEndpoints.enrolmentCode, one)).toMatchObject({ code: "conflict" });
    const auditor = await server.founder("audit");
    const { items } = await auditor.call(changeEndpoints.list, { query: { action: "gate.revoked" } });
    expect(items).toMatchObject([
      { entityId: site.gateId, reason: { code: "security", text: "控制器失窃" } },
    ]);
  });

  test("refuse whoever may not, and what is not there", async () => {
    const one = { params: { id: site.gateId } };
    const body = { name: "x", doorGroup: 1 };
    expect(await operate.refused(gateEndpoints.create, { body })).toMatchObject(WRONG_DUTY);
    expect(
      await operate.refused(gateEndpoints.update, { ...one, body: { ...body, revision: 1 } }),
    ).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(gateEndpoints.remove, one)).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(gateEndpoints.restore, one)).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(gateEndpoints.enrolmentCode, one)).toMatchObject(WRONG_DUTY);
    expect(await operate.refused(gateEndpoints.revoke, { ...one, reason: REASON })).toMatchObject(WRONG_DUTY);
    const visitor = server.visitor();
    expect(await visitor.refused(gateEndpoints.list)).toMatchObject({ status: 401 });
    expect(await visitor.refused(gateEndpoints.get, one)).toMatchObject({ status: 401 });
    expect(await visitor.refused(gateEndpoints.status, one)).toMatchObject({ status: 401 });
    expect(await visitor.refused(gateEndpoints.health)).toMatchObject({ status: 401 });
    const absent = { params: { id: ABSENT } };
    expect(await secure.refused(gateEndpoints.get, absent)).toMatchObject({ status: 404 });
    expect(await secure.refused(gateEndpoints.status, absent)).toMatchObject({ status: 404 });
    expect(await secure.refused(gateEndpoints.enrolmentCode, absent)).toMatchObject({ status: 404 });
    expect(await secure.refused(gateEndpoints.revoke, { ...absent, reason: REASON })).toMatchObject({
      status: 404,
    });
  });
});
