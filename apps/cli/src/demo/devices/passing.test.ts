import { systemTimers } from "@menshen/osdp";
import { makeDoor, makeUidCard } from "@menshen/virtual-devices";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeDoorPeople } from "./passing.ts";

const CARD = makeUidCard(Uint8Array.of(1, 2, 3, 4));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A door whose reader releases the strike for 5 s whenever a card comes. */
function streetDoor() {
  const start = systemTimers.now();
  const door = makeDoor(systemTimers);
  const log: string[] = [];
  const note = (what: string) => log.push(`${Math.round(systemTimers.now() - start)} ${what}`);
  door.onContact((open) => note(open ? "open" : "closed"));
  const reader = {
    async hold() {
      note("card");
      door.setStrike(true);
      systemTimers.set(5_000, () => door.setStrike(false));
      return "released" as const;
    },
    type: () => true,
  };
  const people = makeDoorPeople({ reader, door });
  return { door, log, people };
}

test("a quiet door is broken open at once", async () => {
  const { log, people } = streetDoor();
  people.force();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(log).toEqual(["300 open"]);
});

test("a door in use is broken open when it is shut and locked again, and only once", async () => {
  const { log, people } = streetDoor();
  people.present(CARD, 0);
  await vi.advanceTimersByTimeAsync(1_000);
  people.force();
  people.force();
  await vi.advanceTimersByTimeAsync(10_000);
  // Closed at 3.95 s, strike dropped at 5 s, a second of calm, the opening itself.
  expect(log).toEqual(["0 card", "650 open", "3950 closed", "6300 open"]);
});

test("nobody breaks in while the exit is still remembered", async () => {
  const { log, people } = streetDoor();
  people.leave(0);
  people.force();
  await vi.advanceTimersByTimeAsync(20_000);
  // The lever is let go after 0.4 s and forgotten after another 12 s.
  expect(log).toEqual(["300 open", "3600 closed", "12800 open"]);
});

test("others stand back until it has happened", async () => {
  const { log, people } = streetDoor();
  people.leave(0);
  people.force();
  expect(people.present(CARD, 0)).toBe(true);
  people.leave(0);
  await vi.advanceTimersByTimeAsync(16_000);
  expect(log).toEqual(["300 open", "3600 closed", "12800 open", "15500 card"]);
});

test("a door that stands unlocked is opened in the end, by force that nobody needed", async () => {
  const { door, log, people } = streetDoor();
  door.setStrike(true);
  people.force();
  await vi.advanceTimersByTimeAsync(41_000);
  expect(log).toEqual(["40300 open"]);
});
