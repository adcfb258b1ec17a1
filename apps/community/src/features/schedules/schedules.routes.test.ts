import {
  doorRulesEndpoints,
  holidayEndpoints,
  portalEndpoints,
  ruleEndpoints,
  scheduleEndpoints,
} from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;
const guard = await server.member("guard");
const FORBIDDEN = { status: 403, code: "forbidden" };

const officeHours = {
  name: "办公时间",
  weekly: [
    { weekday: 1, startMinute: 780, endMinute: 1080 },
    { weekday: 1, startMinute: 480, endMinute: 720 },
    { weekday: 2, startMinute: 480, endMinute: 1080 },
  ],
  holidays: [{ kind: "public", windows: [] }],
  exceptions: [{ date: "2026-11-24", windows: [{ startMinute: 0, endMinute: 60 }] }],
} satisfies Parameters<typeof create>[0];

function create(
  body: NonNullable<Parameters<typeof operate.call<typeof scheduleEndpoints.create>>[1]>["body"],
) {
  return operate.ask(scheduleEndpoints.create, body === undefined ? {} : { body });
}

describe("schedules", () => {
  test("are kept sorted and say what holds on each day", async () => {
    const made = await operate.call(scheduleEndpoints.create, { body: officeHours });
    expect(made).toMatchObject({ revision: 1, ruleCount: 0, portalCount: 0 });
    expect(made.weekly.map((window) => [window.weekday, window.startMinute])).toEqual([
      [1, 480],
      [1, 780],
      [2, 480],
    ]);
    await operate.call(holidayEndpoints.set, {
      params: { date: "2026-11-25" },
      body: { kind: "public", name: "校庆" },
    });
    const { items } = await guard.call(scheduleEndpoints.days, {
      params: { id: made.id },
      query: { from: "2026-11-23", to: "2026-11-26" },
    });
    expect(items).toEqual([
      {
        date: "2026-11-23",
        because: "week",
        windows: [
          { startMinute: 480, endMinute: 720 },
          { startMinute: 780, endMinute: 1080 },
        ],
      },
      { date: "2026-11-24", because: "exception", windows: [{ startMinute: 0, endMinute: 60 }] },
      { date: "2026-11-25", because: "holiday", holidayName: "校庆", windows: [] },
      { date: "2026-11-26", because: "week", windows: [] },
    ]);
    const range = (from: string, to: string) =>
      operate.refused(scheduleEndpoints.days, { params: { id: made.id }, query: { from, to } });
    expect(await range("2026-11-23", "2026-11-22")).toMatchObject({ status: 400 });
    expect(await range("2026-01-01", "2026-12-31")).toMatchObject({ status: 400 });
    expect(await range("2026-02-30", "2026-03-01")).toMatchObject({ fields: [{ path: "query/from" }] });
  });

  test.each([
    [
      "windows that overlap",
      {
        weekly: [
          { weekday: 1, startMinute: 60, endMinute: 120 },
          { weekday: 1, startMinute: 100, endMinute: 180 },
        ],
      },
      /overlap/,
    ],
    [
      "a window backwards",
      { weekly: [{ weekday: 1, startMinute: 120, endMinute: 60 }] },
      /start before the end/,
    ],
    ["a date that is none", { exceptions: [{ date: "2027-02-29", windows: [] }] }, /real YYYY-MM-DD/],
    [
      "a date twice",
      {
        exceptions: [
          { date: "2027-02-28", windows: [] },
          { date: "2027-02-28", windows: [] },
        ],
      },
      /stands twice/,
    ],
    ["weekday 8", { weekly: [{ weekday: 8, startMinute: 0, endMinute: 60 }] }, /./],
    ["minute 1441", { weekly: [{ weekday: 1, startMinute: 0, endMinute: 1441 }] }, /./],
  ])("%s are refused with what was expected", async (_, wrong, message) => {
    const response = await server.app.inject({
      method: "POST",
      url: scheduleEndpoints.create.path,
      headers: { host: "localhost", cookie: operate.cookie },
      payload: { name: "x", weekly: [], holidays: [], exceptions: [], ...wrong },
    });
    expect(response.statusCode).toBe(400);
    expect(response.json().fields[0].message).toMatch(message);
  });

  test("a change that shuts residents out is refused, a harmless one not", async () => {
    const made = await operate.call(scheduleEndpoints.create, {
      body: {
        name: "全天",
        weekly: [1, 2, 3, 4, 5, 6, 7].map((day) => ({
          weekday: parseDay(day),
          startMinute: 0,
          endMinute: 1440,
        })),
        holidays: [],
        exceptions: [],
      },
    });
    const rule = await operate.call(ruleEndpoints.get, { params: { id: site.ruleId } });
    const { id: _, number: __, ...fields } = rule;
    await operate.call(ruleEndpoints.update, {
      params: { id: site.ruleId },
      body: { ...fields, scheduleId: made.id },
    });
    const one = { params: { id: made.id } };
    const { items } = await operate.call(scheduleEndpoints.list);
    expect(items.find((item) => item.id === made.id)).toMatchObject({ ruleCount: 1 });
    expect(await operate.refused(scheduleEndpoints.remove, one)).toMatchObject({ code: "in-use" });
    const body = { name: "全天", weekly: made.weekly, holidays: [], exceptions: [], revision: 1 };
    const sundayOff = { ...body, weekly: made.weekly.filter((window) => window.weekday !== 7) };
    const problem = await operate.refused(scheduleEndpoints.update, { ...one, body: sundayOff });
    expect(problem).toMatchObject({
      code: "way-in-lost",
      violations: [{ problem: "no-way" }, { problem: "no-way" }],
    });
    // The Sunday after the test's Monday, in the community's time.
    expect(problem.violations?.[0]?.from).toBe(Date.parse("2026-11-29T00:00:00+08:00"));
    expect(
      await operate.call(scheduleEndpoints.update, { ...one, body: { ...body, name: "昼夜" } }),
    ).toMatchObject({
      name: "昼夜",
      revision: 2,
    });
    expect(await operate.refused(scheduleEndpoints.update, { ...one, body })).toMatchObject({
      code: "stale-revision",
    });
    // A holiday of a kind for which the schedule is closed would shut them out that day.
    const closing = { ...body, name: "昼夜", holidays: [{ kind: "closed-day", windows: [] }], revision: 2 };
    await operate.call(scheduleEndpoints.update, { ...one, body: closing });
    expect(
      await operate.refused(holidayEndpoints.set, {
        params: { date: "2027-01-01" },
        body: { kind: "closed-day", name: "元旦" },
      }),
    ).toMatchObject({ code: "way-in-lost" });
    const text = "2027-01-01,closed-day,元旦";
    expect(await operate.refused(holidayEndpoints.import, { body: { format: "csv", text } })).toMatchObject({
      code: "way-in-lost",
    });
  });

  test("are removed and restored; a door's schedule stays", async () => {
    const made = await operate.call(scheduleEndpoints.create, {
      body: { name: "临时", weekly: [], holidays: [], exceptions: [] },
    });
    const one = { params: { id: made.id } };
    await operate.call(scheduleEndpoints.remove, one);
    const removed = await operate.call(scheduleEndpoints.list, { query: { removed: true } });
    expect(removed.items.map((item) => item.name)).toEqual(["临时"]);
    await operate.call(scheduleEndpoints.restore, one);
    const { id: _, ...portal } = await operate.call(portalEndpoints.get, {
      params: { id: site.portals.north },
    });
    await site.secure.call(portalEndpoints.update, {
      params: { id: site.portals.north },
      body: { ...portal, unlockScheduleId: made.id },
    });
    expect(await operate.refused(scheduleEndpoints.remove, one)).toMatchObject({ code: "in-use" });
  });

  test("stay while one floor of a lift follows them", async () => {
    const made = await operate.call(scheduleEndpoints.create, {
      body: { name: "大堂层", weekly: [], holidays: [], exceptions: [] },
    });
    const one = { params: { id: made.id } };
    const lift = { params: { portalId: site.portals.north } };
    const rules = { revision: 1, turnstile: false, plate: false };
    const { revision } = await site.secure.call(doorRulesEndpoints.setPortal, {
      ...lift,
      body: { ...rules, floors: [{ output: 0, areaId: site.lobbyAreaId, scheduleId: made.id }] },
    });
    expect(await operate.call(scheduleEndpoints.get, one)).toMatchObject({ portalCount: 1 });
    expect(await operate.refused(scheduleEndpoints.remove, one)).toMatchObject({ code: "in-use" });
    await site.secure.call(doorRulesEndpoints.setPortal, { ...lift, body: { ...rules, revision } });
    expect(await operate.call(scheduleEndpoints.remove, one)).toMatchObject({ portalCount: 0 });
  });

  test("refuse whoever may not", async () => {
    const one = { params: { id: site.ruleId } };
    const body = { name: "x", weekly: [], holidays: [], exceptions: [] };
    expect(await guard.refused(scheduleEndpoints.create, { body })).toMatchObject(FORBIDDEN);
    expect(
      await guard.refused(scheduleEndpoints.update, { ...one, body: { ...body, revision: 1 } }),
    ).toMatchObject(FORBIDDEN);
    expect(await guard.refused(scheduleEndpoints.remove, one)).toMatchObject(FORBIDDEN);
    expect(await guard.refused(scheduleEndpoints.restore, one)).toMatchObject(FORBIDDEN);
    expect(await guard.refused(scheduleEndpoints.get, one)).toMatchObject({ status: 404 });
    const visitor = server.visitor();
    expect(await visitor.refused(scheduleEndpoints.list)).toMatchObject({ status: 401 });
    expect(
      await visitor.refused(scheduleEndpoints.days, {
        ...one,
        query: { from: "2026-01-01", to: "2026-01-02" },
      }),
    ).toMatchObject({ status: 401 });
  });
});

