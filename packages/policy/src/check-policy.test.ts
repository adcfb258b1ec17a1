import {
  AccessPointId,
  AreaId,
  BuildingId,
  CommunityId,
  CredentialKey,
  type CredentialKind,
  DwellingId,
  GateId,
  type Grade,
  Instant,
  PersonId,
  PortalId,
  ResidencyId,
  ScheduleId,
} from "@menshen/domain";
import { describe, expect, test } from "vitest";
import {
  type CommunityModel,
  type CredentialRecord,
  checkPolicy,
  compileSnapshot,
  decide,
  loadSnapshot,
  type NumberedRule,
  type PolicyVerdict,
  type WayViolation,
} from "./index.ts";

/** A readable id: the name's letters as hexadecimal. */
function uuid(name: string): string {
  const hex = Buffer.from(name.padEnd(16, "-").slice(0, 16)).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
const area = (name: string) => AreaId(uuid(`ar ${name}`));
const building = (name: string) => BuildingId(uuid(`bu ${name}`));
const dwelling = (name: string) => DwellingId(uuid(`dw ${name}`));
const person = (name: string) => PersonId(uuid(`pe ${name}`));
const door = (name: string) => AccessPointId(uuid(`ap ${name}`));
const portal = (name: string) => PortalId(uuid(`po ${name}`));
const schedule = (name: string) => ScheduleId(uuid(`sc ${name}`));
const gateId = GateId(uuid("gate"));
const key = (name: string) => CredentialKey(new Uint8Array(Buffer.from(name.padEnd(16, "-"))));

const at = Instant(Date.parse("2026-11-22T00:00+08:00"));
const until = Instant(Date.parse("2027-11-22T00:00+08:00"));
const instant = (text: string) => Instant(Date.parse(`${text}+08:00`));

function rule(number: number, where: string[], changes: Partial<NumberedRule> = {}): NumberedRule {
  return {
    id: uuid(`ru ${number}`) as NumberedRule["id"],
    number,
    who: { roles: ["owner", "tenant", "family", "helper"] },
    where: { accessPointIds: where.map(door) },
    minimumGrade: "D",
    validity: {},
    ...changes,
  };
}

function accessPoint(
  name: string,
  of: string,
  from: string,
  to: string,
): CommunityModel["accessPoints"][number] {
  return {
    id: door(name),
    portalId: portal(of),
    fromAreaId: area(from),
    toAreaId: area(to),
    minimumGrade: "D",
  };
}

function home(name: string, of: string, changes: Partial<CommunityModel["residencies"][number]> = {}) {
  return {
    id: ResidencyId(uuid(`re ${name}`)),
    personId: person(name),
    role: "tenant" as const,
    dwellingId: dwelling(of),
    validity: {},
    ...changes,
  };
}

/**
 * Street, yard, two buildings, a staff office and a gym. The gate has a reader on both sides, the side gate and the
 * buildings on the outside only.
 */
const base: CommunityModel = {
  communityId: CommunityId(uuid("community")),
  timeZone: "Asia/Shanghai",
  outsideAreaId: area("street"),
  areas: ["street", "yard", "lobby 1", "lobby 2", "gym", "office"].map((name) => ({
    id: area(name),
    staffOnly: name === "office",
  })),
  buildings: ["1", "2"].map((name) => ({ id: building(name), areaId: area(`lobby ${name}`) })),
  dwellings: [
    { id: dwelling("1-101"), buildingId: building("1") },
    { id: dwelling("2-201"), buildingId: building("2") },
  ],
  portals: ["gate", "side", "1", "2", "gym", "office"].map((name) => ({
    id: portal(name),
    gateId,
    unlockMs: 5_000,
    heldOpenLimitMs: 30_000,
  })),
  accessPoints: [
    accessPoint("gate in", "gate", "street", "yard"),
    accessPoint("gate out", "gate", "yard", "street"),
    accessPoint("side", "side", "street", "yard"),
    accessPoint("1", "1", "yard", "lobby 1"),
    accessPoint("2", "2", "yard", "lobby 2"),
    accessPoint("gym", "gym", "yard", "gym"),
    accessPoint("office", "office", "yard", "office"),
  ],
  residencies: [home("ann", "1-101"), home("bob", "1-101"), home("cui", "2-201")],
  credentials: [],
  schedules: [
    {
      id: schedule("day"),
      weekly: ([1, 2, 3, 4, 5, 6, 7] as const).map((weekday) => ({
        weekday,
        startMinute: 360,
        endMinute: 1320,
      })),
      holidays: [],
      exceptions: [],
    },
    {
      id: schedule("always"),
      weekly: ([1, 2, 3, 4, 5, 6, 7] as const).map((weekday) => ({
        weekday,
        startMinute: 0,
        endMinute: 1440,
      })),
      holidays: [],
      exceptions: [{ date: "2027-05-01", windows: [{ startMinute: 0, endMinute: 1380 }] }],
    },
  ],
  holidays: [],
  rules: [rule(1, ["gate in", "gate out", "side"]), rule(2, ["1"]), rule(3, ["2"])],
  offers: [
    { kind: "desfire", grade: "A" },
    { kind: "pin", grade: "D" },
    { kind: "phone", grade: "A" },
  ],
  gradeCaps: [],
  modes: [],
};

const changed = (number: number, changes: Partial<NumberedRule>): CommunityModel => ({
  ...base,
  rules: base.rules.map((each) => (each.number === number ? { ...each, ...changes } : each)),
});
const first = (model: CommunityModel) => checkPolicy(model, { at, until });
const after = (model: CommunityModel, previous: CommunityModel = base) =>
  checkPolicy(model, { at, until, previous });
const [ann, bob, cui] = [person("ann"), person("bob"), person("cui")];

/** A violation in one line, by the names of this file. */
function summary({
  problem,
  direction,
  buildingId,
  accessPointIds,
  personIds,
  ways,
  from,
  until: end,
}: WayViolation): string {
  const nameOf = (id: string) =>
    Buffer.from(id.replaceAll("-", ""), "hex").toString().slice(3).replace(/-+$/, "");
  const time = from === at && end === until ? "always" : `${local(from)} to ${local(end)}`;
  const doors = accessPointIds.map(nameOf).sort().join("+");
  const people = personIds.map(nameOf).sort().join("+");
  return `${problem} ${direction} ${nameOf(buildingId)} at ${doors} for ${people} by ${ways.join("+") || "nothing"}, ${time}`;
}
const local = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 16);
const summaries = (verdict: PolicyVerdict) => verdict.violations.map(summary).sort();
const alarmed = (verdict: PolicyVerdict) =>
  verdict.alarms.flatMap((alarm) => (alarm.code === "way-missing" ? [summary(alarm.violation)] : [])).sort();

