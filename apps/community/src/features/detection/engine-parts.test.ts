import { AccessPointId, GateId, Instant, type Reason } from "@menshen/domain";
import type { AccessEntry, JournalEntry } from "@menshen/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calibratedPrior, underPrior } from "./calibration.ts";
import type { StoredTap } from "./cases.store.ts";
import { detectionTap } from "./detection-event.ts";
import { type WatchedGate, watermark } from "./engine.ts";
import { halvesOf } from "./halves.ts";

const NOW = 1_795_500_000_000;
const HOUR = 3_600_000;
const GATE = GateId("3f1c2a9e-0d4b-4c55-9a67-00000000c0de");

describe("the calibrated prior", () => {
  test("stays as it was before anything was found", () => {
    expect(calibratedPrior(0.005, [])).toBeCloseTo(0.005, 12);
  });

  test("falls when cases turn out to be nothing, and rises when they are copies", () => {
    const noise = Array.from({ length: 40 }, () => ({ probability: 0.5, isCopy: false }));
    const copies = Array.from({ length: 40 }, () => ({ probability: 0.5, isCopy: true }));
    expect(calibratedPrior(0.005, noise)).toBeLessThan(0.0012);
    expect(calibratedPrior(0.005, copies)).toBeGreaterThan(0.02);
  });

  test("one case does not turn everything round", () => {
    const after = calibratedPrior(0.005, [{ probability: 0.9, isCopy: false }]);
    expect(after).toBeGreaterThan(0.002);
    expect(after).toBeLessThan(0.005);
  });

  test("stays a probability, whatever was found", () => {
    const finding = fc.record({
      probability: fc.double({ min: 0, max: 1, noNaN: true }),
      isCopy: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 300 }), (findings) => {
        const prior = calibratedPrior(0.005, findings);
        expect(prior).toBeGreaterThan(0);
        expect(prior).toBeLessThan(1);
      }),
      { numRuns: 200 },
    );
  });

  test("moves a probability as far as the odds of the prior moved", () => {
    expect(underPrior(0.5, 0.5, 0.8)).toBeCloseTo(0.8, 9);
    expect(underPrior(0.3, 0.01, 0.01)).toBeCloseTo(0.3, 9);
  });
});

describe("halves of a forked card", () => {
  const tap = (sequence: number, more: Partial<StoredTap> = {}): StoredTap => ({
    at: NOW + sequence * HOUR,
    gateId: GATE,
    sequence,
    accessPointId: "11111111-2222-4333-8444-555555555555",
    granted: true,
    ...more,
  });
  const told = (taps: readonly StoredTap[], conflicts: readonly string[] = []) => {
    const halves = halvesOf(taps, new Set(conflicts));
    return taps.map((one) => halves.get(one));
  };

  test("are told by how the chips answer", () => {
    const taps = [tap(3, { fingerprint: 7 }), tap(2, { fingerprint: 9 }), tap(1, { fingerprint: 7 })];
    expect(told(taps)).toEqual(["first", "second", "first"]);
  });

  test("are told by counters that do not rise together", () => {
    const taps = [
      tap(5, { counter: 13 }),
      tap(4, { counter: 11 }),
      tap(3, { counter: 12 }),
      tap(2, { counter: 11 }),
    ];
    expect(told(taps)).toEqual(["first", "second", "first", "first"]);
  });

  test("of a card without either are the two taps that do not fit, and nothing more", () => {
    expect(told([tap(3), tap(2), tap(1)], [`${GATE} 3`])).toEqual(["second", "first", undefined]);
  });

  test("are none where everything fits", () => {
    expect(told([tap(2, { counter: 2 }), tap(1, { counter: 1 })])).toEqual([undefined, undefined]);
  });
});

