import { loadScenarioTables } from "@menshen/testkit/scenarios";
import { describe, expect, test } from "vitest";
import { packRows, unpackRows } from "./columns.ts";
import { readColumns } from "./document-read.ts";
import { compileSnapshot, loadSnapshot, readSnapshotDocument, type SnapshotDocument } from "./index.ts";

const validity = loadScenarioTables().find(({ name }) => name === "validity");
const gateId = validity?.scenarios[0]?.gateId;
if (validity === undefined || gateId === undefined) throw new Error("no scenario table");
const { document } = compileSnapshot(validity.model, { ...validity, gateId, version: 3 });

/** A document is plain data: reading it as such is what a hostile sender does too. */
const good: Record<string, unknown> = document;
const list = (field: string): unknown[] => [...(good[field] as unknown[])];
const firstOf = (field: string): Record<string, unknown> => ({ ...(list(field)[0] as object) });
const withFirst = (field: string, changes: object) => ({
  ...good,
  [field]: [{ ...firstOf(field), ...changes }, ...list(field).slice(1)],
});
const columns = readColumns(document.credentials, 1000, "credentials");
const rows = unpackRows(columns);
const withColumns = (changes: object) => ({ ...good, credentials: { ...columns, ...changes } });
const withRows = (changed: typeof rows) => ({ ...good, credentials: packRows(changed) });
const withFirstRow = (changes: Partial<(typeof rows)[number]>) =>
  withRows(rows.map((row, index) => (index === 0 ? { ...row, ...changes } : row)));
const dated = rows.findIndex(({ dates }) => dates.some(Number.isFinite));

test("the untouched document loads", () => {
  expect(loadSnapshot(document).ok).toBe(true);
  expect(readSnapshotDocument(document)).toStrictEqual({ ok: true, document });
  expect(rows.length).toBeGreaterThan(10);
  expect(dated).toBeGreaterThanOrEqual(0);
});

describe("what is no document is malformed", () => {
  test.each([
    ["undefined", undefined],
    ["null", null],
    ["a number", 1],
    ["text", "snapshot"],
    ["a list", [document]],
    ["bytes", new Uint8Array(10)],
    ["nothing", {}],
  ])("%s", (_name, value) => {
    expect(loadSnapshot(value)).toMatchObject({ ok: false, error: { code: "malformed" } });
  });

  test("a value that fails when it is read", () => {
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("trap");
        },
      },
    );
    expect(loadSnapshot(trap)).toEqual({ ok: false, error: { code: "malformed", where: "document" } });
  });
});

test("another format is an unknown version, not damage", () => {
  for (const format of [0, 2, 1.5, 1e9]) {
    expect(loadSnapshot({ ...good, format })).toEqual({
      ok: false,
      error: { code: "unknown-version", where: "format" },
    });
  }
  expect(loadSnapshot({ ...good, format: "1" })).toMatchObject({ ok: false, error: { code: "malformed" } });
});

