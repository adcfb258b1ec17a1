import { describe, expect, it } from "vitest";
import { openingRefusalText } from "./opening-refusal-texts.ts";
import { checkOpeningRequest, type OpeningDraft } from "./opening-request.ts";
import { parseOpeningStatement } from "./opening-statement.ts";

const NOW = Date.parse("2026-11-23T08:00:00+08:00");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DOORS = Array.from(
  { length: 21 },
  (_, i) => `00000000-0000-4000-8000-0000000000${String(i).padStart(2, "0")}`,
);
const PAPER = "ab".repeat(32);
const FURTHER_PAPER = "cd".repeat(32);

const ordinary: OpeningDraft = {
  path: "ordinary",
  authority: "某市公安局某分局",
  documentNumber: "调证〔2026〕114号",
  documentSha256: PAPER,
  accessPointIds: DOORS.slice(0, 5),
  from: NOW - DAY - HOUR,
  until: NOW - HOUR,
  purpose: "crime-investigation",
  deadline: NOW + 3 * DAY,
  sealUntil: NOW + 90 * DAY,
  entryCap: 200,
};
const emergency: OpeningDraft = {
  path: "emergency",
  authority: "某市公安局某分局",
  accessPointIds: DOORS.slice(0, 1),
  from: NOW - 2 * HOUR,
  until: NOW,
  purpose: "danger-to-life",
  deadline: NOW + 2 * HOUR,
  sealUntil: NOW + 3 * DAY,
  entryCap: 50,
  onCall: [1, 3],
};
const circumstances = {
  now: NOW,
  accessPointIds: new Set(DOORS),
  documents: new Set([PAPER, FURTHER_PAPER]),
  destroyedBefore: NOW - 40 * DAY,
  sealMaxMs: 180 * DAY,
  custodianCount: 3,
};

function refusalsOf(base: OpeningDraft, change: OpeningDraft): string[] {
  const draft = Object.fromEntries(
    Object.entries({ ...base, ...change }).filter(([, value]) => value !== undefined),
  );
  const checked = checkOpeningRequest(draft, circumstances);
  return checked.accepted ? [] : checked.refusals.map(({ code, field }) => `${code} ${field}`);
}

describe("a request within the limits is accepted as it stands", () => {
  it.each([
    ["ordinary", ordinary],
    ["emergency without papers", emergency],
    ["emergency with papers", { ...emergency, documentNumber: "1", documentSha256: PAPER }],
  ])("%s", (_what, draft) => {
    expect(checkOpeningRequest(draft, circumstances)).toEqual({ accepted: true, request: draft });
  });

  it("with an extension it may be wider, and that has limits too", () => {
    const extension = { reason: "连环案件", documentSha256: FURTHER_PAPER };
    const wide = { accessPointIds: DOORS.slice(0, 20), from: NOW - 7 * DAY, until: NOW, extension };
    expect(refusalsOf(ordinary, wide)).toEqual([]);
    expect(refusalsOf(ordinary, { ...wide, accessPointIds: DOORS })).toEqual([
      "too-many-doors accessPointIds",
    ]);
    expect(refusalsOf(ordinary, { ...wide, from: NOW - 7 * DAY - 1 })).toEqual(["window-too-long until"]);
  });
});

