import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { demoEndpoints, sessionEndpoints } from "@menshen/wire";
import { afterAll, describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";

const TOKEN = "one-time-token-of-the-demo";
const received: {
  method: string | undefined;
  url: string | undefined;
  authorization: string | undefined;
  body: unknown;
}[] = [];
let answer: { status: number; body?: unknown } = { status: 204 };
const state = { perMinute: 6, people: [], doors: [], gates: [], readers: [] };

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}

async function answerTo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  received.push({
    method: request.method,
    url: request.url,
    authorization: request.headers.authorization,
    body: await bodyOf(request),
  });
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
}

const demo = createServer((request, response) => {
  void answerTo(request, response);
});
await new Promise<void>((resolve) => demo.listen(0, "127.0.0.1", resolve));
afterAll(() => demo.close());
const address = demo.address();
const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;

describe("a server whose configuration names a demonstration", async () => {
  const server = await startTestServer({ demo: { url, token: TOKEN } });
  const operate = await server.founder();

  test("says so, and forwards the controls with the token", async () => {
    expect(await operate.call(sessionEndpoints.get)).toMatchObject({ demo: true });
    answer = { status: 200, body: state };
    expect(await operate.call(demoEndpoints.state)).toEqual(state);
    answer = { status: 204 };
    await operate.call(demoEndpoints.pace, { body: { perMinute: 30 } });
    expect(received.splice(0)).toEqual([
      { method: "GET", url: "/state", authorization: `Bearer ${TOKEN}`, body: undefined },
      { method: "POST", url: "/pace", authorization: `Bearer ${TOKEN}`, body: { perMinute: 30 } },
    ]);
  });

  test("checks what is sent, and passes nothing else on", async () => {
    expect(await operate.refused(demoEndpoints.pace, { body: { perMinute: 601 } })).toMatchObject({
      status: 400,
    });
    const response = await server.app.inject({
      method: "POST",
      url: "/api/demo/format-disk",
      headers: { host: "localhost", cookie: operate.cookie },
      payload: {},
    });
    expect(response.statusCode).toBe(404);
    expect(received).toEqual([]);
  });

  test("says what went wrong", async () => {
    answer = { status: 404 };
    expect(await operate.refused(demoEndpoints.pace, { body: { perMinute: 1 } })).toMatchObject({
      status: 404,
    });
    answer = { status: 500, body: { secret: "stack" } };
    expect(await operate.refused(demoEndpoints.pace, { body: { perMinute: 1 } })).toEqual({
      status: 409,
      code: "conflict",
      title: "this contradicts what is on record",
      detail: "the demonstration could not do this",
    });
    answer = { status: 200, body: { people: "many" } };
    expect(await operate.refused(demoEndpoints.state)).toMatchObject({ status: 503, code: "unavailable" });
    received.splice(0);
  });

  test("refuses visitors and roles without the permission", async () => {
    const desk = await server.member("desk");
    expect(await desk.refused(demoEndpoints.state)).toMatchObject({ code: "forbidden" });
    expect(await server.visitor().refused(demoEndpoints.pace, { body: { perMinute: 1 } })).toMatchObject({
      status: 401,
    });
    expect(received).toEqual([]);
  });
});

describe("a production configuration", async () => {
  const server = await startTestServer();
  const operate = await server.founder();

  test("has no such route", async () => {
    expect(await operate.call(sessionEndpoints.get)).toMatchObject({ demo: false });
    for (const endpoint of Object.values(demoEndpoints)) {
      const response = await server.app.inject({
        method: endpoint.method,
        url: endpoint.path,
        headers: { host: "localhost", cookie: operate.cookie, accept: "text/html" },
        ...(endpoint.method === "GET" ? {} : { payload: {} }),
      });
      expect(response.statusCode, endpoint.id).toBe(404);
      expect(response.json().code).toBe("not-found");
      expect(server.app.hasRoute({ method: endpoint.method, url: endpoint.path })).toBe(false);
    }
  });

  test("does not document one either", async () => {
    const response = await server.app.inject({ url: "/api/openapi.json", headers: { host: "localhost" } });
    expect(response.body).not.toContain("/api/demo");
    expect(Object.keys(response.json().paths).length).toBeGreaterThan(60);
  });
});
