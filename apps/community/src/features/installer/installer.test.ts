import { Instant, PortalId, ReaderId } from "@menshen/domain";
import {
  type CommandResult,
  commandMessage,
  commandResult,
  type GateWiring,
  gateEndpoints,
  installerEndpoints,
  portalEndpoints,
  readerEndpoints,
  statusReport,
  uuidBytes,
  uuidText,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
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
  const file = await installer.call(installerEndpoints.configuration, { params: { gateId: next.gate.id } });
  expect(file.code).toBeDefined();
});
