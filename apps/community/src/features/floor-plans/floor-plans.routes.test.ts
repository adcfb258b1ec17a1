import { once } from "node:events";
import { request } from "node:http";
import { Duration } from "@menshen/domain";
import { areaEndpoints, FLOOR_PLAN_MAX_BYTES, floorPlanEndpoints, portalEndpoints } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate, secure } = site;
const guard = await server.member("guard");

const DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20"><path d="M0 0L30 20"/></svg>';
const file = (text: string) => ({ type: "image/svg+xml", bytes: Buffer.from(text, "latin1") });

async function upload(name: string, drawing = DRAWING) {
  return secure.call(floorPlanEndpoints.create, { query: { name }, upload: file(drawing) });
}

describe("floor plans", () => {
  test("whoever sets doors up uploads plans; who works at doors sees them; nobody else does", async () => {
    const sent = { query: { name: "总平面" }, upload: file(DRAWING) };
    expect(await guard.refused(floorPlanEndpoints.create, sent)).toMatchObject({ code: "forbidden" });
    expect(await server.visitor().refused(floorPlanEndpoints.list)).toMatchObject({ code: "not-signed-in" });
    const { plan } = await upload("总平面");
    expect((await operate.call(floorPlanEndpoints.list)).items).toEqual([plan]);
    expect(plan).toMatchObject({ width: 30, height: 20, type: "image/svg+xml", doors: [], areas: [] });
    const taken = await secure.refused(floorPlanEndpoints.create, sent);
    expect(taken).toMatchObject({ code: "conflict" });
    const { rows } = await server.pool.query("select after from change where action = 'floor-plan.created'");
    expect(rows).toMatchObject([{ after: { name: "总平面", type: "image/svg+xml" } }]);
  });

  test("a drawing with a script is cleaned, and comes back as an image that can do nothing", async () => {
    const evil = DRAWING.replace("<path", '<script>alert(1)</script><path onclick="alert(2)"');
    const { plan, removed } = await upload("一号楼", evil);
    expect(removed).toEqual([
      { what: "script", count: 1 },
      { what: "event-handler", count: 1 },
    ]);
    const headers = { host: "localhost:8080", cookie: operate.cookie ?? "" };
    const answer = await server.app.inject({ url: plan.imagePath, headers });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('<path d="M0 0L30 20"/>');
    expect(answer.body).not.toMatch(/script|onclick|alert/);
    expect(answer.headers).toMatchObject({
      "content-type": "image/svg+xml",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
      "x-content-type-options": "nosniff",
      "cache-control": "private, max-age=31536000, immutable",
    });
    expect(
      (await server.app.inject({ url: plan.imagePath, headers: { host: "localhost:8080" } })).statusCode,
    ).toBe(401);
    const other = plan.imagePath.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
    expect((await server.app.inject({ url: other, headers })).statusCode).toBe(404);
  });

  test.each([
    ["a program", "MZ\u0090\u0000", "unknown-type"],
    ["a broken drawing", DRAWING.slice(0, -5), "damaged"],
    ["a drawing of itself", DRAWING.replace("<path", '<g id="a"><use href="#a"/></g><path'), "too-complex"],
  ])("%s is refused by what is wrong with it", async (_, drawing, fault) => {
    const sent = { query: { name: "坏" }, upload: file(drawing) };
    const refused = await secure.refused(floorPlanEndpoints.create, sent);
    expect(refused).toMatchObject({
      code: "invalid-request",
      fields: [{ path: "body", message: fault }],
    });
  });

  test("a large picture is taken", async () => {
    const comment = `<!--${"x".repeat(FLOOR_PLAN_MAX_BYTES - DRAWING.length - 7)}-->`;
    const { plan } = await upload("大图", DRAWING.replace("<path", `${comment}<path`));
    expect(plan.sizeBytes).toBeLessThan(200);
  });

  test("the server answers without taking a body that it has no use for", async () => {
    const { port } = new URL(await server.app.listen({ host: "127.0.0.1", port: 0 }));
    const announced = { "content-length": 50 * 1024 * 1024 };
    const svg = { "content-type": "image/svg+xml" };
    const cookie = { cookie: secure.cookie ?? "" };
    // Not a byte of the body goes out before the answer comes.
    const ask = (headers: Record<string, string | number>, sizeBytes = 0) =>
      answerTo(Number(port), headers, sizeBytes);
    expect(await ask({ ...announced, ...svg })).toMatchObject([401, { code: "not-signed-in" }]);
    expect(await ask({ ...announced, ...svg, cookie: guard.cookie ?? "" })).toMatchObject([
      403,
      { code: "forbidden" },
    ]);
    expect(await ask({ ...announced, ...svg, ...cookie })).toMatchObject([413, { code: "too-large" }]);
    expect(await ask({ ...announced, "content-type": "application/json", ...cookie })).toMatchObject([
      400,
      { code: "invalid-request" },
    ]);
    // One that does not say how long it is, and is not through yet: what is behind the limit is not waited for.
    expect(await ask({ ...svg, ...cookie }, FLOOR_PLAN_MAX_BYTES + 1)).toMatchObject([
      413,
      { code: "too-large" },
    ]);
  });

  test("doors stand on one plan at most, and only where they were put", async () => {
    const first = (await upload("甲")).plan;
    const second = (await upload("乙")).plan;
    const { north, house } = site.portals;
    const put = async (id: string, revision: number, doors: { portalId: string; x: number; y: number }[]) =>
      secure.call(floorPlanEndpoints.placeDoors, { params: { id }, body: { doors, revision } });
    const placed = await put(first.id, 1, [
      { portalId: north, x: 500, y: 60 },
      { portalId: house, x: 250, y: 280 },
    ]);
    expect(placed.doors).toEqual([
      { portalId: house, x: 250, y: 280 },
      { portalId: north, x: 500, y: 60 },
    ]);
    const before = await secure.call(portalEndpoints.get, { params: { id: house } });
    expect(before.position).toEqual({ x: 250, y: 280 });
    await put(second.id, 1, [{ portalId: north, x: 0, y: 1000 }]);
    const { items } = await operate.call(floorPlanEndpoints.list);
    expect(items.find(({ id }) => id === first.id)?.doors).toEqual([{ portalId: house, x: 250, y: 280 }]);
    // Nobody moved the other door: a form that is open for it is still good.
    expect((await secure.call(portalEndpoints.get, { params: { id: house } })).revision).toBe(
      before.revision,
    );

    const stale = { doors: [], revision: 1 };
    const params = { id: first.id };
    expect(await secure.refused(floorPlanEndpoints.placeDoors, { params, body: stale })).toMatchObject({
      code: "stale-revision",
    });
    const twice = [1, 2].map((x) => ({ portalId: north, x, y: 0 }));
    for (const doors of [twice, [{ portalId: site.gateId, x: 1, y: 1 }]]) {
      const body = { doors, revision: 2 };
      expect(await secure.refused(floorPlanEndpoints.placeDoors, { params, body })).toMatchObject({
        code: "invalid-request",
      });
    }
    expect((await put(first.id, 2, [])).doors).toEqual([]);
    expect((await secure.call(portalEndpoints.get, { params: { id: house } })).position).toBeUndefined();
  });

  test("areas are drawn, and drawn again", async () => {
    const { plan } = await upload("丙");
    const params = { id: plan.id };
    const corners = [
      { x: 0, y: 0 },
      { x: 1000, y: 0 },
      { x: 500, y: 800 },
    ];
    const areas = [{ areaId: site.lobbyAreaId, corners }];
    const drawn = await secure.call(floorPlanEndpoints.drawAreas, { params, body: { areas, revision: 1 } });
    expect(drawn.areas).toEqual(areas);
    const line = [{ areaId: site.lobbyAreaId, corners: corners.slice(1) }];
    expect(
      await secure.refused(floorPlanEndpoints.drawAreas, { params, body: { areas: line, revision: 2 } }),
    ).toMatchObject({ code: "invalid-request" });
    const unknown = [{ areaId: site.gateId, corners }];
    expect(
      await secure.refused(floorPlanEndpoints.drawAreas, { params, body: { areas: unknown, revision: 2 } }),
    ).toMatchObject({ code: "invalid-request" });
    expect((await secure.call(areaEndpoints.get, { params: { id: site.lobbyAreaId } })).revision).toBe(1);
  });

  test("a plan gets another name and image; taken away, it can be put back for thirty days", async () => {
    const { plan } = await upload("丁");
    const params = { id: plan.id };
    await secure.call(floorPlanEndpoints.placeDoors, {
      params,
      body: { doors: [{ portalId: site.portals.north, x: 10, y: 20 }], revision: 1 },
    });
    await secure.call(floorPlanEndpoints.rename, { params, body: { name: "地库", revision: 2 } });
    const replaced = await secure.call(floorPlanEndpoints.replace, {
      params,
      query: { revision: 3 },
      upload: file(DRAWING.replace("30 20", "40 20")),
    });
    expect(replaced.plan).toMatchObject({ name: "地库", width: 40, revision: 4 });
    expect(replaced.plan.imagePath).not.toBe(plan.imagePath);
    expect(replaced.plan.doors).toHaveLength(1);

    expect(await secure.call(floorPlanEndpoints.remove, { params })).toMatchObject({
      removedAt: server.clock.now(),
    });
    const names = async () => (await secure.call(floorPlanEndpoints.list)).items.map(({ name }) => name);
    expect(await names()).not.toContain("地库");
    expect(
      await secure.refused(floorPlanEndpoints.rename, { params, body: { name: "戊", revision: 5 } }),
    ).toMatchObject({ code: "conflict" });
    const restored = await secure.call(floorPlanEndpoints.restore, { params });
    expect(restored.doors).toEqual([{ portalId: site.portals.north, x: 10, y: 20 }]);
    await secure.call(floorPlanEndpoints.remove, { params });
    const left = () => server.pool.query("select from floor_plan where id = $1", [plan.id]);
    server.clock.advance(Duration.days(29));
    await server.tidy();
    expect((await left()).rowCount).toBe(1);
    server.clock.advance(Duration.days(2));
    await server.tidy();
    expect((await left()).rowCount).toBe(0);
  });
});

/** Status and problem of an upload of which the headers are sent, and so many bytes, and never the end. */
async function answerTo(port: number, headers: Record<string, string | number>, sizeBytes: number) {
  const sending = request({
    host: "127.0.0.1",
    port,
    method: "POST",
    path: `${floorPlanEndpoints.create.path}?name=x`,
    headers: { host: "localhost", ...headers },
  });
  const answered = once(sending, "response");
  sending.flushHeaders();
  if (sizeBytes > 0) sending.write(Buffer.alloc(sizeBytes, " "));
  const [answer] = await answered;
  answer.setEncoding("utf8");
  const [text] = await once(answer, "data");
  expect(answer.headers.connection).toBe("close");
  // The server hangs up on what it does not want.
  sending.on("error", () => undefined).destroy();
  return [answer.statusCode, JSON.parse(String(text))];
}
