import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AccessEvent,
  type Case,
  type DetectionInput,
  makeDetector,
  parseDoors,
  type Settings,
} from "./index.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const MORNING = Date.UTC(2026, 2, 2);
const parsed = parseDoors({
  version: 1,
  gates: [{ id: "east" }, { id: "west" }],
  accessPoints: [
    { id: "east-in", gate: "east", from: "outside", to: "site" },
    { id: "west-in", gate: "west", from: "outside", to: "site" },
  ],
  walks: [{ a: "east-in", b: "west-in", seconds: 215 }],
});
if (!parsed.ok) throw new Error("the doors of this test are faulty");
const { doors } = parsed;

function tap(
  at: number,
  gate: "east" | "west",
  sequence: number,
  more: Partial<AccessEvent> = {},
): AccessEvent {
  return {
    ...{ at, receivedAt: at + 500, gate, accessPoint: `${gate}-in`, credential: "card", kind: "uid" },
    ...{ sequence, result: "granted", ...more },
  };
}

/** Which input let the engine say so at once, and what followed in order. */
function run(inputs: readonly DetectionInput[], settings: Partial<Settings> = {}) {
  const early: { found: Case; after: number }[] = [];
  const cases: Case[] = [];
  let taken = 0;
  const detector = makeDetector({
    doors,
    settings,
    onCase: (found) => cases.push(found),
    onEarly: (found) => early.push({ found, after: taken }),
  });
  for (const input of inputs) {
    taken++;
    detector.take(input);
  }
  detector.finish();
  return { early, cases };
}

test("a value that was shown twice is told when its second record arrives, whichever came first", () => {
  const own = tap(MORNING, "east", 1, { counter: 7 });
  const copy = tap(MORNING + 3 * MINUTE, "west", 1, { counter: 7 });
  for (const order of [
    [own, copy],
    [copy, own],
  ]) {
    const { early, cases } = run([...order, tap(MORNING + 4 * MINUTE, "west", 2, { counter: 8 })]);
    expect(early).toHaveLength(1);
    expect(early[0]).toMatchObject({ after: 2, found: { step: "replace", signs: [{ rule: "R1" }] } });
    expect(cases.map(({ credential, step }) => ({ credential, step }))).toEqual([
      { credential: "card", step: "replace" },
    ]);
  }
});

test("an upload that comes twice, a torn write and a late gate are no fork", () => {
  const first = tap(MORNING, "east", 1, { counter: 7, torn: true });
  expect(run([first, { ...first, receivedAt: MORNING + 9_000 }]).early).toEqual([]);
  expect(run([first, tap(MORNING + 200 * MINUTE, "west", 1, { counter: 7 })]).early).toEqual([]);
  // The other gate was offline: its record is of before, though it comes behind.
  const late = tap(MORNING - 200 * MINUTE, "west", 1, { counter: 6, receivedAt: MORNING + MINUTE });
  expect(run([tap(MORNING, "east", 1, { counter: 7 }), late]).early).toEqual([]);
  // Its clock is hours behind: no receipt vouches for its time.
  const behind = tap(MORNING - 200 * MINUTE, "west", 1, { counter: 8, receivedAt: MORNING + MINUTE });
  expect(run([tap(MORNING, "east", 1, { counter: 7 }), behind]).early).toEqual([]);
});

test("a lower value long after a higher one is told if both records came at once", () => {
  const high = tap(MORNING, "east", 1, { counter: 30 });
  const low = tap(MORNING + 90 * MINUTE, "west", 1, { counter: 12 });
  expect(run([high, low]).early).toMatchObject([{ after: 2, found: { signs: [{ rule: "R2" }] } }]);
  const within = tap(MORNING + 50 * MINUTE, "west", 1, { counter: 12 });
  expect(run([high, within]).early).toEqual([]);
});

test("the second wrong key, and what the gate itself saw, are told at once; each card once", () => {
  const wrong = (sequence: number) =>
    tap(MORNING + sequence * MINUTE, "east", sequence, { result: "refused", failure: "wrong-key" });
  const { early } = run([wrong(1), wrong(2), wrong(3)]);
  expect(early).toMatchObject([{ after: 2, found: { step: "second-factor", signs: [{ rule: "R4" }] } }]);
  expect(run([tap(MORNING, "east", 1, { counter: 3, wentBack: true })]).early).toHaveLength(1);
});

test("R13: a use behind a loss report is told at once", () => {
  const { early } = run([
    tap(MORNING, "east", 1),
    { report: "lost", credential: "card", at: MORNING + MINUTE },
    tap(MORNING + DAY, "east", 2),
  ]);
  expect(early).toMatchObject([{ after: 3, found: { step: "refuse-by-person" } }]);
});

test("R13: a use that a gate refused because the card is lost is told at once, and once", () => {
  const refused = (minute: number, sequence: number) =>
    tap(MORNING + minute * MINUTE, "east", sequence, { result: "refused", failure: "ended" });
  const { early } = run([refused(0, 1), refused(1, 2)]);
  expect(early).toMatchObject([{ after: 1, found: { step: "ask", signs: [{ rule: "R13" }] } }]);
});

test("a gate restored from an older copy, whose numbers come again, says nothing at once", () => {
  const inputs = [tap(MORNING, "east", 5, { counter: 7 }), tap(MORNING + MINUTE, "east", 5, { counter: 7 })];
  expect(run(inputs).early).toEqual([]);
});

/** A case by its first sign: 215 s are walked in 50 s by the fastest. */
const AT_ONCE = { watchScore: 2 };

