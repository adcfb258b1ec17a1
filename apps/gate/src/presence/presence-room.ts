import { randomBytes, sha256, toHex } from "@menshen/crypto/node";
import {
  type AccessPointId,
  type AreaId,
  type CredentialKey,
  type DoorRules,
  type GateId,
  Holder,
  type PortalId,
  type Reason,
} from "@menshen/domain";
import {
  compileDoorPlan,
  type DoorPlan,
  type Judgement,
  type MusterEntry,
  makePresence,
  type Presence,
  type PresenceDelta,
  type PresenceTap,
  type RuledArea,
  type SavedPresence,
} from "@menshen/policy";
import type { Portal } from "../door/portal.ts";
import type { CardKeys, KnownPerson } from "../held/card-keys.ts";

/** What the door of a tap must tell, and do after. */
export type PresencePortal = Pick<
  Portal,
  "portalId" | "isSecure" | "isOpen" | "isHeldByTap" | "isStanding" | "unlockMs" | "hasContact" | "hasPassage"
>;

/** Somebody whom the access rules let through an access point. */
export interface Person {
  /** Undefined for a one-time token: nobody's. */
  readonly credentialKey: CredentialKey | undefined;
  readonly isVisitor: boolean;
}

export interface AreaCount {
  readonly areaId: AreaId;
  readonly persons: number;
  /** Another gate at its edge is not heard. */
  readonly apart: boolean;
}

/** What the door rules say to a tap that was granted. */
export interface PresenceAnswer {
  readonly admitted: boolean;
  /** Why not, or what is noted beside the grant. */
  readonly reasons: readonly Reason[];
  readonly isAwaitingSecond: boolean;
  /** A double tap: hold the door open for so long, or let go (`"end"`). */
  readonly hold: { readonly forMs: number } | "end" | undefined;
  /** How many go through. */
  readonly persons: number;
  /** To be called when the door was told, or will not be. */
  readonly done: () => void;
}

/**
 * Where persons are, as this gate and those that it hears know it, and what the door rules make of it. Without door rules
 * everybody is admitted. Everything is decided at once, without waiting for anything.
 */
export interface PresenceRoom {
  answer(accessPointId: AccessPointId, portal: PresencePortal | undefined, person: Person): PresenceAnswer;
  /** Why the rules would not let this person in here now, by themselves; empty if they would. Changes nothing. */
  refusals(accessPointId: AccessPointId, person: Person): readonly Reason[];
  /** Whether the rules would refuse any visitor here now: asked before a pass is used up. */
  refusesVisitor(accessPointId: AccessPointId): readonly Reason[];
  /** A door was seen to open after a grant. */
  opened(portalId: PortalId): void;
  /** A sensor saw one person go through. */
  passed(portalId: PortalId): void;
  /** Nobody knows any more where this person is. False without door rules: nobody was to be known. */
  forgive(holder: Holder): boolean;
  /** A guard's count of an area. False for one without a rule. @throws {PolicyError} `invalid-count` outside 0 to 100,000 */
  setCount(areaId: AreaId, persons: number): boolean;
  occupancy(areaId: AreaId): number | undefined;
  whereIs(holder: Holder): AreaId | undefined;
  /** Persons in each area with a rule at whose edge this gate has a reader. */
  counts(): readonly AreaCount[];
  /** Who counts as inside those areas, each in the innermost area with a rule. */
  muster(): readonly MusterEntry[];
  /** Rules or keys came. */
  review(): void;
  /** From another gate. False if its clock is too far off: it is not believed. */
  receive(delta: PresenceDelta, siteMs: number): boolean;
  /** All that is known, for a gate that was away and for the disk. */
  saved(): SavedPresence;
  siteMs(): number;
  /** Other gates at the edge of an area with rules that are not heard. */
  silentGates(): readonly GateId[];
}

export interface PresenceRoomOptions {
  readonly gateId: GateId;
  readonly rules: () => DoorRules | undefined;
  readonly cardKeys: () => Pick<CardKeys, "person" | "people"> | undefined;
  readonly portals: () => readonly PresencePortal[];
  readonly hears: (gateId: GateId) => boolean;
  /** Unix milliseconds that have certainly passed, and a clock that never steps. */
  readonly earliestMs: () => number;
  readonly monotonicMs: () => number;
  readonly kept: SavedPresence;
  /** This gate learned something itself: the others are told, the disk takes it. */
  readonly learned: (delta: PresenceDelta) => void;
  readonly random?: (size: number) => Uint8Array;
}

