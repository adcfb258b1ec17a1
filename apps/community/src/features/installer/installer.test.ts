import { coseSign1, p256Generate } from "@menshen/crypto/node";
import { Duration, GateId, Instant, PortalId, ReaderId } from "@menshen/domain";
import { keyIdentifier } from "@menshen/trust";
import {
  type CommandResult,
  commandMessage,
  commandResult,
  eventEndpoints,
  externalAad,
  type GateWiring,
  gateEndpoints,
  handoverRequest,
  handoverResponse,
  installerEndpoints,
  journalBatch,
  portalEndpoints,
  readerEndpoints,
  statusReport,
  uuidBytes,
  uuidText,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { entryBytes, post, refusalOf, type TestGate } from "../../gate-link/testing/test-gate.ts";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const installer = await server.member("installer");
const guard = await server.member("guard");
const unit = await installer.call(readerEndpoints.create, {
  body: { gateId: site.gateId, name: "北门弱电箱", kind: "io" },
});
const params = { gateId: site.gateId };
const reason = { code: "installation" } as const;
const wiring: GateWiring = {
  lines: [{ id: "line-1", transport: "/dev/ttyUSB0", baud: 9_600 }],
  readers: [
    { readerId: site.readerId, lineId: "line-1", address: 1 },
    { readerId: unit.id, lineId: "line-1", address: 2 },
  ],
  plugged: [],
  portals: [
    {
      portalId: site.portals.north,
      lock: { readerId: unit.id, output: 0 },
      contact: { readerId: unit.id, input: 0, normallyClosed: true },
    },
    { portalId: site.portals.house, lock: { readerId: unit.id, output: 1 } },
  ],
};

const read = () => installer.call(installerEndpoints.get, { params });
const testOf = async (wire: string, subject: string) => {
  const { doors, readers } = await read();
  const item = [
    ...doors.map((door) => ({ ...door, id: door.portalId })),
    ...readers.map((reader) => ({ ...reader, id: reader.readerId })),
  ].find(({ id }) => id === subject);
  return item?.tests.find((candidate) => candidate.wire === wire);
};

test("what is wired is kept, and makes the gate's file with a one-time code", async () => {
  const before = await read();
  expect(before).toMatchObject({ wiringRevision: 0, wiring: { lines: [], portals: [] } });
  expect(before.doors[0]?.tests.map(({ state }) => state)).toEqual(["not-wired", "not-wired", "not-wired"]);
  const twice = { ...wiring, readers: wiring.readers.map((reader) => ({ ...reader, address: 1 })) };
  expect(
    await installer.refused(installerEndpoints.setWiring, { params, body: { wiring: twice, revision: 0 } }),
  ).toMatchObject({ code: "invalid-request", detail: "two readers have the same address on one line" });
  const stored = await installer.call(installerEndpoints.setWiring, {
    params,
    body: { wiring, revision: 0 },
  });
  expect(stored).toMatchObject({ wiringRevision: 1, wiring });
  expect(
    await installer.refused(installerEndpoints.setWiring, { params, body: { wiring, revision: 0 } }),
  ).toMatchObject({ code: "stale-revision" });
  expect(
    await guard.refused(installerEndpoints.setWiring, { params, body: { wiring, revision: 1 } }),
  ).toMatchObject({ code: "wrong-duty" });
  const file = await installer.call(installerEndpoints.configuration, { params });
  expect(JSON.parse(file.text)).toEqual({
    stateDir: "/var/lib/menshen/gate",
    community: {
      enrolUrl: `https://localhost:${server.addresses.gateTls.split(":").at(-1)}`,
      enrolmentCode: file.code,
    },
    statusPage: { host: "127.0.0.1", port: 8470 },
    doorGroup: 1,
    buses: [
      {
        id: "line-1",
        transport: "/dev/ttyUSB0",
        baud: 9_600,
        readers: [
          {
            readerId: site.readerId,
            address: 1,
            role: "reader",
            accessPointId: site.points.northIn,
            secureChannel: "install",
          },
          { readerId: unit.id, address: 2, role: "io", secureChannel: "install" },
        ],
      },
    ],
    pcsc: [],
    portals: [
      {
        portalId: site.portals.north,
        lock: { kind: "osdp-output", readerId: unit.id, output: 0 },
        contact: { kind: "osdp-input", readerId: unit.id, input: 0, normallyClosed: true },
      },
      { portalId: site.portals.house, lock: { kind: "osdp-output", readerId: unit.id, output: 1 } },
    ],
  });
});

/** Speaks for a gate whose disk is read by the box in its place. */
async function handOver(
  gate: TestGate,
  successor: string,
  [first, count]: readonly [number, number] = [1, 0],
  key = gate.key,
) {
  const batch = journalBatch.encode({
    version: 1,
    gateId: gate.gateId,
    firstSequence: first,
    previousHash: gate.hashAfter(first - 1),
    entries: gate.journal.slice(first - 1, first - 1 + Math.max(count, 1)),
  });
  const payload = handoverRequest.encode({
    version: 1,
    gateId: gate.gateId,
    successor: GateId(successor),
    at: server.clock.now(),
    ...(count === 0 ? {} : { batch }),
  });
  const message = coseSign1({
    payload,
    key,
    kid: keyIdentifier(gate.key),
    externalAad: externalAad("handover"),
  });
  const { ca } = gate.enrolment ?? {};
  return post(ca ?? new Uint8Array(), `https://${server.addresses.gateTls}/gate/v1/handover`, message);
}

test("each wire is tried, with what gate and person saw; another box takes over everything", async () => {
  const { gate, portal } = await connectGate(server, site);
  await gate.send(
    "status",
    statusReport.encode({
      version: 1,
      gateId: gate.gateId,
      earliest: server.clock.now(),
      latest: server.clock.now(),
      readers: [
        {
          readerId: ReaderId(site.readerId),
          online: true,
          secureChannel: "own-key",
          tamper: false,
          powerFault: false,
        },
        {
          readerId: ReaderId(unit.id),
          online: false,
          secureChannel: "none",
          tamper: false,
          powerFault: false,
        },
      ],
      portals: [],
      findings: [
        { code: "no-tpm", severity: "notice" },
        { code: "reader-key-missing", severity: "fault", subject: uuidBytes(unit.id) },
      ],
      journalBacklog: 0,
      journalDegraded: false,
    }),
  );
  const seen = await eventually("found", async () => {
    const now = await read();
    return now.readers.some(({ found }) => found === "yes") ? now : undefined;
  });
  expect(seen.readers.find(({ readerId }) => readerId === unit.id)).toMatchObject({
    // It answers, and waits for the person who gives it its key.
    found: "yes",
    channel: "none",
  });
  expect(seen.doors.find(({ portalId }) => portalId === site.portals.north)?.grade).toEqual({
    best: "B",
    limits: [{ code: "gate-without-tpm", allows: "B" }],
  });

  const told = () =>
    gate.received
      .filter(({ kind }) => kind === "command")
      .map((received) => commandMessage.decode(gate.open(received)));
  async function start(wire: "led" | "lock" | "contact", subjectId: string) {
    const count = told().length;
    await installer.call(installerEndpoints.startTest, { params, body: { wire, subjectId }, reason });
    return eventually("told", () => told()[count]);
  }
  async function answer(commandId: Uint8Array, result: Partial<CommandResult>) {
    const payload = commandResult.encode({
      version: 1,
      gateId: gate.gateId,
      commandId,
      outcome: "done",
      ...result,
    });
    await gate.send("result", gate.signed("result", payload));
  }

  expect(await start("led", site.readerId)).toMatchObject({
    kind: "wire-test",
    wire: "led",
    subject: uuidBytes(site.readerId),
  });
  await answer(told().at(-1)?.commandId ?? new Uint8Array(16), { wire: "told" });
  const led = await eventually("asked", async () => {
    const test = await testOf("led", site.readerId);
    return test?.state === "ask" ? test : undefined;
  });
  expect(led).toMatchObject({ testedBy: "installer 1", observed: ["answered"] });
  await installer.call(installerEndpoints.answerTest, {
    params: { id: led.testId ?? "" },
    body: { seen: true },
  });
  expect(await testOf("led", site.readerId)).toMatchObject({
    state: "passed",
    observed: ["answered", "person"],
  });
  expect(
    await installer.refused(installerEndpoints.answerTest, {
      params: { id: led.testId ?? "" },
      body: { seen: false },
    }),
  ).toMatchObject({ code: "conflict" });

  // The contact of the next door answers instead: the wires are swapped.
  const contact = await start("contact", site.portals.north);
  await answer(contact.commandId, { wire: "watching" });
  await portal(server.clock.now(), site.portals.house, "forced");
  await answer(contact.commandId, { wire: "not-seen" });
  const swapped = await eventually("not seen", async () => {
    const test = await testOf("contact", site.portals.north);
    return test?.state === "failed" ? test : undefined;
  });
  expect(swapped).toMatchObject({ observed: ["not-seen", "elsewhere"], elsewhere: ["1号楼大门"] });
  expect(
    await installer.refused(installerEndpoints.startTest, {
      params,
      body: { wire: "exit", subjectId: site.portals.north },
      reason,
    }),
  ).toMatchObject({ code: "conflict" });

  const selfTest = await installer.call(installerEndpoints.command, {
    params,
    body: { kind: "self-test" },
    reason,
  });
  const command = await eventually("self-test", () => told().find(({ kind }) => kind === "self-test"));
  expect(uuidText(command.commandId)).toBe(selfTest.id);
  await answer(command.commandId, { report: { isRunning: true, tested: 0, faults: [] } });
  const faults = [{ code: "contact-inverted" as const, subject: uuidBytes(site.portals.north) }];
  await answer(command.commandId, { report: { isRunning: false, tested: 9, faults } });
  const report = await eventually("report", async () => {
    const { selfTest: last } = await read();
    return last?.report.isRunning === false ? last : undefined;
  });
  expect(report).toMatchObject({
    report: { tested: 9, faults: [{ code: "contact-inverted", subject: site.portals.north }] },
    names: { [site.portals.north]: "北门" },
  });
  const open = await installer.call(installerEndpoints.command, {
    params,
    body: { kind: "install-window", readerId: site.readerId },
    reason,
  });
  expect(open).toMatchObject({ kind: "install-window", readerId: site.readerId, requestedBy: "installer 1" });
  expect(
    await eventually("window", () => told().find(({ kind }) => kind === "install-window")),
  ).toMatchObject({ forMs: 600_000, subject: uuidBytes(site.readerId) });

  // What the old box had not sent when it broke.
  await portal(server.clock.now(), site.portals.north, "opened");
  const sent = gate.journal.length;
  for (const sequence of [sent + 1, sent + 2, sent + 3]) {
    gate.journal.push(entryBytes(sequence, server.clock.now()));
  }
  expect(refusalOf(await handOver(gate, site.gateId))).toBe("not-enrolled");

  const next = await installer.call(installerEndpoints.replace, { params, reason: { code: "maintenance" } });
  expect(next.gate).toMatchObject({ name: "北门控制器", doorGroup: 1, enrolment: "new" });
  expect(next).toMatchObject({ wiring, replaces: site.gateId });
  expect(next.doors.map(({ name }) => name)).toEqual(["1号楼大门", "北门"]);
  expect(next.readers.map(({ name }) => name)).toEqual(["北门弱电箱", "北门外读卡器"]);
  const portals = await installer.call(portalEndpoints.list, { query: {} });
  expect(new Set(portals.items.map(({ gateId }) => gateId))).toEqual(new Set([next.gate.id]));
  expect(await installer.call(gateEndpoints.get, { params: { id: site.gateId } })).toMatchObject({
    enrolment: "revoked",
  });
  expect(PortalId(portals.items[0]?.id ?? "")).toBe(site.portals.house);
  expect(next.oldJournal).toMatchObject({
    storedUpTo: sent,
    lastSequence: sent,
    saidWaiting: 0,
    handedOver: 0,
  });

  // Its disk can be read: whoever holds its key asks where the server's copy ends, and sends what is behind, once.
  const head = handoverResponse.decode((await handOver(gate, next.gate.id)).body);
  expect(head).toEqual({ version: 1, nextSequence: sent + 1, previousHash: gate.hashAfter(sent) });
  expect(refusalOf(await handOver(gate, site.gateId))).toBe("invalid");
  expect(refusalOf(await handOver(gate, next.gate.id, [sent + 1, 3], p256Generate()))).toBe("invalid");
  for (const [first, count, ends] of [
    [sent + 2, 1, sent + 1],
    [sent + 1, 2, sent + 3],
    [sent + 1, 3, sent + 4],
    [sent + 1, 3, sent + 4],
  ] as const) {
    const answer = handoverResponse.decode((await handOver(gate, next.gate.id, [first, count])).body);
    expect(answer.nextSequence).toBe(ends);
  }
  const gateParams = { gateId: next.gate.id };
  const handed = await installer.call(installerEndpoints.get, { params: gateParams });
  expect(handed.oldJournal).toMatchObject({ storedUpTo: sent, lastSequence: sent + 3, handedOver: 3 });
  const events = await guard.call(eventEndpoints.list, { query: { gateId: site.gateId, limit: 10 } });
  expect(events.items.slice(0, 4).map(({ sequence }) => sequence)).toEqual([
    sent + 3,
    sent + 2,
    sent + 1,
    sent,
  ]);

  // Nobody reads it any further: what is lost is said, once, and by whom.
  const lost = { params: gateParams, reason: { code: "maintenance" } } as const;
  expect(await guard.refused(installerEndpoints.diskLost, lost)).toMatchObject({ code: "wrong-duty" });
  const said = await installer.call(installerEndpoints.diskLost, lost);
  expect(said.oldJournal?.diskLost).toMatchObject({ by: "installer 1" });
  expect(await installer.refused(installerEndpoints.diskLost, lost)).toMatchObject({ code: "conflict" });
  const file = await installer.call(installerEndpoints.configuration, { params: { gateId: next.gate.id } });
  expect(file.code).toBeDefined();
  // For a month: behind that its key is worth nothing.
  server.clock.advance(Duration.days(30));
  expect(refusalOf(await handOver(gate, next.gate.id))).toBe("not-enrolled");
});