describe("holidays", () => {
  test("are imported as a whole, replacing the years they cover if asked", async () => {
    const csv = "date,kind,name\n2028-01-01,public,元旦\n2028-01-26,public,春节\n";
    expect(await operate.call(holidayEndpoints.import, { body: { format: "csv", text: csv } })).toEqual({
      added: 2,
      changed: 0,
      removed: 0,
      unchanged: 0,
    });
    const calendar =
      "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20280101\nSUMMARY:New Year\nEND:VEVENT\nEND:VCALENDAR";
    expect(
      await operate.call(holidayEndpoints.import, {
        body: { format: "icalendar", text: calendar, replaceYears: true },
      }),
    ).toEqual({ added: 0, changed: 1, removed: 1, unchanged: 0 });
    const { items } = await guard.call(holidayEndpoints.list, { query: { year: 2028 } });
    expect(items).toEqual([{ date: "2028-01-01", kind: "public", name: "New Year" }]);
  });

  test("a calendar with one bad line changes nothing", async () => {
    const text = "2029-01-01,public,元旦\n2029-13-01,public,x\n";
    expect(await operate.refused(holidayEndpoints.import, { body: { format: "csv", text } })).toMatchObject({
      status: 400,
      fields: [{ path: "body/text/line 2" }],
    });
    expect(await operate.call(holidayEndpoints.list, { query: { year: 2029 } })).toEqual({ items: [] });
  });

  test("are removed by date", async () => {
    const one = { params: { date: "2030-05-01" } };
    await operate.call(holidayEndpoints.set, { ...one, body: { kind: "public", name: "劳动节" } });
    await operate.call(holidayEndpoints.remove, one);
    expect(await operate.refused(holidayEndpoints.remove, one)).toMatchObject({ status: 404 });
    expect(await operate.refused(holidayEndpoints.remove, { params: { date: "2030-02-30" } })).toMatchObject({
      status: 400,
    });
  });

  test("refuse whoever may not", async () => {
    const one = { params: { date: "2030-05-01" } };
    expect(
      await guard.refused(holidayEndpoints.set, { ...one, body: { kind: "public", name: "x" } }),
    ).toMatchObject(FORBIDDEN);
    expect(await guard.refused(holidayEndpoints.remove, one)).toMatchObject(FORBIDDEN);
    expect(
      await guard.refused(holidayEndpoints.import, { body: { format: "csv", text: "2030-05-01,public,x" } }),
    ).toMatchObject(FORBIDDEN);
    expect(await server.visitor().refused(holidayEndpoints.list)).toMatchObject({ status: 401 });
  });
});

function parseDay(day: number) {
  const days = [1, 2, 3, 4, 5, 6, 7] as const;
  return days[day - 1] ?? 1;
}
