import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AlarmFacts, foldSignals } from "./fold-signals.ts";
import type { Signal } from "./signal.ts";

const DOOR = "5c0f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
const GATE = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
const T = 1_800_000_000_000;
const S = 1_000;

function signal(says: Signal["says"], at: number, more: Partial<Signal> = {}): Signal {
  return {
    kind: "forced",
    place: DOOR,
    gateId: GATE,
    portalId: DOOR,
    says,
    at,
    receivedAt: at,
    late: false,
    ...more,
  };
}

function makeIds() {
  let next = 0;
  return () => {
    next += 1;
    return `id-${next}`;
  };
}

/** Folds and keeps all, as the database does. */
function play(signals: readonly Signal[], from: readonly AlarmFacts[] = [], newId = makeIds()) {
  const all = new Map(from.map((alarm) => [alarm.id, alarm]));
  const { changed, rangAgain } = foldSignals(from, signals, newId);
  for (const alarm of changed) all.set(alarm.id, alarm);
  return { alarms: [...all.values()], rangAgain: [...rangAgain] };
}

const acknowledged = (alarms: readonly AlarmFacts[]) =>
  alarms.map((alarm): AlarmFacts => ({ ...alarm, state: "acknowledged" }));
const closed = (alarms: readonly AlarmFacts[]) =>
  alarms.map((alarm): AlarmFacts => ({ ...alarm, state: "closed" }));

describe("from journals", () => {
  test("the same again is counted, and lasts again", () => {
    const { alarms } = play([signal("begins", T), signal("ends", T + S), signal("begins", T + 2 * S)]);
    expect(alarms).toEqual([
      {
        id: "id-1",
        kind: "forced",
        place: DOOR,
        gateId: GATE,
        portalId: DOOR,
        readerId: undefined,
        firstAt: T,
        lastAt: T + 2 * S,
        receivedAt: T,
        count: 2,
        late: false,
        fromState: false,
        endedAt: undefined,
        state: "open",
        reopenedAt: undefined,
      },
    ]);
  });

  test("who calls at a screen again rings again at once", () => {
    const call = (at: number) => signal("happens", at, { kind: "call" });
    const first = acknowledged(play([call(T)]).alarms);
    expect(play([call(T + S)], first)).toMatchObject({
      alarms: [{ state: "open", count: 2, endedAt: T + S, reopenedAt: T + S }],
      rangAgain: ["id-1"],
    });
  });

  test("chatter does not ring again after it was acknowledged; after two minutes of quiet it does", () => {
    const first = acknowledged(play([signal("begins", T), signal("ends", T + S)]).alarms);
    const soon = play([signal("begins", T + 60 * S)], first);
    expect(soon).toMatchObject({ alarms: [{ state: "acknowledged", count: 2 }], rangAgain: [] });
    const later = play([signal("begins", T + 200 * S)], first);
    expect(later).toMatchObject({
      alarms: [{ state: "open", count: 2, reopenedAt: T + 200 * S }],
      rangAgain: ["id-1"],
    });
  });

  test("after it was closed, the same is another alarm", () => {
    const newId = makeIds();
    const first = closed(play([signal("begins", T)], [], newId).alarms);
    const { alarms } = play([signal("begins", T + S)], first, newId);
    expect(alarms.map(({ id, state }) => [id, state])).toEqual([
      ["id-1", "closed"],
      ["id-2", "open"],
    ]);
  });

  test("what happens is over at once, and an end from before it says nothing", () => {
    expect(play([signal("happens", T, { kind: "credential-fault" })]).alarms).toMatchObject([{ endedAt: T }]);
    expect(play([signal("begins", T), signal("ends", T - S)]).alarms[0]?.endedAt).toBeUndefined();
  });

  test("late entries are an alarm of their own, and never end what lasts now", () => {
    const days = 3 * 86_400 * S;
    const late = { late: true, receivedAt: T };
    const { alarms } = play([
      signal("begins", T - S),
      signal("begins", T - days, late),
      signal("ends", T - days + S, late),
    ]);
    expect(alarms).toMatchObject([
      { late: false, count: 1, endedAt: undefined },
      { late: true, count: 1, firstAt: T - days, endedAt: T - days + S },
    ]);
  });
});

describe("from a gate's state", () => {
  test("what the journal says later is the same, and not counted again", () => {
    const first = play([signal("holds", T + S)]).alarms;
    expect(first).toMatchObject([{ fromState: true, count: 1 }]);
    expect(play([signal("begins", T)], first).alarms).toMatchObject([
      { fromState: false, count: 1, firstAt: T, lastAt: T + S },
    ]);
  });

  test("a report changes nothing while it lasts, nor after a guard closed it", () => {
    const first = play([signal("begins", T)]).alarms;
    expect(foldSignals(first, [signal("holds", T + S)], makeIds()).changed).toEqual([]);
    expect(foldSignals(closed(first), [signal("holds", T + S)], makeIds()).changed).toEqual([]);
    const over = play([signal("ends", T + 2 * S)], closed(first)).alarms;
    expect(foldSignals(over, [signal("holds", T + S)], makeIds()).changed).toEqual([]);
    expect(foldSignals(over, [signal("holds", T + 3 * S)], () => "new").changed).toMatchObject([
      { id: "new", state: "open", count: 1 },
    ]);
  });

  test("what was late and lasts to this day rings after all", () => {
    const first = play([signal("begins", T - 86_400 * S, { late: true })]).alarms;
    expect(play([signal("holds", T)], first)).toMatchObject({
      alarms: [{ late: false, state: "open", reopenedAt: T }],
      rangAgain: ["id-1"],
    });
  });
});

test("a flood is one alarm with a count, however it is cut into pages", () => {
  const kinds = fc.constantFrom<Signal["says"]>("begins", "happens", "ends", "holds");
  fc.assert(
    fc.property(fc.array(fc.tuple(kinds, fc.nat(1_000)), { maxLength: 60 }), fc.nat(60), (steps, cut) => {
      const signals = steps.map(([says, ms]) => signal(says, T + ms));
      const whole = play(signals).alarms;
      const newId = makeIds();
      const first = play(signals.slice(0, cut), [], newId).alarms;
      const second = play(signals.slice(cut), first, newId).alarms;
      expect(second).toEqual(whole);
      expect(whole.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 200) },
  );
});
