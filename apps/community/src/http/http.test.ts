import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { buildingEndpoints, communityEndpoints, personEndpoints, sessionEndpoints } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { ORIGIN, startTestServer } from "../testing/test-server.ts";

const server = await startTestServer();
const operate = await server.founder();

function get(url: string, headers: Record<string, string> = {}) {
  return server.app.inject({ method: "GET", url, headers: { host: "localhost:8080", ...headers } });
}

function post(headers: Record<string, string>, payload: string | object = { name: "3号楼" }) {
  return server.app.inject({
    method: "POST",
    url: buildingEndpoints.create.path,
    headers: { host: "localhost:8080", cookie: operate.cookie ?? "", ...headers },
    payload,
  });
}

describe("every answer", () => {
  test("forbids foreign origins, framing and sniffing", async () => {
    for (const url of ["/", "/api/v1/session", "/api/v1/nowhere", "/assets/app-1a2b.js"]) {
      const { headers } = await get(url, { accept: "text/html" });
      const policy = String(headers["content-security-policy"]);
      expect(policy, url).toContain("default-src 'self'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
    }
  });

  test("of the API is kept by nobody", async () => {
    expect((await get("/api/v1/session")).headers["cache-control"]).toBe("no-store");
  });
});

describe("a request", () => {
  test("under a foreign host name gets nothing", async () => {
    for (const host of ["evil.example", "localhost.evil.example", "localhost@evil.example"]) {
      expect((await get("/api/v1/session", { host })).statusCode, host).toBe(403);
      expect((await get("/", { host, accept: "text/html" })).statusCode, host).toBe(403);
    }
    expect((await get("/api/v1/session", { host: "LOCALHOST" })).statusCode).toBe(200);
  });

  test("that changes something comes from our own pages or from no page", async () => {
    expect((await post({ origin: "https://evil.example" })).statusCode).toBe(403);
    expect((await post({ origin: "http://localhost:9999" })).statusCode).toBe(403);
    expect((await post({ origin: "null" })).statusCode).toBe(403);
    expect((await post({ "sec-fetch-site": "cross-site" })).statusCode).toBe(403);
    expect((await post({ "sec-fetch-site": "same-site" })).statusCode).toBe(403);
    expect((await post({ origin: ORIGIN, "sec-fetch-site": "same-origin" })).statusCode).toBe(201);
    expect((await post({}, { name: "4号楼" })).statusCode).toBe(201);
  });

  test("carries JSON and nothing else", async () => {
    expect((await post({ "content-type": "text/plain" }, '{"name":"5号楼"}')).statusCode).toBe(400);
    expect((await post({ "content-type": "application/x-www-form-urlencoded" }, "name=5")).statusCode).toBe(
      400,
    );
    expect((await post({ "content-type": "application/json" }, '{"name":')).statusCode).toBe(400);
    expect(
      (await post({ "content-type": "application/json" }, '{"__proto__":{"x":1},"name":"5"}')).statusCode,
    ).toBe(400);
    expect((await post({ "content-type": "application/json" }, "")).json()).toMatchObject({
      code: "invalid-request",
    });
    expect((await post({}, { name: "x".repeat(1_100_000) })).json()).toMatchObject({
      status: 413,
      code: "too-large",
    });
  });

  test("is told each field that is wrong, and never its value", async () => {
    const problem = await operate.refused(personEndpoints.create, {
      body: Object.assign({ displayName: "" }, { phone: "13800138000" }),
    });
    expect(problem).toMatchObject({
      status: 400,
      code: "invalid-request",
      title: "the request is not of the form expected",
    });
    expect(problem.fields?.map((field) => field.path)).toEqual(expect.arrayContaining(["body/displayName"]));
    expect(JSON.stringify(problem)).not.toContain("13800138000");
  });

  test("with a reason that cannot be read is refused before it changes anything", async () => {
    const before = await operate.call(communityEndpoints.get);
    const { name, offers, gradeCaps, revision } = before;
    expect(
      await operate.refused(communityEndpoints.update, {
        body: { name: `${name}!`, offers, gradeCaps, revision },
        headers: { "menshen-reason": "other" },
      }),
    ).toMatchObject({ status: 400, code: "invalid-request" });
    expect(await operate.call(communityEndpoints.get)).toEqual(before);
  });
});

describe("the console", () => {
  test("answers for every page address, and its page is always asked for", async () => {
    for (const url of ["/", "/people", "/events/abc"]) {
      const response = await get(url, { accept: "text/html,*/*" });
      expect(response.statusCode, url).toBe(200);
      expect(response.body).toContain("<title>console</title>");
    }
    expect((await get("/people", { accept: "text/html" })).headers["cache-control"]).toBe("no-cache");
    expect((await get("/assets/app-1a2b.js")).headers["cache-control"]).toBe(
      "public, max-age=31536000, immutable",
    );
  });

  test("has no page under /api, for other methods, or beyond its folder", async () => {
    expect((await get("/api/v1/nowhere", { accept: "text/html" })).json()).toMatchObject({
      code: "not-found",
    });
    expect((await get("/assets/missing.js")).statusCode).toBe(404);
    for (const url of [
      "/../server.ts",
      "/%2e%2e/server.ts",
      "/..%2fserver.ts",
      "/assets/..%2f..%2f..%2fserver.ts",
    ]) {
      expect((await get(url)).body).not.toContain("makeCommunityServer");
    }
    const response = await server.app.inject({
      method: "POST",
      url: "/people",
      headers: { host: "localhost" },
    });
    expect(response.statusCode).toBe(404);
  });
});

describe("an app beside the console", () => {
  test("has one page, at its prefix, and its own files", async () => {
    const page = await get("/resident/", { accept: "text/html" });
    expect(page.body).toContain("<title>resident</title>");
    expect(page.headers).toMatchObject({ "cache-control": "no-cache", "x-frame-options": "DENY" });
    expect((await get("/resident")).headers.location).toBe("/resident/");
    expect((await get("/resident/assets/page-3c4d.js")).headers["cache-control"]).toContain("immutable");
    for (const url of ["/resident/trail", "/resident/assets/app-1a2b.js", "/public/nothing"]) {
      expect((await get(url, { accept: "text/html" })).statusCode, url).toBe(404);
    }
  });

  test("is sent compressed to whoever takes it, and as it is to everybody else", async () => {
    const url = "/resident/assets/page-3c4d.js";
    const plain = await get(url);
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const codings = [
      ["gzip, deflate, br, zstd", "br", brotliDecompressSync],
      ["gzip;q=1.0, br;q=0", "gzip", gunzipSync],
      ["GZIP", "gzip", gunzipSync],
    ] as const;
    for (const [accepted, coding, open] of codings) {
      const { headers, rawPayload } = await get(url, { "accept-encoding": accepted });
      expect(headers).toMatchObject({ "content-encoding": coding, vary: "accept-encoding" });
      expect(Number(headers["content-length"])).toBe(rawPayload.length);
      expect(open(rawPayload).toString()).toBe(plain.body);
    }
    const page = await get("/resident/", { accept: "text/html", "accept-encoding": "br" });
    expect(brotliDecompressSync(page.rawPayload).toString()).toContain("<title>resident</title>");
    expect((await get(url, { "accept-encoding": "br;q=0, identity" })).body).toBe(plain.body);
    // Answers with anything of residents in them stay as they are.
    const session = await get("/api/v1/session", { "accept-encoding": "br" });
    expect(session.headers["content-encoding"]).toBeUndefined();
  });

  test("that is not built says so", async () => {
    const { statusCode, body } = await get("/public/", { accept: "text/html" });
    expect([statusCode, body]).toEqual([503, expect.stringContaining("not built")]);
  });
});

describe("the OpenAPI document", () => {
  test("describes every route with its answer, its refusal and who may call it", async () => {
    const document = (await get("/api/openapi.json")).json();
    expect(document.openapi).toBe("3.1.0");
    const operations = Object.values<
      Record<string, { operationId: string; responses: object; security: object[] }>
    >(document.paths).flatMap((methods) => Object.values(methods));
    expect(operations.length).toBeGreaterThan(90);
    expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(operations.length);
    for (const operation of operations)
      expect(operation.responses, operation.operationId).toHaveProperty("default");
    const open = operations.filter((operation) => operation.security.length === 0);
    expect(open.map((operation) => operation.operationId).sort()).toEqual([
      "countCredentialsByPath",
      "describeLog",
      "followComplaint",
      "getCustody",
      "getOpeningKeys",
      "getOpeningReport",
      "getReceiptKey",
      "getRecount",
      "getResidentSession",
      "getSession",
      "joinAsResident",
      "judgeNamelessComplaintAnswer",
      "listConsentNotices",
      "listPenalties",
      "listPublicMotions",
      "listPublishedIncidents",
      "listSharingRecipients",
      "listStatements",
      "listVendorExits",
      "listVendors",
      "readConformity",
      "readDeletionProgress",
      "residentChallenge",
      "residentPasskeySignIn",
      "residentPasskeySignInOptions",
      "residentSignIn",
      "residentSignOut",
      "signInOptions",
      "signInWithCode",
      "signInWithPasskey",
      "signOut",
      "writeNamelessComplaint",
    ]);
  });
});

test("an error inside says nothing outside", async () => {
  await server.pool.query("alter table community rename to community_gone");
  try {
    const problem = await operate.refused(communityEndpoints.get);
    expect(problem).toEqual({ status: 500, code: "internal", title: "the server failed" });
  } finally {
    await server.pool.query("alter table community_gone rename to community");
  }
  expect(await operate.call(sessionEndpoints.get)).toMatchObject({ signedIn: true });
});
