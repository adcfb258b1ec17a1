import { credentialKeyOf } from "@menshen/credentials";
import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { type CredentialKind, Holder, Instant, type Presentation, TimeInterval } from "@menshen/domain";
import { loadSnapshot } from "@menshen/policy";
import { expect, test } from "vitest";
import { ACCESS_POINT, type TestModelChanges, testDocument, testModel } from "../testing/test-site.ts";
import type { CardStep } from "../trail/card-steps.ts";
import { makeSecondFactors, SECOND_FACTOR_MS } from "./second-factor.ts";

const START_MS = 1_800_057_600_000;
const ANN = Holder("0000000000000001");
const BOB = Holder("0000000000000002");

const presentation = (kind: CredentialKind, number: string, grade: Presentation["grade"]): Presentation => ({
  // Any bytes that differ: what they stand for is of no matter here.
  credentialKey: credentialKeyOf(primitives, kind, fromHex(number)),
  kind,
  grade,
  evidence: kind === "desfire" ? { counter: 7, counterMark: "torn", keyVersion: 2, dialogueMs: 80 } : {},
});
const card = presentation("desfire", "04000000000180", "B");
const pin = presentation("pin", "31", "D");
const bobsCard = presentation("desfire", "04000000000280", "B");
const unlistedCard = presentation("desfire", "04000000000380", "B");
const lostCard = presentation("desfire", "04000000000480", "B");
const wrongPin = presentation("pin", "32", "D");
const owners = new Map([
  [toHex(card.credentialKey), ANN],
  [toHex(pin.credentialKey), ANN],
  [toHex(lostCard.credentialKey), ANN],
  [toHex(bobsCard.credentialKey), BOB],
]);

function rig(changes: TestModelChanges = {}) {
  let nowMs = 0;
  const steps = new Map<string, CardStep>();
  const known = [card, pin, bobsCard, unlistedCard].map(({ credentialKey, kind, grade }) => ({
    key: credentialKey,
    kind,
    grade,
  }));
  const lost = { key: lostCard.credentialKey, kind: "desfire", grade: "B", status: "lost" } as const;
  const loaded = loadSnapshot(testDocument(testModel([...known, lost], changes), 1, START_MS));
  if (!loaded.ok) throw new Error("expected a snapshot");
  const factors = makeSecondFactors({
    monotonicMs: () => nowMs,
    holderOf: (key) => owners.get(toHex(key)),
    stepOf: (key) => steps.get(toHex(key)),
  });
  const at = TimeInterval(Instant(START_MS), Instant(START_MS));
  return {
    step: (of: Presentation, step: CardStep) => void steps.set(toHex(of.credentialKey), step),
    wait: (ms: number) => {
      nowMs += ms;
    },
    /** What came of it in one word: opened, the factor that is missing, or another reason. */
    show(presented: Presentation) {
      const tapped = factors.decide({
        snapshot: loaded.snapshot,
        place: { accessPointId: ACCESS_POINT, lockOnOutdoorReader: false },
        candidates: [presented],
        doorState: { mode: "normal", lockdown: 0, fireRelease: false },
        now: at,
      });
      const [reason] = tapped.decision.reasons;
      const word = reason?.code === "second-factor-needed" ? reason.missing : reason?.code;
      return { ...tapped, says: `${word}${tapped.isAwaitingFactor ? ", awaiting" : ""}` };
    },
  };
}
const PINS_ONLY = { means: ["pin"] } as const;
const BOTH = { isInner: true, cardAndPin: true };

test("from within a PIN opens alone, and from the street a card does", () => {
  const inner = rig({ isInner: true });
  expect(inner.show(pin).says).toBe("rule-allows");
  const outer = rig();
  expect(outer.show(card).says).toBe("rule-allows");
  expect(outer.show(pin).says).toBe("other, awaiting");
});

