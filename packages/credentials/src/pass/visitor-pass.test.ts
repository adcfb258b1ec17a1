import * as primitives from "@menshen/crypto/node";
import { fromHex, toHex } from "@menshen/crypto/node";
import { Duration, Instant, type Weekday } from "@menshen/domain";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/passes.json" with { type: "json" };
import {
  at,
  community,
  communityId,
  credentialKey,
  east,
  now,
  otherCommunityId,
  phone,
  signed,
  west,
} from "./pass.fixture.ts";
import {
  type Delegation,
  prepareVisitorPass,
  presentVisitor,
  type VisitorPassGate,
  type VisitorPassTerms,
  verifyVisitorPass,
} from "./visitor-pass.ts";

const passId = fromHex("0a0b0c0d0e0f1011");
/** The recorded pass: a courier, once, between nine and ten this Sunday evening. */
const courier: VisitorPassTerms = {
  passId,
  purpose: "delivery",
  portals: [east, west],
  notBefore: now,
  notAfter: Instant(now + 3_600_000),
  weekdays: [6, 7],
  windows: [{ startMinute: 1260, endMinute: 1320 }],
  uses: 1,
};
const make = (terms: VisitorPassTerms, key = community) =>
  signed(prepareVisitorPass({ primitives, communityId, alg: key.alg, terms }), key);
const message = fromHex(vectors.visitorPass.message);

/** Sunday, 21:00 in Shanghai at `now`. */
const shanghai = (instant: Instant): { weekday: Weekday; minute: number } => {
  const localMs = instant + 8 * 3_600_000;
  const minute = Math.floor((localMs % 86_400_000) / 60_000);
  const weekdays: readonly Weekday[] = [4, 5, 6, 7, 1, 2, 3];
  return { weekday: weekdays[Math.floor(localMs / 86_400_000) % 7] ?? 1, minute };
};

function counter() {
  const counts = new Map<string, number>();
  return {
    take(id: Uint8Array, most: number) {
      const used = counts.get(toHex(id)) ?? 0;
      if (used >= most) return false;
      counts.set(toHex(id), used + 1);
      return true;
    },
  };
}

const gate = (change: Partial<VisitorPassGate> = {}): VisitorPassGate => ({
  primitives,
  communityId,
  portalId: east,
  now: at(0),
  localTime: shanghai,
  communityKey: community,
  delegationOf: () => undefined,
  isRevoked: () => false,
  uses: counter(),
  ...change,
});
const refused = (reason: string) => ({ verified: false, reason });
const { weekdays: _days, windows: _windows, uses: _uses, ...plain } = courier;

