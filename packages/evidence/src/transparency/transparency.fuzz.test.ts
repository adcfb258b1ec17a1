import { canonicalJson } from "@menshen/domain";
import fc from "fast-check";
import { expect, it } from "vitest";
import { crypto } from "../evidence.fixture.ts";
import { parseCredentialStatement } from "./credential-statement.ts";
import { provenCredentials } from "./proven-credentials.ts";
import { homeKey, ofHome, ofStaff, registration } from "./transparency.fixture.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const json = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()));

it("any statement is refused, or is the one text of what was read", () => {
  const changed = fc
    .tuple(fc.constantFrom(registration, ofHome, ofStaff), fc.string(), json)
    .map(([statement, name, value]) => ({ ...statement, [name]: value }));
  const fields = fc.constantFrom("at", "number", "kind", "tag", "approvedBy", "accessPointIds", "topic");
  const aimed = fc
    .tuple(fc.constantFrom(registration, ofHome, ofStaff), fields, json)
    .map(([statement, name, value]) => ({ ...statement, [name]: value }));
  fc.assert(
    fc.property(fc.oneof(changed, aimed), (value) => {
      const text = canonicalJson(value);
      const statement = parseCredentialStatement(text);
      if (statement !== undefined) expect(canonicalJson({ ...statement })).toBe(text);
    }),
    { numRuns },
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseCredentialStatement(text)).toBeUndefined();
    }),
    { numRuns },
  );
});

it("leaves that no tree holds prove nothing, whatever they are", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const leaf = fc.record({
    index: fc.oneof(fc.nat(5), fc.integer(), fc.constant(Number.NaN)),
    statement: fc.constantFrom(...[registration, ofHome, ofStaff].map((one) => canonicalJson(one)), "{}"),
    salt: fc.oneof(bytes, fc.uint8Array({ minLength: 32, maxLength: 32 })),
  });
  const claims = fc.record({
    leaves: fc.array(leaf, { maxLength: 4 }),
    homeKeys: fc.array(fc.oneof(bytes, fc.constant(homeKey)), { maxLength: 2 }),
    proof: fc.array(fc.oneof(bytes, fc.uint8Array({ minLength: 32, maxLength: 32 })), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(claims, fc.nat(6), (claim, size) => {
      const head = { size, root: new Uint8Array(32).fill(7) };
      expect(provenCredentials(crypto, head, claim)).toBeUndefined();
    }),
    { numRuns },
  );
});
