import { ed25519FromSecret, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import type { CustodianSet } from "./custodian-set.ts";
import { CustodyError } from "./errors.ts";
import {
  asksForNoLess,
  encodeWitnessPolicy,
  endorseWitnessPolicy,
  isEndorsedPolicy,
  parseWitnessPolicy,
  verifyPolicyEndorsement,
  type WitnessPolicy,
} from "./witness-policy.ts";

const seed = (fill: number) => new Uint8Array(32).fill(fill);
const member = (body: string, fill: number) => ({
  body,
  identityKey: ed25519FromSecret(seed(fill)).publicKey,
});
const set: CustodianSet = {
  version: 1,
  threshold: 2,
  members: [member("committee", 1), member("property", 2), member("city", 3)],
};
const policy: WitnessPolicy = {
  version: 2,
  logKey: "log+1",
  witnesses: [
    { body: "city", key: "w+1" },
    { body: "committee", key: "v+2" },
  ],
  quorum: 1,
};
const by = (fill: number, of = policy) => endorseWitnessPolicy({ set, policy: of, secretKey: seed(fill) });

function refused(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CustodyError) return error.code;
  }
  return "accepted";
}

it("a policy has the bytes of the protocol page", () => {
  const bytes = encodeWitnessPolicy(policy);
  expect(toHex(bytes)).toBe(
    "4d454e5348454e2d5749544e4553532d504f4c494359" + // MENSHEN-WITNESS-POLICY
      "01" +
      "00000002" +
      "00056c6f672b31" +
      "0102" +
      "0463697479" +
      "0003772b31" +
      "09636f6d6d6974746565" +
      "0003762b32",
  );
  expect(parseWitnessPolicy(bytes)).toEqual(policy);
});

it.each([
  ["version 0", { version: 0 }],
  ["a quorum of more bodies than there are", { quorum: 3 }],
  ["a quorum that is no number", { quorum: 0.5 }],
  ["a body without a name", { witnesses: [{ body: "", key: "w+1" }] }],
  ["the log as its own witness", { witnesses: [{ body: "city", key: "log+1" }] }],
  ["no key of the log", { logKey: "" }],
  ["a key that is no text", { logKey: "\ud800" }],
])("%s is no policy", (_, changes) => {
  expect(refused(() => encodeWitnessPolicy({ ...policy, ...changes }))).toBe("invalid-argument");
});

describe("who may change what is believed", () => {
  const shown = (endorsements: ReturnType<typeof by>[], changes = {}) => ({
    policy,
    setVersion: 1,
    endorsements,
    ...changes,
  });

  it("k of the custodians", () => {
    expect(isEndorsedPolicy(0, shown([by(1), by(3)]), [set])).toBe(true);
    expect(isEndorsedPolicy(1, shown([by(2), by(3)]), [set])).toBe(true);
  });

  it("not one of them, said twice, nor under another's index", () => {
    expect(isEndorsedPolicy(0, shown([]), [set])).toBe(false);
    expect(isEndorsedPolicy(0, shown([by(1), by(1)]), [set])).toBe(false);
    expect(isEndorsedPolicy(0, shown([by(1), { ...by(1), index: 2 }]), [set])).toBe(false);
  });

  it("rubbish beside them changes nothing", () => {
    const rubbish = { index: 9, signature: new Uint8Array(64) };
    expect(isEndorsedPolicy(0, shown([rubbish, by(1), by(3)]), [set])).toBe(true);
  });

  it("not with a policy that was believed before, or an older one", () => {
    expect(isEndorsedPolicy(2, shown([by(1), by(3)]), [set])).toBe(false);
    expect(isEndorsedPolicy(3, shown([by(1), by(3)]), [set])).toBe(false);
  });

  it("not custodians who are not believed, nor with what they said of another policy", () => {
    const stranger = { ...set, members: [member("committee", 7), ...set.members.slice(1)] };
    expect(isEndorsedPolicy(0, shown([by(1), by(3)]), [stranger])).toBe(false);
    expect(isEndorsedPolicy(0, shown([by(1), by(3)], { setVersion: 2 }), [set])).toBe(false);
    const other = { ...policy, quorum: 0 };
    expect(isEndorsedPolicy(0, { ...shown([by(1), by(3)]), policy: other }, [set])).toBe(false);
    expect(verifyPolicyEndorsement(set, policy, by(1, other))).toBe(false);
    expect(refused(() => by(7))).toBe("invalid-argument");
  });
});

it.each([
  ["one more witness and one more signature", ["a", "b"], 2, true],
  ["the same", ["a"], 1, true],
  ["one more witness alone", ["a", "b"], 1, false],
  ["another witness in its place", ["b"], 1, false],
  ["none", [], 0, false],
])("%s asks for no less: %s", (_, witnesses, quorum, answer) => {
  const held = { logKey: "log", witnesses: ["a"], quorum: 1 };
  expect(asksForNoLess(held, { logKey: "log", witnesses, quorum })).toBe(answer);
  expect(asksForNoLess({ ...held, quorum: 0 }, { logKey: "log", witnesses, quorum })).toBe(true);
  expect(asksForNoLess(held, { logKey: "other", witnesses, quorum })).toBe(false);
});
