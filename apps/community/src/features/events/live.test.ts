import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { ALARM_INSTRUCTIONS, ALARM_KINDS, Duration, GateId, Instant, ReaderId } from "@menshen/domain";
import {
  type AlarmQuery,
  alarmEndpoints,
  type LiveEventType,
  overviewEndpoints,
  sessionEndpoints,
  uuidBytes,
} from "@menshen/wire";
import { afterAll, describe, expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { watchLive } from "../../testing/live-client.ts";
import { quietLogger } from "../../testing/test-database.ts";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { makeAlarmFollower } from "../alarms/follower.ts";
import type { FrameListener, LiveFrame, LiveHub } from "./live-hub.ts";
import { streamLive } from "./live-stream.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const gate = await connectGate(server, site);
await server.app.listen({ host: "127.0.0.1", port: 0 });
const [address] = server.app.addresses();
const base = `http://localhost:${typeof address === "object" ? address.port : 0}`;
const guard = await server.member("guard");
const opened: { close: () => void }[] = [];
afterAll(() => {
  for (const client of opened) client.close();
});

async function watch(from: Parameters<typeof watchLive>[2] = {}, cookie = guard.cookie) {
  const client = await watchLive(base, cookie, from);
  opened.push(client);
  return client;
}

async function tap(): Promise<number> {
  return gate.access({
    at: server.clock.now(),
    accessPointId: site.points.northIn,
    granted: true,
    reasons: [{ code: "rule-allows", rule: 1 }],
  });
}

const sequencesOf = (
  messages: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[],
) => messages.filter(({ type }) => type === "event").map(({ data }) => data.sequence);

test("an event is on the screen as soon as it is stored", async () => {
  const client = await watch();
  expect(client.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(client.headers.get("content-security-policy")).toContain("default-src 'self'");
  await client.until("state", ({ type }) => type === "door-state");
  const sequence = await tap();
  const message = await client.until("event", ({ data }) => data.sequence === sequence);
  expect(message).toMatchObject({
    type: "event",
    id: "1.0",
    data: { gateId: site.gateId, portalName: "北门", granted: true },
  });
});

test("whoever comes back misses nothing and sees nothing twice (complaint 16)", async () => {
  const first = await watch();
  await first.until("state", ({ type }) => type === "heartbeat");
  const seen = await tap();
  const message = await first.until("event", ({ data }) => data.sequence === seen);
  first.close();
  const missed = [await tap(), await tap()];
  const again = await watch({ lastEventId: message.id ?? "" });
  const next = await tap();
  await again.until("next", ({ data }) => data.sequence === next);
  expect(sequencesOf(again.messages)).toEqual([...missed, next]);
});

test("the stream goes on where the overview ended", async () => {
  const { liveCursor } = await guard.call(overviewEndpoints.get);
  const between = await tap();
  const client = await watch({ after: liveCursor });
  await client.until("between", ({ data }) => data.sequence === between);
  expect(sequencesOf(client.messages)).toEqual([between]);
});

test("events that are stored while a viewer reads up come once and in order", async () => {
  const all: number[] = [];
  const work = (async () => {
    for (let i = 0; i < 30; i += 1) all.push(await tap());
  })();
  await eventually("some", () => all.length > 5);
  const client = await watch({ after: "0" });
  await work;
  const last = all.at(-1);
  await client.until("last", ({ data }) => data.sequence === last);
  const sequences = sequencesOf(client.messages);
  expect(sequences).toEqual(Array.from({ length: last ?? 0 }, (_, index) => index + 1));
});

test("a gate that goes and comes is told, with its doors", async () => {
  const client = await watch();
  await client.until("state", ({ type }) => type === "heartbeat");
  const before = client.messages.length;
  gate.gate.client?.end(true);
  await eventually("offline", () =>
    client.messages.slice(before).some(({ type, data }) => type === "gate-state" && data.link === "offline"),
  );
  await eventually("doors not fresh", () =>
    client.messages.slice(before).some(({ type, data }) => type === "door-state" && data.fresh === false),
  );
  await gate.gate.connect(server);
  await gate.gate.sayStatus();
  await eventually("online", () =>
    client.messages.slice(before).some(({ type, data }) => type === "gate-state" && data.link === "online"),
  );
});

test("visitors, other roles and odd cursors are refused", async () => {
  const desk = await server.member("desk");
  expect((await watch({}, "menshen_session=nonsense")).status).toBe(401);
  expect((await watch({}, desk.cookie)).status).toBe(403);
  expect((await watch({ after: "yesterday" })).status).toBe(400);
  // A cursor from before the database was made anew.
  const ahead = await watch({ after: "999999999" });
  const sequence = await tap();
  await ahead.until("event", ({ data }) => data.sequence === sequence);
});

describe("alarms", () => {
  const list = async (query: AlarmQuery = {}) => (await guard.call(alarmEndpoints.list, { query })).items;
  const onDoor = async (portalId: string) => {
    const [alarm] = await list({ portalId });
    if (alarm === undefined) throw new Error("expected an alarm");
    return alarm;
  };
  const say = (findings: Parameters<typeof gate.gate.sayStatus>[1] = []) => {
    const at = server.clock.now();
    const reader = { secureChannel: "own-key", tamper: false, powerFault: false, online: true } as const;
    const readers = [{ readerId: ReaderId(site.readerId), ...reader }];
    return gate.gate.sayStatus(0, findings, { earliest: at, latest: at, readers });
  };
  let following = server.alarms.follower;
  afterAll(() => following.stop());
  const settle = () => following.settle();

  test("a door that chatters is one alarm, on the screen at once, and ends by itself", async () => {
    await server.alarms.follower.start();
    const client = await watch();
    await client.until("state", ({ type }) => type === "heartbeat");
    const now = server.clock.now();
    for (let times = 0; times < 3; times += 1) {
      await gate.portal(now, site.portals.north, "forced");
      await gate.portal(now, site.portals.north, "closed");
    }
    await gate.portal(now, site.portals.north, "forced");
    await client.until("counted", ({ type, data }) => type === "alarm" && data.count === 4);
    expect(await list()).toMatchObject([
      {
        kind: "forced",
        rank: 2,
        portalName: "北门",
        gateName: "北门控制器",
        count: 4,
        late: false,
        state: "open",
        revision: 1,
      },
    ]);
    expect((await list())[0]).not.toHaveProperty("endedAt");
    await gate.portal(now, site.portals.north, "closed");
    await client.until(
      "ended",
      ({ type, data }) => type === "alarm" && data.count === 4 && data.endedAt === now,
    );
    expect((await guard.call(overviewEndpoints.get)).alarms).toMatchObject([
      { kind: "forced", endedAt: now },
    ]);
  });

  test("of two guards one is first, and the other is told who", async () => {
    const other = await server.member("guard");
    const { id, revision } = await onDoor(site.portals.north);
    const params = { id };
    const taken = await guard.call(alarmEndpoints.acknowledge, { params, body: { revision } });
    expect(taken).toMatchObject({
      state: "acknowledged",
      revision: 2,
      acknowledged: { staffName: "guard 1" },
    });
    // The answer was lost, and the same guard asks again.
    expect(await guard.call(alarmEndpoints.acknowledge, { params, body: { revision } })).toEqual(taken);
    expect(await other.refused(alarmEndpoints.acknowledge, { params, body: { revision } })).toMatchObject({
      status: 409,
      code: "conflict",
      first: { staffName: "guard 1", at: taken.acknowledged?.at, state: "acknowledged" },
    });
    const finding = { code: "careless-use" } as const;
    expect(await other.refused(alarmEndpoints.close, { params, body: { revision, finding } })).toMatchObject({
      status: 409,
      code: "stale-revision",
      first: { staffName: "guard 1" },
    });
  });

  test("it is assigned, closed with a finding, and the closing taken back", async () => {
    const { id, revision } = await onDoor(site.portals.north);
    const params = { id };
    const { items } = await guard.call(alarmEndpoints.assignees);
    const me = items.find(({ staffName }) => staffName === "guard 1");
    expect(items.map(({ staffName }) => staffName)).not.toContain("desk 2");
    const assigned = await guard.call(alarmEndpoints.assign, {
      params,
      body: { revision, ...(me === undefined ? {} : { staffId: me.staffId }) },
    });
    expect(assigned).toMatchObject({ assigned: { staffName: "guard 1" }, revision: 3 });
    expect(
      await guard.refused(alarmEndpoints.close, {
        params,
        body: { revision: 3, finding: { code: "other" } },
      }),
    ).toMatchObject({ status: 400 });
    const finding = { code: "other", text: "搬家卡住" } as const;
    const closed = await guard.call(alarmEndpoints.close, { params, body: { revision: 3, finding } });
    expect(closed).toMatchObject({ state: "closed", closed: { staffName: "guard 1", finding } });
    expect(await list({ state: "current" })).toEqual([]);
    expect(await list({ state: "closed", limit: 5 })).toEqual([closed]);
    expect((await guard.call(alarmEndpoints.get, { params })).steps.map(({ what }) => what)).toEqual([
      "raised",
      "ended",
      "acknowledged",
      "assigned",
      "closed",
    ]);
    const back = await guard.call(alarmEndpoints.reopen, { params, body: { revision: 4 } });
    expect(back).toMatchObject({ state: "acknowledged", revision: 5 });
    expect(back).not.toHaveProperty("closed");
    await guard.call(alarmEndpoints.close, { params, body: { revision: 5, finding } });
  });

  test("whoever was away hears of what rang and was closed meanwhile", async () => {
    const { liveCursor } = await guard.call(overviewEndpoints.get);
    await gate.reader(server.clock.now(), site.readerId, "tamper-on");
    await settle();
    const [alarm] = await list({ kind: "tamper" });
    const finding = { code: "drill" } as const;
    await guard.call(alarmEndpoints.close, {
      params: { id: alarm?.id ?? "" },
      body: { revision: 1, finding },
    });
    const client = await watch({ lastEventId: liveCursor });
    const message = await client.until("alarm", ({ type }) => type === "alarm");
    expect(message.data).toMatchObject({ kind: "tamper", readerName: "北门外读卡器", state: "closed" });
    expect(client.messages.filter(({ type }) => type === "alarm")).toHaveLength(1);
    // Without a cursor: what stands, which is nothing.
    const fresh = await watch();
    await fresh.until("beat", ({ type }) => type === "heartbeat");
    expect(fresh.messages.filter(({ type }) => type === "alarm")).toEqual([]);
  });

  test("what comes days late is marked, and rings for nobody", async () => {
    await say();
    await eventually("time known", async () => {
      const state = await server.gateLink.readGate(GateId(site.gateId));
      return state.status?.latest === server.clock.now();
    });
    const day = 86_400_000;
    const before = Instant(server.clock.now() - 3 * day);
    await gate.portal(before, site.portals.house, "held-too-long");
    await gate.portal(Instant(before + 60_000), site.portals.house, "closed");
    await settle();
    expect(await onDoor(site.portals.house)).toMatchObject({
      kind: "held-too-long",
      late: true,
      firstAt: before,
      endedAt: before + 60_000,
    });
  });

  test("a server killed in the middle, and two that follow at once, count each event once", async () => {
    const failures: string[] = [];
    const second = makeAlarmFollower({
      ...server,
      logger: { ...quietLogger, error: (_, text) => failures.push(text) },
      changed: () => {},
    });
    const from = server.clock.now();
    await server.alarms.follower.stop();
    await server.pool.query(`create function fail() returns trigger language plpgsql as
      $$ begin raise exception 'killed before the commit'; end $$;
      create trigger fail before update on alarm_feed for each row execute function fail()`);
    for (let times = 0; times < 5; times += 1) await gate.portal(from, site.portals.north, "held-too-long");
    await second.settle();
    expect(failures).toEqual(["alarms could not be brought up to date"]);
    expect(await list({ portalId: site.portals.north })).toEqual([]);
    await server.pool.query("drop trigger fail on alarm_feed; drop function fail");
    const third = makeAlarmFollower({ ...server, logger: quietLogger, changed: server.alarms.feed.changed });
    await third.start();
    await Promise.all([second.settle(), third.settle()]);
    expect(await onDoor(site.portals.north)).toMatchObject({ kind: "held-too-long", count: 5, revision: 1 });
    following = third;
  });

  test("a call for help is shown to those who go to the door, and to nobody else", async () => {
    server.clock.advance(Duration.minutes(1));
    const auditor = await server.member("auditor");
    const eyes = await watch({}, auditor.cookie);
    const guardEyes = await watch();
    await guardEyes.until("beat", ({ type }) => type === "heartbeat");
    await eyes.until("beat", ({ type }) => type === "heartbeat");
    await say([{ code: "duress", severity: "fault", subject: uuidBytes(site.readerId) }]);
    const rang = await guardEyes.until(
      "duress",
      ({ type, data }) => type === "alarm" && data.kind === "duress",
    );
    expect(rang.data).toMatchObject({ rank: 1, readerName: "北门外读卡器", state: "open" });
    const id = String(rang.data.id);
    const params = { id };
    expect((await auditor.call(alarmEndpoints.list)).items.map(({ kind }) => kind)).not.toContain("duress");
    expect(await auditor.refused(alarmEndpoints.get, { params })).toMatchObject({ status: 404 });
    expect((await auditor.call(overviewEndpoints.get)).alarms?.map(({ kind }) => kind)).not.toContain(
      "duress",
    );
    const finding = { code: "emergency", text: "已报警" } as const;
    await guard.call(alarmEndpoints.close, { params, body: { revision: 1, finding } });
    // While the gate still calls, what a guard closed does not ring again; and no list has it any more.
    await settle();
    expect(await list()).not.toContainEqual(expect.objectContaining({ kind: "duress" }));
    expect(await list({ state: "closed" })).not.toContainEqual(expect.objectContaining({ kind: "duress" }));
    expect(eyes.messages.filter(({ data }) => data.kind === "duress")).toEqual([]);
    const { rows } = await server.pool.query("select before, after from change where entity_id = $1", [id]);
    expect(rows).toEqual([{ before: { state: "open" }, after: { state: "closed" } }]);
    await say();
    await eventually("over", async () => {
      await settle();
      return (await server.pool.query("select from alarm where kind = 'duress' and ended_at is not null"))
        .rowCount;
    });
    await server.pool.query(
      "update alarm set closed_at = closed_at - interval '25 hours' where state = 'closed'",
    );
    await server.alarms.tidy();
    expect((await server.pool.query("select from alarm where kind = 'duress'")).rowCount).toBe(0);
    expect((await server.pool.query("select from alarm where state = 'closed'")).rowCount).toBeGreaterThan(0);
  });

  test("a silent gate is an alarm, until it is heard", async () => {
    gate.gate.client?.end(true);
    await eventually("silent", async () => (await list({ kind: "gate-silent" })).length === 1);
    await gate.gate.connect(server);
    await gate.gate.sayStatus();
    await eventually("heard", async () => (await list({ kind: "gate-silent" }))[0]?.endedAt !== undefined);
  });

  test("what to do is the community's own text, or the default", async () => {
    const manager = site.operate;
    const params = { kind: "forced" } as const;
    const text = { zh: "先看监控。", en: "Look at the camera first." };
    expect(
      await guard.refused(alarmEndpoints.setInstruction, { params, body: { revision: 1, text } }),
    ).toMatchObject({ status: 403 });
    const own = await manager.call(alarmEndpoints.setInstruction, { params, body: { revision: 1, text } });
    expect(own).toMatchObject({ kind: "forced", text, isDefault: false });
    expect(
      await manager.refused(alarmEndpoints.setInstruction, { params, body: { revision: 1, text } }),
    ).toMatchObject({ code: "stale-revision" });
    const again = await manager.call(alarmEndpoints.setInstruction, {
      params,
      body: { revision: own.revision },
    });
    expect(again).toMatchObject({ isDefault: true, text: ALARM_INSTRUCTIONS.forced });
    const { items } = await guard.call(alarmEndpoints.instructions);
    expect(items.map(({ kind }) => kind).slice(0, 3)).toEqual(["fire", "duress", "forced"]);
    expect(items).toHaveLength(ALARM_KINDS.length);
  });
});

/** A hub that a test plays. */
function makePlayedHub() {
  const listeners = new Set<FrameListener>();
  const stored: LiveFrame<"event">[] = [];
  const hub: LiveHub = {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: async () => [],
    alarmsAfter: async () => [],
    after: async (position) => {
      const frames = stored.filter((frame) => (frame.position ?? 0) > position).slice(0, 1);
      return { frames, done: frames.length === 0 };
    },
    announce: () => {},
    stop: async () => {},
  };
  return { hub, stored, listeners };
}

test("a stream ends with its session, and lets the hub go", async () => {
  const { hub, listeners } = makePlayedHub();
  const output = new PassThrough();
  let may = true;
  const done = streamLive(output, {
    hub,
    clock: server.clock,
    after: 0,
    mayGoOn: async () => may,
    heartbeatMs: 5,
  });
  output.resume();
  await eventually("listening", () => listeners.size === 1);
  may = false;
  await done;
  expect(output.writableEnded).toBe(true);
  expect(listeners.size).toBe(0);
});

test("a viewer that does not read is cut off instead of filling the memory", async () => {
  const { hub, listeners } = makePlayedHub();
  const output = new PassThrough();
  const done = streamLive(output, { hub, clock: server.clock, after: 0, mayGoOn: async () => true });
  await eventually("listening", () => listeners.size === 1);
  await delay(10);
  const data = Object.assign(Object.create(null), { text: "x".repeat(100_000) });
  for (let position = 1; position < 100 && !output.destroyed; position += 1) {
    const type: LiveEventType = "event";
    for (const listener of listeners) listener({ type, data, position });
  }
  await done;
  expect(output.destroyed).toBe(true);
});

test("signing out closes the server's side of the session", async () => {
  const leaving = await server.member("guard");
  const client = await watch({}, leaving.cookie);
  expect(client.status).toBe(200);
  const { cookie } = leaving;
  await leaving.call(sessionEndpoints.signOut);
  expect((await watch({}, cookie)).status).toBe(401);
});

test("a stop does not wait for viewers", async () => {
  const client = await watch();
  await client.until("state", ({ type }) => type === "heartbeat");
  await server.close();
  await eventually("ended", () => client.ended());
});
