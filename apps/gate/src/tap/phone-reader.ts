import {
  AccessCapability,
  type AliroKnownCredential,
  type AliroReaderIdentity,
  type AliroReaderSession,
  type CardChannel,
  CredentialError,
  checkAccessDocument,
  credentialKeyOf,
  ReaderStatus,
  readAliro,
  SignalingBit,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import {
  type CredentialKind,
  type Grade,
  type Presentation,
  type Reason,
  type TimeInterval,
  weakestGrade,
} from "@menshen/domain";

/** What a gate needs to be an Aliro reader. */
export interface AliroDoor {
  readonly identity: AliroReaderIdentity;
  /**
   * Whose access documents open this gate's doors to telephones that its snapshot does not know. Who holds such an
   * issuer's key holds a master key until issuing leaves a trace in the public log: absent unless configured.
   */
  readonly documents?: { readonly issuers: readonly Uint8Array[]; readonly elementId: string };
}

/** A telephone that proved its credential and waits to hear what comes of it. */
export interface PresentedPhone {
  readonly presentation: Presentation;
  /** Whether an access document on it allows this door to open, now. Never rejects. */
  documentAllows(now: TimeInterval, utcOffsetS: number): Promise<boolean>;
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
const ALIRO_KIND: CredentialKind = "phone";
/** Mutual, fresh and bound to this reader, over RF that a relay can still stretch (docs/protocol/aliro.md). */
const ALIRO_GRADE: Grade = "B";
/** Each key that does not fit costs some 40 µs of trying; beyond this the standard way would be the quicker one. */
const MAX_FAST_KEYS = 64;

/**
 * A gate's reader of telephones. Keys of fast transactions are kept in memory only, those of the telephones seen last:
 * after a restart the first tap of each is a standard one.
 */
export function makePhoneReader(door: AliroDoor, stopwatchMs: () => number): PhoneReader {
  const fastKeys = new Map<string, AliroKnownCredential>();

  const keep = ({ publicKey, kpersistent }: AliroReaderSession) => {
    const name = crypto.toHex(publicKey);
    const known = kpersistent === undefined ? fastKeys.get(name) : { publicKey, kpersistent };
    if (known === undefined) return;
    // Set anew, so that the order is that of use.
    fastKeys.delete(name);
    fastKeys.set(name, known);
    const [oldest] = fastKeys.keys();
    if (fastKeys.size > MAX_FAST_KEYS && oldest !== undefined) fastKeys.delete(oldest);
  };

  return {
    async read(channel, link) {
      const startedMs = stopwatchMs();
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
        const reading = await readAliro(heard, {
          primitives: crypto,
          identity: door.identity,
          ephemeral: crypto.p256Generate,
          random: crypto.randomBytes,
          // Whose it is and whether it may enter is decided with everything else, and journaled.
          accepts: () => true,
          known: [...fastKeys.values()].reverse(),
        });
        if (reading.outcome === "refused") {
          if (reading.reason === "not-aliro") return { outcome: "not-aliro" };
          const isKey = reading.reason === "not-authentic";
          const detail = isKey ? "wrong-key" : "protocol-error";
          return { outcome: "not-authentic", detail, claimedKind: ALIRO_KIND };
        }
        const { session } = reading;
        keep(session);
        const presentation: Presentation = {
          credentialKey: credentialKeyOf(crypto, ALIRO_KIND, session.publicKey),
          kind: ALIRO_KIND,
          grade: weakestGrade(ALIRO_GRADE, link),
          evidence: { dialogueMs: Math.round(stopwatchMs() - startedMs) },
        };
        return { outcome: "presented", phone: presentedPhone(door, session, presentation) };
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
  { documents }: AliroDoor,
  session: AliroReaderSession,
  presentation: Presentation,
): PresentedPhone {
  return {
    presentation,
    async documentAllows(now, utcOffsetS) {
      if (documents === undefined || (session.signaling & SignalingBit.accessDocument) === 0) return false;
      try {
        const { elementId, issuers } = documents;
        const response = await session.requestDocuments([
          { documentType: "aliro-a", elements: new Map([[elementId, false]]) },
        ]);
        return checkAccessDocument({
          primitives: crypto,
          response,
          trust: { issuers },
          time: { earliestS: now.earliest / 1_000, latestS: now.latest / 1_000, utcOffsetS },
          credential: session.publicKey,
          elementId,
          capability: AccessCapability.momentary,
        }).accepted;
      } catch (error) {
        if (error instanceof CredentialError) return false;
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
