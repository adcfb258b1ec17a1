import {
  authenticateCard,
  type CardChannel,
  type CardReading,
  CredentialError,
  credentialKeyOf,
  readOsdpFormatted,
  readOsdpRaw,
} from "@menshen/credentials";
import { pinCredentialKey } from "@menshen/credentials/node";
import { concatBytes, isP256Point, p256Verify, primitives, randomBytes } from "@menshen/crypto/node";
import {
  type AccessPointId,
  type CredentialKey,
  type CredentialKind,
  type Decision,
  type Grade,
  Instant,
  meetsGrade,
  type Presentation,
  type ReaderId,
  type Reason,
  weakestGrade,
} from "@menshen/domain";
import { type FormattedCard, OsdpError, type RawCard } from "@menshen/osdp";
import { knowsCredential, openReasons, type Snapshot, zoneTransitions } from "@menshen/policy";
import type { Logger } from "@menshen/service-kit";
import { type AccessEntry, uuidBytes } from "@menshen/wire";
import type { GateClock } from "../clock/gate-clock.ts";
import type { Portal } from "../door/portal.ts";
import { faultName } from "../errors.ts";
import type { Findings } from "../findings.ts";
import type { CardKeys } from "../held/card-keys.ts";
import type { Indication } from "../readers/indications.ts";
import type { Journal } from "../store/journal.ts";
import type { SealedIdentity } from "../store/journal-draft.ts";
import type { CounterGuard } from "./counter-guard.ts";
import { type Candidates, decideTap } from "./decide-tap.ts";
import { CUSTODY_WITHOUT_TPM, linkGrade, type ReaderLink } from "./opening-grade.ts";
import type { PhoneReader, PresentedPhone } from "./phone-reader.ts";
import { makeTokenBucket, type TokenBucket } from "./token-bucket.ts";

/** Where a reader stands and what it can open. */
export interface ReaderPlace {
  readonly accessPointId: AccessPointId;
  readonly link: ReaderLink;
  readonly lockOnOutdoorReader: boolean;
  /** The portal that the access point leads through, if this gate has it. */
  readonly portal: Pick<Portal, "doorState" | "isStanding" | "unlockMs" | "granted"> | undefined;
}

export interface TapDeskOptions {
  readonly clock: GateClock;
  readonly journal: Pick<Journal, "append">;
  readonly snapshot: () => Snapshot | undefined;
  readonly cardKeys: () => CardKeys | undefined;
  readonly counterGuard: CounterGuard;
  /** Whether the public log lets this credential pass here; asked about those that a rule lets through. */
  readonly inPublicLog: (credentialKey: CredentialKey, accessPointId: AccessPointId) => Promise<boolean>;
  readonly placeOf: (readerId: ReaderId) => ReaderPlace | undefined;
  readonly indicate: (readerId: ReaderId, indication: Indication) => void;
  readonly findings: Findings;
  readonly logger: Logger;
  readonly random?: (lengthBytes: number) => Uint8Array;
  /** The machine's own clock, for how long a dialogue took. */
  readonly stopwatchMs?: () => number;
  /** Reads telephones that speak Aliro; without it they are cards like others. */
  readonly phones?: PhoneReader;
}

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
}

/** What one tap brought: candidates in the order they are tried, or a card that proved nothing. */
type Reading =
  | { readonly kind: "presented"; readonly candidates: Candidates; readonly phone?: PresentedPhone }
  | {
      readonly kind: "not-authentic";
      readonly reason: Extract<Reason, { code: "credential-not-authentic" }>;
      readonly claimed: { readonly kind: CredentialKind; readonly identifier: Uint8Array | undefined };
    };

/** Refusals at one reader beyond this are counted, not journaled one by one: anybody can make them. */
const REFUSAL_BURST = 200;
const REFUSALS_PER_SECOND = 20;
const MAX_WAITING_TAPS = 16;
/** A journal entry takes no more reasons than this. */
const MAX_REASONS = 16;
/** A PIN is a secret that anybody may look at over a shoulder. */
const PIN_GRADE: Grade = "D";
/** Whether a reader checked the card before it told a number, nothing shows: it counts as a number anybody can copy. */
const CONSTANT = { readerAuthenticates: false };
/** UID lengths of ISO/IEC 14443-3, in bits. */
const UID_BITS: ReadonlySet<number> = new Set([32, 56, 80]);

