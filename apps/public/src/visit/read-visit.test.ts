import { prepareVisitorPass, writePassFragment, writeVisitFragment } from "@menshen/credentials";
import * as primitives from "@menshen/crypto";
import { CommunityId, Instant, PortalId } from "@menshen/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readVisit, visitStateAt } from "./read-visit.ts";

const key = primitives.ed25519FromSecret(new Uint8Array(32).fill(2));
const { toBeSigned, finish } = prepareVisitorPass({
  primitives,
  communityId: CommunityId("3b9f1c52-5f0e-4c1b-9a63-2f8f2f9f0a11"),
  alg: "EdDSA",
  terms: {
    passId: new Uint8Array(8),
    purpose: "service",
    portals: [PortalId("0197a1b2-0000-7000-8000-0000000000e1")],
    notBefore: Instant(1_000_000),
    notAfter: Instant(2_000_000),
    weekdays: [2, 7],
    windows: [{ startMinute: 540, endMinute: 720 }],
  },
});
const message = Uint8Array.from(finish(primitives.sign(key, toBeSigned)));
const note = { community: "海棠苑", timeZone: "Asia/Shanghai", doors: ["北门"] };

test("a pass in words, with what the sender wrote and without", () => {
  const times = {
    from: 1_000_000,
    until: 2_001_000,
    weekdays: [2, 7],
    windows: [{ startMinute: 540, endMinute: 720 }],
  };
  const whole = readVisit(writeVisitFragment("visitor-pass", message, note));
  expect(whole).toMatchObject({ kind: "service", times, ...note });
  expect(whole?.text).toMatch(/^MV:[0-9A-Z $%*+\-./:]+$/);
  const bare = readVisit(writePassFragment("visitor-pass", message));
  expect(bare).toEqual({ ...whole, community: undefined, timeZone: undefined, doors: [] });
});

test("what can be used when", () => {
  const times = { from: 10, until: 20 };
  expect([9, 10, 19, 20].map((now) => visitStateAt({ times }, now))).toEqual([
    "not-yet",
    "valid",
    "valid",
    "over",
  ]);
  expect(visitStateAt({ times: undefined }, 0)).toBe("unknown");
});

test.each(["", "v", "vAA", "tAA", "mAA", "x", "v%", "vAA.AA"])("`%s` holds no pass", (fragment) =>
  expect(readVisit(fragment)).toBeUndefined(),
);

test("never throws, whatever an address holds", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String().map((text) => `v${text}`),
      ),
      (fragment) => {
        readVisit(fragment);
      },
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 200) },
  );
});
