import { expect, test } from "vitest";
import { MAX_LINE_CHARACTERS, parseDoors, parseEventLine, readCsvHeader } from "./index.ts";

const GOOD = {
  at: 1_772_417_975_278,
  gate: "g1",
  accessPoint: "g1-in",
  credential: "be5658f6b482f608b4cd33e77056fde6",
  kind: "uid",
  result: "granted",
};
const line = (changes: Record<string, unknown>) => parseEventLine(JSON.stringify({ ...GOOD, ...changes }));

test("a good line is read, marks that say no are left out", () => {
  expect(line({ sequence: 7, torn: false, counter: 0 })).toEqual({
    ok: true,
    input: { ...GOOD, sequence: 7, counter: 0 },
  });
  expect(parseEventLine('{"report":"lost","credential":"a","at":5}')).toEqual({
    ok: true,
    input: { report: "lost", credential: "a", at: 5 },
  });
});

test.each([
  ["", "not-json", ""],
  ["{", "not-json", ""],
  [`{"at":1}x`, "not-json", ""],
  [" ".repeat(MAX_LINE_CHARACTERS + 1), "too-long", ""],
  ["[]", "not-an-object", ""],
  ["null", "not-an-object", ""],
  ["3", "not-an-object", ""],
  ["{}", "missing-field", "at"],
  [JSON.stringify({ ...GOOD, name: "x" }), "unknown-field", ""],
  [JSON.stringify({ ...GOOD, at: "2026-03-02" }), "invalid-field", "at"],
  [JSON.stringify({ ...GOOD, at: -1 }), "invalid-field", "at"],
  [JSON.stringify({ ...GOOD, at: 1.5 }), "invalid-field", "at"],
  [JSON.stringify({ ...GOOD, at: 1e300 }), "invalid-field", "at"],
  [JSON.stringify({ ...GOOD, gate: "" }), "invalid-field", "gate"],
  [JSON.stringify({ ...GOOD, credential: "x".repeat(129) }), "invalid-field", "credential"],
  [JSON.stringify({ ...GOOD, result: "maybe" }), "invalid-field", "result"],
  [JSON.stringify({ ...GOOD, failure: "tired" }), "invalid-field", "failure"],
  [JSON.stringify({ ...GOOD, counter: 2 ** 53 }), "invalid-field", "counter"],
  [JSON.stringify({ ...GOOD, sequence: -1 }), "invalid-field", "sequence"],
  [JSON.stringify({ ...GOOD, keyVersion: 256 }), "invalid-field", "keyVersion"],
  [JSON.stringify({ ...GOOD, fingerprint: 65_536 }), "invalid-field", "fingerprint"],
  [JSON.stringify({ ...GOOD, torn: "yes" }), "invalid-field", "torn"],
  ['{"report":"stolen","credential":"a","at":5}', "invalid-field", "report"],
  ['{"report":"lost","credential":"a"}', "missing-field", "at"],
  ['{"report":"lost","credential":"a","at":5,"name":"b"}', "unknown-field", ""],
])("a bad line is refused with its reason, never with its content: %.60s", (text, code, field) => {
  expect(parseEventLine(text)).toEqual({ ok: false, fault: { code, field } });
});

test("a doors file with faults tells where they are", () => {
  expect(parseDoors([])).toEqual({ ok: false, faults: [{ at: "", expected: "an object" }] });
  expect(parseDoors({ version: 2 })).toEqual({ ok: false, faults: [{ at: "version", expected: "1" }] });
  const parsed = parseDoors({
    version: 1,
    utcOffsetMinutes: 10_000,
    epoch: { anchor: 0, lengthHours: 1 },
    gates: [{ id: "g" }, { id: "g" }, { id: "h", clockErrorSeconds: -1 }],
    accessPoints: [{ id: "p", gate: "nowhere", from: "outside", to: "site" }],
    walks: [
      { a: "p", b: "q", seconds: 3 },
      { a: "p", b: "p", seconds: "3" },
    ],
  });
  expect(parsed).toEqual({
    ok: false,
    faults: [
      { at: "utcOffsetMinutes", expected: "minutes east of UTC, -900 to 900" },
      { at: "epoch/lengthHours", expected: "hours, 24 to 8784" },
      { at: "gates/2/clockErrorSeconds", expected: "seconds, 0 to 3600" },
      { at: "gates/1/id", expected: "each id once" },
      { at: "accessPoints/0/gate", expected: "the id of a gate in `gates`" },
      { at: "walks/0", expected: "`a` and `b` to be ids of access points" },
      { at: "walks/1/seconds", expected: "seconds, 0 to 86400" },
    ],
  });
});

test("CSV of three kinds is read; a row that cannot be read names its column", () => {
  const plain = readCsvHeader("time,door,card,result,counter", 480);
  if (!plain.ok) throw new Error("expected a header");
  expect(plain.reader.read('2026-03-02 08:15:30,"Gate, north",0012345678,granted,7')).toEqual({
    ok: true,
    event: {
      at: Date.UTC(2026, 2, 2, 0, 15, 30),
      gate: "Gate, north",
      accessPoint: "Gate, north",
      credential: "0012345678",
      kind: "uid",
      result: "granted",
      counter: 7,
    },
  });
  const chinese = readCsvHeader("\uFEFF记录号,刷卡时间,卡号,门,控制器,事件", 480);
  if (!chinese.ok) throw new Error("expected a header");
  expect(chinese.reader.read("9,2026/3/2 8:15:30,A1,北门进,K1,合法开门")).toMatchObject({
    ok: true,
    event: { sequence: 9, gate: "K1", result: "granted" },
  });
  expect(chinese.reader.read("9,2026/3/2 8:15:30,A1,北门进,K1,未注册卡")).toMatchObject({
    ok: true,
    event: { result: "refused", failure: "unknown" },
  });
  const history = readCsvHeader("Event Time;Reader Name;Card Number;Event Type", 0);
  if (!history.ok) throw new Error("expected a header");
  expect(history.reader.read("2026-03-02T08:15:30+01:00;R1;5;Access Denied")).toMatchObject({
    event: { at: Date.UTC(2026, 2, 2, 7, 15, 30), result: "refused" },
  });
  expect(history.reader.read("2026-02-31T08:15:30Z;R1;5;Access Granted")).toEqual({
    ok: false,
    column: "at",
  });
  expect(history.reader.read("2026-03-02T08:15:30Z;R1;5;lunch")).toEqual({ ok: false, column: "result" });
  expect(readCsvHeader("a,b,c", 0)).toEqual({
    ok: false,
    missing: ["at", "accessPoint", "credential", "result"],
  });
});
