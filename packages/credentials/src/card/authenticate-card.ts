import type { Primitives } from "@menshen/crypto";
import { equalBytes, wipe } from "@menshen/crypto";
import type { Grade } from "@menshen/domain";
import { weakestGrade } from "@menshen/domain";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import { exchangeNative, NativeCommand, requireNativeOk } from "../desfire/native-framing.ts";
import type { Ev2Primitives } from "../ev2/session-cipher.ts";
import { readHiddenUid } from "../personalise/hidden-uid.ts";
import type { SecureMessaging } from "./authenticate-application.ts";
import { authenticateApplication, readFile } from "./authenticate-application.ts";
import type { KeyedCardKind } from "./card-layout.ts";
import { CREDENTIAL_FILE_BYTES, desfireLayout, layoutOf } from "./card-layout.ts";
import type { CardPresentation, CardReading, NotAuthenticDetail } from "./card-presentation.ts";
import { presentConstant } from "./card-presentation.ts";
import { countTap } from "./count-tap.ts";
import { credentialKeyOf } from "./credential-key.ts";
import type { CardIdentification } from "./identify-card.ts";
import { identifyCard, isRandomUid, selectIsoApplication } from "./identify-card.ts";
import { type PkocDoor, readAsPkoc } from "./present-pkoc.ts";

/** One key of one card for one door group, as a gate's keyring holds it. Masters never are. */
export interface CardKey {
  /** Key number on the card, 0 to 15. */
  readonly number: number;
  readonly keyVersion: number;
  /** AES-128, 16 bytes, diversified for this card. */
  readonly key: Uint8Array;
  /** Whichever the card answers unless told. */
  readonly secureMessaging?: SecureMessaging;
}

/** Which key is asked for. */
export interface CardKeyQuery {
  readonly kind: KeyedCardKind;
  readonly uid: Uint8Array;
  readonly doorGroup: number;
}

/** The key or keys of one card at this gate. */
export type CardKeyAnswer = CardKey | readonly CardKey[] | undefined;

/** How a card is read at one door. */
export interface AuthenticateCardOptions {
  readonly primitives: Ev2Primitives & Pick<Primitives, "sha256">;
  /**
   * The gate's key of a card, or `undefined` for a card that is not enrolled as this kind. Several, newest first, while
   * keys are being renewed: the version that the card tells chooses.
   */
  readonly keyFor: (query: CardKeyQuery) => CardKeyAnswer | Promise<CardKeyAnswer>;
  /**
   * The community's shared key for asking cards with random identifiers who they are; none, and such cards say nothing.
   * Whoever proves it has proved nothing else: it counts for no grade.
   */
  readonly privacyKeyFor?: (kind: KeyedCardKind) => Uint8Array | undefined;
  /** Which of a card's keys this door uses, 1 to 13. */
  readonly doorGroup: number;
  /** Fresh random bytes: the operating system's generator in production. */
  readonly random: (lengthBytes: number) => Uint8Array;
  /** Best grade that the way to the reader allows (Wiegand, OSDP without secure channel: D); A unless told. */
  readonly readerLink?: Grade;
  /** Best grade that the keeping of keys at this gate allows; A unless told. */
  readonly keyCustody?: Grade;
  /** 3 bytes as SelectApplication takes them; the layout's unless told. */
  readonly desfireApplication?: Uint8Array;
  /**
   * Keys of the transaction MAC of a DESFire that counts its taps, newest first; none, and it is not made to count. Needs
   * `readerId`.
   */
  readonly transactionKeysFor?: (uid: Uint8Array) => readonly Uint8Array[];
  /** 16 bytes that name this reader inside the card's transactions. */
  readonly readerId?: Uint8Array;
  /** Asks cards that have none of our applications for a PKOC key; none, and such cards are numbers. */
  readonly pkoc?: PkocDoor;
  /** A monotonic clock in milliseconds, for `evidence.dialogueMs`; none, no such evidence. */
  readonly monotonicMs?: () => number;
}

/** Mutual authentication with a key diversified for this card, over RF that a relay can still stretch. */
const KEYED_CARD_GRADE: Grade = "B";