test("D7 (R5): one card at two doors sooner than anybody moves is told at the second record, and comes again in order", () => {
  const own = tap(MORNING, "east", 1);
  const copy = tap(MORNING + 4_000, "west", 1);
  for (const order of [
    [own, copy],
    [copy, own],
  ]) {
    const { early, cases } = run(order, AT_ONCE);
    expect(early).toMatchObject([{ after: 2, found: { step: "watch", at: copy.at } }]);
    expect(early[0]?.found.signs).toMatchObject([
      {
        rule: "R5",
        gate: "west",
        sequence: 1,
        inputs: { from: "east-in", seconds: 4, fastestSeconds: 50, toleranceSeconds: 6 },
      },
    ]);
    expect(cases).toMatchObject([{ credential: "card", step: "watch", at: copy.at }]);
  }
  // One such sign is no case where the community asks for more.
  expect(run([own, copy]).early).toEqual([]);
});

test("R5 is not told at once by a clock that its receipts do not bear out, nor of one who hurries", () => {
  const own = tap(MORNING, "east", 1);
  const at = MORNING + 4_000;
  const wrong = [
    tap(at, "west", 1, { receivedAt: at + 3_100 }),
    tap(at, "west", 1, { receivedAt: at - 1_100 }),
    tap(at, "west", 1, { result: "refused" }),
    tap(MORNING + 45_000, "west", 1),
    tap(MORNING + 4_000, "east", 2),
  ];
  for (const other of wrong) expect(run([own, other], AT_ONCE).early).toEqual([]);
  const unreceived = { ...tap(at, "west", 1) };
  delete unreceived.receivedAt;
  expect(run([own, unreceived], AT_ONCE).early).toEqual([]);
});

test("a weaker sign told at once does not keep a stronger one back", () => {
  const { early } = run(
    [
      tap(MORNING, "east", 1, { counter: 7 }),
      tap(MORNING + 4_000, "west", 1, { counter: 8 }),
      tap(MORNING + 9_000, "east", 2, { counter: 8 }),
      tap(MORNING + 12_000, "west", 2, { counter: 9 }),
    ],
    AT_ONCE,
  );
  expect(early).toMatchObject([
    { after: 2, found: { step: "watch" } },
    { after: 3, found: { step: "replace", signs: [{ rule: "R1" }] } },
  ]);
});

test("a case in order is told as soon as nothing earlier can come, and behind a gap that may still be filled", () => {
  const cases: { found: Case; after: number }[] = [];
  let taken = 0;
  const detector = makeDetector({
    doors,
    settings: { ...AT_ONCE, lateHours: 1 },
    onCase: (found) => cases.push({ found, after: taken }),
  });
  const inputs = [tap(MORNING, "east", 1), tap(MORNING + 4_000, "west", 1)];
  for (const input of inputs) {
    taken++;
    detector.take(input);
  }
  detector.advance(MORNING + 62 * MINUTE);
  expect(cases).toMatchObject([{ after: 2, found: { signs: [{ rule: "R5" }] } }]);
  // Another card left twenty values out: until they cannot come any more, what lies behind waits.
  detector.take(tap(MORNING + 61 * MINUTE, "east", 2, { credential: "counts", counter: 5 }));
  detector.take(tap(MORNING + 63 * MINUTE, "east", 3, { credential: "counts", counter: 26 }));
  detector.take(tap(MORNING + 64 * MINUTE, "east", 4, { credential: "third" }));
  detector.take(tap(MORNING + 64 * MINUTE + 4_000, "west", 2, { credential: "third" }));
  detector.advance(MORNING + 126 * MINUTE);
  expect(cases).toHaveLength(1);
  detector.advance(MORNING + 136 * MINUTE);
  expect(cases.slice(1).map(({ found }) => [found.credential, found.signs[0]?.rule])).toEqual([
    ["counts", "R3"],
    ["third", "R5"],
  ]);
});

test("R5: whoever walks no faster than anybody can is never told of at once, whatever two clocks are wrong by", () => {
  const step = fc.record({ pauseMs: fc.integer({ min: 0, max: 600_000 }), isLate: fc.boolean() });
  const walk = fc.array(step, { minLength: 2, maxLength: 30 });
  const wrong = fc.integer({ min: -30_000, max: 30_000 });
  const soon = fc.infiniteStream(fc.integer({ min: 20, max: 2_000 }));
  fc.assert(
    fc.property(walk, wrong, wrong, soon, (steps, east, west, delays) => {
      let at = MORNING;
      const events = steps.map(({ pauseMs, isLate }, index) => {
        at += 50_000 + pauseMs;
        const gate = index % 2 === 0 ? "east" : "west";
        const receivedAt = at + delays.next().value + (isLate ? 90_000 : 0);
        return tap(at + (gate === "east" ? east : west), gate, index, { receivedAt });
      });
      events.sort((a, b) => (a.receivedAt ?? 0) - (b.receivedAt ?? 0));
      expect(run(events, AT_ONCE).early).toEqual([]);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 300) },
  );
});

test("whatever one honest card does, in whatever order its records arrive, nothing is told at once", () => {
  const use = fc.record({ torn: fc.boolean(), gate: fc.constantFrom("east" as const, "west" as const) });
  const uses = fc.array(use, { minLength: 1, maxLength: 40 });
  const orders = fc.infiniteStream(fc.nat(1_000_000));
  fc.assert(
    fc.property(uses, orders, (list, order) => {
      let counter = 100;
      const events = list.map(({ torn, gate }, index) => {
        const event = tap(MORNING + index * 20 * MINUTE, gate, index, { counter, torn });
        // Of a torn write nobody knows whether it reached the card.
        if (!torn || index % 2 === 0) counter++;
        return event;
      });
      const shuffled = events
        .map((event) => ({ event, place: order.next().value }))
        .sort((a, b) => a.place - b.place)
        .map(({ event }) => event);
      expect(run(shuffled).early).toEqual([]);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 300) },
  );
});
