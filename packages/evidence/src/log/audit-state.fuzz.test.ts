import fc from "fast-check";
import { expect, it } from "vitest";
import { crypto, identity, signedCheckpoint, storedLog } from "../evidence.fixture.ts";
import { formatAuditState, parseAuditState } from "./audit-state.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);
const log = storedLog(300);
const text = formatAuditState({
  followed: { state: "following", origin: identity.origin, head: signedCheckpoint(log.head) },
  edge: log.edge,
});

it("a state with one character changed is refused, or says the same of the log", () => {
  const good = parseAuditState(crypto, text, identity);
  expect(good).toBeDefined();
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (place, character) => {
      const changed = text.slice(0, place) + character + text.slice(place + 1);
      const state = parseAuditState(crypto, changed, identity);
      if (state !== undefined) expect(state.followed).toEqual(good?.followed);
    }),
    { numRuns },
  );
});

it("whatever else is refused", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (other) => {
      expect(parseAuditState(crypto, other, identity)).toBeUndefined();
    }),
    { numRuns },
  );
});
