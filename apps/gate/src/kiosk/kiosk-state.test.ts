import { readDoorChallenge, readPassText } from "@menshen/credentials";
import type { DoorState } from "@menshen/domain";
import { loadSnapshot } from "@menshen/policy";
import { describe, expect, test } from "vitest";
import { makeDoorChallenges } from "../tap/door-challenges.ts";
import { TEST_COMMUNITY_ID } from "../testing/test-community.ts";
import { PLAIN_PORTAL } from "../testing/test-portal.ts";
import { ACCESS_POINT, testDocument, testModel } from "../testing/test-site.ts";
import { kioskState, sameState } from "./kiosk-state.ts";

const loaded = loadSnapshot(testDocument(testModel([]), 7, 1_800_057_600_000));
if (!loaded.ok) throw new Error("expected a snapshot");
const { snapshot } = loaded;
let nowMs = 0;
const challenges = makeDoorChallenges(60_000, (length) => new Uint8Array(length).fill(1 + nowMs / 60_000));

function state(
  door: Partial<DoorState> & { readonly isStanding?: boolean } = {},
  changes: Partial<Parameters<typeof kioskState>[0]> = {},
) {
  const { isStanding = false, ...doorState } = door;
  return kioskState({
    communityId: TEST_COMMUNITY_ID,
    doorName: "北门",
    place: {
      accessPointId: ACCESS_POINT,
      link: "pcsc",
      lockOnOutdoorReader: false,
      portal: {
        ...PLAIN_PORTAL,
        doorState: () => ({ mode: "normal", lockdown: 0, fireRelease: false, ...doorState }),
        isStanding: () => isStanding,
        unlockMs: () => 5_000,
        granted: () => undefined,
      },
    },
    snapshot,
    knowsPhones: true,
    challenges,
    clock: { monotonicMs: () => nowMs },
    call: undefined,
    ...changes,
  });
}

const named = { doorName: "北门", timeZone: "Asia/Shanghai" };

test("a door that is ready asks a question, another one after its time", () => {
  nowMs = 0;
  const first = state();
  expect(first).toMatchObject({ ...named, state: "ready", challenge: { code: "040G-2081", forMs: 60_000 } });
  const { message } = readPassText(first.challenge?.text ?? "") ?? { message: new Uint8Array() };
  expect(readDoorChallenge(message)?.challenge).toEqual(new Uint8Array(5).fill(1));
  nowMs = 59_000;
  expect(state()).toMatchObject({ challenge: { code: "040G-2081", forMs: 1_000 } });
  expect(sameState(first, state())).toBe(true);
  nowMs = 60_000;
  expect(sameState(first, state())).toBe(false);
});

test("how far a call came is news at once, whatever the door does", () => {
  const call = { step: "sending" } as const;
  expect(state({ mode: "locked" }, { call })).toEqual({ ...named, state: "out-of-service", call });
  expect(sameState(state({}, { call }), state({}, { call }))).toBe(true);
  expect(sameState(state({}, { call }), state({}, { call: { step: "arrived" } }))).toBe(false);
});

describe("a screen asks nothing", () => {
  test.each([
    ["of a door that stands open", { isStanding: true }, { ...named, state: "standing-open" }],
    ["of a locked door", { mode: "locked" as const }, { ...named, state: "out-of-service" }],
    ["in a lockdown for residents", { lockdown: 2 as const }, { ...named, state: "out-of-service" }],
  ])("%s", (_what, door, expected) => {
    expect(state(door)).toEqual(expected);
  });

  test("without rules, without the door, without the keys of phones", () => {
    expect(state({}, { snapshot: undefined })).toEqual({ state: "out-of-service", doorName: "北门" });
    expect(state({}, { place: undefined })).toEqual({ ...named, state: "out-of-service" });
    expect(state({}, { knowsPhones: false })).toEqual({ ...named, state: "ready" });
    expect(state({ lockdown: 1 })).toMatchObject({ state: "ready" });
  });
});
