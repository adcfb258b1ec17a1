import { searchEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);

test("things are found by part of their name, names that begin with it first", async () => {
  const { items } = await site.operate.call(searchEndpoints.search, { query: { text: "北门" } });
  expect(items.map((hit) => [hit.type, hit.title])).toEqual([
    ["portal", "北门"],
    ["gate", "北门控制器"],
    ["reader", "北门外读卡器"],
  ]);
  expect(await site.operate.call(searchEndpoints.search, { query: { text: "奶奶" } })).toEqual({
    items: [{ type: "person", id: site.resident.personId, title: "李奶奶", subtitle: "1号楼 101" }],
  });
  expect(await site.operate.call(searchEndpoints.search, { query: { text: "1号楼 102" } })).toMatchObject({
    items: [{ type: "dwelling", id: site.dwellingIds[1] }],
  });
  expect(await site.operate.call(searchEndpoints.search, { query: { text: "e5f6" } })).toMatchObject({
    items: [
      { type: "credential", title: "desfire E5F6", subtitle: "李奶奶", personId: site.resident.personId },
    ],
  });
});

test("wildcards are characters, blanks find nothing, and few are as many as asked for", async () => {
  expect(await site.operate.call(searchEndpoints.search, { query: { text: "%" } })).toEqual({ items: [] });
  expect(await site.operate.call(searchEndpoints.search, { query: { text: " " } })).toEqual({ items: [] });
  const { items } = await site.operate.call(searchEndpoints.search, { query: { text: "1", limit: 2 } });
  expect(items).toHaveLength(2);
});

test("only what the session may read is found", async () => {
  const guard = await server.member("guard");
  expect(await guard.call(searchEndpoints.search, { query: { text: "奶奶" } })).toEqual({ items: [] });
  expect(await guard.call(searchEndpoints.search, { query: { text: "E5F6" } })).toEqual({ items: [] });
  expect((await guard.call(searchEndpoints.search, { query: { text: "北门" } })).items).toHaveLength(3);
  expect(await site.secure.call(searchEndpoints.search, { query: { text: "住户" } })).toEqual({ items: [] });
  expect(await server.visitor().refused(searchEndpoints.search, { query: { text: "x" } })).toMatchObject({
    status: 401,
  });
});