/**
 * Finds out what card is in the field and makes it prove itself as far as its kind allows.
 *
 * - a card enrolled as DESFire or NTAG 424 that proves its key: its kind, grade B or the weaker of link and custody;
 * - a card whose UID is enrolled as one of them but which answers with less: kind `uid`, grade E, `downgraded`, under
 *   the enrolled credential's key, so that the decision can say what it should have been;
 * - a card or telephone without our applications that proves a PKOC key, where those are asked for: kind `pkoc`, grade C or
 *   the weaker link's;
 * - any other card with a constant UID: kind `uid`, grade E;
 * - a card that fails to prove the key, or leaves, or talks out of form: `not-authentic`.
 *
 * The channel stays open; closing it is the caller's.
 *
 * @throws {CredentialError} `transport`, `closed` when the way to the card is at fault; whatever `keyFor` throws
 */
export async function authenticateCard(
  channel: CardChannel,
  options: AuthenticateCardOptions,
): Promise<CardReading> {
  const startedMs = options.monotonicMs?.();
  const reading = await read(channel, options);
  if (reading.outcome !== "presented" || startedMs === undefined || options.monotonicMs === undefined) {
    return reading;
  }
  const { presentation } = reading;
  const dialogueMs = Math.round(options.monotonicMs() - startedMs);
  return {
    ...reading,
    presentation: { ...presentation, evidence: { ...presentation.evidence, dialogueMs } },
  };
}

async function read(channel: CardChannel, options: AuthenticateCardOptions): Promise<CardReading> {
  let identification: CardIdentification;
  try {
    identification = await identifyCard(channel, options.desfireApplication);
  } catch (error) {
    return { outcome: "not-authentic", detail: detailOf(error), claimedKind: "uid" };
  }
  const { kind, version } = identification;
  if (kind === "uid-only" && options.pkoc !== undefined) {
    const reading = await readPkoc(channel, options, options.pkoc);
    if (reading !== undefined) return reading;
  }
  let { uid } = identification;
  if (uid === undefined || isRandomUid(uid)) {
    const hidden = await readHidden(channel, options, kind);
    if (hidden.outcome !== "read") return hidden.reading;
    uid = hidden.uid;
  }
  if (identification.uidConflict) {
    return { outcome: "not-authentic", detail: "protocol-error", claimedKind: "uid", identifier: uid };
  }
  const reading = await readByKind(channel, options, kind, uid);
  if (reading.outcome !== "presented" || version === undefined) return reading;
  return { ...reading, presentation: { ...reading.presentation, version } };
}

async function readPkoc(
  channel: CardChannel,
  { primitives, random, readerLink = "A" }: AuthenticateCardOptions,
  door: PkocDoor,
): Promise<CardReading | undefined> {
  try {
    return await readAsPkoc(channel, door, { primitives, random, readerLink });
  } catch (error) {
    return { outcome: "not-authentic", detail: detailOf(error), claimedKind: "pkoc" };
  }
}

async function readByKind(
  channel: CardChannel,
  options: AuthenticateCardOptions,
  kind: CardIdentification["kind"],
  uid: Uint8Array,
): Promise<CardReading> {
  const { doorGroup, keyFor, primitives } = options;
  if (kind !== "uid-only") {
    const cardKeys = severalOf(await keyFor({ kind, uid, doorGroup }));
    if (cardKeys.length > 0) return readKeyedCard(channel, options, kind, uid, cardKeys);
  }
  for (const enrolledKind of ["desfire", "ntag424"] as const) {
    if (enrolledKind === kind) continue;
    if (severalOf(await keyFor({ kind: enrolledKind, uid, doorGroup })).length === 0) continue;
    const credentialKey = credentialKeyOf(primitives, enrolledKind, uid);
    return presented({
      credentialKey,
      kind: "uid",
      grade: "E",
      evidence: { downgraded: true },
      identifier: uid,
    });
  }
  return presented(presentConstant(primitives, "uid", uid));
}

