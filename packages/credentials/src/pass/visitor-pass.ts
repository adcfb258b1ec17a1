import type { Primitives, VerifyKey } from "@menshen/crypto";
import { equalBytes, type SignatureAlgorithm } from "@menshen/crypto";
import type { CommunityId, Duration, PortalId, TimeInterval, Weekday } from "@menshen/domain";
import { CredentialKey, type DayWindow, Instant } from "@menshen/domain";
import { type VisitorPass, type VisitPurpose, visitorPass } from "@menshen/wire";
import type { CardPresentation } from "../card/card-presentation.ts";
import { credentialKeyOf } from "../card/credential-key.ts";
import { communityTag, doorTag } from "./short-id.ts";
import {
  openSignedPass,
  type PassPrimitives,
  prepareSignedPass,
  type SignedPassRefusal,
  type UnsignedPass,
} from "./signed-pass.ts";

/** Hours are kept to the minute, so the gate must know the time to the minute. */
const MOST_SPREAD_MS = 60_000;
const ALL_WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];

/** What a visitor's or a courier's pass allows. */
export interface VisitorPassTerms {
  /** 8 fresh random bytes: what it is revoked by. */
  readonly passId: Uint8Array;
  readonly purpose: VisitPurpose;
  /** 1 to 16. */
  readonly portals: readonly PortalId[];
  /** Whole seconds count: the first is rounded up, the last down. */
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  /** Days of the week; all unless told. */
  readonly weekdays?: readonly Weekday[];
  /** Up to 4, local time of the community; all day unless told. */
  readonly windows?: readonly DayWindow[];
  /** How often it opens, 1 to 255; 1 is one-off. As often as its time allows unless told. */
  readonly uses?: number;
  /** The resident who signs; the community unless told. */
  readonly delegate?: CredentialKey;
}

/**
 * A pass that waits for its signature: the community's, or that of a resident whose delegation is in the log.
 *
 * @param input.alg of the key that will sign
 * @throws {WireError} `invalid` for terms out of range
 */
export function prepareVisitorPass(input: {
  readonly primitives: Pick<Primitives, "sha256">;
  readonly communityId: CommunityId;
  readonly alg: SignatureAlgorithm;
  readonly terms: VisitorPassTerms;
}): UnsignedPass {
  const { primitives, communityId, alg, terms } = input;
  const { passId, purpose, portals, notBefore, notAfter, weekdays, windows, uses, delegate } = terms;
  return prepareSignedPass<VisitorPass>({
    primitives,
    domain: "visitorPass",
    codec: visitorPass,
    communityId,
    alg,
    pass: {
      version: 1,
      community: communityTag(primitives, communityId),
      passId,
      purpose,
      doors: portals.map((id) => doorTag(primitives, id)),
      notBeforeS: Math.ceil(notBefore / 1000),
      notAfterS: Math.floor(notAfter / 1000),
      ...(weekdays === undefined ? {} : { weekdays: bitsOf(weekdays) }),
      ...(windows === undefined ? {} : { windows }),
      ...(uses === undefined ? {} : { uses }),
      ...(delegate === undefined ? {} : { delegate }),
    },
  });
}

/** What a resident may give away, as the log says. */
export interface Delegation {
  readonly key: VerifyKey;
  /** Doors of this gate whose passes the resident may sign: each gate answers for its own. */
  readonly portals: readonly PortalId[];
  /** From its first second to its last. */
  readonly longest: Duration;
}

/** How often a pass has opened. Kept by the gate; gates that cannot reach each other count apart. */
export interface UseCounter {
  /** Counts one more use unless there were as many as `most`; false when there were. Kept until `until` is past. */
  readonly take: (passId: Uint8Array, most: number, until: Instant) => boolean;
}

/** What a gate knows when a visitor's pass is shown at one of its doors. */
export interface VisitorPassGate {
  readonly primitives: PassPrimitives;
  readonly communityId: CommunityId;
  readonly portalId: PortalId;
  readonly now: TimeInterval;
  /** The community's wall clock, or `undefined` where the gate's table does not reach. */
  readonly localTime: (at: Instant) => { readonly weekday: Weekday; readonly minute: number } | undefined;
  readonly communityKey: VerifyKey;
  readonly delegationOf: (resident: CredentialKey) => Delegation | undefined;
  /** Whether the signer took it back: the resident, or the community where there is none. */
  readonly isRevoked: (passId: Uint8Array, delegate: CredentialKey | undefined) => boolean;
  readonly uses: UseCounter;
}

