import { authenticateCard, type CardChannel, CredentialError, credentialKeyOf } from "@menshen/credentials";
import { isP256Point, p256Verify, primitives, randomBytes } from "@menshen/crypto/node";
import {
  type AccessPointId,
  type CredentialKey,
  type CredentialKind,
  type Decision,
  isCopyable,
  type Plate,
  type Presentation,
  type ReaderId,
} from "@menshen/domain";
import { type FormattedCard, OsdpError, type RawCard } from "@menshen/osdp";
import { knowsCredential, openReasons } from "@menshen/policy";
import { faultName } from "../errors.ts";
import type { CardKeys } from "../held/card-keys.ts";
import type { PresenceAnswer } from "../presence/presence-room.ts";
import type { Indication } from "../readers/indications.ts";
import type { SealedIdentity } from "../store/journal-draft.ts";
import { byDocument } from "./by-document.ts";
import { withFingerprint } from "./chip-fingerprint.ts";
import { doorStateAt } from "./decide-tap.ts";
import { decisionOf, type JudgedVisit, judgeVisit, judgeVisitInLift } from "./judge-visit.ts";
import type { Described, Judged } from "./judged.ts";
import { answerFloors, decideAt, loggedFloors, namedFloors, outputsOf } from "./lift-floors.ts";
import { CUSTODY_WITHOUT_TPM, linkGrade } from "./opening-grade.ts";
import { isByRule, isNobodys, withAnswer } from "./outcomes.ts";
import { readNumber, readText } from "./read-number.ts";
import { readPin, readPlate } from "./read-secrets.ts";
import { pkocReaderOf, transactionReaderOf } from "./reader-names.ts";
import type { ReaderPlace, ScanOutcome } from "./reader-place.ts";
import { type Reading, readingOf } from "./reading.ts";
import { makeSecondFactors } from "./second-factor.ts";
import type { TapDeskOptions } from "./tap-desk-options.ts";
import { makeTokenBucket, type TokenBucket } from "./token-bucket.ts";

/** Where taps become decisions, journal entries and open doors. */
export interface TapDesk {
  /** Reads a card, decides, journals, releases. The channel is closed at the end. Never rejects. */
  card(readerId: ReaderId, openChannel: () => CardChannel | Promise<CardChannel>): Promise<void>;
  /** The same for a number that a reader sent. Never rejects. */
  number(readerId: ReaderId, card: RawCard): Promise<void>;
  /** The same for characters that a reader decoded itself. Never rejects. */
  text(readerId: ReaderId, card: FormattedCard): Promise<void>;
  /** The same for a PIN; resolves to whether it was looked up and is nobody's. Never rejects. */
  pin(readerId: ReaderId, digits: string): Promise<boolean>;
  /**
   * The same for what a camera read: a code or a link of docs/protocol/passes.md, or anything else.
   *
   * @returns what may be shown at the door; `undefined` when nothing was decided: too many wait, or a fault. Never rejects.
   */
  scan(readerId: ReaderId, text: string): Promise<ScanOutcome | undefined>;
  /** The same for a number plate that the camera of a barrier read. Never rejects. */
  plate(readerId: ReaderId, plate: Plate): Promise<ScanOutcome | undefined>;
}