test("a community in order is accepted without alarms", () => {
  expect(first(base)).toEqual({ accepted: true, violations: [], alarms: [], model: base, waivers: [] });
});

describe("refused, with persons and paths", () => {
  const cases: readonly (readonly [string, CommunityModel, readonly string[]])[] = [
    [
      "one kind at a building",
      changed(2, { means: ["desfire", "uid"] }),
      ["one-way in 1 at 1 for ann+bob by card, always"],
    ],
    [
      "card and PIN at a building: with a PIN alone nobody comes as far",
      changed(2, { means: ["desfire", "pin"] }),
      ["one-way in 1 at 1+gate in+side for ann+bob by card, always"],
    ],
    [
      "a building that asks for a card and a PIN where nobody is offered a PIN",
      {
        ...base,
        accessPoints: base.accessPoints.map((each) =>
          each.id === door("1") ? { ...each, cardAndPin: true } : each,
        ),
        offers: base.offers.filter(({ kind }) => kind !== "pin"),
      },
      ["no-way in 1 at 1 for ann+bob by nothing, always"],
    ],
    [
      "face and phone at a building",
      { ...changed(3, { means: ["face", "phone"] }), offers: [...base.offers, { kind: "face", grade: "C" }] },
      [
        "forced-at-access-point in 2 at 2 for cui by phone+face, always",
        "only-face-or-phone in 2 at 2 for cui by phone+face, always",
      ],
    ],
    [
      "no rule at a building",
      { ...base, rules: base.rules.slice(0, 2) },
      ["no-way in 2 at 2 for cui by nothing, always"],
    ],
    [
      "hours at a building",
      changed(3, { scheduleId: schedule("day") }),
      ["no-way in 2 at 2 for cui by nothing, 2026-11-22T00:00 to 2026-11-22T06:00"],
    ],
    [
      "one late hour next May",
      changed(3, { scheduleId: schedule("always") }),
      ["no-way in 2 at 2 for cui by nothing, 2027-05-01T23:00 to 2027-05-02T00:00"],
    ],
    [
      "a rule that will end",
      changed(3, { validity: { until: instant("2027-03-01T00:00") } }),
      ["no-way in 2 at 2 for cui by nothing, 2027-03-01T00:00 to 2027-11-22T00:00"],
    ],
    [
      "a grade that only one kind has",
      {
        ...changed(3, { minimumGrade: "A" }),
        offers: [
          { kind: "desfire", grade: "A" },
          { kind: "phone", grade: "B" },
          { kind: "pin", grade: "D" },
        ],
      },
      ["one-way in 2 at 2 for cui by card, always"],
    ],
    [
      "two kinds that are one way: both are on the telephone",
      {
        ...changed(3, { means: ["phone", "phone-pass"] }),
        offers: [...base.offers, { kind: "phone-pass", grade: "C" }],
      },
      [
        "forced-at-access-point in 2 at 2 for cui by phone, always",
        "one-way in 2 at 2 for cui by phone, always",
      ],
    ],
    [
      "kinds that do not go on",
      {
        ...base,
        rules: [
          rule(1, ["gate in", "gate out", "side"], { means: ["desfire", "face"] }),
          rule(2, ["1"]),
          rule(3, ["2"], { means: ["pass", "phone"] }),
        ],
        offers: [...base.offers, { kind: "pass", grade: "D" }, { kind: "face", grade: "C" }],
      },
      ["no-way in 2 at 2+gate in+side for cui by nothing, always"],
    ],
    [
      "a side gate for phones only",
      {
        ...base,
        rules: [
          rule(1, ["gate in", "gate out"]),
          rule(2, ["1"]),
          rule(3, ["2"]),
          rule(4, ["side"], { means: ["phone"] }),
        ],
      },
      [
        "forced-at-access-point in 1 at side for ann+bob by phone, always",
        "forced-at-access-point in 2 at side for cui by phone, always",
      ],
    ],
    [
      "a way in without a way out",
      {
        ...base,
        portals: base.portals.filter(({ id }) => id !== portal("side")),
        accessPoints: base.accessPoints.filter(({ id }) => id !== door("side")),
        rules: [rule(1, ["gate in"]), rule(2, ["1"]), rule(3, ["2"])],
      },
      [
        "no-way out 1 at gate out for ann+bob by nothing, always",
        "no-way out 2 at gate out for cui by nothing, always",
      ],
    ],
    [
      "a building behind a staff room",
      {
        ...base,
        accessPoints: base.accessPoints.map((each) =>
          each.id === door("2") ? { ...each, fromAreaId: area("office") } : each,
        ),
        rules: [...base.rules, rule(4, ["office"])],
      },
      ["no-way in 2 at  for cui by nothing, always", "no-way out 2 at  for cui by nothing, always"],
    ],
    [
      "an offer withdrawn",
      { ...base, offers: [{ kind: "phone", grade: "A" }] },
      [
        ...["gate in", "side"].map(
          (name) => `forced-at-access-point in 1 at ${name} for ann+bob by phone, always`,
        ),
        ...["gate in", "side"].map(
          (name) => `forced-at-access-point in 2 at ${name} for cui by phone, always`,
        ),
        "forced-at-access-point in 1 at 1 for ann+bob by phone, always",
        "forced-at-access-point in 2 at 2 for cui by phone, always",
        "forced-at-access-point out 1 at gate out for ann+bob by phone, always",
        "forced-at-access-point out 2 at gate out for cui by phone, always",
        "one-way in 1 at 1+gate in+side for ann+bob by phone, always",
        "one-way in 2 at 2+gate in+side for cui by phone, always",
      ].sort(),
    ],
  ];

  test.each(cases)("%s", (_name, model, expected) => {
    const verdict = after(model);
    expect(verdict.accepted).toBe(false);
    expect(summaries(verdict)).toEqual(expected);
    expect(verdict.model.rules).toEqual(base.rules);
    expect(summaries(first(model))).toEqual(expected);
  });
});

