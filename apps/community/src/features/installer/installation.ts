import { equalBytes } from "@menshen/crypto/node";
import { GateId } from "@menshen/domain";
import {
  type GateWiring,
  type Installation,
  type InstalledDoor,
  type InstalledReader,
  type TestWire,
  uuidBytes,
  type WireTest,
} from "@menshen/wire";
import type { Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import type { GateLink, GateState } from "../../gate-link/index.ts";
import { findingsOf, gateView, selectGate, selectSubjectNames, sortFindings } from "../devices/index.ts";
import { selectAccessPoints, selectPortals, selectReaders } from "../doors/index.ts";
import { doorGrade } from "./door-grade.ts";
import {
  type StoredTest,
  selectLastSelfTest,
  selectNewestTests,
  selectReplaced,
  selectSightings,
  selectWiring,
  settleTest,
} from "./installer.store.ts";
import { judgeTest } from "./judge-test.ts";

/** More doors or readers than one gate drives. */
const ALL = 500;

/** Reads how far the installing of a gate is; tests that have come to an end are settled by it. Throws `not-found`. */
export async function readInstallation(
  {
    db,
    gateLink,
    now,
  }: { readonly db: Reader; readonly gateLink: Pick<GateLink, "readGate">; readonly now: number },
  gateId: string,
): Promise<Installation> {
  const gate = found(await selectGate(db, gateId), "gate");
  const state = await gateLink.readGate(GateId(gateId));
  const { wiring, revision } = await selectWiring(db, gateId);
  const portals = (await selectPortals(db, { gateId, limit: ALL })).items;
  const records = (await selectReaders(db, { gateId, limit: ALL })).items;
  const points = (await selectAccessPoints(db, { limit: ALL })).items;
  const names = await selectSubjectNames(db);
  const tests = new Map<string, WireTest>();
  for (const test of await selectNewestTests(db, gateId)) {
    tests.set(`${test.wire} ${test.subjectId}`, await testView(test));
  }

  async function testView(test: StoredTest): Promise<WireTest> {
    const { settled } = test;
    const common = { wire: test.wire, testId: test.id, startedAt: test.startedAt, testedBy: test.testedBy };
    const named = (ids: readonly string[]) => ids.flatMap((id) => names.get(id) ?? []);
    if (settled !== undefined) {
      const { outcome, endedAt, observed, elsewhere } = settled;
      return { ...common, state: outcome, endedAt, observed: [...observed], elsewhere: named(elsewhere) };
    }
    const sightings = await selectSightings(db, gateId, test.fromPosition, test.startedAt);
    const judged = judgeTest({ ...test, sightings }, now);
    const isOver = judged.state === "passed" || judged.state === "failed";
    if (isOver) await settleTest(db, test.id, judged, now);
    return {
      ...common,
      state: judged.state,
      observed: [...judged.observed],
      elsewhere: named(judged.elsewhere),
      ...(isOver ? { endedAt: now } : {}),
    };
  }

  const testOf = (wire: TestWire, subjectId: string, isWired: boolean): WireTest =>
    isWired
      ? (tests.get(`${wire} ${subjectId}`) ?? { wire, state: "untested", observed: [], elsewhere: [] })
      : { wire, state: "not-wired", observed: [], elsewhere: [] };

  const readers = records.map((record): InstalledReader => {
    const isOnLine = record.kind === "osdp" && wiring.readers.some(({ readerId }) => readerId === record.id);
    return {
      readerId: record.id,
      name: record.name,
      kind: record.kind,
      ...optional("accessPointId", record.accessPointId),
      ...linkOf(record.id, state),
      tests: (["led", "sound", "tamper"] as const).map((wire) => testOf(wire, record.id, isOnLine)),
    };
  });
  const gateHasTpm = !(state.status?.findings ?? []).some(({ code }) => code === "no-tpm");
  const doors = portals.map((portal): InstalledDoor => {
    const own = points.filter(({ portalId }) => portalId === portal.id);
    const at = readers.filter(({ accessPointId }) => own.some(({ id }) => id === accessPointId));
    const wired = wiring.portals.find(({ portalId }) => portalId === portal.id);
    return {
      portalId: portal.id,
      name: portal.name,
      accessPoints: own.map(({ id, name, minimumGrade }) => ({ id, name, minimumGrade })),
      grade: doorGrade(
        portal.id,
        at.map(({ readerId, kind, channel }) => ({ readerId, kind, hasOwnKey: channel === "own-key" })),
        wiring,
        gateHasTpm,
      ),
      tests: [
        testOf("lock", portal.id, wired !== undefined),
        testOf("contact", portal.id, wired?.contact !== undefined),
        testOf("exit", portal.id, wired?.exitButton !== undefined),
      ],
    };
  });
  const selfTest = await selectLastSelfTest(db, gateId);
  const replaced = await selectReplaced(db, gateId);
  return {
    gate: gateView(gate, state),
    wiring,
    wiringRevision: revision,
    doors,
    readers,
    findings: sortFindings(findingsOf(gate, state, names, now)),
    ...(selfTest === undefined
      ? {}
      : { selfTest: { ...selfTest, names: namesIn(selfTest.report.faults, names) } }),
    ...(replaced === undefined ? {} : { replaces: replaced.gateId, oldJournal: replaced.journal }),
  };
}

function namesIn(
  faults: readonly { readonly subject?: string }[],
  names: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    faults.flatMap(({ subject }) => {
      const name = subject === undefined ? undefined : names.get(subject);
      return subject === undefined || name === undefined ? [] : [[subject, name]];
    }),
  );
}