/** Refusals at one reader beyond this are counted, not journaled one by one: anybody can make them. */
const REFUSAL_BURST = 200;
const REFUSALS_PER_SECOND = 1;
const MAX_WAITING_TAPS = 16;
const CREDENTIAL_KEY_BYTES = 16;
/** How a code begins that a reader has read itself; everything else is a constant. */
const PASS_TEXT = /^M[PAVT]:/;
/** A journal entry takes no more reasons than this. */
const MAX_REASONS = 16;
export function makeTapDesk(options: TapDeskOptions): TapDesk {
  const { clock, journal, floods, logger } = options;
  const random = options.random ?? randomBytes;
  const stopwatchMs = options.stopwatchMs ?? (() => performance.now());
  const factors = makeSecondFactors({
    monotonicMs: () => clock.monotonicMs(),
    holderOf: (credentialKey) => options.cardKeys()?.person(credentialKey)?.holder,
    stepOf: options.stepOf,
  });
  const queues = new Map<ReaderId, { waiting: number; tail: Promise<void> }>();
  const refusals = new Map<ReaderId, TokenBucket>();

  async function readCard(place: ReaderPlace, channel: CardChannel): Promise<Reading | undefined> {
    const keys = options.cardKeys();
    const release = keys?.hold();
    try {
      return await readWith(keys, place, channel);
    } finally {
      release?.();
    }
  }

  async function readWith(
    keys: CardKeys | undefined,
    place: ReaderPlace,
    channel: CardChannel,
  ): Promise<Reading | undefined> {
    const phone = await options.phones?.read(channel, linkGrade(place.link));
    if (phone?.outcome === "presented") {
      return { kind: "presented", candidates: [phone.phone.presentation], phone: phone.phone };
    }
    if (phone?.outcome === "not-authentic") {
      return {
        kind: "not-authentic",
        reason: { code: "credential-not-authentic", detail: phone.detail },
        claimed: { kind: phone.claimedKind, identifier: undefined },
      };
    }
    const reading = await authenticateCard(channel, {
      primitives,
      keyFor: ({ kind, uid, doorGroup }) =>
        keys
          ?.of(credentialKeyOf(primitives, kind, uid))
          // The group's key stands under the group's number on every card; while keys are renewed, in two versions.
          ?.keys.filter(({ number }) => number === doorGroup),
      privacyKeyFor: (kind) => keys?.shared(kind)[0]?.key,
      transactionKeysFor: (uid) =>
        keys?.of(credentialKeyOf(primitives, "desfire", uid))?.transactionKeys ?? [],
      readerId: transactionReaderOf(place.accessPointId),
      doorGroup: keys?.doorGroup ?? 1,
      random,
      readerLink: linkGrade(place.link),
      keyCustody: CUSTODY_WITHOUT_TPM,
      pkoc: { primitives: { isP256Point, p256Verify }, readerIdentifier: pkocReaderOf(place.accessPointId) },
      ...(keys === undefined ? {} : { desfireApplication: keys.desfireApplication }),
      monotonicMs: stopwatchMs,
    });
    const counted = await options.sequences?.counted(reading, channel, options.snapshot());
    return readingOf(withFingerprint(counted ?? reading, channel));
  }

  /** What a card, a number or a telephone comes to, and what its entry says. */
  async function judge(place: ReaderPlace, reading: Exclude<Reading, { kind: "pass" }>): Promise<Judged> {
    if (reading.kind === "not-authentic") {
      const decision: Decision = { granted: false, reasons: [reading.reason] };
      const { kind, identifier } = reading.claimed;
      if (identifier === undefined) return { decision, entry: { kind } };
      const identity = identified(kind, credentialKeyOf(primitives, kind, identifier));
      return { decision, entry: { kind, identity } };
    }
    const snapshot = options.snapshot();
    const now = clock.now();
    const { candidates } = reading;
    const decided = decideAt(factors, { snapshot, place, candidates, doorState: doorStateAt(place), now });
    const { presentation, both, isAwaitingFactor } = decided.tapped;
    let { decision } = decided.tapped;
    let { freed } = decided;
    if (decision.granted && isByRule(decision)) {
      const shown = both === undefined ? [presentation] : [both.card, both.pin];
      const isLogged = async (accessPointId: AccessPointId) => {
        for (const { credentialKey } of shown) {
          if (!(await options.inPublicLog(credentialKey, accessPointId))) return false;
        }
        return true;
      };
      if (freed !== undefined) freed = await loggedFloors(freed, isLogged);
      const isAny = freed === undefined ? await isLogged(place.accessPointId) : freed.length > 0;
      if (!isAny) decision = { granted: false, reasons: [{ code: "credential-not-in-log" }] };
    }
    // What a telephone carries names doors, not floors.
    if (reading.phone !== undefined && (freed === undefined || decision.granted)) {
      decision = await byDocument({ snapshot, place, presentation, decision, now }, reading.phone);
    }
    const counted = both?.card ?? presentation;
    // The number on a card that anybody can write detects; it refuses nobody.
    const isGuarded = decision.granted && !isCopyable(counted.kind);
    const refusal = isGuarded ? await options.counterGuard(counted) : undefined;
    if (refusal !== undefined) decision = { granted: false, reasons: [refusal] };
    const { credentialKey, kind } = presentation;
    const isStranger = identified(kind, credentialKey).isStranger === true;
    const isNoted = decision.granted && !isStranger;
    const noted = isNoted ? options.habits?.noted(presentation, place.accessPointId, now) : undefined;
    return {
      decision,
      entry: describe(noted ?? presentation, decision),
      isAwaitingFactor,
      ...(freed === undefined ? {} : { freed: decision.granted ? freed : [] }),
      ...(isStranger && reading.phone === undefined ? {} : { person: { credentialKey, isVisitor: false } }),
    };
  }

  /** The same for a code that is no credential. Nobody stands in the entry unless somebody's signature held. */
  async function judgePass(
    place: ReaderPlace,
    pass: Extract<Reading, { kind: "pass" }>["pass"],
  ): Promise<Judged> {
    if (pass.outcome === "refused") {
      const { decision, identity } = decisionOf(pass.admission);
      return { decision, entry: withIdentity({ kind: pass.kind }, pass.kind, identity) };
    }
    const door = {
      snapshot: options.snapshot(),
      place,
      doorState: doorStateAt(place),
      now: clock.now(),
    };
    // A pass is not used up where no visitor is let in.
    const refusalsAt = (accessPointId: AccessPointId) =>
      (place.portal?.isStanding() === true ? undefined : options.presence?.refusesVisitor(accessPointId)) ??
      [];
    const floors = place.floors?.filter(({ accessPointId }) => refusalsAt(accessPointId).length === 0);
    const [someFloor] = place.floors ?? [];
    const refusals =
      floors === undefined || (floors.length === 0 && someFloor !== undefined)
        ? refusalsAt((someFloor ?? place).accessPointId)
        : [];
    if (refusals.length > 0) {
      return { decision: { granted: false, reasons: refusals }, entry: { kind: "pass", grade: pass.grade } };
    }
    const nobody = random(CREDENTIAL_KEY_BYTES);
    const judged: JudgedVisit & Pick<Judged, "freed"> =
      floors === undefined
        ? await judgeVisit(pass, door, nobody)
        : await judgeVisitInLift(pass, { ...door, floors }, nobody);
    const { decision, grade, identity, freed } = judged;
    return {
      decision,
      entry: withIdentity({ kind: "pass", grade }, "pass", identity),
      person: { credentialKey: identity, isVisitor: true },
      ...(freed === undefined ? {} : { freed }),
    };
  }

  function withIdentity(
    entry: Described,
    kind: CredentialKind,
    credentialKey: CredentialKey | undefined,
  ): Described {
    return credentialKey === undefined ? entry : { ...entry, identity: identified(kind, credentialKey) };
  }

  async function settle(
    readerId: ReaderId,
    place: ReaderPlace,
    reading: Reading,
    decided: (decision: Decision) => void,
  ): Promise<void> {
    const judged =
      reading.kind === "pass" ? await judgePass(place, reading.pass) : await judge(place, reading);
    if (judged.freed !== undefined && judged.freed.length > 0) {
      const { person } = judged;
      const lift = answerFloors(options.presence, place, person, judged.decision, judged.freed);
      try {
        await conclude(
          readerId,
          place,
          { ...judged, freed: lift.freed },
          lift.decision,
          lift.answer,
          decided,
        );
      } finally {
        lift.answer?.done();
      }
      return;
    }
    // From here to the journal nothing is awaited, so that two taps do not get the same last place.
    const answer =
      judged.decision.granted && judged.person !== undefined
        ? options.presence?.answer(place.accessPointId, place.portal, judged.person)
        : undefined;
    try {
      await conclude(readerId, place, judged, withAnswer(judged.decision, answer), answer, decided);
    } finally {
      answer?.done();
    }
  }

  /** The entry first, then the lock, then lamp and sound. */
  async function conclude(
    readerId: ReaderId,
    place: ReaderPlace,
    { entry, isAwaitingFactor, freed }: Judged,
    decision: Decision,
    answer: PresenceAnswer | undefined,
    decided: (decision: Decision) => void,
  ): Promise<void> {
    const { portal } = place;
    const awaited = isAwaitingFactor === true ? "awaiting-factor" : "refused";
    const refusal: Indication = { kind: answer?.isAwaitingSecond === true ? "awaiting-second" : awaited };
    decided(decision);
    if (!decision.granted && !mayRecordRefusal(readerId)) {
      options.indicate(readerId, refusal);
      return;
    }
    const { identity, ...described } = entry;
    const isDriven = freed === undefined ? portal?.isStanding() === false : freed.length > 0;
    const lockDriven = decision.granted && portal !== undefined && isDriven;
    const written = await journal.append({
      kind: "access",
      body: {
        accessPointId: place.accessPointId,
        granted: decision.granted,
        // Who knows the rules must not learn from the reasons who went through.
        reasons: [...openReasons(options.snapshot(), decision.reasons.slice(0, MAX_REASONS))],
        ...described,
        snapshotVersion: options.snapshot()?.version ?? 0,
        lockDriven,
        ...(decision.granted ? namedFloors(options.snapshot(), freed) : {}),
      },
      ...(identity === undefined ? {} : { identity }),
    });
    if (!decision.granted) {
      options.indicate(readerId, refusal);
      options.noteAtDoor?.(place.accessPointId, written, identity);
      return;
    }
    if (freed === undefined) portal?.granted(answer?.persons);
    else if (lockDriven) portal?.granted(answer?.persons, outputsOf(freed));
    if (answer?.hold === "end") portal?.endHold();
    else if (answer?.hold !== undefined) portal?.holdFor(answer.hold.forMs);
    // The lock first: lamp and sound travel on the same line.
    setImmediate(() => options.indicate(readerId, { kind: "granted", forMs: portal?.unlockMs() ?? 0 }));
  }

  function describe(presentation: Presentation, decision: Decision): Described {
    const { credentialKey, kind, grade, evidence } = presentation;
    // A card's true counter would link it across epochs.
    const { counter, ...open } = evidence;
    // A PIN mistyped by one digit is still somebody's secret, and whose vehicle passed by is nobody's business.
    if ((kind === "pin" || kind === "plate") && isNobodys(decision)) return { kind, grade, evidence: open };
    const identity = identified(kind, credentialKey);
    return {
      kind,
      grade,
      evidence: open,
      identity: { ...identity, ...(counter === undefined ? {} : { counter }) },
    };
  }

  function identified(kind: CredentialKind, credentialKey: CredentialKey): SealedIdentity {
    const snapshot = options.snapshot();
    // A door that stands open asks for nothing, and a card that proves nothing may be anybody's.
    const isStranger = snapshot === undefined || !knowsCredential(snapshot, credentialKey);
    return { kind, credentialKey, ...(isStranger ? { isStranger } : {}) };
  }

  function readPass(place: ReaderPlace, text: string): Reading | undefined {
    const pass = options.passes?.read(place, text);
    if (pass?.outcome !== "credential") return pass && { kind: "pass", pass };
    return { kind: "presented", candidates: [pass.presentation] };
  }

  function mayRecordRefusal(readerId: ReaderId): boolean {
    const bucket = refusals.get(readerId) ?? makeTokenBucket(REFUSAL_BURST, REFUSALS_PER_SECOND);
    refusals.set(readerId, bucket);
    const may = bucket.take(clock.monotonicMs());
    if (!may) floods.heldBack(readerId);
    if (!may) logger.debug({ readerId, count: bucket.heldBack() }, "refusals held back");
    return may;
  }

  async function handle(
    readerId: ReaderId,
    read: (place: ReaderPlace) => Promise<Reading | undefined>,
    decided: (decision: Decision) => void,
  ): Promise<void> {
    const place = options.placeOf(readerId);
    if (place === undefined) return;
    try {
      const reading = await read(place);
      if (reading === undefined) {
        options.indicate(readerId, { kind: "refused" });
        return;
      }
      let granted = false;
      try {
        await settle(readerId, place, reading, (decision) => {
          granted = decision.granted;
          decided(decision);
        });
      } finally {
        if (reading.kind === "presented") {
          // Behind lamp, sound and lock: none of them may wait for it.
          if (reading.isDuress === true) setImmediate(() => options.duress?.(readerId));
          await reading.phone?.conclude(granted);
        }
      }
    } catch (fault) {
      // The way to the card is at fault, not the card: the reader's own state tells about it.
      const level = fault instanceof CredentialError || fault instanceof OsdpError ? "debug" : "error";
      logger[level]({ readerId, code: faultName(fault), error: fault }, "a tap came to nothing");
      options.indicate(readerId, { kind: "refused" });
    }
  }

  /** One tap at a time a reader, the next one after it; more than a few waiting are a nuisance and not served. */
  function tap(
    readerId: ReaderId,
    read: (place: ReaderPlace) => Promise<Reading | undefined>,
    decided: (decision: Decision) => void = () => undefined,
  ): Promise<void> {
    const queue = queues.get(readerId) ?? { waiting: 0, tail: Promise.resolve() };
    queues.set(readerId, queue);
    if (queue.waiting >= MAX_WAITING_TAPS) return queue.tail;
    queue.waiting += 1;
    queue.tail = queue.tail
      .then(() => handle(readerId, read, decided))
      .finally(() => {
        queue.waiting -= 1;
      });
    return queue.tail;
  }

  /** A tap, and what may be shown of it at the door. */
  async function shown(
    readerId: ReaderId,
    read: (place: ReaderPlace) => Promise<Reading | undefined>,
  ): Promise<ScanOutcome | undefined> {
    let outcome: ScanOutcome | undefined;
    await tap(readerId, read, ({ granted, reasons }) => {
      const portal = options.placeOf(readerId)?.portal;
      outcome = {
        granted,
        reasons: openReasons(options.snapshot(), reasons.slice(0, MAX_REASONS)),
        forMs: granted && portal !== undefined && !portal.isStanding() ? portal.unlockMs() : 0,
      };
    });
    return outcome;
  }

  return {
    async card(readerId, openChannel) {
      let channel: CardChannel | undefined;
      let closing: Promise<void> | undefined;
      await tap(readerId, async (place) => {
        channel = await openChannel();
        let isWaiting = false;
        try {
          const reading = await readCard(place, channel);
          isWaiting = reading?.kind === "presented" && reading.phone !== undefined;
          return reading;
        } finally {
          // The person may take a card away while the decision is made; a telephone waits to hear it.
          if (!isWaiting) closing = channel.close();
        }
      });
      await (closing ?? channel?.close());
    },
    number: (readerId, card) =>
      tap(readerId, async () => {
        const candidates = readNumber(card);
        return candidates && { kind: "presented", candidates };
      }),
    text: (readerId, card) =>
      tap(readerId, async (place) => {
        const text = String.fromCharCode(...card.characters);
        if (PASS_TEXT.test(text)) return readPass(place, text);
        return { kind: "presented", candidates: [readText(card)] };
      }),
    async pin(readerId, digits) {
      let isGuess = false;
      await tap(
        readerId,
        (place) => readPin(options.cardKeys(), place, digits),
        (decision) => {
          isGuess = isNobodys(decision);
        },
      );
      return isGuess;
    },
    scan: (readerId, text) => shown(readerId, async (place) => readPass(place, text)),
    plate: (readerId, plate) =>
      shown(readerId, async (place) => readPlate(options.cardKeys(), place, plate, options.takesPlates)),
  };
}