describe("accepted", () => {
  const cases: readonly (readonly [string, CommunityModel])[] = [
    ["two kinds, one of them a card", changed(2, { means: ["desfire", "phone"] })],
    [
      "card and PIN together where telephones do with a PIN too",
      {
        ...base,
        accessPoints: base.accessPoints.map((each) =>
          each.id === door("1") ? { ...each, cardAndPin: true } : each,
        ),
      },
    ],
    ["a grade that card and phone have", changed(2, { minimumGrade: "A" })],
    [
      "a side gate that is shut",
      changed(1, { where: { accessPointIds: [door("gate in"), door("gate out")] } }),
    ],
    [
      "a side gate for cards only: nobody is made to use face or phone",
      {
        ...base,
        rules: [
          rule(1, ["gate in", "gate out"]),
          ...base.rules.slice(1),
          rule(4, ["side"], { means: ["desfire"] }),
        ],
      },
    ],
    [
      "a gym for phones and an office for faces",
      {
        ...base,
        rules: [
          ...base.rules,
          rule(4, ["gym"], { means: ["phone"] }),
          rule(5, ["office"], { means: ["face"] }),
        ],
      },
    ],
    ["a rule that names one of a household", changed(2, { who: { personIds: [person("ann")] } })],
    ["rules by home", changed(3, { who: { dwellingIds: [dwelling("2-201")] } })],
    [
      "two rules that take turns",
      {
        ...base,
        rules: [
          ...base.rules.slice(0, 2),
          rule(3, ["2"], { validity: { until: instant("2027-03-01T00:00") } }),
          rule(4, ["2"], { validity: { from: instant("2027-03-01T00:00") } }),
        ],
      },
    ],
    [
      "a rule that ends with the tenancy",
      {
        ...changed(3, { validity: { until: instant("2027-03-01T00:00") } }),
        residencies: [
          ...base.residencies.slice(0, 2),
          home("cui", "2-201", { validity: { until: instant("2027-03-01T00:00") } }),
        ],
      },
    ],
    [
      "a building on the street, without any rule",
      {
        ...base,
        buildings: base.buildings.map((each) =>
          each.id === building("2") ? { ...each, areaId: area("street") } : each,
        ),
        rules: base.rules.slice(0, 2),
      },
    ],
    [
      "a door that stands unlocked while its rule sleeps",
      {
        ...changed(3, { scheduleId: schedule("day") }),
        schedules: [
          ...base.schedules,
          {
            id: schedule("night"),
            weekly: ([1, 2, 3, 4, 5, 6, 7] as const).flatMap((weekday) => [
              { weekday, startMinute: 0, endMinute: 360 },
              { weekday, startMinute: 1320, endMinute: 1440 },
            ]),
            holidays: [],
            exceptions: [],
          },
        ],
        portals: base.portals.map((each) =>
          each.id === portal("2") ? { ...each, unlockScheduleId: schedule("night") } : each,
        ),
      },
    ],
  ];

  test.each(cases)("%s", (_name, model) => {
    expect(summaries(after(model))).toEqual([]);
    expect(after(model).accepted).toBe(true);
    expect(first(model).accepted).toBe(true);
  });
});

