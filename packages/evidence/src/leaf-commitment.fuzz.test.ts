import fc from "fast-check";
import { expect, it } from "vitest";
import { crypto } from "./evidence.fixture.ts";
import { commitLeaf, encodeLeaf, opensLeaf, parseLeaf } from "./leaf-commitment.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
/** Hostile input is what needs many runs. */
const roundTripRuns = Math.ceil(numRuns / 8);

it("any entry is refused, or is the one encoding of its leaf", () => {
  const like = fc
    .tuple(fc.nat(3), fc.nat(66), fc.stringMatching(/^[a-z0-9-]{0,66}$/), fc.uint8Array({ maxLength: 50 }))
    .map(([version, length, topic, rest]) => Uint8Array.of(version, length, ...Buffer.from(topic), ...rest));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 126 }), like), (entry) => {
      const result = parseLeaf(entry);
      if (result.parsed) expect(encodeLeaf(result.leaf)).toEqual(entry);
    }),
    { numRuns },
  );
});

it("every leaf comes back from its entry and opens", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z][a-z0-9-]{0,63}$/),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
      fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { nil: undefined }),
      (topic, salt, statement, other, tag) => {
        const committed = commitLeaf(crypto, salt, topic, statement);
        const leaf = tag === undefined ? committed : { ...committed, tag };
        expect(parseLeaf(encodeLeaf(leaf))).toEqual({ parsed: true, leaf });
        expect(opensLeaf(crypto, leaf, salt, statement)).toBe(true);
        const same = Buffer.compare(statement, other) === 0;
        expect(opensLeaf(crypto, leaf, salt, other)).toBe(same);
      },
    ),
    { numRuns: roundTripRuns },
  );
});