export function makeTapDesk(options: TapDeskOptions): TapDesk {
  const { clock, journal, findings, logger } = options;
  const random = options.random ?? randomBytes;
  const stopwatchMs = options.stopwatchMs ?? (() => performance.now());
  const queues = new Map<ReaderId, { waiting: number; tail: Promise<void> }>();
  const refusals = new Map<ReaderId, TokenBucket>();

  async function readCard(place: ReaderPlace, channel: CardChannel): Promise<Reading | undefined> {
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
    const keys = options.cardKeys();
    const reading = await authenticateCard(channel, {
      primitives,
      keyFor: ({ kind, uid, doorGroup }) =>
        keys
          ?.of(credentialKeyOf(primitives, kind, uid))
          // The group's key stands under the group's number on every card; while keys are renewed, in two versions.
          ?.keys.filter(({ number }) => number === doorGroup),
      privacyKeyFor: (kind) => keys?.shared(kind)[0]?.key,
      doorGroup: keys?.doorGroup ?? 1,
      random,
      readerLink: linkGrade(place.link),
      keyCustody: CUSTODY_WITHOUT_TPM,
      pkoc: { primitives: { isP256Point, p256Verify }, readerIdentifier: pkocReaderOf(place.accessPointId) },
      ...(keys === undefined ? {} : { desfireApplication: keys.desfireApplication }),
      monotonicMs: stopwatchMs,
    });
    return readingOf(reading);
  }

  function readNumber(card: RawCard): Reading | undefined {
    const format = card.format === 1 ? 1 : 0;
    const bits = { bitCount: card.bitCount, bytes: card.bits };
    const raw = readOsdpRaw(primitives, { format, bits }, CONSTANT);
    if (raw.outcome === "bad-parity") return undefined;
    if (format === 1 || !UID_BITS.has(card.bitCount)) {
      return { kind: "presented", candidates: [raw.presentation] };
    }
    // A bare number as long as a UID: it may stand for a card enrolled by its UID, or be what is left of one that
    // was enrolled with keys, which is how a copy looks.
    const constant = (kind: CredentialKind, downgraded: boolean): Presentation => ({
      credentialKey: credentialKeyOf(primitives, kind, card.bits),
      kind: "uid",
      grade: "E",
      evidence: downgraded ? { downgraded } : {},
    });
    return {
      kind: "presented",
      candidates: [
        constant("uid", false),
        constant("desfire", true),
        constant("ntag424", true),
        raw.presentation,
      ],
    };
  }

  async function readPin(place: ReaderPlace, digits: string): Promise<Reading | undefined> {
    const pinKey = options.cardKeys()?.shared("pin")[0]?.key;
    if (pinKey === undefined) return undefined;
    const presentation: Presentation = {
      credentialKey: await pinCredentialKey(pinKey, digits),
      kind: "pin",
      grade: weakestGrade(PIN_GRADE, linkGrade(place.link)),
      evidence: {},
    };
    return { kind: "presented", candidates: [presentation] };
  }

  async function settle(
    readerId: ReaderId,
    place: ReaderPlace,
    reading: Reading,
    decided: (decision: Decision) => void,
  ): Promise<void> {
    let decision: Decision;
    let presentation: Presentation | undefined;
    if (reading.kind === "not-authentic") {
      decision = { granted: false, reasons: [reading.reason] };
    } else {
      ({ decision, presentation } = decideTap({
        snapshot: options.snapshot(),
        place,
        candidates: reading.candidates,
        doorState: place.portal?.doorState() ?? { mode: "normal", lockdown: 0, fireRelease: false },
        now: clock.now(),
      }));
      if (decision.granted && isByRule(decision)) {
        const inLog = await options.inPublicLog(presentation.credentialKey, place.accessPointId);
        if (!inLog) decision = { granted: false, reasons: [{ code: "credential-not-in-log" }] };
      }
      if (reading.phone !== undefined) {
        decision = await byDocument(place, presentation, decision, reading.phone);
      }
      const refusal = decision.granted ? await options.counterGuard(presentation) : undefined;
      if (refusal !== undefined) decision = { granted: false, reasons: [refusal] };
    }
    decided(decision);
    if (!decision.granted && !mayRecordRefusal(readerId)) {
      options.indicate(readerId, { kind: "refused" });
      return;
    }
    const { portal } = place;
    const { identity, ...described } = describe(presentation, reading, decision);
    const lockDriven = decision.granted && portal !== undefined && !portal.isStanding();
    await journal.append({
      kind: "access",
      body: {
        accessPointId: place.accessPointId,
        granted: decision.granted,
        // Who knows the rules must not learn from the reasons who went through.
        reasons: [...openReasons(options.snapshot(), decision.reasons.slice(0, MAX_REASONS))],
        ...described,
        snapshotVersion: options.snapshot()?.version ?? 0,
        lockDriven,
      },
      ...(identity === undefined ? {} : { identity }),
    });
    if (!decision.granted) {
      options.indicate(readerId, { kind: "refused" });
      return;
    }
    portal?.granted();
    // The lock first: lamp and sound travel on the same line.
    setImmediate(() => options.indicate(readerId, { kind: "granted", forMs: portal?.unlockMs() ?? 0 }));
  }

  /**
   * What a document on a telephone changes: one that this gate has not heard of may enter by it. The door itself comes
   * first: locked, in a lockdown, of a higher grade, or without a snapshot it opens to no document.
   */
  async function byDocument(
    place: ReaderPlace,
    presentation: Presentation,
    decision: Decision,
    phone: PresentedPhone,
  ): Promise<Decision> {
    const snapshot = options.snapshot();
    const [first, ...others] = decision.reasons;
    if (snapshot === undefined || first?.code !== "credential-unknown" || others.length > 0) return decision;
    const accessPoint = snapshot.accessPoints.find(({ id }) => id === place.accessPointId);
    if (accessPoint === undefined || !meetsGrade(presentation.grade, accessPoint.minimumGrade)) {
      return decision;
    }
    const now = clock.now();
    const [zone] = zoneTransitions(snapshot.timeZone, now.latest, Instant(now.latest + 1));
    if (zone === undefined) return decision;
    const { id: accessPointId, portalId } = accessPoint;
    switch (await phone.documentAllows({ portalId, accessPointId, now, utcOffsetS: zone.offsetSeconds })) {
      case "allows":
        return { granted: true, reasons: [{ code: "rule-allows" }] };
      case "not-in-log":
        return { granted: false, reasons: [{ code: "credential-not-in-log" }] };
      case "none":
        return decision;
    }
  }

  /** What the entry says openly, and the identity that is sealed when it gets its number. */
  function describe(
    presentation: Presentation | undefined,
    reading: Reading,
    decision: Decision,
  ): Partial<Pick<AccessEntry["body"], "kind" | "grade" | "evidence">> & {
    readonly identity?: SealedIdentity;
  } {
    if (presentation !== undefined) {
      const { credentialKey, kind, grade, evidence } = presentation;
      // A card's true counter would link it across epochs.
      const { counter, ...open } = evidence;
      // A PIN mistyped by one digit is still somebody's secret.
      if (kind === "pin" && isNobodys(decision)) return { kind, grade, evidence: open };
      const identity = identified(kind, credentialKey);
      return {
        kind,
        grade,
        evidence: open,
        identity: { ...identity, ...(counter === undefined ? {} : { counter }) },
      };
    }
    if (reading.kind !== "not-authentic") return {};
    const { kind, identifier } = reading.claimed;
    if (identifier === undefined) return { kind };
    return { kind, identity: identified(kind, credentialKeyOf(primitives, kind, identifier)) };
  }

  function identified(kind: CredentialKind, credentialKey: CredentialKey): SealedIdentity {
    const snapshot = options.snapshot();
    // A door that stands open asks for nothing, and a card that proves nothing may be anybody's.
    const isStranger = snapshot === undefined || !knowsCredential(snapshot, credentialKey);
    return { kind, credentialKey, ...(isStranger ? { isStranger } : {}) };
  }

  function mayRecordRefusal(readerId: ReaderId): boolean {
    const bucket = refusals.get(readerId) ?? makeTokenBucket(REFUSAL_BURST, REFUSALS_PER_SECOND);
    refusals.set(readerId, bucket);
    const may = bucket.take(clock.monotonicMs());
    findings.set("reader-flooded", !may, readerId);
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
        if (reading.kind === "presented") await reading.phone?.conclude(granted);
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
    number: (readerId, card) => tap(readerId, () => Promise.resolve(readNumber(card))),
    text: (readerId, card) =>
      tap(readerId, async () => ({
        kind: "presented",
        candidates: [readOsdpFormatted(primitives, card, CONSTANT)],
      })),
    async pin(readerId, digits) {
      let isGuess = false;
      await tap(
        readerId,
        (place) => readPin(place, digits),
        (decision) => {
          isGuess = isNobodys(decision);
        },
      );
      return isGuess;
    },
  };
}

/** What a PKOC card is told of where it is: a name that says nothing to strangers and never changes. */
function pkocReaderOf(accessPointId: AccessPointId): Uint8Array {
  const text = new TextEncoder().encode("menshen pkoc reader v1\u0000");
  return primitives.sha256(concatBytes(text, uuidBytes(accessPointId)));
}

/** A door that stands open asks nobody. */
function isByRule({ reasons }: Decision): boolean {
  return reasons.some(({ code }) => code === "rule-allows");
}

function isNobodys({ reasons }: Decision): boolean {
  return reasons.some(({ code }) => code === "credential-unknown");
}

function readingOf(reading: CardReading): Reading | undefined {
  switch (reading.outcome) {
    case "presented":
      return { kind: "presented", candidates: [reading.presentation] };
    case "not-authentic":
      return {
        kind: "not-authentic",
        reason: { code: "credential-not-authentic", detail: reading.detail },
        claimed: { kind: reading.claimedKind, identifier: reading.identifier },
      };
    case "no-identifier":
      return undefined;
  }
}