test("each person is counted for the time they live there", () => {
  const model: CommunityModel = {
    ...changed(2, { validity: { until: instant("2027-03-01T00:00") } }),
    residencies: [
      home("ann", "1-101", { validity: { until: instant("2027-02-01T00:00") } }),
      home("bob", "1-101", {
        validity: { from: instant("2027-04-01T00:00"), until: instant("2027-05-01T00:00") },
      }),
      home("cui", "2-201"),
    ],
  };
  expect(summaries(after(model))).toEqual([
    "no-way in 1 at 1 for bob by nothing, 2027-04-01T00:00 to 2027-05-01T00:00",
  ]);
});

test("a home of old does not open the way to the present one", () => {
  const model: CommunityModel = {
    ...changed(2, { who: { buildingIds: [building("2")] } }),
    residencies: [
      ...base.residencies,
      home("ann old", "2-201", { personId: ann, validity: { until: at } }),
      home("bob too", "2-201", { personId: bob }),
    ],
  };
  // Ann's rule ended before anything is counted; Bob's holds all along.
  expect(summaries(after(model))).toEqual(["no-way in 1 at 1 for ann by nothing, always"]);
});

test("credentials that people hold count, until they end", () => {
  const held = (name: string, changes: Partial<CredentialRecord> = {}): CredentialRecord => ({
    key: key(name),
    kind: "pass",
    grade: "D",
    personId: person(name),
    status: "active",
    validity: {},
    ...changes,
  });
  const model: CommunityModel = {
    ...base,
    offers: [{ kind: "desfire", grade: "A" }],
    residencies: [home("ann", "1-101"), home("bob", "1-101")],
    credentials: [held("ann"), held("bob", { validity: { until: instant("2027-06-01T00:00") } })],
  };
  expect(summaries(first(model))).toEqual([
    "one-way in 1 at 1+gate in+side for bob by card, 2027-06-01T00:00 to 2027-11-22T00:00",
  ]);
  const both = { ...model, credentials: [held("ann"), held("bob")] };
  expect(first(both).accepted).toBe(true);

  // Blocking is a fact: it is never refused, somebody is told.
  const blocked = { ...both, credentials: [held("ann"), held("bob", { status: "blocked" })] };
  const verdict = after(blocked, both);
  expect(verdict.accepted).toBe(true);
  expect(alarmed(verdict)).toEqual(["one-way in 1 at 1+gate in+side for bob by card, always"]);
});

