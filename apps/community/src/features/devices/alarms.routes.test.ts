import { Instant } from "@menshen/domain";
import {
  changeEndpoints,
  eventEndpoints,
  type GateDetail,
  gateEndpoints,
  resumeMessage,
} from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const journal = await connectGate(server, site);
const { gate } = journal;
const { operate, secure } = site;
const ABSENT = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
const one = { params: { id: site.gateId } };
const REASON = { code: "incident", text: "现场核对过" } as const;

const status = (): Promise<GateDetail> => secure.call(gateEndpoints.status, one);
const codes = async () =>
  (await operate.call(gateEndpoints.health)).items
    .filter((finding) => finding.gateId === site.gateId && finding.code !== "gate-offline")
    .map((finding) => finding.code);
const changesOf = async (action: string) =>
  (await (await server.founder("audit")).call(changeEndpoints.list, { query: { action } })).items;

async function comeBack(): Promise<number> {
  await gate.disconnect();
  gate.received.length = 0;
  await gate.connect(server);
  await gate.sayHello();
  const resume = await eventually("resume", () => gate.received.find(({ kind }) => kind === "resume"));
  return resumeMessage.decode(gate.open(resume)).nextSequence;
}

const at = (seconds: number) => Instant(server.clock.now() - 100_000 + seconds * 1_000);
await journal.portal(at(0), site.portals.north, "opened");
await journal.portal(at(1), site.portals.north, "closed");
await journal.portal(at(2), site.portals.house, "forced");

describe("an alarm about a gate's records", () => {
  test("stands until somebody in the duty to secure clears it, with a reason", async () => {
    await expect(gate.send("journal", new Uint8Array([1, 2, 3]))).rejects.toThrow();
    const { alarms } = await status();
    expect(alarms).toMatchObject([{ kind: "bad-signature", sequence: 0, times: 1 }]);
    expect(await codes()).toEqual(["journal-bad-signature"]);
    const clear = { params: { id: site.gateId, alarmId: alarms[0]?.id ?? 0 } };
    expect(await operate.refused(gateEndpoints.clearAlarm, { ...clear, reason: REASON })).toMatchObject({
      code: "wrong-duty",
      duty: "secure",
    });
    expect(await secure.refused(gateEndpoints.clearAlarm, clear)).toMatchObject({ code: "reason-required" });
    expect(await secure.call(gateEndpoints.clearAlarm, { ...clear, reason: REASON })).toMatchObject({
      alarms: [],
    });
    // Again changes nothing and is not recorded twice.
    await secure.call(gateEndpoints.clearAlarm, { ...clear, reason: REASON });
    expect(await codes()).toEqual([]);
    expect(await changesOf("gate.alarm-cleared")).toMatchObject([
      {
        entityId: site.gateId,
        reason: REASON,
        duty: "secure",
        before: { kind: "bad-signature", sequence: 0, times: 1 },
      },
    ]);
  });

  test("is raised again by the same trouble", async () => {
    await comeBack();
    await expect(gate.send("journal", new Uint8Array([1, 2, 3]))).rejects.toThrow();
    expect((await status()).alarms).toMatchObject([{ kind: "bad-signature", times: 2 }]);
  });

  test("of another gate, or none, is not found", async () => {
    const [alarm] = (await status()).alarms;
    const wrong = (id: string, alarmId: number) =>
      secure.refused(gateEndpoints.clearAlarm, { params: { id, alarmId }, reason: REASON });
    expect(await wrong(ABSENT, alarm?.id ?? 0)).toMatchObject({ status: 404 });
    expect(await wrong(site.gateId, 999_999)).toMatchObject({ status: 404 });
    expect(await wrong(site.gateId, 0)).toMatchObject({ status: 400 });
  });
});

describe("a journal that contradicts the records", () => {
  test("cannot be accepted while there is none", async () => {
    expect(await secure.refused(gateEndpoints.acceptJournal, { ...one, reason: REASON })).toMatchObject({
      code: "conflict",
    });
    expect(
      await secure.refused(gateEndpoints.acceptJournal, { params: { id: ABSENT }, reason: REASON }),
    ).toMatchObject({ status: 404 });
  });

  test("is refused and shown, and accepted with a reason by whoever may", async () => {
    // The gate's disk forgot the last entry, and the gate went on: its third entry is another one now.
    gate.journal.length = 2;
    await comeBack();
    await expect(journal.portal(at(50), site.portals.north, "exit-request")).rejects.toThrow();
    expect(await status()).toMatchObject({ journal: { forked: true, rereading: false } });
    expect(await codes()).toContain("journal-forked");
    expect(await operate.refused(gateEndpoints.acceptJournal, { ...one, reason: REASON })).toMatchObject({
      code: "wrong-duty",
    });
    expect(await secure.refused(gateEndpoints.acceptJournal, one)).toMatchObject({ code: "reason-required" });
    expect(await secure.call(gateEndpoints.acceptJournal, { ...one, reason: REASON })).toMatchObject({
      journal: { forked: false, rereading: true, lastSequence: 3 },
    });
    expect(await codes()).toContain("journal-rereading");
    expect(await changesOf("gate.journal-accepted")).toMatchObject([
      { entityId: site.gateId, reason: REASON, before: { lastSequence: 3 } },
    ]);
  });

  test("is then read again from its first entry, and what gave way is said", async () => {
    expect(await comeBack()).toBe(1);
    await gate.send("journal", gate.batch(1, 3));
    const { items } = await operate.call(eventEndpoints.list);
    expect(items.map(({ sequence, event }) => [sequence, event])).toEqual([
      [3, "exit-request"],
      [2, "closed"],
      [1, "opened"],
    ]);
    const { rows } = await server.pool.query("select sequence::int from event_replaced");
    expect(rows).toEqual([{ sequence: 3 }]);
    await expect(server.pool.query("delete from event_replaced")).rejects.toThrow("only grow");
    expect(await status()).toMatchObject({ journal: { lastSequence: 3, forked: false, rereading: false } });
    expect(await codes()).toContain("journal-replaced");
  });
});