describe("a request is refused with the reason", () => {
  it.each([
    "path",
    "authority",
    "documentNumber",
    "documentSha256",
    "accessPointIds",
    "from",
    "until",
    "purpose",
    "deadline",
    "sealUntil",
    "entryCap",
  ])("without %s (privacy row P1)", (field) => {
    expect(refusalsOf(ordinary, { [field]: undefined })).toEqual([`field-missing ${field}`]);
  });

  it.each<[string, OpeningDraft, string[]]>([
    ["no door", { accessPointIds: [] }, ["field-missing accessPointIds"]],
    ["all doors by a star", { accessPointIds: ["*"] }, ["wildcard accessPointIds"]],
    ["all doors by a word", { accessPointIds: "ALL" }, ["wildcard accessPointIds"]],
    ["a pattern among doors", { accessPointIds: [DOORS[0], "0000%"] }, ["wildcard accessPointIds"]],
    ["a door that is no id", { accessPointIds: [7] }, ["field-invalid accessPointIds"]],
    ["a door twice", { accessPointIds: [DOORS[0], DOORS[0]] }, ["door-twice accessPointIds"]],
    [
      "a door that is not here",
      { accessPointIds: ["00000000-0000-4000-8000-ffffffffffff"] },
      ["door-unknown accessPointIds"],
    ],
    ["six doors", { accessPointIds: DOORS.slice(0, 6) }, ["too-many-doors accessPointIds"]],
    ["24 hours and a millisecond", { from: NOW - DAY - 1, until: NOW }, ["window-too-long until"]],
    ["an end before the start", { from: NOW - HOUR, until: NOW - HOUR - 1 }, ["window-reversed until"]],
    ["an empty window", { from: NOW - HOUR, until: NOW - HOUR }, ["window-reversed until"]],
    ["an open end", { until: undefined }, ["field-missing until"]],
    ["an endless window", { until: Number.POSITIVE_INFINITY }, ["field-invalid until"]],
    ["a window in the future", { from: NOW - 1, until: NOW + 1 }, ["window-in-future until"]],
    [
      "entries whose keys are destroyed",
      { from: NOW - 40 * DAY - 1, until: NOW - 40 * DAY + 1 },
      ["entries-destroyed from"],
    ],
    ["a deadline that has passed", { deadline: NOW }, ["deadline-passed deadline"]],
    ["a deadline in 31 days", { deadline: NOW + 31 * DAY }, ["deadline-too-far deadline"]],
    ["a seal that has ended", { sealUntil: NOW }, ["seal-end-passed sealUntil"]],
    [
      "a seal that ends before the deadline",
      { sealUntil: NOW + 3 * DAY - 1 },
      ["seal-before-deadline sealUntil"],
    ],
    ["letters that cannot be seen", { authority: "A\u202eB" }, ["field-invalid authority"]],
    ["a name of blanks", { authority: "  " }, ["field-invalid authority"]],
    [
      "documents that were not handed in",
      {
        documentSha256: "ef".repeat(32),
        extension: { reason: "more", documentSha256: "01".repeat(32) },
      },
      ["document-not-here documentSha256", "document-not-here extension"],
    ],
    ["a seal beyond the community's limit", { sealUntil: NOW + 181 * DAY }, ["seal-too-long sealUntil"]],
    ["a purpose that is none", { purpose: "curiosity" }, ["field-invalid purpose"]],
    ["a path that is none", { path: "informal" }, ["field-invalid path"]],
    ["a digest that is none", { documentSha256: "AB".repeat(32) }, ["field-invalid documentSha256"]],
    ["a name with a line break", { authority: "a\nb" }, ["field-invalid authority"]],
    ["no entries", { entryCap: 0 }, ["too-many-entries entryCap"]],
    ["501 entries", { entryCap: 501 }, ["too-many-entries entryCap"]],
    ["half an entry", { entryCap: 0.5 }, ["field-invalid entryCap"]],
    [
      "an extension with the same paper again",
      { extension: { reason: "more", documentSha256: PAPER } },
      ["extension-needs-document extension"],
    ],
    [
      "an extension without a reason",
      { extension: { documentSha256: FURTHER_PAPER } },
      ["extension-needs-document extension"],
    ],
    ["custodians on call in an ordinary request", { onCall: [1, 2] }, ["field-invalid onCall"]],
  ])("%s (privacy row P1)", (_what, change, codes) => {
    expect(refusalsOf(ordinary, change)).toEqual(codes);
  });

  it("an empty request gets all its reasons at once", () => {
    const checked = checkOpeningRequest({}, circumstances);
    expect(checked.accepted ? 0 : checked.refusals.length).toBe(11);
  });

  it.each(["en", "zh-CN"] as const)("every refusal has its words in %s", (locale) => {
    const { why, next } = openingRefusalText({ code: "window-in-future", field: "until" }, locale);
    expect([why, next].every((text) => /[.。]$/.test(text))).toBe(true);
  });
});