test("who has nothing but a PIN has no way in from the street", () => {
  const model: CommunityModel = {
    ...base,
    offers: [],
    residencies: [home("ann", "1-101"), home("bob", "1-101")],
    credentials: (["ann", "bob"] as const).flatMap((name) =>
      [...(name === "bob" ? (["desfire", "phone"] as const) : []), "pin" as const].map((kind) => ({
        key: key(`${name} ${kind}`),
        kind,
        grade: "B",
        personId: person(name),
        status: "active",
        validity: {},
      })),
    ),
  };
  expect(summaries(first(model))).toEqual(["no-way in 1 at 1+gate in+side for ann by nothing, always"]);
});

describe("facts are never refused", () => {
  test("a new home that no rule covers", () => {
    const previous = changed(3, { who: { dwellingIds: [dwelling("2-201")] } });
    const model = {
      ...previous,
      dwellings: [...base.dwellings, { id: dwelling("2-202"), buildingId: building("2") }],
      residencies: [...base.residencies, home("dan", "2-202")],
    };
    const verdict = after(model, previous);
    expect(verdict.accepted).toBe(true);
    expect(alarmed(verdict)).toEqual(["no-way in 2 at 2 for dan by nothing, always"]);
  });

  test("locks and lockdowns, for as long as they last", () => {
    const mode = (name: string, changes: Partial<CommunityModel["modes"][number]>) => ({
      portalId: portal(name),
      mode: "normal" as const,
      lockdown: 0 as const,
      generation: 1,
      ...changes,
    });
    const locked = after({
      ...base,
      modes: [mode("2", { mode: "locked", until: instant("2026-11-23T00:00") })],
    });
    expect(locked.accepted).toBe(true);
    expect(alarmed(locked)).toEqual([
      "no-way in 2 at 2 for cui by nothing, 2026-11-22T00:00 to 2026-11-23T00:00",
    ]);
    // The side gate is left.
    expect(after({ ...base, modes: [mode("gate", { mode: "locked" })] }).alarms).toEqual([]);
    // Residents pass level 1.
    expect(after({ ...base, modes: [mode("2", { lockdown: 1 })] }).alarms).toEqual([]);
    expect(alarmed(after({ ...base, modes: [mode("2", { lockdown: 2 })] }))).toEqual([
      "no-way in 2 at 2 for cui by nothing, always",
    ]);
    // Unless residents have the permission.
    const permitted = { ...changed(3, { overridesLockdown: true }), modes: [mode("2", { lockdown: 2 })] };
    expect(after(permitted).alarms).toEqual([]);
    expect(after({ ...permitted, modes: [mode("2", { lockdown: 3 })] }).alarms).toHaveLength(1);
    // A door held open needs no rule.
    const open = { ...base, rules: base.rules.slice(0, 2), modes: [mode("2", { mode: "held-open" })] };
    expect(first(open).accepted).toBe(true);
  });
});

