import {
  AccessCapability,
  ALIRO_ELEMENTS,
  type AliroReaderIdentity,
  type AliroReaderSession,
  type AliroReading,
  type CardChannel,
  CredentialError,
  checkAccessDocument,
  checkRevocationDocument,
  credentialKeyOf,
  encodeDeviceResponse,
  ReaderStatus,
  readAliro,
  SignalingBit,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import {
  type AccessPointId,
  type CredentialKey,
  type CredentialKind,
  type Grade,
  type PortalId,
  type Presentation,
  type Reason,
  type TimeInterval,
  weakestGrade,
} from "@menshen/domain";
import type { PhoneMemory } from "./phone-memory.ts";

/** What a gate needs to be an Aliro reader, as it is now. */
export interface AliroDoor {
  /** As who telephones may know it; the next is tried when a telephone does not know the one before. */
  readonly identities: readonly AliroReaderIdentity[];
  /** Whose documents are read. What they say counts with a proof of the public log only. */
  readonly documentIssuers: readonly Uint8Array[];
  /** The newest revocation document that the community sent. */
  readonly revocations?: Uint8Array | undefined;
}

export interface PhoneReaderOptions {
  /** `undefined` where nobody made this gate a reader of telephones: they are cards like others then. */
  readonly door: () => AliroDoor | undefined;
  readonly memory: PhoneMemory;
  /** Whether what a document carries of the public log lets this credential pass here. */
  readonly provesInLog: (proof: Uint8Array, credential: CredentialKey, at: AccessPointId) => boolean;
  readonly stopwatchMs: () => number;
}

/** Where somebody holds a telephone, and when. */
export interface DocumentQuestion {
  readonly portalId: PortalId;
  readonly accessPointId: AccessPointId;
  readonly now: TimeInterval;
  /** How far the wall clock at the door is ahead of UTC. */
  readonly utcOffsetS: number;
}

/** `not-in-log`: the document is its issuer's and allows it, but the public log does not prove the credential here. */
export type DocumentAnswer = "allows" | "not-in-log" | "none";

/** A telephone that proved its credential and waits to hear what comes of it. */
export interface PresentedPhone {
  readonly presentation: Presentation;
  /** Whether an access document on it allows this door to open, now. Never rejects. */
  documentAllows(question: DocumentQuestion): Promise<DocumentAnswer>;
  /** Tells it the end. Never rejects; a telephone that is gone hears nothing. */
  conclude(granted: boolean): Promise<void>;
}

export type PhoneReading =
  | { readonly outcome: "not-aliro" }
  | { readonly outcome: "presented"; readonly phone: PresentedPhone }
  | {
      readonly outcome: "not-authentic";
      readonly detail: Extract<Reason, { readonly code: "credential-not-authentic" }>["detail"];
      /** What it claimed to be; a card that was gone before its first answer may have been any. */
      readonly claimedKind: CredentialKind;
    };

/** Reads telephones by Aliro over whatever way leads to the reader's antenna. */
export interface PhoneReader {
  /** @throws {CredentialError} `transport`, `closed` when the way to the reader is at fault */
  read(channel: CardChannel, link: Grade): Promise<PhoneReading>;
}

/** How the journal names it: a key on a telephone. */
export const ALIRO_KIND: CredentialKind = "phone";
/** Mutual, fresh and bound to this reader, over RF that a relay can still stretch (docs/protocol/aliro.md). */
const ALIRO_GRADE: Grade = "B";
/** Revocations are taken from whoever carries them. */
const CARRIES_DOCUMENTS = SignalingBit.accessDocument | SignalingBit.revocationDocument;

/** A gate's reader of telephones. */
export function makePhoneReader(options: PhoneReaderOptions): PhoneReader {
  const { memory } = options;

  /** One transaction after the other until the telephone knows this reader. */
  async function readAs(channel: CardChannel, identities: readonly AliroReaderIdentity[]) {
    let last: AliroReading = { outcome: "refused", reason: "not-aliro" };
    for (const identity of identities) {
      last = await readAliro(channel, {
        primitives: crypto,
        identity,
        ephemeral: crypto.p256Generate,
        random: crypto.randomBytes,
        // Whose it is and whether it may enter is decided with everything else, and journaled.
        accepts: () => true,
        known: memory.fastKeys(identity.identifier),
      });
      if (last.outcome === "authenticated") {
        const { publicKey, kpersistent } = last.session;
        memory.keep(identity.identifier, publicKey, kpersistent);
        return last;
      }
      if (last.reason !== "device-refused") return last;
    }
    return last;
  }

  return {
    async read(channel, link) {
      const door = options.door();
      if (door === undefined || door.identities.length === 0) return { outcome: "not-aliro" };
      const startedMs = options.stopwatchMs();
      let hasAnswered = false;
      const heard: CardChannel = {
        ...channel,
        async transceive(command) {
          const answer = await channel.transceive(command);
          hasAnswered = true;
          return answer;
        },
      };
      try {
        const reading = await readAs(heard, door.identities);
        if (reading.outcome === "refused") {
          if (reading.reason === "not-aliro") return { outcome: "not-aliro" };
          const isKey = reading.reason === "not-authentic";
          const detail = isKey ? "wrong-key" : "protocol-error";
          return { outcome: "not-authentic", detail, claimedKind: ALIRO_KIND };
        }
        const { session } = reading;
        const presentation: Presentation = {
          credentialKey: credentialKeyOf(crypto, ALIRO_KIND, session.publicKey),
          kind: ALIRO_KIND,
          grade: weakestGrade(ALIRO_GRADE, link),
          evidence: { dialogueMs: Math.round(options.stopwatchMs() - startedMs) },
        };
        return { outcome: "presented", phone: presentedPhone(options, door, session, presentation) };
      } catch (error) {
        if (!(error instanceof CredentialError)) throw error;
        if (error.code === "transport" || error.code === "closed") throw error;
        const isGone = error.code === "card-removed" || error.code === "timeout";
        return {
          outcome: "not-authentic",
          detail: isGone ? "card-removed" : "protocol-error",
          claimedKind: hasAnswered ? ALIRO_KIND : "uid",
        };
      }
    },
  };
}

function presentedPhone(
  options: PhoneReaderOptions,
  door: AliroDoor,
  session: AliroReaderSession,
  presentation: Presentation,
): PresentedPhone {
  return {
    presentation,
    async documentAllows(question) {
      if (door.documentIssuers.length === 0) return "none";
      if ((session.signaling & CARRIES_DOCUMENTS) === 0) return "none";
      try {
        return await readDocuments(options, door, session, presentation.credentialKey, question);
      } catch (error) {
        if (error instanceof CredentialError) return "none";
        throw error;
      }
    },
    async conclude(granted) {
      try {
        await session.finish(granted ? ReaderStatus.unsecured : ReaderStatus.denied);
      } catch (error) {
        if (!(error instanceof CredentialError)) throw error;
      }
    },
  };
}

/** @throws {CredentialError} when the telephone goes, or answers out of form */
async function readDocuments(
  { memory, provesInLog }: PhoneReaderOptions,
  { documentIssuers: issuers, revocations }: AliroDoor,
  session: AliroReaderSession,
  credential: CredentialKey,
  { portalId, accessPointId, now, utcOffsetS }: DocumentQuestion,
): Promise<DocumentAnswer> {
  const elementId = ALIRO_ELEMENTS.door(portalId);
  const wanted = (...elements: readonly string[]) => new Map(elements.map((element) => [element, false]));
  const carriesRevocations = (session.signaling & SignalingBit.revocationDocument) !== 0;
  const response = await session.requestDocuments([
    { documentType: "aliro-a", elements: wanted(elementId, ALIRO_ELEMENTS.log) },
    ...(carriesRevocations
      ? [{ documentType: "aliro-r", elements: wanted(ALIRO_ELEMENTS.revocations) }]
      : []),
  ]);
  const time = { earliestS: now.earliest / 1_000, latestS: now.latest / 1_000, utcOffsetS };
  // Telephones carry revocations to doors that hear nothing else, their own among them.
  const lists = [
    ...(revocations === undefined ? [] : [encodeDeviceResponse([revocations])]),
    ...(carriesRevocations ? [response] : []),
  ];
  for (const list of lists) {
    const trust = { issuers, newestIteration: () => memory.newestRevocation() };
    const checked = checkRevocationDocument({ primitives: crypto, response: list, trust, time });
    if (checked.accepted) memory.revoke(checked.iteration ?? 0, checked.revocations);
  }
  const checked = checkAccessDocument({
    primitives: crypto,
    response,
    trust: { issuers },
    time,
    credential: session.publicKey,
    elementId,
    capability: AccessCapability.momentary,
  });
  if (!checked.accepted || memory.isRevoked(session.publicKey)) return "none";
  const proof = checked.items.find((item) => item.elementId === ALIRO_ELEMENTS.log)?.value;
  const isInLog = proof instanceof Uint8Array && provesInLog(proof, credential, accessPointId);
  return isInLog ? "allows" : "not-in-log";
}