describe("a hold", () => {
  const hold = { ...ordinary, holdUntil: NOW + 100 * DAY };
  const HOLD_ID = "00000000-0000-4000-8000-00000000bbbb";

  it("has an end, within a year", () => {
    expect(checkOpeningRequest(hold, circumstances)).toEqual({ accepted: true, request: hold });
    expect(refusalsOf(hold, { holdUntil: NOW + 3 * DAY })).toEqual(["hold-end-passed holdUntil"]);
    expect(refusalsOf(hold, { holdUntil: NOW + 367 * DAY })).toEqual(["hold-too-long holdUntil"]);
    expect(refusalsOf(hold, { holdUntil: "for ever" })).toEqual(["field-invalid holdUntil"]);
    expect(refusalsOf(emergency, { holdUntil: NOW + 100 * DAY })).toEqual(["field-invalid holdUntil"]);
  });

  it("can be opened from after the entries' own keys are gone", () => {
    const old = { from: NOW - 41 * DAY, until: NOW - 41 * DAY + HOUR, heldBy: HOLD_ID };
    expect(refusalsOf(ordinary, old)).toEqual([]);
    expect(refusalsOf(ordinary, { ...old, heldBy: undefined })).toEqual(["entries-destroyed from"]);
    expect(refusalsOf(ordinary, { ...old, heldBy: "*" })).toContain("field-invalid heldBy");
    expect(refusalsOf(hold, { heldBy: HOLD_ID })).toEqual(["field-invalid holdUntil"]);
  });
});

describe("an emergency relaxes the paper and nothing else", () => {
  it.each<[string, OpeningDraft, string[]]>([
    ["two doors", { accessPointIds: DOORS.slice(0, 2) }, ["emergency-one-door accessPointIds"]],
    ["2 hours and a millisecond", { from: NOW - 2 * HOUR - 1 }, ["emergency-window until"]],
    ["another purpose", { purpose: "crime-investigation" }, ["emergency-purpose purpose"]],
    ["nobody on call", { onCall: undefined }, ["emergency-on-call onCall"]],
    ["one custodian", { onCall: [1] }, ["emergency-on-call onCall"]],
    ["one custodian twice", { onCall: [2, 2] }, ["emergency-on-call onCall"]],
    ["a custodian who is none", { onCall: [1, 4] }, ["emergency-on-call onCall"]],
    ["a document without its number", { documentSha256: PAPER }, ["field-missing documentNumber"]],
    ["a number without the document", { documentNumber: "1" }, ["field-missing documentSha256"]],
    ["a deadline in two days", { deadline: NOW + 2 * DAY }, ["deadline-too-far deadline"]],
    [
      "an extension",
      { extension: { reason: "more", documentSha256: FURTHER_PAPER } },
      ["emergency-extension extension"],
    ],
  ])("%s is refused (privacy row P5)", (_what, change, codes) => {
    expect(refusalsOf(emergency, change)).toEqual(codes);
  });
});

describe("a statement is judged again by whoever reads it", () => {
  const statement = {
    topic: "opening-requested",
    at: NOW,
    requestId: "00000000-0000-4000-8000-00000000aaaa",
    ...ordinary,
  };

  it("is read as it was written", () => {
    expect(parseOpeningStatement(statement)).toEqual({ parsed: true, statement });
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["a list", [statement]],
    ["another topic", { ...statement, topic: "opening-answered" }],
    ["a field more", { ...statement, feed: true }],
    [
      "a field more in its extension",
      { ...statement, extension: { reason: "r", documentSha256: PAPER, more: 1 } },
    ],
    ["an id that is none", { ...statement, requestId: "1" }],
    ["a time that is none", { ...statement, at: 0.5 }],
  ])("%s is no statement", (_what, value) => {
    expect(parseOpeningStatement(value)).toEqual({ parsed: false, refusals: [] });
  });

  it("what the rules forbid stays forbidden in a log (privacy row P1)", () => {
    expect(parseOpeningStatement({ ...statement, accessPointIds: DOORS.slice(0, 6) })).toEqual({
      parsed: false,
      refusals: [{ code: "too-many-doors", field: "accessPointIds" }],
    });
  });
});
