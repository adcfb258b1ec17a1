import { describe, expect, it } from "vitest";
import vectors from "../vectors/ristretto255.json" with { type: "json" };
import { CryptoError } from "./crypto-error.ts";
import { fromHex, RistrettoElement, RistrettoScalar, randomBytes, sha512, toHex } from "./node/index.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const ORDER = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

describe("ristretto255", () => {
  it("counts up the generator as RFC 9496 appendix A.1 does", () => {
    let sum = RistrettoElement.base;
    for (const [index, hex] of vectors.multiplesOfBase.entries()) {
      expect(toHex(sum.toBytes())).toBe(hex);
      expect(toHex(RistrettoElement.base.times(RistrettoScalar.of(index + 1)).toBytes())).toBe(hex);
      expect(toHex(RistrettoElement.base.timesPublic(RistrettoScalar.of(index + 1)).toBytes())).toBe(hex);
      expect(RistrettoElement.parse(fromHex(hex))?.equals(sum)).toBe(true);
      sum = sum.plus(RistrettoElement.base);
    }
    expect(vectors.multiplesOfBase).toHaveLength(4);
  });

  it.each([1, 2, 3, 9, 70, 600])("adds up %i products as one by one", (count) => {
    const { base } = RistrettoElement;
    const [zero, one] = [RistrettoScalar.of(0), RistrettoScalar.of(1)];
    // Where digits carry: the largest scalar, powers of two and their neighbours.
    const edges = [
      zero,
      one,
      zero.minus(one),
      ...[1, 7, 8, 13, 52].map((bits) => RistrettoScalar.of(2 ** bits)),
    ];
    const scalars = [
      ...edges,
      ...edges.map((scalar) => scalar.minus(one)),
      ...edges.map((two) => two.times(two)),
    ];
    const terms = Array.from({ length: count }, (_, index) => ({
      element: base.timesPublic(RistrettoScalar.of(index * index + 1)),
      scalar: scalars[index % scalars.length]?.times(RistrettoScalar.of(1 + Math.floor(index / 24))) ?? zero,
    }));
    const expected = terms.reduce(
      (sum, { element, scalar }) => (scalar.isZero ? sum : sum.plus(element.timesPublic(scalar))),
      RistrettoElement.identity,
    );
    expect(RistrettoElement.sumOfProducts(terms).equals(expected)).toBe(true);
    const [first, ...rest] = terms;
    if (first === undefined) throw new Error("no terms");
    const changed = [{ ...first, scalar: first.scalar.plus(one) }, ...rest];
    expect(RistrettoElement.sumOfProducts(changed).equals(expected)).toBe(false);
  });

  it("multiplies by a table as without one", () => {
    const tabled = RistrettoElement.base.tabled();
    for (const [index, hex] of vectors.multiplesOfBase.entries()) {
      expect(toHex(tabled.times(RistrettoScalar.of(index + 1)).toBytes())).toBe(hex);
      expect(toHex(tabled.timesPublic(RistrettoScalar.of(index + 1)).toBytes())).toBe(hex);
    }
    const other = RistrettoElement.hash(ascii("a"), "DOMAIN-1");
    expect(other.tabled().equals(other)).toBe(true);
    for (let round = 0; round < 5; round += 1) {
      const scalar = RistrettoScalar.random(randomBytes);
      expect(toHex(other.tabled().times(scalar).toBytes())).toBe(toHex(other.times(scalar).toBytes()));
    }
    expect(tabled.times(RistrettoScalar.of(0)).isIdentity).toBe(true);
  });

  it("gives bytes that may be overwritten", () => {
    const element = RistrettoElement.hash(ascii("a"), "DOMAIN-1");
    const before = toHex(element.toBytes());
    element.toBytes().fill(0);
    expect(toHex(element.toBytes())).toBe(before);
  });

  it("refuses what encodes no element, and the identity", () => {
    expect(vectors.badEncodings.length).toBeGreaterThan(6);
    for (const hex of vectors.badEncodings) expect(RistrettoElement.parse(fromHex(hex))).toBeUndefined();
    expect(RistrettoElement.parse(new Uint8Array(32))).toBeUndefined();
    expect(RistrettoElement.parse(RistrettoElement.base.toBytes().subarray(0, 31))).toBeUndefined();
  });

  it("gives the identity for zero and for a difference of equals", () => {
    expect(RistrettoElement.base.times(RistrettoScalar.of(0)).isIdentity).toBe(true);
    expect(RistrettoElement.base.timesPublic(RistrettoScalar.of(0)).isIdentity).toBe(true);
    expect(toHex(RistrettoElement.base.minus(RistrettoElement.base).toBytes())).toBe("00".repeat(32));
  });

  it("hashes to other elements under another domain or message", () => {
    const one = RistrettoElement.hash(ascii("a"), "DOMAIN-1");
    expect(one.equals(RistrettoElement.hash(ascii("a"), "DOMAIN-1"))).toBe(true);
    expect(one.equals(RistrettoElement.hash(ascii("a"), "DOMAIN-2"))).toBe(false);
    expect(one.equals(RistrettoElement.hash(ascii("b"), "DOMAIN-1"))).toBe(false);
  });

  it("takes scalars below the order only, and computes with them", () => {
    expect(RistrettoScalar.parse(fromHex(ORDER))).toBeUndefined();
    expect(RistrettoScalar.parse(new Uint8Array(32).fill(0xff))).toBeUndefined();
    expect(RistrettoScalar.parse(new Uint8Array(31))).toBeUndefined();
    const minusOne = RistrettoScalar.of(0).minus(RistrettoScalar.of(1));
    expect(toHex(minusOne.toBytes())).toBe(`ec${ORDER.slice(2)}`);
    expect(minusOne.plus(RistrettoScalar.of(1)).isZero).toBe(true);
    const seven = RistrettoScalar.of(7);
    expect(toHex(seven.times(seven.inverse()).toBytes())).toBe(`01${"00".repeat(31)}`);
    expect(toHex(RistrettoScalar.fromWideBytes(fromHex(ORDER + "00".repeat(32))).toBytes())).toBe(
      "00".repeat(32),
    );
  });

  it("draws scalars from the bytes it is given, and refuses a dead generator", () => {
    const first = RistrettoScalar.random(randomBytes);
    expect(toHex(first.toBytes())).not.toBe(toHex(RistrettoScalar.random(randomBytes).toBytes()));
    for (const bad of [
      () => RistrettoScalar.random((lengthBytes) => new Uint8Array(lengthBytes)),
      () => RistrettoScalar.of(0).inverse(),
      () => RistrettoScalar.of(-1),
      () => RistrettoScalar.of(0.5),
      () => RistrettoScalar.fromWideBytes(new Uint8Array(32)),
    ]) {
      expect(bad).toThrow(CryptoError);
    }
  });
});

it("hashes with SHA-512 as FIPS 180-4's examples do", () => {
  expect(toHex(sha512(ascii("abc")))).toBe(
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  );
});