describe("compared with what was", () => {
  const broken = changed(2, { means: ["desfire"] });

  test("what was missing already is no reason to refuse, and stays an alarm", () => {
    const verdict = after({ ...broken, rules: [...broken.rules, rule(9, ["gym"])] }, broken);
    expect(verdict.accepted).toBe(true);
    expect(alarmed(verdict)).toEqual(["one-way in 1 at 1 for ann+bob by card, always"]);
  });

  test("worse is refused", () => {
    const verdict = after(changed(2, { means: ["face"] }), broken);
    expect(verdict.accepted).toBe(false);
    expect(summaries(verdict)).toEqual(["no-way in 1 at 1 for ann+bob by nothing, always"]);
    expect(verdict.model.rules).toEqual(broken.rules);
    expect(alarmed(verdict)).toEqual(["one-way in 1 at 1 for ann+bob by card, always"]);
  });

  test("worse at another time is refused", () => {
    const shortened = {
      ...broken,
      rules: broken.rules.map((each) =>
        each.number === 2 ? { ...each, scheduleId: schedule("day") } : each,
      ),
    };
    expect(summaries(after(shortened, broken))).toEqual([
      "no-way in 1 at 1 for ann+bob by nothing, 2026-11-22T00:00 to 2026-11-22T06:00",
    ]);
  });

  test("better but not good is accepted", () => {
    const none = { ...base, rules: [base.rules[0], base.rules[2]].filter((each) => each !== undefined) };
    expect(after(broken, none).accepted).toBe(true);
  });

  test("a first model has nothing to fall back on: no rule at all", () => {
    const verdict = first(broken);
    expect(verdict.accepted).toBe(false);
    expect(verdict.model).toEqual({ ...broken, rules: [] });
    expect(verdict.alarms).toEqual([]);
  });
});

