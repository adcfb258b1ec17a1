import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256, toHex } from "@menshen/crypto/node";
import { AccessPointId, ReaderId } from "@menshen/domain";
import { makeLogger } from "@menshen/service-kit";
import { KIOSK_SCAN_BURST, type KioskCall, KioskMessage, type KioskState } from "@menshen/wire";
import { Value } from "typebox/value";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ScanOutcome } from "../tap/reader-place.ts";
import { type KioskServer, startKioskServer } from "./kiosk-server.ts";

const NORTH = ReaderId("dddddddd-0000-4000-8000-000000000001");
const SOUTH = ReaderId("dddddddd-0000-4000-8000-000000000002");
const ACCESS_POINT = AccessPointId("cccccccc-0000-4000-8000-000000000001");
const tokenOf = (letter: string) => letter.repeat(43);
const place = (readerId: ReaderId, letter: string) => ({
  readerId,
  accessPointId: ACCESS_POINT,
  tokenSha256: toHex(sha256(new TextEncoder().encode(tokenOf(letter)))),
  doorName: undefined,
});
const GRANTED: ScanOutcome = { granted: true, reasons: [{ code: "rule-allows" }], forMs: 5_000 };

let folder: string;
let server: KioskServer;
let state: KioskState;
let scanned: [ReaderId, string][];
let outcome: ScanOutcome | undefined;
let calls: ReaderId[];
let called: KioskCall | undefined;
let watched: [ReaderId, boolean][];
let nowMs: number;
let closing: AbortController;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "menshen-kiosk-"));
  mkdirSync(join(folder, "page", "assets"), { recursive: true });
  writeFileSync(join(folder, "page", "index.html"), "<!doctype html><p>screen");
  writeFileSync(join(folder, "page", "assets", "app-1234.js"), "export {};");
  writeFileSync(join(folder, "secret.txt"), "no part of the page");
  state = {
    state: "ready",
    timeZone: "Asia/Shanghai",
    challenge: { text: "MC:1", code: "0410-6105", forMs: 60_000 },
  };
  [scanned, watched, outcome, nowMs, closing] = [[], [], GRANTED, 0, new AbortController()];
  [calls, called] = [[], { step: "sending" }];
  server = await start(join(folder, "page"));
});

afterEach(async () => {
  closing.abort();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(pageFolder: string): Promise<KioskServer> {
  return startKioskServer({
    config: { host: "127.0.0.1", port: 0, places: [place(NORTH, "n"), place(SOUTH, "s")] },
    pageFolder,
    stateOf: () => state,
    async scan(readerId, text) {
      scanned.push([readerId, text]);
      return outcome;
    },
    async call(readerId) {
      calls.push(readerId);
      return called;
    },
    watched: (readerId, isWatched) => void watched.push([readerId, isWatched]),
    monotonicMs: () => nowMs,
    logger: makeLogger({ app: "gate", level: "error" }),
  });
}

const at = (path: string) => new URL(path, server.url);
const header = (letter: string) => ({ authorization: `Kiosk ${tokenOf(letter)}` });
const post = (body: RequestInit["body"], letter = "n") =>
  fetch(at("/kiosk/api/scan"), { method: "POST", headers: header(letter), body: body ?? null });

/** What a screen hears, message by message. */
async function* follow(letter: string): AsyncGenerator<KioskMessage> {
  const { body } = await fetch(at("/kiosk/api/state"), { headers: header(letter), signal: closing.signal });
  let text = "";
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events.filter((one) => one.startsWith("data: "))) {
      const message: unknown = JSON.parse(event.slice("data: ".length));
      if (!Value.Check(KioskMessage, message)) throw new Error("expected a message");
      yield message;
    }
  }
}

test("a screen hears the state, each change of it, and what was scanned at its place", async () => {
  const heard = follow("n");
  const next = async () => (await heard.next()).value as KioskMessage;
  expect(await next()).toEqual({ state });
  expect(watched).toEqual([[NORTH, true]]);
  // The same challenge a little later is no news.
  state = { ...state, challenge: { text: "MC:1", code: "0410-6105", forMs: 100 } };
  state = { state: "standing-open", timeZone: "Asia/Shanghai" };
  expect(await next()).toEqual({ state });
  expect(await (await post('{"text":"MP:A"}', "s")).json()).toEqual(GRANTED);
  expect(await (await post('{"text":"MP:B"}')).json()).toEqual(GRANTED);
  expect(await next()).toEqual({ result: GRANTED });
  expect(scanned).toEqual([
    [SOUTH, "MP:A"],
    [NORTH, "MP:B"],
  ]);
  closing.abort();
  await vi.waitFor(() =>
    expect(watched).toEqual([
      [NORTH, true],
      [NORTH, false],
    ]),
  );
});

