import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { Instant } from "@menshen/domain";
import { type LiveEventType, overviewEndpoints, sessionEndpoints } from "@menshen/wire";
import { afterAll, expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { watchLive } from "../../testing/live-client.ts";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
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
    id: "1",
    data: { gateId: site.gateId, portalName: "北门", granted: true },
  });
});

test("whoever comes back misses nothing and sees nothing twice", async () => {
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
