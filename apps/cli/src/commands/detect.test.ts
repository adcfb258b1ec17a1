import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { menshenHere } from "../testing/menshen.ts";

const directory = mkdtempSync(join(tmpdir(), "menshen-detect-"));
afterAll(() => rmSync(directory, { recursive: true }));
const path = (name: string) => join(directory, name);

test("how a simulated community lives is printed in figures that surveys publish", async () => {
  const { code, stdout } = await menshenHere(["simulate", "--cards", "40", "--days", "14", "--statistics"]);
  expect(code).toBe(0);
  expect(Object.keys(JSON.parse(stdout))).toEqual(["outings", "stayedIn", "firstFrom7To9", "hoursAway"]);
});

test("a simulated community is judged: cases in the order of events, then a summary", async () => {
  const simulated = await menshenHere([
    ...["simulate", "--cards", "80", "--days", "50", "--seed", "cli"],
    ...["--doors-to", path("doors.json"), "--truth-to", path("truth.json")],
  ]);
  expect(simulated.code).toBe(0);
  writeFileSync(path("events.ndjson"), `${simulated.stdout}not json\n`);
  const { code, stdout } = await menshenHere([
    "detect",
    "--doors",
    path("doors.json"),
    path("events.ndjson"),
  ]);
  expect(code).toBe(0);
  const lines: {
    early?: boolean;
    case?: string;
    credential?: string;
    at?: number;
    step?: string;
    summary?: object;
  }[] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const cases = lines.filter((line) => line.case !== undefined && line.early === undefined);
  const times = cases.map(({ at }) => at ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const truth = readFileSync(path("truth.json"), "utf8");
  const proven = cases.filter(({ step }) => step === "replace");
  expect(proven.length).toBeGreaterThan(0);
  expect(proven.every(({ credential }) => truth.includes(credential ?? "?"))).toBe(true);
  expect(lines.at(-1)).toMatchObject({
    summary: { faultyLines: 1, unknownDoors: 0, withoutRoom: 0 },
    faults: [{ code: "not-json", field: "" }],
  });
});

test("what needs no waiting is told as its record arrives, marked, and its case follows in order", async () => {
  const doors = {
    version: 1,
    gates: [{ id: "east" }],
    accessPoints: [{ id: "east-in", gate: "east", from: "outside", to: "site" }],
  };
  const base = { gate: "east", accessPoint: "east-in", credential: "A1", kind: "ntag424", result: "granted" };
  const [first, second, other] = [1, 2, 3].map((sequence) => {
    const at = 1_772_417_975_000 + sequence * 60_000;
    return { ...base, at, receivedAt: at + 400, sequence, counter: 7 };
  });
  const events = [first, second, { ...other, credential: "A2" }];
  writeFileSync(path("doors-early.json"), JSON.stringify(doors));
  writeFileSync(path("early.ndjson"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const { stdout } = await menshenHere(["detect", "--doors", path("doors-early.json"), path("early.ndjson")]);
  const lines = stdout.trim().split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^\{"early":true,"case":"A1\//);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ step: "replace", signs: [{ rule: "R1", sequence: 2 }] });
  const inOrder = JSON.parse(lines[1] ?? "");
  expect(inOrder).toMatchObject({ step: "replace", signs: [{ rule: "R1", sequence: 2 }] });
  expect(inOrder.early).toBeUndefined();
});

test("CSV of another system is read; what is missing is named", async () => {
  writeFileSync(
    path("doors-csv.json"),
    JSON.stringify({
      version: 1,
      gates: [{ id: "K1" }],
      accessPoints: [{ id: "北门进", gate: "K1", from: "outside", to: "site" }],
    }),
  );
  writeFileSync(
    path("log.csv"),
    "时间,卡号,门,控制器,事件\n2026-03-02 08:00:00,A1,北门进,K1,合法开门\n2026-03-02 08:01:00,A1,北门进,K1,午饭\n",
  );
  const good = await menshenHere(["detect", "--doors", path("doors-csv.json"), path("log.csv")]);
  expect(good.code).toBe(0);
  expect(JSON.parse(good.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
    summary: { judged: 1, faultyLines: 1 },
    faults: [{ line: 3, code: "invalid-field", field: "result" }],
  });
  writeFileSync(path("bad.csv"), "a,b,c\n");
  const bad = await menshenHere(["detect", "--doors", path("doors-csv.json"), path("bad.csv")]);
  expect(bad.code).toBe(78);
  expect(bad.stderr).toContain("the CSV has no column for at, accessPoint, credential, result");
  expect((await menshenHere(["detect", path("log.csv")])).code).toBe(2);
});