describe("a visitor's pass", () => {
  it("is the recorded one, and opens as often as it says", () => {
    expect(toHex(make(courier))).toBe(vectors.visitorPass.message);
    const one = gate();
    expect(verifyVisitorPass(message, one)).toEqual({ verified: true, passId, purpose: "delivery" });
    expect(verifyVisitorPass(message, one)).toEqual(refused("used-up"));
    expect(verifyVisitorPass(message, { ...one, portalId: west })).toEqual(refused("used-up"));
    const thrice = gate();
    const three = make({ ...courier, uses: 3 });
    const outcomes = [1, 2, 3, 4].map(() => verifyVisitorPass(three, thrice).verified);
    expect(outcomes).toEqual([true, true, true, false]);
    const any = make(plain);
    const often = gate();
    expect([1, 2, 3].map(() => verifyVisitorPass(any, often).verified)).toEqual([true, true, true]);
    expect(presentVisitor(primitives, passId)).toMatchObject({ kind: "pass", grade: "D" });
  });

  it("holds at its doors and in its time", () => {
    const elsewhere = make({ ...courier, portals: [west] });
    expect(verifyVisitorPass(elsewhere, gate())).toEqual(refused("other-door"));
    expect(verifyVisitorPass(message, gate({ now: at(-1) }))).toEqual(refused("not-yet-valid"));
    expect(verifyVisitorPass(make(plain), gate({ now: at(3_600_999) }))).toMatchObject({ verified: true });
    expect(verifyVisitorPass(make(plain), gate({ now: at(3_601_000) }))).toEqual(refused("expired"));
    expect(verifyVisitorPass(make(plain), gate({ now: at(3_600_000, 1_000) }))).toEqual(refused("expired"));
    expect(verifyVisitorPass(make(plain), gate({ now: at(-1, 2) }))).toEqual(refused("not-yet-valid"));
  });

  it("holds on its days and in its hours", () => {
    expect(verifyVisitorPass(make({ ...courier, weekdays: [1, 6] }), gate())).toEqual(
      refused("outside-hours"),
    );
    const week = { ...plain, notAfter: Instant(now + 7 * 86_400_000), windows: courier.windows ?? [] };
    expect(verifyVisitorPass(make(week), gate({ now: at(86_400_000) }))).toMatchObject({ verified: true });
    expect(verifyVisitorPass(make(week), gate({ now: at(3_599_999) }))).toMatchObject({ verified: true });
    expect(verifyVisitorPass(make(week), gate({ now: at(3_600_000) }))).toEqual(refused("outside-hours"));
    expect(verifyVisitorPass(make(week), gate({ now: at(3_599_000, 1_000) }))).toEqual(
      refused("outside-hours"),
    );
    expect(verifyVisitorPass(make(week), gate({ now: at(0, 60_001) }))).toEqual(refused("time-uncertain"));
    expect(verifyVisitorPass(make(week), gate({ localTime: () => undefined }))).toEqual(
      refused("outside-hours"),
    );
  });

  it("is revoked by its number and by whoever signed it", () => {
    const isRevoked = (id: Uint8Array, delegate?: Uint8Array) =>
      toHex(id) === toHex(passId) && delegate === undefined;
    expect(verifyVisitorPass(message, gate({ isRevoked }))).toEqual(refused("revoked"));
  });

  it("is of one community and signed by it", () => {
    expect(verifyVisitorPass(message, gate({ communityId: otherCommunityId }))).toEqual(
      refused("other-community"),
    );
    const stranger = primitives.ed25519Generate();
    expect(verifyVisitorPass(make(courier, stranger), gate())).toEqual(refused("not-authentic"));
    expect(verifyVisitorPass(make(courier, phone), gate())).toEqual(refused("not-authentic"));
  });

  it("is not made out of range", () => {
    for (const change of [
      { portals: [] },
      { portals: Array.from({ length: 17 }, () => east) },
      { passId: new Uint8Array(7) },
      { uses: 0 },
      { weekdays: [] },
      { windows: [] },
      { windows: [{ startMinute: 0, endMinute: 1441 }] },
    ]) {
      expect(() => make({ ...courier, ...change })).toThrow(expect.objectContaining({ code: "invalid" }));
    }
  });
});

describe("a resident's signature", () => {
  const delegation: Delegation = { key: phone, portals: [east], longest: Duration.hours(2) };
  const delegated = { ...plain, portals: [east], delegate: credentialKey };
  const withResident = gate({ delegationOf: () => delegation });

  it("counts as far as the delegation goes", () => {
    expect(verifyVisitorPass(make(delegated, phone), withResident)).toEqual({
      verified: true,
      passId,
      purpose: "delivery",
      delegate: credentialKey,
    });
    const wider = make({ ...delegated, portals: [east, west] }, phone);
    // Each gate answers for its own doors, so a pass is not void for naming one too many.
    expect(verifyVisitorPass(wider, withResident)).toMatchObject({ verified: true });
    expect(verifyVisitorPass(wider, { ...withResident, portalId: west })).toEqual(
      refused("beyond-delegation"),
    );
    const longer = make({ ...delegated, notAfter: Instant(now + 7_200_000) }, phone);
    expect(verifyVisitorPass(longer, withResident)).toEqual(refused("beyond-delegation"));
    const longest = make({ ...delegated, notAfter: Instant(now + 7_199_000) }, phone);
    expect(verifyVisitorPass(longest, withResident)).toMatchObject({ verified: true });
  });

  it("does not count without delegation, for another, or in the community's name", () => {
    expect(verifyVisitorPass(make(delegated, phone), gate())).toEqual(refused("unknown-signer"));
    const other = gate({ delegationOf: () => ({ ...delegation, key: primitives.p256Generate() }) });
    expect(verifyVisitorPass(make(delegated, phone), other)).toEqual(refused("not-authentic"));
    expect(verifyVisitorPass(make(plain, phone), withResident)).toEqual(refused("not-authentic"));
    // Nor does the community's key sign for a resident.
    expect(verifyVisitorPass(make(delegated), withResident)).toEqual(refused("not-authentic"));
  });
});
