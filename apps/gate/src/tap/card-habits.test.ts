import { hmacSha256 } from "@menshen/crypto/node";
import { AccessPointId, CredentialKey, Instant, type Presentation } from "@menshen/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CardHabits, makeCardHabits } from "./card-habits.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ANCHOR = Date.UTC(2026, 2, 2);
const GRID = { anchorMs: ANCHOR, epochMs: 28 * DAY };
const NORTH = AccessPointId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d21");
const EAST = AccessPointId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d22");
const CARD = CredentialKey(new Uint8Array(16).fill(7));

const make = (kept?: Uint8Array, grid: typeof GRID | undefined = GRID): CardHabits =>
  makeCardHabits({
    kept,
    nameOf: (key) => hmacSha256(new Uint8Array(32), key).subarray(0, 16),
    grid: () => grid,
  });

function tap(habits: CardHabits, at: number, door = NORTH, kind: Presentation["kind"] = "uid"): boolean {
  const presentation: Presentation = { credentialKey: CARD, kind, grade: "E", evidence: { keyVersion: 1 } };
  const now = { earliest: Instant(at), latest: Instant(at) };
  const { evidence } = habits.noted(presentation, door, now);
  expect(evidence.keyVersion).toBe(1);
  return evidence.unaccustomed === true;
}

/** Home at six, a few minutes earlier or later, for so many days. */
function live(habits: CardHabits, from: number, days: number): number {
  let told = 0;
  for (let day = 0; day < days; day++) {
    for (const hour of [8, 18]) {
      if (tap(habits, from + day * DAY + hour * HOUR + ((day * 7) % 25) * 60_000)) told++;
    }
  }
  return told;
}

test("a well-known card at a new hour or door is unaccustomed, once; one seen little is never", () => {
  const habits = make();
  expect(live(habits, ANCHOR, 10)).toBe(0);
  expect(tap(habits, ANCHOR + 10 * DAY + 3 * HOUR)).toBe(false);
  expect(live(habits, ANCHOR + 28 * DAY, 34)).toBe(0);
  expect(live(habits, ANCHOR + 62 * DAY, 20)).toBe(0);
  expect(tap(habits, ANCHOR + 82 * DAY + 13 * HOUR)).toBe(true);
  expect(tap(habits, ANCHOR + 83 * DAY + 13 * HOUR)).toBe(false);
  // One night long ago is no habit any more.
  expect(tap(habits, ANCHOR + 83 * DAY + 3 * HOUR)).toBe(true);
});

test("a door that the gate never saw of it is unaccustomed, at whatever hour", () => {
  const habits = make();
  live(habits, ANCHOR, 27);
  live(habits, ANCHOR + 28 * DAY, 27);
  expect(tap(habits, ANCHOR + 55 * DAY + 18 * HOUR, EAST)).toBe(true);
  expect(tap(habits, ANCHOR + 56 * DAY + 18 * HOUR, EAST)).toBe(false);
});

test("it goes on over the end of an epoch, fades over several, and outlives a restart", () => {
  const habits = make();
  live(habits, ANCHOR, 27);
  live(habits, ANCHOR + 28 * DAY, 27);
  const kept = habits.takeKept();
  expect(kept).toHaveLength(48);
  expect(habits.takeKept()).toBeUndefined();
  expect(tap(make(kept), ANCHOR + 55 * DAY + 2 * HOUR)).toBe(true);
  // Four epochs away leave nothing to be compared with.
  const back = make(kept);
  expect(tap(back, ANCHOR + 56 * DAY + 4 * 28 * DAY + 2 * HOUR)).toBe(false);
});

test("what was deleted is forgotten, and what cannot be read counts as nothing", () => {
  const habits = make();
  live(habits, ANCHOR, 27);
  expect(habits.forget([CARD, new Uint8Array(16)])).toBe(1);
  expect(habits.takeKept()).toHaveLength(0);
  expect(tap(make(new Uint8Array(47)), ANCHOR)).toBe(false);
});

test("PINs and plates are not remembered, nor anything before the epochs are known", () => {
  const habits = make();
  for (const kind of ["pin", "plate", "face", "pass"] as const) tap(habits, ANCHOR, NORTH, kind);
  expect(habits.takeKept()).toBeUndefined();
  const early = makeCardHabits({ kept: undefined, nameOf: (key) => key.subarray(), grid: () => undefined });
  expect(tap(early, ANCHOR)).toBe(false);
  expect(early.takeKept()).toBeUndefined();
});

test("D7: the name stands nowhere in what is kept, and the record holds no times", () => {
  const habits = make();
  tap(habits, ANCHOR + 8 * HOUR);
  const kept = habits.takeKept() ?? new Uint8Array();
  expect(Buffer.from(kept).includes(Buffer.from(CARD))).toBe(false);
  const other = make();
  tap(other, ANCHOR + 9 * DAY + 8 * HOUR + 29 * 60_000);
  expect(other.takeKept()).toEqual(kept);
});

test("of an honest life fewer than one tap in ten is unaccustomed", () => {
  // Hours as a person has them: two habits, and one tap in six whenever by day.
  const hour = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(7.9, 8.1, 18.2, 18.7, 19.1) },
    { weight: 1, arbitrary: fc.double({ min: 6, max: 23, noNaN: true }) },
  );
  fc.assert(
    fc.property(fc.array(hour, { minLength: 400, maxLength: 400 }), (hours) => {
      const habits = make();
      const told = hours.filter((one, index) =>
        tap(habits, Math.round(ANCHOR + Math.floor(index / 3) * DAY + one * HOUR)),
      );
      expect(told.length).toBeLessThan(hours.length / 10);
    }),
    { numRuns: 20 },
  );
});
