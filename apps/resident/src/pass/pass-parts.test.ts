import { encodeDoorChallenge, writeChallengeCode, writePassText } from "@menshen/credentials";
import { primitives } from "@menshen/crypto";
import { CommunityId, PortalId } from "@menshen/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readScanned, readTyped } from "./read-challenge.ts";
import { secondsLeft } from "./rotation.ts";

const communityId = CommunityId("3b9f1c52-5f0e-4c1b-9a63-2f8f2f9f0a11");
const east = PortalId("0197a1b2-0000-7000-8000-0000000000e1");
const west = PortalId("0197a1b2-0000-7000-8000-0000000000e2");
const challenge = Uint8Array.of(1, 2, 3, 4, 5);
const doors = [{ portalId: east, name: "东门" }];

const shown = (portalId: PortalId) =>
  writePassText("door-challenge", encodeDoorChallenge(primitives, { communityId, portalId, challenge }));

test("a door's code names the door, if it is one of one's own", () => {
  expect(readScanned(shown(east), communityId, doors)).toMatchObject({
    read: true,
    asks: { challenge, name: "东门" },
  });
  const other = readScanned(shown(west), communityId, doors);
  expect(other.read && other.asks.name).toBeUndefined();
  expect(other.read && other.asks.door).toHaveLength(5);
});

test("a code of another community, and other codes, are said to be so", () => {
  const elsewhere = "3b9f1c52-5f0e-4c1b-9a63-2f8f2f9f0a12";
  expect(readScanned(shown(east), elsewhere, doors)).toEqual({ read: false, why: "other-community" });
  expect(readScanned("https://example.org", communityId, doors)).toEqual({
    read: false,
    why: "not-a-challenge",
  });
});

test("eight characters are typed as people type them, without a door", () => {
  const code = writeChallengeCode(challenge);
  expect(code).toBe("0410-6105");
  expect(readTyped(" 0410 61o5 ")).toEqual({ read: true, asks: { challenge } });
  expect(readTyped("0410-610")).toEqual({ read: false, why: "not-a-challenge" });
});

test("whatever a camera or a hand gives is an answer, never a fault", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `MC:${text}`),
      ),
      (text) => {
        readScanned(text, communityId, doors);
        readTyped(text);
      },
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 200) },
  );
});

test("a code is renewed after ten seconds, and at once when the clock was set back", () => {
  const code = { text: "", madeAt: 1_000 };
  expect([1_000, 1_001, 10_000, 10_999].map((now) => secondsLeft(code, now))).toEqual([10, 10, 1, 1]);
  expect([11_000, 999].map((now) => secondsLeft(code, now))).toEqual([0, 0]);
});
