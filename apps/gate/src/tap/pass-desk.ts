import {
  makePassMemory,
  type PassMemory,
  type PassText,
  presentPhone,
  presentVisitor,
  readPassText,
  readVisitFragment,
  verifyDoorAnswer,
  verifyPhonePass,
  verifyVisitorPass,
  verifyVisitToken,
} from "@menshen/credentials";
import { equalBytes } from "@menshen/crypto";
import * as crypto from "@menshen/crypto/node";
import {
  type AccessPointId,
  type CommunityId,
  type CredentialKey,
  type CredentialKind,
  Duration,
  type Grade,
  Instant,
  type PortalId,
  type Presentation,
  type Reason,
  TimeInterval,
  weakestGrade,
} from "@menshen/domain";
import { localTimeAt, type Snapshot, zoneTransitions } from "@menshen/policy";
import type { PassesMessage } from "@menshen/wire";
import type { GateClock } from "../clock/gate-clock.ts";
import type { CardKeys } from "../held/card-keys.ts";
import { decideTap } from "./decide-tap.ts";
import type { DoorChallenges } from "./door-challenges.ts";
import { linkGrade } from "./opening-grade.ts";
import type { PassBook } from "./pass-book.ts";
import { isSigned, type PassRefusal, passReason } from "./pass-reasons.ts";
import type { ReaderPlace } from "./reader-place.ts";
import type { ProvenTokenKey } from "./token-keys.ts";

export interface PassDeskOptions {
  readonly communityId: CommunityId;
  /** 1 to 13. */
  readonly doorGroup: number;
  readonly clock: Pick<GateClock, "now" | "monotonicMs">;
  readonly snapshot: () => Snapshot | undefined;
  readonly cardKeys: () => Pick<CardKeys, "phone"> | undefined;
  readonly passes: () => PassesMessage | undefined;
  readonly tokenKey: (keyId: Uint8Array) => ProvenTokenKey | undefined;
  /** Whether the log lets a credential pass here; `home`: as one of a home that has this door. */
  readonly inPublicLog: (
    credentialKey: CredentialKey,
    accessPointId: AccessPointId,
    as?: "home",
  ) => Promise<boolean>;
  readonly challenges: DoorChallenges;
  readonly book: PassBook;
}

/** What a code is, before anybody asked whether the door opens. */
export type PassReading =
  /** A phone's signature held: from here on it is a credential like others. */
  | { readonly outcome: "credential"; readonly presentation: Presentation }
  /** Nobody's credential: it opens if the door's own state lets a stranger's pass open at all. */
  | {
      readonly outcome: "visit";
      readonly grade: Grade;
      /** @param floors of a lift: those that its own rules leave to a visitor */
      readonly admit: (floors?: readonly AccessPointId[]) => Promise<Admission>;
    }
  | { readonly outcome: "refused"; readonly kind: CredentialKind; readonly admission: Admission };

/** The end of it. */
export interface Admission {
  readonly reason: Reason;
  /** Whose the entry is; absent where nothing was proved, and for tokens always. */
  readonly identity?: CredentialKey;
  /** Of a lift: where whoever signed the pass may go themselves. */
  readonly floors?: readonly AccessPointId[];
}

/** Reads the codes of docs/protocol/passes.md as a gate does: offline, each at most as often as it may be shown. */
export interface PassDesk {
  /** Never rejects. */
  read(place: ReaderPlace, text: string): PassReading;
}

/** Whoever has the text has the pass. */
const BEARER_GRADE: Grade = "D";
/** Codes of one door group that are remembered at once. */
const MOST_CHALLENGES = 1_000;
/** What says that whoever signed may not pass here any more themselves. */
const ENDED: ReadonlySet<Reason["code"]> = new Set<Reason["code"]>([
  "credential-unknown",
  "credential-blocked",
  "credential-not-yet-valid",
  "credential-expired",
  "rule-not-yet-valid",
  "rule-expired",
]);

