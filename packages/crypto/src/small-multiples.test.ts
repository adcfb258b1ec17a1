import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CryptoError } from "./crypto-error.ts";
import { fromHex, RistrettoElement, RistrettoScalar, randomBytes, smallMultiples } from "./node/index.ts";

const times = (value: number) => RistrettoElement.base.timesPublic(RistrettoScalar.of(value));
const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 60) };

describe("the small integer whose multiple an element is", () => {
  it.each([
    [0, 0],
    [1, 1],
    [255, 256],
    [256, 256],
    [257, 256],
    [9_999, 10_000],
    [73_921_004, 100_000_000],
    [100_000_000, 100_000_000],
    [100_000_001, 100_000_000],
  ])("%i within %i", (value, bound) => {
    expect(smallMultiples([times(value)], bound)).toEqual([value > bound ? undefined : value]);
  });

  it("is found however the element came about", () => {
    fc.assert(
      fc.property(
        fc.nat(50_000),
        fc.nat(50_000),
        fc.bigInt({ min: 1n, max: 2n ** 250n }),
        (one, other, mask) => {
          const hidden = RistrettoElement.hash(
            fromHex(mask.toString(16).padStart(64, "0")),
            "SMALL-MULTIPLES",
          );
          const sum = times(one).plus(hidden).plus(times(other)).minus(hidden);
          // As it comes off the wire it is represented by other coordinates.
          const read = one + other === 0 ? sum : RistrettoElement.parse(sum.toBytes());
          if (read === undefined) throw new Error("an element that does not parse");
          expect(smallMultiples([sum, read, hidden], 100_000)).toEqual([one + other, one + other, undefined]);
        },
      ),
      runs,
    );
  });

  it("is none of a negative one, and none of any other element", () => {
    const negative = RistrettoElement.identity.minus(times(1));
    const random = RistrettoElement.base.times(RistrettoScalar.random(randomBytes));
    expect(smallMultiples([negative, random, times(3)], 20_000)).toEqual([undefined, undefined, 3]);
    expect(smallMultiples([], 20_000)).toEqual([]);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 41])("refuses to search to %d", (bound) => {
    expect(() => smallMultiples([times(1)], bound)).toThrow(CryptoError);
  });
});