/**
 * Beside what {@link SignedPassRefusal} says:
 * - `beyond-delegation`: for this door, or for longer than the resident may give away;
 * - `revoked`; `other-door`: for other doors than this;
 * - `expired`, `not-yet-valid`: outside its days, or not surely inside; `outside-hours`: outside weekday or window;
 * - `time-uncertain`: it has hours, and the gate's clock is in doubt by more than a minute;
 * - `used-up`: it has opened as often as it may.
 */
export type VisitorPassRefusal =
  | SignedPassRefusal
  | "beyond-delegation"
  | "revoked"
  | "other-door"
  | "expired"
  | "not-yet-valid"
  | "outside-hours"
  | "time-uncertain"
  | "used-up";

export type VisitorPassVerification =
  | {
      readonly verified: true;
      readonly passId: Uint8Array;
      readonly purpose: VisitPurpose;
      /** Who signed; absent for the community. */
      readonly delegate?: CredentialKey;
    }
  | { readonly verified: false; readonly reason: VisitorPassRefusal };

/**
 * Verifies a visitor's pass at a door, and counts its use. Needs no network. It is a bearer's pass: whoever has the link
 * has it, so its grade is D, whatever its signature.
 */
export function verifyVisitorPass(message: Uint8Array, gate: VisitorPassGate): VisitorPassVerification {
  const signer = ({ delegate }: VisitorPass) =>
    delegate === undefined ? gate.communityKey : gate.delegationOf(CredentialKey(delegate))?.key;
  const opened = openSignedPass<VisitorPass>({
    ...gate,
    domain: "visitorPass",
    codec: visitorPass,
    message,
    keyOf: signer,
  });
  if (!opened.opened) return { verified: false, reason: opened.reason };
  const { pass } = opened;
  const delegate = pass.delegate === undefined ? undefined : CredentialKey(pass.delegate);
  const reason = refuseTerms(pass, delegate, gate);
  if (reason !== undefined) return { verified: false, reason };
  const end = Instant((pass.notAfterS + 1) * 1000);
  if (pass.uses !== undefined && !gate.uses.take(pass.passId, pass.uses, end)) {
    return { verified: false, reason: "used-up" };
  }
  const { passId, purpose } = pass;
  return { verified: true, passId, purpose, ...(delegate === undefined ? {} : { delegate }) };
}

/** What the policy decides on. Whoever has the text has the pass: grade D. */
export function presentVisitor(primitives: Pick<Primitives, "sha256">, passId: Uint8Array): CardPresentation {
  const credentialKey = credentialKeyOf(primitives, "pass", passId);
  return { credentialKey, kind: "pass", grade: "D", evidence: {}, identifier: passId };
}

function refuseTerms(
  pass: VisitorPass,
  delegate: CredentialKey | undefined,
  gate: VisitorPassGate,
): VisitorPassRefusal | undefined {
  const delegation = delegate === undefined ? undefined : gate.delegationOf(delegate);
  if (gate.isRevoked(pass.passId, delegate)) return "revoked";
  const here = doorTag(gate.primitives, gate.portalId);
  if (!pass.doors.some((door) => equalBytes(door, here))) return "other-door";
  if (delegation !== undefined && isBeyond(pass, delegation, gate.portalId)) return "beyond-delegation";
  const { earliest, latest } = gate.now;
  if (latest >= (pass.notAfterS + 1) * 1000) return "expired";
  if (earliest < pass.notBeforeS * 1000) return "not-yet-valid";
  if (pass.weekdays === undefined && pass.windows === undefined) return undefined;
  if (latest - earliest > MOST_SPREAD_MS) return "time-uncertain";
  // Deny on doubt: at both ends of what the gate knows of the time.
  return [earliest, latest].every((at) => isWithinHours(pass, gate.localTime(at)))
    ? undefined
    : "outside-hours";
}

function isBeyond(pass: VisitorPass, { portals, longest }: Delegation, here: PortalId): boolean {
  const lastsMs = (pass.notAfterS + 1 - pass.notBeforeS) * 1000;
  return lastsMs > longest || !portals.includes(here);
}

function isWithinHours(
  { weekdays, windows }: VisitorPass,
  local: { readonly weekday: Weekday; readonly minute: number } | undefined,
): boolean {
  if (local === undefined) return false;
  if (weekdays !== undefined && (weekdays & (1 << (local.weekday - 1))) === 0) return false;
  return (
    windows === undefined ||
    windows.some(({ startMinute, endMinute }) => startMinute <= local.minute && local.minute < endMinute)
  );
}

function bitsOf(weekdays: readonly Weekday[]): number {
  return ALL_WEEKDAYS.reduce((bits, day) => (weekdays.includes(day) ? bits | (1 << (day - 1)) : bits), 0);
}