/** Codes of a gate for a reader that answers and is not served: it has no key yet, or not the one that the gate holds. */
const WITHOUT_KEY: ReadonlySet<string> = new Set(["reader-key-missing", "reader-key-refused"]);

function linkOf(readerId: string, state: GateState): Pick<InstalledReader, "found" | "channel"> {
  const subject = uuidBytes(readerId);
  const isWithoutKey = state.status?.findings.some(
    (finding) =>
      WITHOUT_KEY.has(finding.code) && finding.subject !== undefined && equalBytes(finding.subject, subject),
  );
  if (state.online && isWithoutKey === true) return { found: "yes", channel: "none" };
  const reported = state.status?.readers.find((candidate) => candidate.readerId === readerId);
  if (!state.online || reported === undefined) return { found: "unknown", channel: "unknown" };
  return { found: reported.online ? "yes" : "no", channel: reported.secureChannel };
}

/** Whether what is said of wires fits the gate's own doors and readers; the first thing that does not. */
export function wiringFault(
  wiring: GateWiring,
  portalIds: ReadonlySet<string>,
  readerIds: ReadonlySet<string>,
): string | undefined {
  const lines = new Set(wiring.lines.map(({ id }) => id));
  if (lines.size < wiring.lines.length) return "two lines have the same name";
  const places = wiring.readers.map(({ lineId, address }) => `${lineId} ${address}`);
  if (new Set(places).size < places.length) return "two readers have the same address on one line";
  const onLines = new Set(wiring.readers.map(({ readerId }) => readerId));
  if (onLines.size < wiring.readers.length) return "a reader is on a line twice";
  for (const { readerId, lineId } of wiring.readers) {
    if (!readerIds.has(readerId)) return "a reader is not one of this gate";
    if (!lines.has(lineId)) return "a reader is on a line that is not there";
  }
  for (const { readerId } of wiring.plugged) {
    if (!readerIds.has(readerId) || onLines.has(readerId)) return "a plugged reader is not one of this gate";
  }
  const wired = new Set(wiring.portals.map(({ portalId }) => portalId));
  if (wired.size < wiring.portals.length) return "a door is wired twice";
  const ends: string[] = [];
  for (const { portalId, lock, contact, passage, exitButton, fireInput } of wiring.portals) {
    if (!portalIds.has(portalId)) return "a door is not one of this gate";
    const relays = "units" in lock ? lock.units.flatMap(relaysOf) : [lock];
    for (const end of [...relays, contact, passage, exitButton, fireInput]) {
      if (end !== undefined && !onLines.has(end.readerId))
        return "a wire ends at a device that is on no line";
    }
    ends.push(...relays.map(({ readerId, output }) => `output ${readerId} ${output}`));
    for (const end of [contact, passage, exitButton])
      if (end !== undefined) ends.push(`input ${end.readerId} ${end.input}`);
  }
  return new Set(ends).size < ends.length ? "two wires end at the same terminal" : undefined;
}

const relaysOf = ({ readerId, outputs }: { readonly readerId: string; readonly outputs: number }) =>
  Array.from({ length: outputs }, (_, output) => ({ readerId, output }));