describe("a refused change delays no revocation", () => {
  const staff = (number: number, names: readonly string[]) =>
    rule(number, ["office"], { who: { personIds: names.map(person) } });
  const previous: CommunityModel = {
    ...base,
    rules: [...base.rules, staff(7, ["eva"]), staff(8, ["eva", "fay"])],
    credentials: ["ann", "eva", "fay"].map((name) => ({
      key: key(name),
      kind: "desfire",
      grade: "A",
      personId: person(name),
      status: "active",
      validity: {},
    })),
  };
  // In one step: the buildings' doors go to faces only, and three people lose what they had.
  const model: CommunityModel = {
    ...previous,
    rules: [
      rule(1, ["gate in", "gate out", "side"]),
      rule(2, ["1"], { means: ["face"] }),
      rule(3, ["2"], { who: { roles: ["staff"] } }),
      staff(8, ["fay"]),
    ],
    credentials: previous.credentials.map((each) =>
      each.personId === ann ? { ...each, status: "lost" } : each,
    ),
  };

  test("what the change takes away and costs no way is in force", () => {
    const verdict = after(model, previous);
    expect(verdict.accepted).toBe(false);
    expect(verdict.model.rules).toEqual([...base.rules, staff(8, ["fay"])]);
    expect(verdict.model.credentials).toEqual(model.credentials);
  });

  test("the snapshot says so", () => {
    const { accepted, document, violations } = compileSnapshot(model, {
      gateId,
      version: 2,
      at,
      until,
      previous,
    });
    expect(accepted).toBe(false);
    expect(violations.length).toBeGreaterThan(0);
    const loaded = loadSnapshot(document);
    if (!loaded.ok) throw new Error(loaded.error.where);
    const tap = (name: string, through: string, kind: "desfire" | "pin" = "desfire") =>
      decide(
        loaded.snapshot,
        { credentialKey: key(name), kind, grade: "A", evidence: {} },
        door(through),
        { mode: "normal", lockdown: 0, fireRelease: false },
        { earliest: at, latest: at },
      );
    expect(tap("ann", "1")).toEqual({
      granted: false,
      reasons: [{ code: "credential-blocked", astray: true }],
    });
    expect(tap("eva", "office")).toEqual({ granted: false, reasons: [{ code: "credential-unknown" }] });
    expect(tap("fay", "office")).toEqual({ granted: true, reasons: [{ code: "rule-allows", rule: 8 }] });
  });

  test("an ended tenancy ends", () => {
    const ended = {
      ...model,
      residencies: [
        home("ann", "1-101", { validity: { until: instant("2026-11-21T00:00") } }),
        ...base.residencies.slice(1),
      ],
    };
    expect(after(ended, previous).model.residencies).toEqual(ended.residencies);
  });

  test("homes of a building that is only planned wait for it", () => {
    const planned: CommunityModel = {
      ...model,
      buildings: [...base.buildings, { id: building("3"), areaId: area("lobby 2") }],
      dwellings: [...base.dwellings, { id: dwelling("3-301"), buildingId: building("3") }],
      residencies: [...base.residencies, home("gus", "3-301")],
    };
    const verdict = after(planned, previous);
    expect(verdict.accepted).toBe(false);
    expect(verdict.model.residencies).toEqual(base.residencies);
  });
});

