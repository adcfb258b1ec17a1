import { expect, it } from "vitest";
import { crypto } from "../evidence.fixture.ts";
import { countCredentials } from "./count-credentials.ts";
import { watchHome } from "./home-credentials.ts";
import { HOME_TAG, homeKey, STAFF_TAG, strangeKey, tagOf } from "./transparency.fixture.ts";

const commitment = new Uint8Array(32);
const leaf = (topic: string, tag?: Uint8Array) => ({
  topic,
  commitment,
  ...(tag === undefined ? {} : { tag }),
});

/** A log: a home, three of its credentials, one number given twice, one ended, a neighbour's, two of staff. */
const entries = [
  leaf("dwelling-registered", HOME_TAG),
  leaf("credential-of-dwelling", tagOf(0)),
  leaf("credential-of-dwelling", tagOf(4095)),
  leaf("credential-of-dwelling", tagOf(0, strangeKey)),
  leaf("personal-data-viewed"),
  leaf("credential-ended", tagOf(0)),
  leaf("credential-of-dwelling", tagOf(4095)),
  leaf("credential-of-dwelling", tagOf(1)),
  leaf("credential-of-staff", STAFF_TAG),
  leaf("credential-of-staff", new Uint8Array(16)),
  leaf("credential-ended", STAFF_TAG),
  leaf("dwelling-registered", HOME_TAG),
];

it("a home finds all its credentials, the one with a number given twice too, and nobody else's", () => {
  const watch = watchHome(crypto, homeKey);
  for (const [index, entry] of entries.entries()) watch.see(index, entry);
  expect(watch.found()).toEqual([
    { number: 0, issuedAt: [1], endedAt: [5] },
    { number: 1, issuedAt: [7], endedAt: [] },
    { number: 4095, issuedAt: [2, 6], endedAt: [] },
  ]);
});

it("anybody counts homes and credentials, those in force and those there ever were", () => {
  const counter = countCredentials();
  for (const entry of entries) counter.see(entry);
  expect(counter.counts()).toEqual({
    "dwelling-registered": { issued: 1, inForce: 1 },
    "credential-of-dwelling": { issued: 4, inForce: 3 },
    "credential-of-staff": { issued: 2, inForce: 1 },
    "credential-of-service": { issued: 0, inForce: 0 },
    "credential-of-empty-dwelling": { issued: 0, inForce: 0 },
  });
});
