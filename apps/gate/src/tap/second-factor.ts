import type { AccessPointId, Holder, PinUse, Presentation, Reason } from "@menshen/domain";
import type { Snapshot } from "@menshen/policy";
import { knowsCredential } from "@menshen/policy";
import type { StepOf } from "../trail/card-steps.ts";
import { type DecidedTap, decideTap } from "./decide-tap.ts";
import { isByRule } from "./outcomes.ts";

/** From the first credential to the second: time to put a card away and type eight digits. */
export const SECOND_FACTOR_MS = 30_000;

type Tap = Parameters<typeof decideTap>[0];

/** A decided tap, and what else bore it. */
export interface FactoredTap extends DecidedTap {
  /** Of a grant to two: both must stand every test that one alone stands, the card with all that it said. */
  readonly both?: { readonly pin: Presentation; readonly card: Presentation };
  /** Whether lamp and sound ask for the other credential. */
  readonly isAwaitingFactor: boolean;
}

/**
 * Where one credential is not enough: remembers at each access point the last PIN and the last other credential, for a short
 * time, until somebody goes in.
 */
export interface SecondFactors {
  /** Decides a tap, together with what the same person presented there shortly before. */
  decide(tap: Tap): FactoredTap;
}

export interface SecondFactorsOptions {
  readonly monotonicMs: () => number;
  /** Whose a credential is; undefined if the keyring does not say. */
  readonly holderOf: (credentialKey: Presentation["credentialKey"]) => Holder | undefined;
  /** What a person decided about a card; absent: nothing. */
  readonly stepOf?: StepOf | undefined;
}

interface Remembered {
  readonly presentation: Presentation;
  readonly untilMs: number;
}

/** The last of each sort: a PIN, and anything else. */
interface Place {
  readonly pin?: Remembered;
  readonly other?: Remembered;
}

export function makeSecondFactors({ monotonicMs, holderOf, stepOf }: SecondFactorsOptions): SecondFactors {
  // One short record for each access point of the gate: no crowd makes it grow.
  const places = new Map<AccessPointId, Place>();

  function before(accessPointId: AccessPointId, kind: Presentation["kind"]): Presentation | undefined {
    const place = places.get(accessPointId);
    const remembered = kind === "pin" ? place?.other : place?.pin;
    return remembered !== undefined && monotonicMs() < remembered.untilMs
      ? remembered.presentation
      : undefined;
  }

  function remember(accessPointId: AccessPointId, presentation: Presentation): void {
    const remembered = { presentation, untilMs: monotonicMs() + SECOND_FACTOR_MS };
    const sort = presentation.kind === "pin" ? { pin: remembered } : { other: remembered };
    places.set(accessPointId, { ...places.get(accessPointId), ...sort });
  }

  function isOnePersons(a: Presentation, b: Presentation): boolean | undefined {
    const [first, second] = [holderOf(a.credentialKey), holderOf(b.credentialKey)];
    return first === undefined || second === undefined ? undefined : first === second;
  }

  /**
   * A step about a card changes a grant by rule, nothing else: a door that stands open asks nobody. A PIN is asked for where
   * the door has use for one; at others the card opens, and its entry says that it is watched.
   */
  function stepped(tap: Tap, decided: DecidedTap): DecidedTap {
    const { presentation, decision } = decided;
    const step = presentation.kind === "pin" ? undefined : stepOf?.(presentation.credentialKey);
    if (step === undefined) return decided;
    const watched = { ...presentation, evidence: { ...presentation.evidence, watched: true } };
    if (!decision.granted || !isByRule(decision)) return { presentation: watched, decision };
    const refused = (reason: Reason): DecidedTap => ({
      presentation: watched,
      decision: { granted: false, reasons: [reason] },
    });
    switch (step) {
      case "block":
        return refused({ code: "stopped-by-person" });
      case "second-factor":
        return tap.companion === undefined && pinUseAt(tap.snapshot, tap.place.accessPointId) !== "alone"
          ? refused({ code: "second-factor-needed", missing: "pin" })
          : { presentation: watched, decision };
      case "desk-notice":
        return {
          presentation: watched,
          decision: { ...decision, reasons: [...decision.reasons, { code: "desk-asks" }] },
        };
      case "watch":
        return { presentation: watched, decision };
    }
  }

  function decide(tap: Tap): FactoredTap {
    const { snapshot, place } = tap;
    const alone = stepped(tap, decideTap(tap));
    const { presentation, decision } = alone;
    const { accessPointId } = place;
    if (pinUseAt(snapshot, accessPointId) === "alone") return { ...alone, isAwaitingFactor: false };
    if (decision.granted) {
      places.delete(accessPointId);
      return { ...alone, isAwaitingFactor: false };
    }
    const earlier = before(accessPointId, presentation.kind);
    if (snapshot !== undefined && knowsCredential(snapshot, presentation.credentialKey)) {
      remember(accessPointId, presentation);
    }
    if (earlier === undefined) {
      const [first] = decision.reasons;
      // The same lamp for every PIN that comes first: it does not tell a guesser which one is somebody's.
      const isAwaitingFactor = presentation.kind === "pin" || first?.code === "second-factor-needed";
      return { ...alone, isAwaitingFactor };
    }
    const isOne = isOnePersons(presentation, earlier);
    if (isOne === false) return { ...alone, isAwaitingFactor: false };
    const together = decideTogether(tap, presentation, earlier);
    if (!together.decision.granted) return together;
    if (together.both !== undefined && stepOf?.(together.both.card.credentialKey) === "block") {
      const reasons = [{ code: "stopped-by-person" } as const];
      return { presentation, decision: { granted: false, reasons }, isAwaitingFactor: false };
    }
    if (isOne === undefined) {
      const reasons = [{ code: "second-factor-needed", missing: "holder" } as const];
      return { presentation, decision: { granted: false, reasons }, isAwaitingFactor: false };
    }
    places.delete(accessPointId);
    return together;
  }

  return { decide };
}

/** How one or the other is admitted, the card before the PIN: a rule needs to admit only one of them. */
function decideTogether(tap: Tap, presented: Presentation, earlier: Presentation): FactoredTap {
  const [card, pin] = presented.kind === "pin" ? [earlier, presented] : [presented, earlier];
  // What it told of itself stands in its own entry: a count that comes twice would look like a copy.
  const { counter: _, dialogueMs: __, ...evidence } = earlier.evidence;
  const shown = (one: Presentation) => (one === earlier ? { ...one, evidence } : one);
  for (const [first, companion] of [[card, pin] as const, [pin, card] as const]) {
    const decided = decideTap({ ...tap, candidates: [shown(first)], companion });
    if (decided.decision.granted) return { ...decided, both: { pin, card }, isAwaitingFactor: false };
  }
  const refused = decideTap({ ...tap, candidates: [presented], companion: earlier });
  return { ...refused, isAwaitingFactor: false };
}

/** What a PIN is worth at an access point, as far as the gate knows. */
export function pinUseAt(snapshot: Snapshot | undefined, accessPointId: AccessPointId): PinUse {
  return snapshot?.accessPoints.find(({ id }) => id === accessPointId)?.pinUse ?? "alone";
}