describe("a falling grade closes nobody's way", () => {
  const newYear = instant("2027-01-01T00:00");
  const cap = (kind: CredentialKind, grade: Grade) => ({ kind, grade, from: newYear });

  test("a fall that leaves two ways counts", () => {
    const verdict = after({ ...base, gradeCaps: [cap("pin", "E")] });
    expect(verdict).toMatchObject({ accepted: true, alarms: [], waivers: [] });
  });

  test("a fall that would leave one is waived on the paths of those concerned", () => {
    const model = { ...base, gradeCaps: [cap("pin", "E"), cap("phone", "E")] };
    const verdict = after(model);
    const waived = [
      {
        personIds: [ann, bob].sort(),
        accessPointIds: ["1", "gate in", "gate out", "side"].map(door).sort(),
        kinds: ["phone", "pin"],
      },
      {
        personIds: [cui],
        accessPointIds: ["2", "gate in", "gate out", "side"].map(door).sort(),
        kinds: ["phone", "pin"],
      },
    ];
    expect(verdict.accepted).toBe(true);
    expect(verdict.model).toBe(model);
    expect(verdict.waivers.toSorted((a, b) => b.personIds.length - a.personIds.length)).toEqual(waived);
    expect(verdict.alarms).toEqual(verdict.waivers.map((waiver) => ({ code: "grade-fall-waived", waiver })));
  });

  test("whom it is waived for on one path, it is waived for on all of theirs", () => {
    const verdict = after({
      ...base,
      residencies: [home("ann", "1-101"), home("ann too", "2-201", { personId: ann })],
      // At building 1 the fall leaves the card alone; building 2 asks for less and would not mind.
      rules: [
        rule(1, ["gate in", "gate out", "side"]),
        rule(2, ["1"], { minimumGrade: "A" }),
        rule(3, ["2"]),
      ],
      gradeCaps: [cap("phone", "B")],
    });
    expect(verdict.accepted).toBe(true);
    expect(verdict.waivers.flatMap(({ personIds }) => personIds)).toEqual([ann, ann]);
    expect(new Set(verdict.waivers.flatMap(({ accessPointIds }) => accessPointIds))).toEqual(
      new Set(["1", "2", "gate in", "gate out", "side"].map(door)),
    );
  });

  test("a fall after somebody has moved out does not concern them", () => {
    const gone = home("cui", "2-201", { validity: { until: newYear } });
    const verdict = after({
      ...base,
      residencies: [...base.residencies.slice(0, 2), gone],
      gradeCaps: [cap("pin", "E"), cap("phone", "E")],
    });
    expect(verdict.waivers.flatMap(({ personIds }) => personIds)).toEqual([ann, bob].sort());
  });

  test("a change that costs a way is refused, fall or no fall", () => {
    const fallen = { ...base, gradeCaps: [cap("pin", "E"), cap("phone", "E")] };
    const verdict = after({ ...fallen, rules: changed(3, { means: ["desfire"] }).rules }, fallen);
    expect(verdict.accepted).toBe(false);
    expect(summaries(verdict)).toEqual([
      "one-way in 2 at 2 for cui by card, 2026-11-22T00:00 to 2027-01-01T00:00",
      "one-way in 2 at 2+gate in+side for cui by card, 2027-01-01T00:00 to 2027-11-22T00:00",
    ]);
  });
});

test("what does not hang together is a fault, not a refusal", () => {
  const cases: readonly Partial<CommunityModel>[] = [
    { timeZone: "Mars/Olympus" },
    { outsideAreaId: area("nowhere") },
    { areas: [...base.areas, ...base.areas] },
    { buildings: [{ id: building("1"), areaId: area("nowhere") }] },
    { dwellings: [{ id: dwelling("1-101"), buildingId: building("9") }] },
    { accessPoints: [{ ...accessPoint("x", "nowhere", "street", "yard") }] },
    { accessPoints: [accessPoint("x", "gate", "street", "nowhere")] },
    { residencies: [home("ann", "9-901")] },
    { rules: [rule(1, []), rule(1, [])] },
    { rules: [rule(0, [])] },
    { rules: [rule(1, [], { scheduleId: schedule("none") })] },
    { portals: base.portals.map((each) => ({ ...each, unlockScheduleId: schedule("none") })) },
    { holidays: [{ date: "2027-02-30", kind: "public" }] },
    {
      holidays: [
        { date: "2027-02-28", kind: "public" },
        { date: "2027-02-28", kind: "other" },
      ],
    },
    {
      schedules: base.schedules.map((each) => ({
        ...each,
        weekly: [{ weekday: 1, startMinute: 9, endMinute: 9 }],
      })),
    },
  ];
  for (const part of cases) {
    expect(() => first({ ...base, ...part })).toThrowError(expect.objectContaining({ name: "PolicyError" }));
  }
  for (const options of [
    { version: 0 },
    { version: 1.5 },
    { until: at },
    { until: Instant(at + 4_000 * 86_400_000) },
  ]) {
    expect(() => compileSnapshot(base, { gateId, version: 1, at, until, ...options })).toThrowError(
      expect.objectContaining({ name: "PolicyError" }),
    );
  }
});
