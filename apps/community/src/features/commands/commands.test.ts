import { Duration, Instant } from "@menshen/domain";
import {
  alarmEndpoints,
  type CommandItem,
  type CommandResult,
  changeEndpoints,
  commandEndpoints,
  commandMessage,
  commandResult,
  readerEndpoints,
  uuidBytes,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const { gate, reader, access } = await connectGate(server, site);
const guard = await server.member("guard");
const desk = await server.member("desk");
const installer = await server.member("installer");
const auditor = await server.member("auditor");
const reason = { code: "emergency", text: "儿童被关在门内" } as const;
const unlock = { kind: "unlock", portalId: site.portals.north } as const;

function told(from = 0) {
  return gate.received
    .slice(from)
    .filter(({ kind }) => kind === "command")
    .map((received) => commandMessage.decode(gate.open(received)));
}

async function answer(id: string, result: Partial<CommandResult>, key = gate.key): Promise<void> {
  const payload = commandResult.encode({
    version: 1,
    gateId: gate.gateId,
    commandId: uuidBytes(id),
    outcome: "done",
    ...result,
  });
  await gate.send("result", gate.signed("result", payload, key));
}

const read = (id: string): Promise<CommandItem> => guard.call(commandEndpoints.get, { params: { id } });
const give = () => guard.call(commandEndpoints.give, { body: unlock, reason });

test("a guard unlocks a door: the gate gets it signed, once, and its word is stored as it grows", async () => {
  const before = gate.received.length;
  const command = await give();
  expect(command).toMatchObject({
    kind: "unlock",
    portalName: "北门",
    requestedBy: "guard 1",
    reasonCode: "emergency",
    reasonText: "儿童被关在门内",
    expiresAt: command.requestedAt + 10_000,
  });
  await eventually("told", () => told(before).length === 1);
  expect(told(before)).toEqual([
    {
      version: 1,
      gateId: site.gateId,
      commandId: uuidBytes(command.id),
      issuedAt: command.requestedAt,
      expiresAt: command.expiresAt,
      kind: "unlock",
      subject: uuidBytes(site.portals.north),
    },
  ]);
  await eventually("sent", async () => (await read(command.id)).state === "sent");
  await answer(command.id, { lock: "unlocked" });
  expect(await read(command.id)).toMatchObject({ state: "done", lock: "unlocked" });
  expect(await read(command.id)).not.toHaveProperty("opened");
  await answer(command.id, { lock: "unlocked", opened: true });
  expect(await read(command.id)).toMatchObject({ state: "done", opened: true });
  // Said again after a reconnection, or contradicted: the first whole word stands.
  await answer(command.id, { outcome: "late" });
  await answer(command.id, { lock: "fault", opened: false });
  expect(await read(command.id)).toMatchObject({ state: "done", lock: "unlocked", opened: true });
  const { items } = await auditor.call(changeEndpoints.list, { query: { action: "command.given" } });
  expect(items[0]).toMatchObject({ entityId: command.id, reason: { code: "emergency" } });
});

test("one that was not answered goes out again after a reconnect, and never after its end", async () => {
  const command = await give();
  await eventually("sent", async () => (await read(command.id)).state === "sent");
  gate.client?.end(true);
  await eventually("offline", async () => !(await server.gateLink.readGate(gate.gateId)).online);
  const before = gate.received.length;
  server.clock.advance(Duration.ms(1));
  const waiting = await give();
  expect(waiting.state).toBe("waiting");
  await gate.connect(server);
  await gate.sayHello();
  await eventually("both", () => told(before).length === 2);
  expect(told(before).map(({ commandId }) => commandId)).toEqual([
    uuidBytes(command.id),
    uuidBytes(waiting.id),
  ]);

  gate.client?.end(true);
  await eventually("offline again", async () => !(await server.gateLink.readGate(gate.gateId)).online);
  const never = await give();
  server.clock.advance(Duration.ms(10_000));
  const later = gate.received.length;
  await gate.connect(server);
  await gate.sayHello();
  await eventually("greeted", () => gate.received.slice(later).some(({ kind }) => kind === "resume"));
  await server.gateLink.sendCommands(gate.gateId);
  expect(told(later)).toEqual([]);
  server.clock.advance(Duration.ms(3_000));
  await server.commands.review();
  expect(await read(command.id)).toMatchObject({ state: "unanswered" });
  // It never left: the gate did nothing.
  expect(await read(never.id)).toMatchObject({ state: "late" });
  // A gate that comes back says what it did.
  await answer(command.id, { outcome: "interrupted" });
  expect(await read(command.id)).toMatchObject({ state: "interrupted" });
});

test("a refusal comes with its reason; another key's or another gate's word counts for nothing", async () => {
  const command = await guard.call(commandEndpoints.give, {
    body: { kind: "fire-reset", portalId: site.portals.north },
    reason,
  });
  const stranger = "4b0f1d2c-6a77-4e0a-8f1d-0a9b8c7d6e5f";
  await answer(stranger, { outcome: "done" });
  await answer(command.id, { outcome: "refused", refusal: "input-still-on" });
  expect(await read(command.id)).toMatchObject({ state: "refused", refusal: "input-still-on" });
});

test("who may: guards and managers, installers to test a relay, nobody without a reason", async () => {
  expect(await desk.refused(commandEndpoints.give, { body: unlock, reason })).toMatchObject({
    code: "forbidden",
  });
  expect(await installer.refused(commandEndpoints.give, { body: unlock, reason })).toMatchObject({
    code: "wrong-duty",
  });
  expect(await guard.refused(commandEndpoints.give, { body: unlock })).toMatchObject({
    code: "reason-required",
  });
  expect(await desk.refused(commandEndpoints.list)).toMatchObject({ code: "forbidden" });
  const gone = { ...unlock, portalId: "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11" };
  expect(await guard.refused(commandEndpoints.give, { body: gone, reason })).toMatchObject({ status: 404 });
  server.clock.advance(Duration.ms(1));
  const test = await installer.call(commandEndpoints.give, {
    body: { ...unlock, kind: "relay-test" },
    reason: { code: "test" },
  });
  const { items } = await auditor.call(commandEndpoints.list, { query: { limit: 1 } });
  expect(items.map(({ id }) => id)).toEqual([test.id]);
});

test("how many are in an area goes to a gate at it", async () => {
  const before = gate.received.length;
  await guard.call(commandEndpoints.setCount, {
    body: { areaId: site.groundsAreaId, count: 12 },
    reason: { code: "correction" },
  });
  // The gate may still hear of what was asked for before.
  const counts = () => told(before).filter(({ kind }) => kind === "set-count");
  await eventually("told", () => counts().length === 1);
  expect(counts()).toMatchObject([{ subject: uuidBytes(site.groundsAreaId), count: 12 }]);
});

test("whoever was refused for where they are is forgiven by the refusal: the server names nobody", async () => {
  const refused = (code: "anti-passback" | "interlock") =>
    access({
      at: Instant(server.clock.now()),
      accessPointId: site.points.northIn,
      granted: false,
      reasons: [code === "interlock" ? { code } : { code, kind: "hard" }],
    });
  const sequence = await refused("anti-passback");
  const body = { gateId: site.gateId, sequence };
  const before = gate.received.length;
  const command = await guard.call(commandEndpoints.forgiveAtDoor, { body, reason });
  expect(command).toMatchObject({ kind: "forgive", gateId: site.gateId, sequence });
  await eventually("told", () => told(before).length === 1);
  expect(told(before)[0]).toMatchObject({ kind: "forgive", sequence });
  expect(told(before)[0]).not.toHaveProperty("holder");
  await answer(command.id, { outcome: "refused", refusal: "gone" });
  expect(await read(command.id)).toMatchObject({ state: "refused", refusal: "gone" });
  const other = { gateId: site.gateId, sequence: await refused("interlock") };
  for (const wrong of [other, { gateId: site.gateId, sequence: 9_999 }]) {
    expect(await guard.refused(commandEndpoints.forgiveAtDoor, { body: wrong, reason })).toMatchObject({
      code: "not-found",
    });
  }
  expect(await desk.refused(commandEndpoints.forgiveAtDoor, { body, reason })).toMatchObject({
    code: "forbidden",
  });
});

test("a call at a door's screen rings for guards; whoever takes it, the screen hears that somebody knows", async () => {
  const screen = await installer.call(readerEndpoints.create, {
    body: { gateId: site.gateId, name: "北门屏", kind: "kiosk", accessPointId: site.points.northIn },
  });
  await server.alarms.follower.start();
  const call = async () => {
    await reader(Instant(server.clock.now()), screen.id, "call");
    await server.alarms.follower.settle();
    const { items } = await guard.call(alarmEndpoints.list, { query: { kind: "call" } });
    const [alarm] = items;
    if (alarm === undefined || items.length !== 1) throw new Error("expected one alarm");
    return alarm;
  };
  const first = await call();
  expect(first).toMatchObject({
    kind: "call",
    rank: 3,
    readerName: "北门屏",
    portalName: "北门",
    state: "open",
    count: 1,
    late: false,
  });
  const before = gate.received.length;
  const heard = () => told(before).filter(({ kind }) => kind === "call-heard");
  const params = { id: first.id };
  await guard.call(alarmEndpoints.acknowledge, { params, body: { revision: first.revision } });
  await eventually("told", () => heard().length === 1);
  expect(heard()).toMatchObject([{ subject: uuidBytes(screen.id), gateId: site.gateId }]);
  const { items } = await guard.call(commandEndpoints.list, { query: {} });
  const command = items.find(({ kind }) => kind === "call-heard");
  expect(command).toMatchObject({ kind: "call-heard", readerId: screen.id, requestedBy: "guard 1" });
  await answer(command?.id ?? "", {});
  expect((await read(command?.id ?? "")).state).toBe("done");
  // Taken once is heard once: to give it to somebody or to close it says nothing new to whoever waits.
  const taken = (await guard.call(alarmEndpoints.get, { params })).alarm;
  const finding = { code: "helped" } as const;
  await guard.call(alarmEndpoints.close, { params, body: { revision: taken.revision, finding } });
  expect(heard()).toHaveLength(1);

  const second = await call();
  expect(second.id).not.toBe(first.id);
  await guard.call(alarmEndpoints.close, {
    params: { id: second.id },
    body: { revision: second.revision, finding },
  });
  await eventually("told again", () => heard().length === 2);
  await installer.call(readerEndpoints.remove, { params: { id: screen.id } });
});
