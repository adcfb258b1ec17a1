import type { AccessPointId, DoorState, Presentation, TimeInterval } from "@menshen/domain";
import { loadScenarioTables } from "@menshen/testkit/scenarios";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyDelta,
  compileSnapshot,
  decide,
  diffSnapshots,
  isPortalUnlocked,
  loadSnapshot,
  nextScheduleChange,
  readSnapshotDocument,
  snapshotBytes,
} from "./index.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 400);
const table = loadScenarioTables().find(({ name }) => name === "validity");
const gateId = table?.scenarios[0]?.gateId;
if (table === undefined || gateId === undefined) throw new Error("no scenario table");
const base = compileSnapshot(table.model, { ...table, gateId, version: 3 }).document;
const later = compileSnapshot(
  { ...table.model, credentials: table.model.credentials.slice(3), rules: table.model.rules.slice(1) },
  {
    ...table,
    gateId,
    version: 4,
    verdict: {
      accepted: true,
      violations: [],
      alarms: [],
      waivers: [],
      model: {
        ...table.model,
        credentials: table.model.credentials.slice(3),
        rules: table.model.rules.slice(1),
      },
    },
  },
).document;
const delta = diffSnapshots(base, later);

/** One edit of a tree: which node, and what becomes of it. */
interface Edit {
  readonly pick: number;
  readonly change: "replace" | "number" | "bytes" | "drop" | "double";
  readonly value: unknown;
  readonly amount: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  pick: fc.nat(),
  change: fc.constantFrom("replace", "number", "bytes", "bytes", "drop", "double"),
  value: fc.oneof(
    fc.anything({ maxDepth: 2 }),
    fc.constantFrom<unknown>(
      -1,
      0,
      1,
      255,
      65_536,
      2 ** 31,
      2 ** 32,
      2 ** 53,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ),
    fc.uint8Array({ maxLength: 40 }),
  ),
  amount: fc.integer({ min: -3, max: 3 }),
});

/** Copies a tree and edits its `pick`-th node. */
function edited(tree: unknown, { pick, change, value, amount }: Edit): unknown {
  const count = countOf(tree);
  let next = pick % count;
  const walk = (node: unknown): unknown => {
    if (next-- === 0) {
      if (change === "number" && typeof node === "number") return node + amount;
      if (change === "bytes" && node instanceof Uint8Array) {
        const bytes = node.slice();
        if (bytes.length > 0) bytes[Math.abs(pick) % bytes.length] = (bytes[0] ?? 0) ^ (amount & 255);
        return bytes;
      }
      if (Array.isArray(node)) {
        if (change === "drop") return node.slice(1);
        if (change === "double") return [...node, ...node];
      }
      return change === "replace" ? value : node;
    }
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(child)]));
  };
  return walk(tree);
}

function countOf(node: unknown): number {
  if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return 1;
  return Object.values(node).reduce((sum: number, child) => sum + countOf(child), 1);
}

const scenarios = table.scenarios;

test("an edited document loads or is refused; what loads, decides with a reason", () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), fc.nat(), (edits, pick) => {
      const document = edits.reduce<unknown>(edited, base);
      const result = loadSnapshot(document);
      if (!result.ok) {
        expect(result.error.where.length).toBeGreaterThan(0);
        return;
      }
      const { snapshot } = result;
      expect(snapshotBytes(snapshot)).toBeGreaterThan(0);
      for (const offset of [0, 7, 19]) {
        const scenario = scenarios[(pick + offset) % scenarios.length];
        if (scenario === undefined) continue;
        const { presentation, accessPointId, doorState, now } = scenario;
        expect(decide(snapshot, presentation, accessPointId, doorState, now).reasons.length).toBeGreaterThan(
          0,
        );
      }
      const [portal] = snapshot.portals;
      const [scenario] = scenarios;
      if (portal === undefined || scenario === undefined) return;
      isPortalUnlocked(snapshot, portal.id, scenario.doorState, scenario.now);
      nextScheduleChange(snapshot, portal.id, scenario.now.earliest);
    }),
    { numRuns },
  );
});

test("an edited delta applies or is refused; what it gives is a whole document", () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const result = applyDelta(base, edits.reduce<unknown>(edited, delta));
      if (result.ok) expect(readSnapshotDocument(result.document).ok).toBe(true);
    }),
    { numRuns },
  );
});

test("anything at all loads or is refused", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(loadSnapshot(value).ok).toBe(false);
      expect(applyDelta(base, value).ok).toBe(false);
      expect(readSnapshotDocument(value).ok).toBe(false);
    }),
    { numRuns },
  );
});

test("decide answers any arguments with a decision and a reason", () => {
  const loaded = loadSnapshot(base);
  if (!loaded.ok) throw new Error(loaded.error.where);
  const near = {
    presentation: fc.oneof(
      fc.anything(),
      fc.record({
        credentialKey: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.anything()),
        kind: fc.oneof(fc.constant("desfire"), fc.anything()),
        grade: fc.oneof(fc.constant("A"), fc.anything()),
        evidence: fc.oneof(fc.constant({}), fc.anything()),
      }),
    ),
    accessPointId: fc.oneof(
      fc.constantFrom<unknown>(...loaded.snapshot.accessPoints.map(({ id }) => id)),
      fc.anything(),
    ),
    doorState: fc.oneof(
      fc.anything(),
      fc.record({
        mode: fc.oneof(fc.constantFrom("normal", "locked", "held-open"), fc.anything()),
        lockdown: fc.oneof(fc.integer({ min: -1, max: 4 }), fc.anything()),
        fireRelease: fc.oneof(fc.constant(false), fc.anything()),
      }),
    ),
    now: fc.oneof(fc.anything(), fc.record({ earliest: fc.double(), latest: fc.double() })),
  };
  fc.assert(
    fc.property(
      near.presentation,
      near.accessPointId,
      near.doorState,
      near.now,
      (presentation, accessPointId, doorState, now) => {
        for (const snapshot of [loaded.snapshot, undefined]) {
          const decision = decide(
            snapshot,
            presentation as Presentation,
            accessPointId as AccessPointId,
            doorState as DoorState,
            now as TimeInterval,
          );
          expect(decision.reasons.length).toBeGreaterThan(0);
          const [deciding] = decision.reasons;
          if (decision.granted) expect(["portal-unlocked", "rule-allows"]).toContain(deciding?.code);
        }
      },
    ),
    { numRuns },
  );
});