test("from the street card and PIN open in either order, and once", () => {
  const door = rig(PINS_ONLY);
  expect(door.show(card).says).toBe("pin, awaiting");
  expect(door.show(pin)).toMatchObject({ says: "rule-allows", presentation: { kind: "pin", grade: "D" } });
  expect(door.show(pin).says).toBe("other, awaiting");
  expect(door.show(card).says).toBe("rule-allows");
  expect(door.show(card).says).toBe("pin, awaiting");
});

test("where it takes both, the card is what the entry tells of, without what its own entry told", () => {
  const door = rig(BOTH);
  expect(door.show(card).says).toBe("pin, awaiting");
  const opened = door.show(pin);
  expect(opened).toMatchObject({ says: "rule-allows", both: { card, pin } });
  expect(opened.presentation).toEqual({ ...card, evidence: { counterMark: "torn", keyVersion: 2 } });
  expect(door.show(pin).says).toBe("other, awaiting");
  expect(door.show(card).presentation).toEqual(card);
});

test("the second comes within half a minute", () => {
  const door = rig(BOTH);
  door.show(card);
  door.wait(SECOND_FACTOR_MS - 1);
  expect(door.show(pin).says).toBe("rule-allows");
  door.show(pin);
  door.wait(SECOND_FACTOR_MS);
  expect(door.show(card).says).toBe("pin, awaiting");
});

test("a mistyped PIN may be typed again, and asks for nothing", () => {
  const door = rig(BOTH);
  door.show(card);
  expect(door.show(wrongPin).says).toBe("credential-unknown");
  expect(door.show(pin).says).toBe("rule-allows");
});

test("a PIN that comes first is answered alike, whether it is somebody's or not", () => {
  for (const changes of [BOTH, PINS_ONLY, {}]) {
    expect(rig(changes).show(wrongPin).says).toBe("credential-unknown, awaiting");
    expect(rig(changes).show(pin).isAwaitingFactor).toBe(true);
  }
});

test("card and PIN of two persons open nothing, and the card's own PIN still does", () => {
  const door = rig(BOTH);
  door.show(bobsCard);
  expect(door.show(pin).says).toBe("other");
  expect(door.show(card).says).toBe("rule-allows");
});

test("whose the keyring does not say, it does not open, and says so", () => {
  const door = rig(BOTH);
  door.show(unlistedCard);
  expect(door.show(pin)).toMatchObject({ says: "holder", decision: { granted: false } });
});

test("a lost card is no second factor, nor is a second card", () => {
  const door = rig(BOTH);
  expect(door.show(lostCard).says).toBe("credential-blocked");
  expect(door.show(pin).says).toBe("other");
  expect(rig(BOTH).show(card).says).toBe("pin, awaiting");
  door.wait(SECOND_FACTOR_MS);
  door.show(card);
  expect(door.show(card).says).toBe("pin, awaiting");
});

test("a card that somebody stopped opens nothing, alone or with its PIN, and its holder's other card still does", () => {
  const door = rig();
  door.step(card, "block");
  expect(door.show(card).says).toBe("stopped-by-person");
  expect(door.show(card).presentation.evidence.watched).toBe(true);
  expect(door.show(pin).says).toBe("stopped-by-person");
  expect(door.show(bobsCard).says).toBe("rule-allows");
});

test("a second factor is asked for where the door has use for a PIN, and nowhere else", () => {
  const outer = rig();
  outer.step(card, "second-factor");
  expect(outer.show(card).says).toBe("pin, awaiting");
  expect(outer.show(pin).says).toBe("rule-allows");
  const inner = rig({ isInner: true });
  inner.step(card, "second-factor");
  expect(inner.show(card)).toMatchObject({
    says: "rule-allows",
    presentation: { evidence: { watched: true } },
  });
});

test("whom the desk asks to come by goes through and is told so; a watched card is only marked", () => {
  const door = rig();
  door.step(card, "desk-notice");
  expect(door.show(card).decision).toMatchObject({
    granted: true,
    reasons: [{ code: "rule-allows" }, { code: "desk-asks" }],
  });
  door.step(card, "watch");
  expect(door.show(card).decision.reasons.map(({ code }) => code)).toEqual(["rule-allows"]);
  expect(door.show(card).presentation.evidence.watched).toBe(true);
});