describe("each field is checked", () => {
  const huge = (length: number) => Array.from({ length }, () => 0);
  const window = (start: unknown, end: unknown) => ({ weekly: [[[start, end]], [], [], [], [], [], []] });
  const cases: readonly (readonly [string, unknown, string, string])[] = [
    ["version 0", { ...good, version: 0 }, "malformed", "version"],
    ["version half", { ...good, version: 1.5 }, "malformed", "version"],
    ["version beyond whole numbers", { ...good, version: 2 ** 53 }, "malformed", "version"],
    ["a gate of 15 bytes", { ...good, gate: new Uint8Array(15) }, "malformed", "gate"],
    ["a gate as text", { ...good, gate: "north" }, "malformed", "gate"],
    ["no community", { ...good, community: undefined }, "malformed", "community"],
    ["from after until", { ...good, from: document.until, until: document.from }, "inconsistent", "until"],
    ["a life of no length", { ...good, until: document.from }, "inconsistent", "until"],
    ["half seconds", { ...good, until: Number(document.until) + 500 }, "inconsistent", "until"],
    [
      "a life of a century",
      { ...good, until: Number(document.until) + 3_153_600_000_000 },
      "too-large",
      "until",
    ],
    ["a time beyond time", { ...good, until: 9e15 }, "malformed", "until"],
    ["no time zone", { ...good, timeZone: "" }, "malformed", "time zone"],
    ["no transitions", { ...good, transitions: [] }, "inconsistent", "transitions"],
    [
      "a first transition too late",
      { ...good, transitions: [[Number(document.from) + 1000, 0]] },
      "inconsistent",
      "transitions",
    ],
    [
      "transitions twice",
      {
        ...good,
        transitions: [
          [document.from, 0],
          [document.from, 1],
        ],
      },
      "inconsistent",
      "transitions",
    ],
    [
      "a transition after the end",
      {
        ...good,
        transitions: [
          [document.from, 0],
          [document.until, 1],
        ],
      },
      "inconsistent",
      "transitions",
    ],
    ["an offset of days", { ...good, transitions: [[document.from, 90_000]] }, "malformed", "transitions"],
    ["too many transitions", { ...good, transitions: huge(1001) }, "too-large", "transitions"],
    [
      "a transition of three parts",
      { ...good, transitions: [[document.from, 0, 0]] },
      "too-large",
      "transitions",
    ],
    ["too many schedules", { ...good, schedules: huge(1001) }, "too-large", "schedules"],
    [
      "a schedule with six days",
      withFirst("schedules", { weekly: [[], [], [], [], [], []] }),
      "malformed",
      "schedules",
    ],
    ["a window before midnight", withFirst("schedules", window(-1, 60)), "malformed", "schedules"],
    ["a window past midnight", withFirst("schedules", window(60, 1441)), "malformed", "schedules"],
    ["a window backwards", withFirst("schedules", window(120, 60)), "inconsistent", "schedules"],
    [
      "windows that overlap",
      withFirst("schedules", {
        weekly: [
          [
            [0, 61],
            [60, 90],
          ],
          [],
          [],
          [],
          [],
          [],
          [],
        ],
      }),
      "inconsistent",
      "schedules",
    ],
    [
      "too many windows",
      withFirst("schedules", { weekly: [huge(49), [], [], [], [], [], []] }),
      "too-large",
      "schedules",
    ],
    [
      "dates out of order",
      withFirst("schedules", {
        dates: [
          [5, []],
          [4, []],
        ],
      }),
      "inconsistent",
      "schedules",
    ],
    [
      "a date twice",
      withFirst("schedules", {
        dates: [
          [5, []],
          [5, []],
        ],
      }),
      "inconsistent",
      "schedules",
    ],
    ["too many dates", withFirst("schedules", { dates: huge(4001) }), "too-large", "schedules"],
    ["rule number 0", withFirst("rules", { number: 0 }), "malformed", "rules"],
    ["rules out of order", { ...good, rules: list("rules").toReversed() }, "inconsistent", "rules"],
    ["means of an unknown kind", withFirst("rules", { means: 1 << 15 }), "malformed", "rules"],
    ["a rule's grade F", withFirst("rules", { grade: 5 }), "malformed", "rules"],
    ["a rule's schedule out of range", withFirst("rules", { schedule: 99 }), "malformed", "rules"],
    ["a rule's schedule −1", withFirst("rules", { schedule: -1 }), "malformed", "rules"],
    ["a rule that ends before it begins", withFirst("rules", { from: 2, until: 1 }), "inconsistent", "rules"],
    ["an override in words", withFirst("rules", { overridesLockdown: "yes" }), "malformed", "rules"],
    ["a common rule in words", withFirst("rules", { common: "yes" }), "malformed", "rules"],
    ["too many rules", { ...good, rules: huge(10_001) }, "too-large", "rules"],
    ["portals out of order", { ...good, portals: list("portals").toReversed() }, "inconsistent", "portals"],
    [
      "a portal twice",
      { ...good, portals: [firstOf("portals"), firstOf("portals")] },
      "inconsistent",
      "portals",
    ],
    ["an unlock time below zero", withFirst("portals", { unlockMs: -1 }), "malformed", "portals"],
    ["an unlock schedule out of range", withFirst("portals", { unlockSchedule: 99 }), "malformed", "portals"],
    ["too many portals", { ...good, portals: huge(257) }, "too-large", "portals"],
    ["a portal index out of range", withFirst("accessPoints", { portal: 99 }), "malformed", "access points"],
    ["an access point's grade F", withFirst("accessPoints", { grade: 5 }), "malformed", "access points"],
    ["an unknown use of PINs", withFirst("accessPoints", { pin: 3 }), "malformed", "access points"],
    ["a use of PINs below zero", withFirst("accessPoints", { pin: -1 }), "malformed", "access points"],
    ["half a use of PINs", withFirst("accessPoints", { pin: 1.5 }), "malformed", "access points"],
    ["a use of PINs as a word", withFirst("accessPoints", { pin: "both" }), "malformed", "access points"],
    [
      "a use of PINs that goes without saying",
      withFirst("accessPoints", { pin: 0 }),
      "malformed",
      "access points",
    ],
    [
      "access points out of order",
      { ...good, accessPoints: list("accessPoints").toReversed() },
      "inconsistent",
      "access points",
    ],
    ["too many access points", { ...good, accessPoints: huge(1025) }, "too-large", "access points"],
    ["a cap on an unknown kind", { ...good, gradeCaps: [[15, 0, 0]] }, "malformed", "grade caps"],
    ["too many caps", { ...good, gradeCaps: huge(257) }, "too-large", "grade caps"],
    [
      "a grant at no access point",
      { ...good, profiles: [[[99, 0, 0]], ...list("profiles").slice(1)] },
      "malformed",
      "profiles",
    ],
    [
      "a grant by no rule",
      { ...good, profiles: [[[0, 99, 0]], ...list("profiles").slice(1)] },
      "malformed",
      "profiles",
    ],
    [
      "unknown flags",
      { ...good, profiles: [[[0, 0, 32]], ...list("profiles").slice(1)] },
      "malformed",
      "profiles",
    ],
    [
      "a grant without the date it flags",
      { ...good, profiles: [[[0, 0, 8]], ...list("profiles").slice(1)] },
      "malformed",
      "profiles",
    ],
    [
      "a grant with a date it does not flag",
      { ...good, profiles: [[[0, 0, 0, 5]], ...list("profiles").slice(1)] },
      "malformed",
      "profiles",
    ],
    [
      "a grant that ends before it begins",
      { ...good, profiles: [[[0, 0, 24, 5, 5]], ...list("profiles").slice(1)] },
      "inconsistent",
      "profiles",
    ],
    [
      "grants out of order",
      {
        ...good,
        profiles: [
          [
            [1, 0, 0],
            [0, 0, 0],
          ],
          ...list("profiles").slice(1),
        ],
      },
      "inconsistent",
      "profiles",
    ],
    [
      "a grant twice",
      {
        ...good,
        profiles: [
          [
            [0, 0, 0],
            [0, 0, 0],
          ],
          ...list("profiles").slice(1),
        ],
      },
      "inconsistent",
      "profiles",
    ],
    [
      "too many grants at one door",
      {
        ...good,
        profiles: [Array.from({ length: 65 }, (_, index) => [0, 0, 8, index]), ...list("profiles").slice(1)],
      },
      "too-large",
      "profiles",
    ],
    ["no columns", { ...good, credentials: null }, "malformed", "credentials"],
    ["keys cut short", withColumns({ keys: columns.keys.subarray(1) }), "malformed", "credentials keys"],
    [
      "one key less than rows",
      withColumns({ keys: columns.keys.subarray(16) }),
      "malformed",
      "credentials profiles",
    ],
    [
      "traits cut short",
      withColumns({ traits: columns.traits.subarray(1) }),
      "malformed",
      "credentials traits",
    ],
    [
      "profiles cut short",
      withColumns({ profiles: columns.profiles.subarray(4) }),
      "malformed",
      "credentials profiles",
    ],
    [
      "dated rows cut short",
      withColumns({ datedRows: columns.datedRows.subarray(1) }),
      "malformed",
      "credentials dated rows",
    ],
    ["dates cut short", withColumns({ dates: columns.dates.subarray(8) }), "malformed", "credentials dates"],
    ["columns of numbers", withColumns({ keys: Array.from(columns.keys) }), "malformed", "credentials keys"],
    ["rows out of order", withRows(rows.toReversed()), "inconsistent", "credentials keys"],
    ["a key twice", withRows([...rows.slice(0, 1), ...rows]), "inconsistent", "credentials keys"],
    ["a profile out of range", withFirstRow({ profile: 9_999 }), "inconsistent", "credentials profiles"],
    ["an unknown kind", withFirstRow({ traits: 15 }), "malformed", "credentials traits"],
    ["an unknown grade", withFirstRow({ traits: 5 << 4 }), "malformed", "credentials traits"],
    ["an unknown status", withFirstRow({ traits: 3 << 7 }), "malformed", "credentials traits"],
    ["traits with bits to spare", withFirstRow({ traits: 1 << 9 }), "malformed", "credentials traits"],
    [
      "dates in reverse",
      withFirstRow({ dates: [5, 4, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] }),
      "malformed",
      "credentials dates",
    ],
    [
      "dates that are no number",
      withFirstRow({ dates: [Number.NaN, 4, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] }),
      "malformed",
      "credentials dates",
    ],
    [
      "dates of half a millisecond",
      withFirstRow({ dates: [0.5, 4, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] }),
      "malformed",
      "credentials dates",
    ],
    [
      "an open end on the wrong side",
      withFirstRow({ dates: [Number.POSITIVE_INFINITY, 4, 0, 1] }),
      "malformed",
      "credentials dates",
    ],
    [
      "dates that say nothing",
      withColumns({
        datedRows: new Uint8Array([0, 0, 0, 0]),
        dates: packRows([{ key: new Uint8Array(16), profile: 0, traits: 0, dates: [0, 1, 0, 1] }]).dates.map(
          (_, i) => (i % 16 === 0 ? 0xff : i % 16 === 8 ? 0x7f : i % 8 === 1 ? 0xf0 : 0),
        ),
      }),
      "malformed",
      "credentials dates",
    ],
    [
      "a dated row out of range",
      withColumns({ datedRows: columns.datedRows.map(() => 0xff) }),
      "inconsistent",
      "credentials dated rows",
    ],
  ];

  test.each(cases)("%s", (_name, value, code, where) => {
    expect(loadSnapshot(value)).toEqual({ ok: false, error: { code, where } });
  });
});

test("schedules that would fill the memory are refused before they are laid out", () => {
  const busy = Array.from({ length: 7 }, () =>
    Array.from({ length: 48 }, (_, index) => [index * 30, index * 30 + 29]),
  );
  const schedules = Array.from({ length: 1000 }, () => ({ ...firstOf("schedules"), weekly: busy }));
  expect(loadSnapshot({ ...good, schedules })).toEqual({
    ok: false,
    error: { code: "too-large", where: "schedules" },
  });
});

test("fields that this version does not know are kept, not judged", () => {
  const later = {
    ...good,
    weather: "fair",
    credentials: document.credentials,
  } as unknown as SnapshotDocument;
  expect(loadSnapshot(later).ok).toBe(true);
  expect(readSnapshotDocument(later)).toStrictEqual({ ok: true, document: later });
});

test("a document that could not be encoded is not kept", () => {
  for (const extra of [0.5, null, undefined, () => 1, Number.NaN, -0, 10n, new Date(0), { a: { b: null } }]) {
    expect(readSnapshotDocument({ ...good, extra })).toEqual({
      ok: false,
      error: { code: "malformed", where: "document" },
    });
  }
});