async function readKeyedCard(
  channel: CardChannel,
  options: AuthenticateCardOptions,
  kind: KeyedCardKind,
  uid: Uint8Array,
  cardKeys: readonly CardKey[],
): Promise<CardReading> {
  const { primitives, random, readerLink = "A", keyCustody = "A" } = options;
  const notAuthentic = (detail: NotAuthenticDetail): CardReading => {
    return { outcome: "not-authentic", detail, claimedKind: kind, identifier: uid };
  };
  let key: Uint8Array = new Uint8Array();
  try {
    const cardKey = await keyOnCard(channel, cardKeys);
    if (cardKey === undefined) return notAuthentic("wrong-key");
    key = cardKey.key.slice();
    const session = await authenticateApplication(
      channel,
      { primitives, key },
      {
        keyNumber: cardKey.number,
        secureMessaging: cardKey.secureMessaging ?? "card",
        rndA: random(16),
      },
    );
    if (session === undefined) return notAuthentic("wrong-key");
    try {
      const credentialKey = credentialKeyOf(primitives, kind, uid);
      const fileContent = await readFile(channel, session, {
        number: layoutOf(kind).fileNumber,
        offset: 0,
        lengthBytes: CREDENTIAL_FILE_BYTES,
        mode: "full",
      });
      if (!equalBytes(fileContent, credentialKey)) return notAuthentic("protocol-error");
      const count = await countTap(channel, session, options, { kind, uid, fileContent });
      return presented({
        credentialKey,
        kind,
        grade: weakestGrade(KEYED_CARD_GRADE, readerLink, keyCustody),
        evidence: { keyVersion: cardKey.keyVersion, ...count.evidence },
        identifier: uid,
        ...(count.series === undefined ? {} : { counterSeries: count.series }),
      });
    } finally {
      session.end();
    }
  } catch (error) {
    return notAuthentic(detailOf(error));
  } finally {
    wipe(key);
  }
}

type Hidden =
  | { readonly outcome: "read"; readonly uid: Uint8Array }
  | { readonly outcome: "unread"; readonly reading: CardReading };

/** Who a card with a random identifier is; its own application is selected again afterwards. */
async function readHidden(
  channel: CardChannel,
  options: AuthenticateCardOptions,
  kind: CardIdentification["kind"],
): Promise<Hidden> {
  const { primitives, random, privacyKeyFor, desfireApplication = desfireLayout.applicationId } = options;
  const unread = (reading: CardReading): Hidden => ({ outcome: "unread", reading });
  const key = kind === "uid-only" ? undefined : privacyKeyFor?.(kind);
  if (kind === "uid-only" || key === undefined) return unread({ outcome: "no-identifier" });
  try {
    const uid = await readHiddenUid(channel, kind, key, { primitives, random });
    if (uid === undefined) return unread({ outcome: "no-identifier" });
    // Ends that session too: the card goes on without protection, as one that never hid its number.
    if (kind === "ntag424") await selectIsoApplication(channel, layoutOf(kind).applicationId);
    else
      requireNativeOk(
        (await exchangeNative(channel, NativeCommand.selectApplication, desfireApplication)).status,
      );
    return { outcome: "read", uid };
  } catch (error) {
    return unread({ outcome: "not-authentic", detail: detailOf(error), claimedKind: kind });
  }
}

/**
 * Which of several keys the card carries, by the version it tells. A card that lies about it proves nothing with the
 * key that it named. One key is tried without asking.
 */
async function keyOnCard(channel: CardChannel, cardKeys: readonly CardKey[]): Promise<CardKey | undefined> {
  const [first] = cardKeys;
  if (first === undefined || cardKeys.length === 1) return first;
  const answer = await exchangeNative(channel, NativeCommand.getKeyVersion, Uint8Array.of(first.number));
  requireNativeOk(answer.status);
  return cardKeys.find(({ keyVersion }) => keyVersion === answer.data[0]);
}

function severalOf(answer: CardKeyAnswer): readonly CardKey[] {
  if (answer === undefined) return [];
  return "key" in answer ? [answer] : answer;
}

function presented(presentation: CardPresentation): CardReading {
  return { outcome: "presented", presentation };
}

/** What a fault in the dialogue says about the card; rethrows what says nothing about it. */
function detailOf(error: unknown): NotAuthenticDetail {
  if (!(error instanceof CredentialError)) throw error;
  switch (error.code) {
    case "card-removed":
    case "timeout":
      return "card-removed";
    case "malformed":
    case "card-status":
    case "integrity":
    case "exhausted":
      return "protocol-error";
    default:
      throw error;
  }
}