test.each([
  ["none", {}],
  ["another's", header("x")],
  ["a short one", { authorization: `Kiosk ${"n".repeat(42)}` }],
  ["a long one", { authorization: `Kiosk ${"n".repeat(44)}` }],
  ["another scheme", { authorization: `Bearer ${tokenOf("n")}` }],
])("a token is asked for: %s", async (_what, headers) => {
  for (const [path, method] of [
    ["/kiosk/api/state", "GET"],
    ["/kiosk/api/scan", "POST"],
    ["/kiosk/api/scan?token=n", "POST"],
  ] as const) {
    const answer = await fetch(at(path), { method, headers });
    expect([answer.status, await answer.json()]).toEqual([401, { code: "token-refused" }]);
  }
  expect(scanned).toEqual([]);
});

test("a place that scans too often is told so, another one is not", async () => {
  const statuses: number[] = [];
  for (let count = 0; count <= KIOSK_SCAN_BURST; count += 1) {
    statuses.push((await post('{"text":"MP:A"}')).status);
  }
  expect(statuses).toEqual([...Array.from({ length: KIOSK_SCAN_BURST }, () => 200), 429]);
  expect((await post('{"text":"MP:A"}', "s")).status).toBe(200);
  nowMs = 1_000;
  expect((await post('{"text":"MP:A"}')).status).toBe(200);
});

test("a gate that decides nothing says so", async () => {
  outcome = undefined;
  const answer = await post('{"text":"MP:A"}');
  expect([answer.status, await answer.json()]).toEqual([503, { code: "unavailable" }]);
});

test("a place has a few screens, not any number", async () => {
  const screens = Array.from({ length: 4 }, () => follow("n"));
  for (const screen of screens) await screen.next();
  const fifth = await fetch(at("/kiosk/api/state"), { headers: header("n") });
  expect(fifth.status).toBe(429);
});

test("the page is served with its policy, and nothing beside it", async () => {
  const page = await fetch(at("/kiosk/"));
  expect(await page.text()).toBe("<!doctype html><p>screen");
  const policy = page.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'; script-src 'self'; worker-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(page.headers.get("permissions-policy")).toContain("camera=(self)");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  const script = await fetch(at("/kiosk/assets/app-1234.js"));
  expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(script.headers.get("cache-control")).toContain("immutable");
  expect((await fetch(at("/kiosk"), { redirect: "manual" })).headers.get("location")).toBe("/kiosk/");
  for (const path of [
    "/kiosk/../secret.txt",
    "/kiosk/%2e%2e/secret.txt",
    "/kiosk/..%2fsecret.txt",
    "/etc/passwd",
  ]) {
    expect(await rawStatus(path)).toBe(404);
  }
  expect((await fetch(at("/kiosk/"), { method: "DELETE" })).status).toBe(404);
  expect((await fetch(at("/kiosk/api/state"), { method: "POST", headers: header("n") })).status).toBe(404);
});

/** The path as it stands: `fetch` would tidy it up. */
function rawStatus(path: string): Promise<number> {
  const { port, hostname } = new URL(server.url);
  return new Promise((resolve, reject) => {
    httpRequest({ host: hostname, port, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

test("a page that is not built says how to build it", async () => {
  await server.close();
  server = await start(join(folder, "nowhere"));
  const page = await fetch(at("/kiosk/"));
  expect(page.status).toBe(503);
  expect(await page.text()).toContain("node tools/prepare.mjs start");
});

test("a call goes to the gate under the token of its place, and its step comes back", async () => {
  const call = (letter: string, method = "POST") =>
    fetch(at("/kiosk/api/call"), { method, headers: header(letter) });
  const answered = await call("s");
  expect(answered.status).toBe(200);
  expect(await answered.json()).toEqual({ step: "sending" });
  expect((await call("x")).status).toBe(401);
  expect((await call("s", "GET")).status).toBe(404);
  called = undefined;
  const refused = await call("n");
  expect(refused.status).toBe(429);
  expect(await refused.json()).toEqual({ code: "rate-limited" });
  expect(calls).toEqual([SOUTH, NORTH]);
});