/** Journal and line take a moment before the lock is open. */
const DRIVING_MS = 1_000;
const HOLDER_BYTES = 8;
const ANONYMOUS = new TextEncoder().encode("menshen presence v1\u0000");
const PASSED = {
  admitted: true,
  reasons: [],
  isAwaitingSecond: false,
  hold: undefined,
  persons: 1,
  done: () => undefined,
} as const;

export function makePresenceRoom(options: PresenceRoomOptions): PresenceRoom {
  const { gateId, learned } = options;
  const random = options.random ?? randomBytes;
  const baseMs = options.earliestMs() - options.monotonicMs();
  let lastMs = 0;
  let known: { readonly rules: DoorRules; readonly plan: DoorPlan; readonly presence: Presence } | undefined;
  let gates: ReadonlySet<GateId> = new Set();
  let edges: ReadonlySet<GateId> = new Set();
  let people: ReadonlyMap<string, KnownPerson> = options.cardKeys()?.people ?? new Map();
  /** Grants that were decided and not yet driven, by portal. */
  const underWay = new Map<PortalId, number>();

  /** Steady, and after the server told a later time no longer behind it. */
  function nowMs(): number {
    lastMs = Math.max(lastMs, Math.floor(baseMs + options.monotonicMs()), options.earliestMs());
    return lastMs;
  }

  function tell(delta: PresenceDelta): void {
    if (delta.whereabouts.length + delta.corrections.length > 0) learned(delta);
  }

  function isSecure(portalId: PortalId): boolean {
    const portal = options.portals().find((candidate) => candidate.portalId === portalId);
    return (underWay.get(portalId) ?? 0) === 0 && portal?.isSecure() !== false;
  }

  const site = () => ({
    gateId,
    silentGates: new Set([...gates].filter((gate) => !options.hears(gate))),
    isSecure,
  });

  function tapOf(accessPointId: AccessPointId, { credentialKey, isVisitor }: Person): PresenceTap {
    const person = credentialKey && options.cardKeys()?.person(credentialKey);
    if (person !== undefined) {
      const { holder, isStaff, needsEscort } = person;
      return { accessPointId, holder, isStaff, needsEscort };
    }
    const bytes =
      credentialKey === undefined
        ? random(HOLDER_BYTES)
        : sha256(Buffer.concat([ANONYMOUS, credentialKey])).slice(0, HOLDER_BYTES);
    return { accessPointId, holder: Holder(toHex(bytes)), isStaff: false, needsEscort: isVisitor };
  }

  /** A door that stands open asks nobody, but whoever is known and passes is somewhere else now. */
  function pass(presence: Presence, tap: PresenceTap): PresenceAnswer {
    tell(presence.pass(tap, nowMs()));
    return PASSED;
  }

  function begin(portalId: PortalId | undefined): () => void {
    if (portalId === undefined) return () => undefined;
    underWay.set(portalId, (underWay.get(portalId) ?? 0) + 1);
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      const left = (underWay.get(portalId) ?? 1) - 1;
      if (left === 0) underWay.delete(portalId);
      else underWay.set(portalId, left);
    };
  }

  function settle(presence: Presence, judgement: Judgement, portal: PresencePortal | undefined): void {
    const now = nowMs();
    const confirm = portal?.hasPassage === true ? "when-opened" : judgement.confirm;
    tell(presence.settle({ ...judgement, confirm }, now + (portal?.unlockMs() ?? 0) + DRIVING_MS, now));
    // A door without a contact is never seen open; one that is open already has let them through.
    if (
      portal !== undefined &&
      judgement.verdict.startsWith("admit") &&
      !portal.hasPassage &&
      (!portal.hasContact || portal.isOpen())
    ) {
      tell(presence.opened(portal.portalId, now));
    }
  }

  function ownAreas(): readonly RuledArea[] {
    return [...(known?.plan.areas.values() ?? [])].filter(({ gates: around }) => around.has(gateId));
  }

  function innermost(areaId: AreaId): AreaId | undefined {
    const around = [...(known?.plan.areas.values() ?? [])].filter(({ contains }) => contains.has(areaId));
    return around.sort((a, b) => b.depth - a.depth)[0]?.rule.areaId;
  }

  function renamePeople(presence: Presence): void {
    const next = options.cardKeys()?.people ?? people;
    if (next === people) return;
    for (const [key, { holder }] of people) {
      const after = next.get(key)?.holder;
      if (after !== undefined && after !== holder) tell(presence.rename(holder, after, nowMs()));
    }
    people = next;
  }

  function review(): void {
    const rules = options.rules();
    if (rules === undefined) return;
    if (known?.rules !== rules) {
      const plan = compileDoorPlan(rules);
      const presence = known?.presence ?? makePresence({ gateId, plan, nowMs: nowMs(), saved: options.kept });
      presence.usePlan(plan);
      known = { rules, plan, presence };
      gates = new Set(rules.accessPoints.map((point) => point.gateId).filter((gate) => gate !== gateId));
      edges = new Set([...plan.areas.values()].flatMap((area) => [...area.gates]));
    }
    renamePeople(known.presence);
  }
  review();

  return {
    answer(accessPointId, portal, person) {
      const presence = known?.presence;
      if (presence === undefined) return PASSED;
      const tap = tapOf(accessPointId, person);
      if (portal?.isStanding() === true && !portal.isHeldByTap()) return pass(presence, tap);
      const judgement = presence.judge(tap, site(), nowMs());
      if (portal?.isHeldByTap() === true && judgement.doubleTap === undefined) return pass(presence, tap);
      const admitted = judgement.verdict === "admit" || judgement.verdict === "admit-marked";
      settle(presence, judgement, portal);
      const hold = judgement.doubleTap && (portal?.isHeldByTap() === true ? "end" : judgement.doubleTap);
      return {
        admitted,
        reasons: judgement.reasons,
        isAwaitingSecond: judgement.verdict === "wait-for-second",
        hold,
        persons: judgement.persons,
        done: admitted ? begin(portal?.portalId) : () => undefined,
      };
    },
    refusals(accessPointId, person) {
      const judgement = known?.presence.judge(tapOf(accessPointId, person), site(), nowMs());
      return judgement === undefined || judgement.verdict.startsWith("admit") ? [] : judgement.reasons;
    },
    refusesVisitor(accessPointId) {
      const nobody: Person = { credentialKey: undefined, isVisitor: true };
      const judgement = known?.presence.judge(tapOf(accessPointId, nobody), site(), nowMs());
      return judgement?.verdict === "refuse" ? judgement.reasons : [];
    },
    opened(portalId) {
      if (known !== undefined) tell(known.presence.opened(portalId, nowMs()));
    },
    passed(portalId) {
      if (known !== undefined) tell(known.presence.passed(portalId, nowMs()));
    },
    forgive(holder) {
      if (known === undefined) return false;
      tell(known.presence.forgive(holder, nowMs()));
      return true;
    },
    setCount(areaId, persons) {
      if (known?.presence.occupancy(areaId, nowMs()) === undefined) return false;
      tell(known.presence.setCount(areaId, persons, nowMs()));
      return true;
    },
    occupancy: (areaId) => known?.presence.occupancy(areaId, nowMs()),
    whereIs: (holder) => known?.presence.whereIs(holder, nowMs()),
    counts: () =>
      ownAreas().map(({ rule: { areaId }, gates: around }) => ({
        areaId,
        persons: known?.presence.occupancy(areaId, nowMs()) ?? 0,
        apart: [...around].some((gate) => gate !== gateId && !options.hears(gate)),
      })),
    muster() {
      const own = ownAreas();
      return (known?.presence.muster(nowMs()) ?? []).flatMap((entry) => {
        const isHere = own.some(({ contains }) => contains.has(entry.areaId));
        const ruled = isHere ? innermost(entry.areaId) : undefined;
        return ruled === undefined ? [] : [{ ...entry, areaId: ruled }];
      });
    },
    review,
    receive(delta, siteMs) {
      const presence = known?.presence;
      // Without rules nothing is counted, and what was missed comes again with the next connection.
      if (presence === undefined) return false;
      return presence.hear(siteMs, nowMs()) && presence.receive(delta, nowMs());
    },
    saved: () => known?.presence.saved() ?? options.kept,
    siteMs: () => known?.presence.siteMs(nowMs()) ?? nowMs(),
    silentGates: () => [...edges].filter((gate) => gate !== gateId && !options.hears(gate)),
  };
}
