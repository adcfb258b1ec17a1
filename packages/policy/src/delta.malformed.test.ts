import { loadScenarioTables } from "@menshen/testkit/scenarios";
import { describe, expect, test } from "vitest";
import { packRows, unpackRows } from "./columns.ts";
import { readColumns } from "./document-read.ts";
import {
  applyDelta,
  type CommunityModel,
  compileSnapshot,
  diffSnapshots,
  type SnapshotDocument,
} from "./index.ts";

const table = loadScenarioTables().find(({ name }) => name === "validity");
const gateId = table?.scenarios[0]?.gateId;
const otherGateId = table?.model.portals.find((portal) => portal.gateId !== gateId)?.gateId;
if (table === undefined || gateId === undefined || otherGateId === undefined)
  throw new Error("no scenario table");

const compile = (model: CommunityModel, version: number, gate = gateId): SnapshotDocument =>
  compileSnapshot(model, {
    ...table,
    gateId: gate,
    version,
    verdict: { accepted: true, violations: [], alarms: [], model, waivers: [] },
  }).document;
const { model } = table;
const base = compile(model, 5);
/** A card less, a card more than nothing, a person's dates moved, a rule gone, a rule added. */
const next = compile(
  {
    ...model,
    credentials: model.credentials
      .slice(2)
      .map((each, index) => (index === 0 ? { ...each, status: "lost" as const } : each)),
    rules: model.rules.filter(({ number }) => number !== 8),
  },
  6,
);
const good: Record<string, unknown> = diffSnapshots(base, next);
const rowsOf = (value: unknown) => unpackRows(readColumns(value, 10_000, "rows"));

test("the untouched delta applies", () => {
  expect(applyDelta(base, good)).toStrictEqual({ ok: true, document: next });
});

test("a revocation is one row, however large the base", () => {
  const lost = compile(
    {
      ...model,
      credentials: model.credentials.map((each, index) =>
        index === 3 ? { ...each, status: "lost" as const } : each,
      ),
    },
    6,
  );
  const delta = diffSnapshots(base, lost);
  expect(rowsOf(delta.credentialsChanged)).toHaveLength(1);
  expect(delta).toMatchObject({
    changed: {},
    dropped: [],
    profilesRemoved: [],
    profilesAdded: [],
    credentialsRemoved: new Uint8Array(),
  });
});

test("fields of a later version come and go with the delta", () => {
  const withExtra = { ...next, weather: ["fair"] };
  const there = applyDelta(base, diffSnapshots(base, withExtra));
  expect(there).toStrictEqual({ ok: true, document: withExtra });
  const last = { ...next, version: 7 };
  expect(applyDelta(withExtra, diffSnapshots(withExtra, last))).toStrictEqual({ ok: true, document: last });
});

test("a delta is made for one gate and forwards only", () => {
  for (const [from, to] of [
    [base, base],
    [next, base],
    [base, compile(model, 6, otherGateId)],
  ] as const) {
    expect(() => diffSnapshots(from, to)).toThrowError(expect.objectContaining({ code: "invalid-version" }));
  }
});

describe("refused", () => {
  const bytes = (length: number) => new Uint8Array(length);
  const removed = good.credentialsRemoved as Uint8Array;
  const cases: readonly (readonly [string, unknown, string, string])[] = [
    ["nothing", undefined, "malformed", "delta"],
    ["a list", [], "malformed", "delta"],
    ["another format", { ...good, format: 2 }, "unknown-version", "delta format"],
    ["no format", { ...good, format: undefined }, "malformed", "delta format"],
    ["another gate's", { ...good, gate: bytes(16) }, "inconsistent", "delta gate"],
    ["no gate", { ...good, gate: null }, "inconsistent", "delta gate"],
    ["another base", { ...good, baseVersion: 4 }, "base-mismatch", "delta base version"],
    ["a base of no number", { ...good, baseVersion: "5" }, "malformed", "delta base version"],
    ["a version that does not rise", { ...good, version: 5 }, "malformed", "delta version"],
    ["a replayed older one", { ...good, baseVersion: 3, version: 4 }, "base-mismatch", "delta base version"],
    ["changed fields as a list", { ...good, changed: [1] }, "malformed", "delta changed"],
    ["a version slipped in", { ...good, changed: { version: 9 } }, "inconsistent", "delta changed"],
    ["a gate slipped in", { ...good, changed: { gate: bytes(16) } }, "inconsistent", "delta changed"],
    ["a format slipped in", { ...good, changed: { format: 2 } }, "inconsistent", "delta changed"],
    ["a field of the wrong type", { ...good, changed: { rules: 1 } }, "malformed", "rules"],
    ["a field that cannot be encoded", { ...good, changed: { weather: 0.5 } }, "malformed", "document"],
    ["a field that is needed, dropped", { ...good, dropped: ["timeZone"] }, "malformed", "time zone"],
    ["too many dropped", { ...good, dropped: Array(257).fill("x") }, "too-large", "delta dropped"],
    ["a profile removed that is none", { ...good, profilesRemoved: [999] }, "malformed", "delta profiles"],
    ["profiles removed out of order", { ...good, profilesRemoved: [1, 0] }, "inconsistent", "delta profiles"],
    [
      "a profile added beyond the end",
      { ...good, profilesAdded: [[500, []]] },
      "inconsistent",
      "delta profiles",
    ],
    [
      "profiles added out of order",
      {
        ...good,
        profilesAdded: [
          [1, []],
          [0, []],
        ],
      },
      "inconsistent",
      "delta profiles",
    ],
    [
      "a profile in use removed",
      {
        ...good,
        changed: {},
        profilesRemoved: [0],
        profilesAdded: [],
        credentialsRemoved: bytes(0),
        credentialsChanged: packRows([]),
      },
      "inconsistent",
      "delta profiles",
    ],
    ["half a key removed", { ...good, credentialsRemoved: bytes(15) }, "malformed", "delta credentials"],
    [
      "a key removed that is not there",
      { ...good, credentialsRemoved: bytes(16) },
      "inconsistent",
      "delta credentials",
    ],
    [
      "a key removed twice",
      {
        ...good,
        credentialsRemoved: new Uint8Array([...removed.subarray(0, 16), ...removed.subarray(0, 16)]),
      },
      "inconsistent",
      "delta credentials",
    ],
    [
      "rows out of order",
      {
        ...good,
        credentialsChanged: packRows(
          rowsOf(good.credentialsChanged).toReversed().concat(rowsOf(base.credentials).slice(0, 1)),
        ),
      },
      "inconsistent",
      "delta credentials keys",
    ],
    [
      "a row with a profile that is none",
      {
        ...good,
        credentialsChanged: packRows(
          rowsOf(good.credentialsChanged).map((row) => ({ ...row, profile: 9_999 })),
        ),
      },
      "inconsistent",
      "delta credentials profiles",
    ],
    ["rows cut short", { ...good, credentialsChanged: {} }, "malformed", "delta credentials keys"],
  ];

  test.each(cases)("%s", (_name, delta, code, where) => {
    expect(applyDelta(base, delta)).toEqual({ ok: false, error: { code, where } });
  });

  test("a key named like a language feature is only a field", () => {
    const delta = { ...good, changed: JSON.parse('{"__proto__": {"rules": []}}') as unknown };
    const result = applyDelta(base, delta);
    expect(result.ok && Object.getPrototypeOf(result.document)).toBe(Object.prototype);
  });
});
