import { AccessPointId, CredentialKey, type Decision, type Reason } from "@menshen/domain";
import { describe, expect, test } from "vitest";
import type { Person, PresenceAnswer } from "../presence/presence-room.ts";
import { ACCESS_POINT } from "../testing/test-site.ts";
import { answerFloors, type FreedFloor } from "./lift-floors.ts";

const pointOf = (floor: number) => AccessPointId(`80000000-0000-4000-8000-00000000000${floor}`);
const FULL: Reason = { code: "area-full", limit: 5 };
const AGAIN: Reason = { code: "anti-passback", kind: "hard" };
const byRule = (rule: number): Decision => ({ granted: true, reasons: [{ code: "rule-allows", rule }] });
const floor = (number: number): FreedFloor => ({
  floor: { accessPointId: pointOf(number), output: number },
  decision: byRule(number),
});
const person: Person = { credentialKey: CredentialKey(new Uint8Array(16).fill(7)), isVisitor: false };
const place = {
  accessPointId: ACCESS_POINT,
  link: "osdp-own-key",
  lockOnOutdoorReader: false,
  portal: undefined,
} as const;

/** A room where these floors refuse, and what is asked of it as somebody going there. */
function room(refused: ReadonlyMap<number, Reason>, admits = true) {
  const counted: AccessPointId[] = [];
  const refusals = (point: AccessPointId) =>
    [...refused].filter(([number]) => pointOf(number) === point).map(([, reason]) => reason);
  const answer: PresenceAnswer = {
    admitted: admits,
    reasons: admits ? [] : [AGAIN],
    isAwaitingSecond: false,
    hold: undefined,
    persons: 1,
    done: () => undefined,
  };
  return {
    counted,
    presence: {
      refusals,
      answer(point: AccessPointId) {
        counted.push(point);
        return answer;
      },
    },
  };
}

describe("rules of areas at a lift", () => {
  test("take away the floors that they refuse, one by one, and count nobody who may still choose", () => {
    const { presence, counted } = room(new Map<number, Reason>([[1, FULL]]));
    const answered = answerFloors(presence, place, person, byRule(1), [floor(1), floor(2), floor(3)]);
    expect(answered.freed.map(({ floor: { output } }) => output)).toEqual([2, 3]);
    // What the tap said was of a floor that is not freed: it now says why a freed one is.
    expect(answered.decision).toEqual(byRule(2));
    expect(answered.answer).toBeUndefined();
    expect(counted).toEqual([]);
  });

  test("count whoever is left with one floor, as going there", () => {
    const { presence, counted } = room(new Map<number, Reason>([[1, FULL]]));
    const answered = answerFloors(presence, place, person, byRule(1), [floor(1), floor(2)]);
    expect(answered.freed.map(({ floor: { output } }) => output)).toEqual([2]);
    expect(counted).toEqual([pointOf(2)]);
    expect(answered.answer?.persons).toBe(1);
  });

  test("free nothing when the one floor left is refused in the same moment", () => {
    const { presence } = room(new Map(), false);
    const answered = answerFloors(presence, place, person, byRule(1), [floor(1)]);
    expect(answered.freed).toEqual([]);
    expect(answered.decision).toEqual({ granted: false, reasons: [AGAIN] });
  });

  test("refuse the ride with the first floor's reason when none is left", () => {
    const { presence, counted } = room(
      new Map<number, Reason>([
        [1, FULL],
        [2, AGAIN],
      ]),
    );
    const answered = answerFloors(presence, place, person, byRule(1), [floor(1), floor(2)]);
    expect(answered).toEqual({ decision: { granted: false, reasons: [FULL] }, freed: [] });
    expect(counted).toEqual([]);
  });

  test("are not asked for a stranger, nor by a gate without such rules", () => {
    const { presence } = room(new Map<number, Reason>([[1, FULL]]));
    const both = [floor(1), floor(2)];
    expect(answerFloors(presence, place, undefined, byRule(1), both)).toEqual({
      decision: byRule(1),
      freed: both,
    });
    expect(answerFloors(undefined, place, person, byRule(1), both)).toEqual({
      decision: byRule(1),
      freed: both,
    });
  });
});
