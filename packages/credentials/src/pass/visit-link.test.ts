import * as primitives from "@menshen/crypto";
import { Instant } from "@menshen/domain";
import { expect, test } from "vitest";
import { communityId, credentialKey, east, now, signed, west } from "./pass.fixture.ts";
import { readVisitorPass, readVisitToken } from "./read-visitor-pass.ts";
import { readVisitFragment, type VisitNote, writeVisitFragment } from "./visit-link.ts";
import { prepareVisitorPass } from "./visitor-pass.ts";

const note: VisitNote = { community: "海棠苑", timeZone: "Asia/Shanghai", doors: ["北门", "3# 东门"] };
const message = signed(
  prepareVisitorPass({
    primitives,
    communityId,
    alg: "ES256",
    terms: {
      passId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      purpose: "delivery",
      portals: [east, west],
      notBefore: now,
      notAfter: Instant(now + 3_600_000),
      uses: 1,
      delegate: credentialKey,
    },
  }),
);

test("a link carries the pass and the names that the visitor reads", () => {
  const fragment = writeVisitFragment("visitor-pass", message, note);
  expect(fragment).toMatch(/^v[\w-]+\.[\w-]+$/);
  expect(readVisitFragment(fragment)).toEqual({
    pass: { kind: "visitor-pass", message: Uint8Array.from(message) },
    note,
  });
  const day = { from: 0, until: 86_400_000 };
  const token = writeVisitFragment("visit-token", Uint8Array.of(7), { ...note, day });
  expect(readVisitFragment(token)?.note).toEqual({ ...note, day });
});

test("what a pass says is read without a key, and nothing else is", () => {
  expect(readVisitorPass(primitives, message)).toMatchObject({
    purpose: "delivery",
    notBeforeS: now / 1000,
    notAfterS: now / 1000 + 3600,
    uses: 1,
    delegate: credentialKey,
  });
  expect(readVisitorPass(primitives, message.subarray(1))).toBeUndefined();
  expect(readVisitToken(message)).toBeUndefined();
});
