import type { DemoPresent } from "@menshen/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CommunityPorts, DemoControls } from "./controls.ts";
import { openDemoEndpoint } from "./endpoint.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const PORTAL = "11111111-1111-4111-8111-111111111111";
const UNKNOWN = "22222222-2222-4222-8222-222222222222";
const CROWDED = "3f1c2a9e-0d4b-4c55-9a67-00000000c0de";

let done: unknown[];
let endpoint: { readonly url: string; readonly close: () => Promise<void> };

beforeEach(async () => {
  done = [];
  const note = (what: string, id: string, value?: unknown) => {
    done.push(value === undefined ? [what, id] : [what, id, value]);
    return id === PORTAL;
  };
  const controls: DemoControls = {
    state: () => ({ perMinute: 20, people: [], doors: [], gates: [], readers: [] }),
    present: (order: DemoPresent) =>
      note("present", order.accessPointId, order.as) || (order.accessPointId === CROWDED && "busy"),
    clone: (cardId) => note("clone", cardId === "card-1" ? PORTAL : UNKNOWN),
    force: (portalId) => note("force", portalId),
    hold: (portalId, seconds) => note("hold", portalId, seconds),
    exit: (portalId) => note("exit", portalId),
    network: (gateId, cut) => note("network", gateId, cut),
    reader: (readerId, pulled) => note("reader", readerId, pulled),
    fire: (gateId, on) => note("fire", gateId, on),
    pace: (perMinute) => void done.push(["pace", perMinute]),
    load: (ports: CommunityPorts) => void done.push(["load", ports.mqtt.port]),
    begin: () => void done.push(["begin"]),
  };
  endpoint = await openDemoEndpoint(controls, TOKEN);
});
afterEach(() => endpoint.close());

async function send(method: string, path: string, body?: unknown, token = TOKEN): Promise<number> {
  const response = await fetch(new URL(path, endpoint.url), {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

test("tells its state to who holds the token", async () => {
  const response = await fetch(new URL("/state", endpoint.url), {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  expect(await response.json()).toEqual({ perMinute: 20, people: [], doors: [], gates: [], readers: [] });
});

test.each([
  ["/present", { accessPointId: PORTAL, as: "clone" }, ["present", PORTAL, "clone"]],
  ["/clone", { cardId: "card-1" }, ["clone", PORTAL]],
  ["/force", { portalId: PORTAL }, ["force", PORTAL]],
  ["/hold", { portalId: PORTAL, seconds: 30 }, ["hold", PORTAL, 30]],
  ["/exit", { portalId: PORTAL }, ["exit", PORTAL]],
  ["/network", { gateId: PORTAL, cut: true }, ["network", PORTAL, true]],
  ["/reader", { readerId: PORTAL, pulled: true }, ["reader", PORTAL, true]],
  ["/fire", { gateId: PORTAL, on: true }, ["fire", PORTAL, true]],
  ["/pace", { perMinute: 60 }, ["pace", 60]],
  ["/load", { gateTls: { host: "localhost", port: 1 }, mqtt: { host: "localhost", port: 2 } }, ["load", 2]],
  ["/begin", undefined, ["begin"]],
])("POST %s is carried out", async (path, body, expected) => {
  expect(await send("POST", path, body)).toBe(204);
  expect(done).toEqual([expected]);
});

describe("refuses", () => {
  test.each(["", "wrong", `${TOKEN}0`])("the token `%s`", async (token) => {
    expect(await send("POST", "/force", { portalId: PORTAL }, token)).toBe(401);
    expect(done).toEqual([]);
  });

  test.each([
    ["POST", "/force", {}, 400],
    ["POST", "/force", { portalId: PORTAL, more: 1 }, 400],
    ["POST", "/force", { portalId: "north" }, 400],
    ["POST", "/pace", { perMinute: 1e9 }, 400],
    ["POST", "/hold", { portalId: PORTAL, seconds: 0 }, 400],
    ["POST", "/force", "{", 400],
    ["POST", "/force", undefined, 400],
    ["POST", "/force", "x".repeat(10_000), 413],
    ["POST", "/nothing", {}, 404],
    ["GET", "/force", undefined, 405],
  ])("%s %s %j with %i", async (method, path, body, status) => {
    expect(await send(method, path, body)).toBe(status);
    expect(done).toEqual([]);
  });

  test("a door that it does not know", async () => {
    expect(await send("POST", "/force", { portalId: UNKNOWN })).toBe(404);
  });

  test("a card where too many wait already, which is another thing", async () => {
    expect(await send("POST", "/present", { accessPointId: UNKNOWN })).toBe(404);
    expect(await send("POST", "/present", { accessPointId: CROWDED })).toBe(409);
  });
});
