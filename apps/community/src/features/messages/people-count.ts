import type { PeopleCount } from "@menshen/wire";

/** A count below this could tell of single people. */
const LEAST = 10;

export function peopleCount(count: number): PeopleCount {
  return count < LEAST ? { below: LEAST } : { count };
}