export function makePassDesk(options: PassDeskOptions): PassDesk {
  const { communityId, doorGroup, clock, book } = options;
  const startedMs = clock.monotonicMs();
  const shown = makePassMemory(Instant(0));
  const answered = makePassMemory(Instant(0), MOST_CHALLENGES);

  /** What a phone showed before this gate's memory began, it may have opened with: wherever the clock stood then. */
  function phoneMemory(now: TimeInterval): PassMemory {
    const runsMs = Math.floor(clock.monotonicMs() - startedMs);
    return { since: Instant(now.latest - runsMs), claim: shown.claim };
  }

  function phone(place: ReaderPlace, { kind, message }: PassText, portalId: PortalId): PassReading {
    const now = clock.now();
    let signer: CredentialKey | undefined;
    const publicKeyOf = (credentialKey: CredentialKey) => {
      signer = credentialKey;
      return options.cardKeys()?.phone(credentialKey);
    };
    const monotonic = Instant(Math.floor(clock.monotonicMs()));
    const verification =
      kind === "phone-pass"
        ? verifyPhonePass(message, {
            primitives: crypto,
            communityId,
            doorGroup,
            now,
            publicKeyOf,
            memory: phoneMemory(now),
          })
        : verifyDoorAnswer(message, {
            primitives: crypto,
            communityId,
            portalId,
            now: TimeInterval(monotonic, monotonic),
            publicKeyOf,
            outstanding: options.challenges.outstanding(place.accessPointId, clock.monotonicMs()),
            memory: answered,
          });
    if (!verification.verified) return refused("phone-pass", verification.reason, now, signer);
    const { credentialKey } = verification;
    return { outcome: "credential", presentation: presented(place, credentialKey) };
  }

  function presented(place: ReaderPlace, credentialKey: CredentialKey): Presentation {
    const { kind, grade, evidence } = presentPhone(credentialKey, new Uint8Array());
    return { credentialKey, kind, grade: weakestGrade(grade, linkGrade(place.link)), evidence };
  }

  /** Whether whoever signed may let somebody in here now: where they could pass themselves, and as one who lives here. */
  async function refuseSigner(place: ReaderPlace, signer: CredentialKey): Promise<Reason | undefined> {
    const { decision } = decideTap({
      snapshot: options.snapshot(),
      place,
      candidates: [presented(place, signer)],
      doorState: { mode: "normal", lockdown: 0, fireRelease: false },
      now: clock.now(),
    });
    if (!decision.granted) {
      const [first] = decision.reasons;
      if (first?.code === "time-uncertain") return first;
      return decision.reasons.some(({ code }) => ENDED.has(code))
        ? { code: "pass-not-accepted", detail: "unknown-signer" }
        : { code: "pass-beyond-delegation" };
    }
    const lives = await options.inPublicLog(signer, place.accessPointId, "home");
    return lives ? undefined : { code: "credential-not-in-log" };
  }

  /** Of a lift's floors those that the signer may go to, and why not to the first of the others. */
  async function signersFloors(
    place: ReaderPlace,
    signer: CredentialKey,
    floors: readonly AccessPointId[],
  ): Promise<{ readonly theirs: readonly AccessPointId[]; readonly refusal?: Reason | undefined }> {
    const theirs: AccessPointId[] = [];
    let refusal: Reason | undefined;
    for (const accessPointId of floors) {
      const refused = await refuseSigner({ ...place, accessPointId }, signer);
      if (refused === undefined) theirs.push(accessPointId);
      else refusal ??= refused;
    }
    return { theirs, refusal };
  }

  async function visitor(
    place: ReaderPlace,
    message: Uint8Array,
    portalId: PortalId,
    floors: readonly AccessPointId[] | undefined,
  ): Promise<Admission> {
    const passes = options.passes();
    const snapshot = options.snapshot();
    if (passes === undefined || snapshot === undefined) return { reason: { code: "visits-off" } };
    const now = clock.now();
    let signer: CredentialKey | undefined;
    let counted: { readonly most: number; readonly until: Instant } | undefined;
    const verification = verifyVisitorPass(message, {
      primitives: crypto,
      communityId,
      portalId,
      now,
      localTime(at) {
        const end = Instant(at + 1);
        return localTimeAt(zoneTransitions(snapshot.timeZone, at, end), end, at);
      },
      communityKey: { alg: "EdDSA", publicKey: passes.communityKey },
      delegationOf(resident) {
        const publicKey = options.cardKeys()?.phone(resident);
        if (publicKey === undefined) return undefined;
        signer = resident;
        const longest = passes.visits.on ? Duration.seconds(passes.visits.longestS) : Duration.seconds(0);
        return { key: { alg: "ES256", publicKey }, portals: [portalId], longest };
      },
      isRevoked: (passId, delegate) =>
        passes.revoked.some(
          (one) =>
            delegate !== undefined && equalBytes(one.passId, passId) && equalBytes(one.delegate, delegate),
        ),
      uses: {
        // Counted at the very end, when nothing else is in the way.
        take(passId, most, until) {
          counted = { most, until };
          return book.usesOf(passId) < most;
        },
      },
    });
    if (!verification.verified) {
      const { reason } = verification;
      const of = isSigned(reason) ? signer : undefined;
      if (of !== undefined && !passes.visits.on) return admission({ code: "visits-off" }, of);
      return admission(withUses(passReason(reason, now), counted?.most), of);
    }
    const { passId, delegate } = verification;
    const identity = delegate ?? presentVisitor(crypto, passId).credentialKey;
    let theirs: readonly AccessPointId[] | undefined;
    let refusal: Reason | undefined;
    if (delegate === undefined) {
      // A desk's pass names doors and nobody whose floors would be the visitor's.
      refusal =
        floors === undefined ? await refuseUnlogged(place, passId, identity) : { code: "pass-not-here" };
    } else if (floors === undefined) {
      refusal = await refuseSigner(place, delegate);
    } else {
      const among = await signersFloors(place, delegate, floors);
      ({ theirs } = among);
      if (theirs.length === 0) refusal = among.refusal ?? { code: "pass-not-here" };
    }
    if (refusal !== undefined) return admission(refusal, identity);
    const use = counted === undefined ? "taken" : await book.use(passId, counted.most, counted.until, now);
    const used = admission(withUses(usedReason(use), counted?.most), identity);
    return theirs === undefined ? used : { ...used, floors: theirs };
  }

  async function refuseUnlogged(
    place: ReaderPlace,
    passId: Uint8Array,
    key: CredentialKey,
  ): Promise<Reason | undefined> {
    const isLogged = await options.inPublicLog(key, place.accessPointId);
    if (!isLogged) return { code: "credential-not-in-log" };
    // What was proved once stays proved for a while; the list is what takes a pass back.
    const isListed =
      options.passes()?.deskPasses.some((listed) => equalBytes(listed.passId, passId)) === true;
    return isListed ? undefined : { code: "pass-revoked" };
  }

  async function token(message: Uint8Array): Promise<Admission> {
    if (options.passes() === undefined) return { reason: { code: "visits-off" } };
    const now = clock.now();
    let key: ProvenTokenKey | undefined;
    const since = book.tokensSince(now);
    const verification = verifyVisitToken(message, {
      primitives: crypto,
      communityId,
      doorGroup,
      now,
      keyOf(keyId) {
        key = options.tokenKey(keyId);
        return key;
      },
      // Written down at the very end, when nothing else is in the way; see below.
      spent: { since: since ?? Instant(now.latest), claim: () => "first" },
    });
    if (!verification.verified) return { reason: passReason(verification.reason, now) };
    const { serial } = verification;
    if (key === undefined) return { reason: { code: "pass-not-accepted", detail: "unknown-signer" } };
    if (book.isSpent(serial)) return { reason: { code: "pass-used" } };
    if (book.spentOf(key.keyId) >= key.quota) return { reason: { code: "pass-quota-spent" } };
    const { keyId, until, quota } = key;
    return { reason: usedReason(await book.spend({ serial, keyId, until }, quota, now)) };
  }

  function refused(
    kind: CredentialKind,
    refusal: PassRefusal,
    now: TimeInterval,
    signer: CredentialKey | undefined,
  ): PassReading {
    const admitted = admission(passReason(refusal, now), isSigned(refusal) ? signer : undefined);
    return { outcome: "refused", kind, admission: admitted };
  }

  return {
    read(place, text) {
      const pass = readPass(text);
      const portalId = options
        .snapshot()
        ?.accessPoints.find(({ id }) => id === place.accessPointId)?.portalId;
      if (pass === undefined || pass.kind === "door-challenge") {
        return refused("pass", "malformed", clock.now(), undefined);
      }
      const isPhone = pass.kind === "phone-pass" || pass.kind === "door-answer";
      if (portalId === undefined) {
        const code = options.snapshot() === undefined ? "no-snapshot" : "access-point-unknown";
        const kind = isPhone ? "phone-pass" : "pass";
        return { outcome: "refused", kind, admission: { reason: { code } } };
      }
      if (isPhone) return phone(place, pass, portalId);
      const { kind, message } = pass;
      return {
        outcome: "visit",
        grade: weakestGrade(BEARER_GRADE, linkGrade(place.link)),
        async admit(floors) {
          if (kind === "visitor-pass") return await visitor(place, message, portalId, floors);
          return floors === undefined ? await token(message) : { reason: { code: "pass-not-here" } };
        },
      };
    },
  };
}

/** A code, or a link with one behind its `#`. */
function readPass(text: string): PassText | undefined {
  const link = text.lastIndexOf("#");
  if (link >= 0 && /^https?:/i.test(text)) return readVisitFragment(text.slice(link + 1))?.pass;
  return readPassText(text) ?? readVisitFragment(text)?.pass;
}

function admission(reason: Reason, identity: CredentialKey | undefined): Admission {
  return identity === undefined ? { reason } : { reason, identity };
}

/** A pass that opens more than once says how often, so that nobody looks for somebody who used it. */
function withUses(reason: Reason, most: number | undefined): Reason {
  return reason.code === "pass-used" && most !== undefined && most > 1 ? { ...reason, uses: most } : reason;
}

function usedReason(outcome: Awaited<ReturnType<PassBook["use"]>>): Reason {
  switch (outcome) {
    case "taken":
      return { code: "pass-allows" };
    case "used":
      return { code: "pass-used" };
    case "not-stored":
      return { code: "journal-unavailable" };
    case "full":
      return { code: "pass-outdated" };
  }
}
