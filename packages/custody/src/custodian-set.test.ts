import { ed25519FromSecret, fromHex, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import {
  type CustodianSet,
  encodeCustodianSet,
  endorse,
  followCustodianSets,
  parseCustodianSet,
  verifyEndorsements,
} from "./custodian-set.ts";
import { CustodyError } from "./errors.ts";

const seed = (fill: number) => new Uint8Array(32).fill(fill);
const member = (body: string, fill: number) => ({
  body,
  identityKey: ed25519FromSecret(seed(fill)).publicKey,
});
const first: CustodianSet = {
  version: 1,
  threshold: 2,
  members: [member("committee", 1), member("property", 2), member("city", 3)],
};
const second: CustodianSet = {
  version: 2,
  threshold: 2,
  members: [member("committee", 1), member("property", 4), member("city", 3)],
};

function refused(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CustodyError) return error.code;
  }
  return "accepted";
}

it("a set has the bytes of the protocol page", () => {
  const bytes = encodeCustodianSet(first);
  expect(toHex(bytes)).toBe(
    "4d454e5348454e2d435553544f4449414e2d534554" + // MENSHEN-CUSTODIAN-SET
      "01" +
      "00000001" +
      "0203" +
      "09636f6d6d6974746565" +
      "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c" +
      "0870726f7065727479" +
      "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394" +
      "0463697479" +
      "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1",
  );
  expect(parseCustodianSet(bytes)).toEqual(first);
});

describe("who takes whose place", () => {
  const by = (fill: number) => endorse({ previous: first, next: second, secretKey: seed(fill) });

  it("two of three of the set before are enough, whoever carries their word", () => {
    expect(by(1).index).toBe(1);
    expect(by(3).index).toBe(3);
    expect(verifyEndorsements(first, second, [by(1), by(3)])).toBe(true);
    expect(verifyEndorsements(first, second, [by(3), by(2)])).toBe(true);
  });

  it("one of them is not, not even said twice", () => {
    expect(verifyEndorsements(first, second, [])).toBe(false);
    expect(verifyEndorsements(first, second, [by(1)])).toBe(false);
    expect(verifyEndorsements(first, second, [by(1), by(1)])).toBe(false);
    expect(verifyEndorsements(first, second, [by(1), { ...by(1), index: 2 }])).toBe(false);
  });

  it("rubbish beside two good ones changes nothing", () => {
    const rubbish = { index: 2, signature: new Uint8Array(64) };
    expect(verifyEndorsements(first, second, [rubbish, by(1), { index: 9, signature: seed(0) }, by(3)])).toBe(
      true,
    );
  });

  it("agreement to one set is none to another, nor for another set before", () => {
    const other = { ...second, members: [member("committee", 7), ...second.members.slice(1)] };
    expect(verifyEndorsements(first, other, [by(1), by(3)])).toBe(false);
    const before = { ...first, threshold: 3 };
    expect(verifyEndorsements(before, second, [by(1), by(2), by(3)])).toBe(false);
  });

  it("a version that does not rise replaces nothing", () => {
    const again = { ...second, version: 1 };
    expect(verifyEndorsements(first, again, [by(1), by(3)])).toBe(false);
    expect(refused(() => endorse({ previous: first, next: again, secretKey: seed(1) }))).toBe(
      "invalid-argument",
    );
  });

  it("a stranger cannot endorse", () => {
    expect(refused(() => by(9))).toBe("invalid-argument");
  });
});

describe("the way from a known set to the last", () => {
  const third: CustodianSet = {
    version: 3,
    threshold: 2,
    members: [member("committee", 5), member("property", 4), member("city", 3)],
  };
  const fourth: CustodianSet = {
    version: 4,
    threshold: 3,
    members: [member("committee", 5), member("property", 6), member("city", 7)],
  };
  const shown = (
    previous: CustodianSet | undefined,
    set: CustodianSet,
    endorsers: readonly number[] = [],
  ) => ({
    set,
    endorsements:
      previous === undefined
        ? []
        : endorsers.map((fill) => endorse({ previous, next: set, secretKey: seed(fill) })),
  });
  const history = [
    shown(undefined, first),
    shown(first, second, [1, 3]),
    shown(second, third, [4, 3]),
    shown(third, fourth, [5, 4]),
  ];

  it("has every set on it, from the known one, or from the first where none is known", () => {
    expect(followCustodianSets(first, history)).toEqual({
      followed: true,
      sets: [first, second, third, fourth],
    });
    expect(followCustodianSets(undefined, history)).toEqual({
      followed: true,
      sets: [first, second, third, fourth],
    });
    expect(followCustodianSets(third, history)).toEqual({ followed: true, sets: [third, fourth] });
    expect(followCustodianSets(fourth, history)).toEqual({ followed: true, sets: [fourth] });
    expect(followCustodianSets(undefined, [])).toEqual({ followed: true, sets: [] });
  });

  it("passes over what is shown before the known set, which whoever invents it can have endorse the known one", () => {
    const invented = { ...first, members: [member("committee", 11), ...first.members.slice(1)] };
    const forged = [shown(undefined, invented), shown(invented, second, [11, 2]), ...history.slice(2)];
    expect(followCustodianSets(second, forged)).toEqual({ followed: true, sets: [second, third, fourth] });
    expect(followCustodianSets(first, forged)).toEqual({ followed: false, refusal: "known-set-missing" });
  });

  it("is none with one step that the set before did not endorse, one left out, or backwards", () => {
    const notEndorsed = { followed: false, refusal: "not-endorsed" };
    for (const step of [1, 2, 3]) {
      const weaker = history.map((one, i) =>
        i === step ? { ...one, endorsements: one.endorsements.slice(0, 1) } : one,
      );
      expect(followCustodianSets(first, weaker)).toEqual(notEndorsed);
      expect(followCustodianSets(undefined, weaker)).toEqual(notEndorsed);
    }
    expect(followCustodianSets(first, history.toSpliced(2, 1))).toEqual(notEndorsed);
    expect(followCustodianSets(third, history.toReversed())).toEqual(notEndorsed);
    expect(followCustodianSets(first, history.slice(1))).toEqual({
      followed: false,
      refusal: "known-set-missing",
    });
    expect(followCustodianSets(first, [])).toEqual({ followed: false, refusal: "known-set-missing" });
  });
});

it.each<[string, CustodianSet]>([
  ["no version", { ...first, version: 0 }],
  ["k = 1", { ...first, threshold: 1 }],
  ["k above n", { ...first, threshold: 4 }],
  ["a body twice", { ...first, members: [member("city", 1), member("city", 2)] }],
  ["a key twice", { ...first, members: [member("city", 1), member("committee", 1)] }],
  ["a body's name in capitals", { ...first, members: [member("City", 1), member("committee", 2)] }],
  ["a short key", { ...first, members: [{ body: "city", identityKey: fromHex("00") }, member("a", 2)] }],
])("%s makes no set", (_what, set) => {
  expect(refused(() => encodeCustodianSet(set))).toBe("invalid-argument");
});