describe("until when events are judged", () => {
  const gate = (more: Partial<WatchedGate>): WatchedGate => ({
    gateId: GATE,
    enrolment: "enrolled",
    lastSeenAt: Instant(NOW),
    statusAt: Instant(NOW - 5_000),
    journal: { lastSequence: 1, gaps: [], forked: false, rereading: false },
    ...more,
  });
  const status = (earliest: number, journalBacklog = 0) => ({ earliest: Instant(earliest), journalBacklog });

  test("is what the slowest gate has said, by its own clock", () => {
    const gates = [gate({ status: status(NOW - 5_000) }), gate({ status: status(NOW - 90_000) })];
    expect(watermark(gates, NOW, 26 * HOUR)).toEqual({ until: NOW - 91_000, waitingFor: [] });
  });

  test("waits for a gate with a backlog, a gap or no word, and not for ever", () => {
    for (const one of [
      gate({ status: status(NOW - 5_000, 3) }),
      gate({
        status: status(NOW),
        journal: { lastSequence: 1, gaps: [{ first: 2, last: 3 }], forked: false, rereading: false },
      }),
      gate({}),
    ]) {
      expect(watermark([one], NOW, 26 * HOUR)).toEqual({ until: NOW - 26 * HOUR, waitingFor: [GATE] });
    }
  });

  test("is not held back by gates that were revoked or never came", () => {
    const { lastSeenAt: _never, ...unseen } = gate({});
    expect(watermark([gate({ enrolment: "revoked" }), unseen], NOW, HOUR).until).toBe(NOW);
  });
});

describe("what the engine is told of an entry", () => {
  const ACCESS: AccessEntry["body"] = {
    accessPointId: AccessPointId("11111111-2222-4333-8444-555555555555"),
    granted: true,
    reasons: [{ code: "rule-allows" }],
    kind: "uid",
    snapshotVersion: 1,
    lockDriven: true,
    pseudonym: new Uint8Array(16).fill(2),
    pseudonymKeyId: new Uint8Array(8).fill(1),
    epoch: 3,
  };
  const HEAD = {
    version: 1,
    sequence: 4,
    earliest: Instant(NOW),
    latest: Instant(NOW),
    kind: "access",
  } as const;
  const entry = (body: Partial<AccessEntry["body"]>): JournalEntry => ({
    ...HEAD,
    body: { ...ACCESS, ...body },
  });

  test("is nothing about cards without a name, and nothing of other kinds", () => {
    const { pseudonym: _nameless, ...body } = ACCESS;
    expect(detectionTap(GATE, { ...HEAD, body }, NOW, HOUR)).toBeUndefined();
    expect(detectionTap(GATE, undefined, NOW, HOUR)).toBeUndefined();
  });

  test("keeps cards of different keys apart and carries what the gate saw", () => {
    const tap = detectionTap(
      GATE,
      entry({
        evidence: { counter: 9, counterMark: "torn", keyVersion: 300, fingerprint: 77, watched: true },
      }),
      NOW + 10,
      26 * HOUR,
    );
    expect(tap).toEqual({
      epoch: 3,
      event: {
        at: NOW,
        receivedAt: NOW + 10,
        gate: GATE,
        accessPoint: "11111111-2222-4333-8444-555555555555",
        credential: `${"01".repeat(8)}${"02".repeat(16)}`,
        kind: "uid",
        sequence: 4,
        result: "granted",
        counter: 9,
        torn: true,
        keyVersion: 44,
        fingerprint: 77,
        watched: true,
      },
    });
  });

  test("tells a receipt of days later as that of a gate that was offline", () => {
    expect(detectionTap(GATE, entry({}), NOW + 90 * HOUR, 26 * HOUR)?.event.receivedAt).toBe(NOW + 25 * HOUR);
  });

  test.each<[Reason[], string | undefined]>([
    [[{ code: "credential-not-authentic", detail: "wrong-key" }], "wrong-key"],
    [[{ code: "credential-downgraded", enrolled: "B", presented: "E" }], "other"],
    [[{ code: "outside-schedule" }], undefined],
  ])("says of %j: %s", (reasons, failure) => {
    expect(detectionTap(GATE, entry({ granted: false, reasons }), NOW, HOUR)?.event.failure).toBe(failure);
  });
});
