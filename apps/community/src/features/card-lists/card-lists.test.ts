import {
  type BodyOf,
  cardListEndpoints,
  changeEndpoints,
  credentialEndpoints,
  personEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { xlsxOf, zipOf } from "../../testing/test-xlsx.ts";

const DAY_MS = 86_400_000;
const REASON = { code: "correction" } as const;
const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;
const guard = await server.member("guard");
const until = server.clock.now() + 100 * DAY_MS;
const neighbour = await operate.call(personEndpoints.create, {
  body: { displayName: "王小明", residency: { role: "tenant", dwellingId: site.dwellingIds[1] } },
});

const base64 = (text: string) => Buffer.from(text).toString("base64");
type Asked = Omit<BodyOf<typeof cardListEndpoints.preview>, "file">;
const preview = (text: string, more: Asked = {}) =>
  operate.call(cardListEndpoints.preview, { body: { file: base64(text), ...more } });
const start = (text: string, more: object = {}) =>
  operate.call(cardListEndpoints.start, { body: { file: base64(text), until, ...more } });
const proceed = (id: string) => operate.call(cardListEndpoints.proceed, { params: { id } });

const LIST = [
  "姓名,卡号,房号",
  "李奶奶,04A1B2C3D4E580,1-101",
  "王小明,04112233445580,1号楼102",
  "王小明,04112233445580,1号楼102",
  "张三,04AABBCCDDEE80,1-101",
  "李奶奶,没有,1-101",
  "李奶奶,04A0A0A0A0A080,9-999",
].join("\n");

test("a preview says of each row what is odd and whose card it is, and writes nothing", async () => {
  const answer = await preview(LIST);
  expect(answer).toMatchObject({
    header: ["姓名", "卡号", "房号"],
    columns: { person: 0, card: 1, dwelling: 2 },
    form: { digits: "hex", byteOrder: "as-shown" },
    ambiguous: { digits: false, byteOrder: false },
    counts: { import: 2, already: 0, stopped: 4, odd: 4 },
    total: 6,
  });
  expect(answer.rows[0]).toEqual({
    line: 2,
    label: "E580",
    text: "04A1B2C3D4E580",
    saysPerson: "李奶奶",
    saysDwelling: "1-101",
    personId: site.resident.personId,
    personName: "李奶奶",
    dwellingId: site.dwellingIds[0],
    dwellingName: "1号楼 101",
    findings: [],
    outcome: "import",
  });
  expect(answer.rows.slice(1).map(({ outcome, findings }) => [outcome, ...findings])).toEqual([
    ["import"],
    ["stopped", { code: "duplicate", ofLine: 3 }],
    ["stopped", { code: "no-person" }],
    ["stopped", { code: "not-a-number" }],
    ["stopped", { code: "no-dwelling" }],
  ]);
  const odd = await preview(LIST, { show: "odd", offset: 3 });
  expect(odd).toMatchObject({ total: 4, rows: [{ line: 7 }] });
  expect((await operate.call(cardListEndpoints.list)).items).toEqual([]);
});

test("columns that are told are taken, and no others", async () => {
  const { columns, counts } = await preview(LIST, { columns: { card: 1, dwelling: 2 } });
  expect(columns).toEqual({ card: 1, dwelling: 2 });
  // Without the name, a home with one resident is enough.
  expect(counts.import).toBe(3);
});

test("one known card settles what the list cannot tell; without it nothing is imported", async () => {
  const list = "uid,room\n12345678,1-101\n87654321,1-102\n";
  expect((await preview(list)).ambiguous).toEqual({ digits: true, byteOrder: true });
  const body = { file: base64(list), until };
  expect(await operate.refused(cardListEndpoints.start, { body })).toMatchObject({
    status: 400,
    fields: [{ path: "body/known" }],
  });
  const known = await preview(list, { known: { line: 2, uid: "78563412" } });
  expect(known).toMatchObject({
    form: { digits: "hex", byteOrder: "reversed" },
    ambiguous: { digits: false, byteOrder: false },
    rows: [{ label: "3412" }, { label: "6587" }],
  });
  expect(
    await operate.refused(cardListEndpoints.preview, {
      body: { file: base64(list), known: { line: 2, uid: "01020304" } },
    }),
  ).toMatchObject({ status: 400, fields: [{ path: "body/known" }] });
});

test("an import enrols for the dwelling with a leaf and an end; once more it is the same import", async () => {
  const list = await start(LIST);
  expect(list).toMatchObject({ state: "importing", total: 2, waiting: 2, enrolled: 0 });
  expect(await start(LIST)).toMatchObject({ id: list.id });
  expect(await proceed(list.id)).toMatchObject({ state: "done", enrolled: 2, waiting: 0 });
  expect(await proceed(list.id)).toMatchObject({ state: "done", enrolled: 2 });
  expect((await start(LIST)).id).toBe(list.id);
  const { items } = await operate.call(credentialEndpoints.list, { query: { personId: neighbour.id } });
  expect(items).toMatchObject([
    { kind: "uid", grade: "E", label: "5580", state: "active", until, dwellingId: site.dwellingIds[1] },
  ]);
  await server.logRunner.settle();
  const read = { params: { id: items[0]?.id ?? "" } };
  expect((await operate.call(credentialEndpoints.get, read)).log?.state).toBe("published");
  const { rows } = await server.pool.query(
    "select 1 from card_list_row where sealed_identifier is not null and outcome is not null",
  );
  expect(rows).toEqual([]);
  const auditor = await server.member("auditor");
  const changes = await auditor.call(changeEndpoints.list, { query: { entityId: list.id } });
  expect(changes.items.map(({ action }) => action)).toEqual(["card-list.imported"]);
  // Another file with a card that is there already.
  const more = "姓名,卡号,房号\n王小明,04112233445580,1-102\n王小明,04FFEEDDCCBB80,1-102\n";
  expect((await preview(more)).rows.map(({ outcome }) => outcome)).toEqual(["already", "import"]);
});

test("an import is undone as a whole: what it enrolled opens nothing more, and may be imported again", async () => {
  const text = "姓名,卡号,房号\n王小明,04DEADBEEF0080,1-102\n李奶奶,04DEADBEEF0180,1-101\n";
  const list = await start(text);
  await proceed(list.id);
  expect(await operate.refused(cardListEndpoints.undo, { params: { id: list.id } })).toMatchObject({
    code: "reason-required",
  });
  const undone = await operate.call(cardListEndpoints.undo, { params: { id: list.id }, reason: REASON });
  expect(undone).toMatchObject({ state: "undone", enrolled: 2, toEnd: 0 });
  const { items } = await operate.call(credentialEndpoints.list, { query: { label: "0180" } });
  expect(items.map(({ state }) => state)).toEqual(["returned"]);
  // Perhaps their holders were the wrong ones.
  const again = await start(text);
  expect(again.id).not.toBe(list.id);
  expect(await proceed(again.id)).toMatchObject({ state: "done", enrolled: 2, already: 0 });
});

test("an import that is undone midway enrols nothing more", async () => {
  const rows = Array.from({ length: 120 }, (_, i) => `王小明,04${(0xc0_0000_0000 + i).toString(16)}80,1-102`);
  const list = await start(["姓名,卡号,房号", ...rows].join("\n"));
  expect(await proceed(list.id)).toMatchObject({ state: "importing", enrolled: 100, waiting: 20 });
  const undone = await operate.call(cardListEndpoints.undo, { params: { id: list.id }, reason: REASON });
  expect(undone).toMatchObject({ state: "undone", total: 100, waiting: 0, toEnd: 0 });
  expect(await proceed(list.id)).toMatchObject({ state: "undone", enrolled: 100 });
});

test("a spreadsheet is read, imported and undone as a list of text is", async () => {
  const file = xlsxOf([
    ["姓名", "房号", "卡号"],
    ["王小明", "1-102", "04C0FFEE000180"],
    ["李奶奶", "1-101", 78_187_493_520],
    ["李奶奶", "1-101", 1_303_443_187_492_116],
    ["王小明", "1-102", "04C0FFEE000180"],
  ]).toString("base64");
  const { header, columns, form, rows } = await operate.call(cardListEndpoints.preview, { body: { file } });
  expect({ header, columns, form }).toEqual({
    header: ["姓名", "房号", "卡号"],
    columns: { card: 2, person: 0, dwelling: 1 },
    form: { digits: "hex", byteOrder: "as-shown" },
  });
  expect(rows.map(({ line, outcome, findings }) => [line, outcome, ...findings])).toEqual([
    [2, "import"],
    [3, "stopped", { code: "wrong-length" }],
    // A spreadsheet keeps 15 digits: the number of the card is not there any more.
    [4, "stopped", { code: "digits-lost" }],
    [5, "stopped", { code: "duplicate", ofLine: 2 }],
  ]);
  const list = await operate.call(cardListEndpoints.start, { body: { file, until } });
  expect(await proceed(list.id)).toMatchObject({ state: "done", total: 1, enrolled: 1 });
  const { items } = await operate.call(credentialEndpoints.list, { query: { label: "0180" } });
  expect(items.map(({ state, personId }) => [state, personId])).toContainEqual(["active", neighbour.id]);
  await operate.call(cardListEndpoints.undo, { params: { id: list.id }, reason: REASON });
});

test("a spreadsheet that is none, broken or a bomb is refused in words, and the server goes on", async () => {
  const refused = async (bytes: Uint8Array) => {
    const file = Buffer.from(bytes).toString("base64");
    const answer = await operate.refused(cardListEndpoints.preview, { body: { file } });
    expect(answer).toMatchObject({ status: 400, code: "invalid-request", fields: [{ path: "body/file" }] });
    return answer.fields?.[0]?.message;
  };
  const good = xlsxOf([["卡号"], ["04C0FFEE000280"]]);
  expect(await refused(good.subarray(0, good.length - 10))).toBe("expected an archive");
  expect(await refused(zipOf({ "word/document.xml": "<x/>" }))).toBe(
    "expected a spreadsheet with a first sheet",
  );
  expect(await refused(Buffer.from("d0cf11e0a1b11ae1".padEnd(1_024, "0"), "hex"))).toBe(
    "expected .xlsx without a password, not .xls",
  );
  expect(
    await refused(zipOf({ "xl/worksheets/sheet1.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' })),
  ).toBe("expected XML without a document type");
  // 64 MiB of spaces in a body of some hundred kilobytes.
  const bomb = zipOf({ "xl/worksheets/sheet1.xml": new Uint8Array(64 * 1024 * 1024).fill(0x20) });
  expect(bomb.length).toBeLessThan(128 * 1024);
  expect(await refused(bomb)).toBe("expected at most 33554432 bytes unpacked");
  expect(
    (await operate.call(cardListEndpoints.preview, { body: { file: good.toString("base64") } })).total,
  ).toBe(1);
});

test("what is no list, ends too late, or holds nothing new is refused", async () => {
  const bad = { status: 400, code: "invalid-request" };
  expect(
    await operate.refused(cardListEndpoints.preview, { body: { file: base64("PK\u0003\u0004nothing") } }),
  ).toMatchObject({ ...bad, fields: [{ path: "body/file" }] });
  const late = { file: base64(LIST), until: server.clock.now() + 400 * DAY_MS };
  expect(await operate.refused(cardListEndpoints.start, { body: late })).toMatchObject({
    ...bad,
    fields: [{ path: "body/until" }],
  });
  const nobody = { file: base64("uid,room\n04A1B2C3D4E581,7-777\n"), until };
  expect(await operate.refused(cardListEndpoints.start, { body: nobody })).toMatchObject(bad);
});

test("whoever may not is refused", async () => {
  const forbidden = { status: 403, code: "forbidden" };
  const params = { id: "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11" };
  const file = base64(LIST);
  expect(await guard.refused(cardListEndpoints.preview, { body: { file } })).toMatchObject(forbidden);
  expect(await guard.refused(cardListEndpoints.start, { body: { file, until } })).toMatchObject(forbidden);
  expect(await guard.refused(cardListEndpoints.proceed, { params })).toMatchObject(forbidden);
  expect(await guard.refused(cardListEndpoints.undo, { params, reason: REASON })).toMatchObject(forbidden);
  expect(await guard.refused(cardListEndpoints.list)).toMatchObject(forbidden);
  expect(await operate.refused(cardListEndpoints.proceed, { params })).toMatchObject({ status: 404 });
});
