import { fromHex, type Primitives, toHex } from "@menshen/crypto";
import {
  type BothLanguages,
  type CanonicalJson,
  CONSENT_PURPOSES,
  type ConsentParty,
  type ConsentPurpose,
  consentTexts,
} from "@menshen/domain";
import { isHex, isUuid, listOf, membersOf } from "../receipts/members.ts";
import {
  openReceipt,
  type ReceiptForm,
  type SignedReceiptFault,
  signReceipt,
} from "../receipts/signed-receipt.ts";

const MAX_DOORS = 500;
const WAY_NAMES = ["card", "pin", "phone", "pass", "face"] as const;

/** How somebody said yes or no. */
export type ConsentAct =
  /** With a key of their own, or their guardian's: Ed25519 over `consentTexts`, lower-case hexadecimal. */
  | { readonly way: "own-key"; readonly key: string; readonly signature: string }
  /** On paper, entered by one member of staff; a consent is confirmed by another one, a withdrawal needs nobody. */
  | { readonly way: "paper"; readonly enteredBy: string; readonly confirmedBy?: string };

/** Ways in that a person had at a door when they were asked, beside what they were asked for. */
export interface AlternativeAtDoor {
  readonly door: string;
  readonly ways: readonly (typeof WAY_NAMES)[number][];
}

/** What is certified about one consent, with the fields of ISO/IEC TS 27560; docs/protocol/consent.md. */
export interface ConsentReceipt {
  readonly recordId: string;
  readonly event: "given" | "withdrawn";
  /** Unix milliseconds. */
  readonly at: number;
  readonly communityId: string;
  readonly communityName: string;
  /** The person, by the community's id: the receipt names nobody. */
  readonly subject: string;
  /** Who consented for a child under 14. */
  readonly guardian?: string;
  readonly controller: ConsentParty;
  readonly processor: ConsentParty;
  readonly subProcessors: readonly { readonly name: string; readonly task: string }[];
  /** SHA-256 of the notice's text, lower-case hexadecimal. */
  readonly noticeSha256: string;
  readonly noticeVersion: number;
  readonly purpose: ConsentPurpose;
  readonly data: BothLanguages;
  readonly storage: BothLanguages;
  /** Exclusive end; the data go within some days after it. */
  readonly period: { readonly from: number; readonly until: number; readonly deleteWithinDays: number };
  readonly withdrawal: BothLanguages;
  readonly alternatives: readonly AlternativeAtDoor[];
  readonly by: ConsentAct;
}

/** Why a receipt is none. `other-notice`: it is about another text than the one given. */
export type ConsentReceiptFault = SignedReceiptFault | "bad-own-signature" | "other-notice";

export type ConsentReceiptVerdict =
  | { readonly verified: true; readonly receipt: ConsentReceipt }
  | { readonly verified: false; readonly fault: ConsentReceiptFault };

/** What is needed of `@menshen/crypto` (or `/node`). */
export interface ConsentReceiptCrypto extends Pick<Primitives, "sha256"> {
  readonly ed25519Verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
}

/**
 * The file of a receipt: canonical JSON with the community's signature over every byte of it.
 *
 * @param sign Ed25519 with the community's receipt key, 64 bytes
 * @throws {EvidenceError} `invalid-text` for a receipt that {@link verifyConsentReceipt} would call malformed
 */
export function makeConsentReceipt(
  receipt: ConsentReceipt,
  sign: (message: Uint8Array) => Uint8Array,
): string {
  return signReceipt(FORM, receipt, sign);
}

/**
 * Verifies a receipt without a network: the community signed every byte of it, and where a key of the person's own is named,
 * that key signed for this record, purpose and notice.
 *
 * @param text the receipt as it was handed out
 * @param keys.receiptKey Ed25519 public key of the community, 32 bytes, known from elsewhere than the receipt
 * @param notice text of the notice, if it is to be held against the receipt
 */
export function verifyConsentReceipt(
  crypto: ConsentReceiptCrypto,
  text: string,
  keys: { readonly receiptKey: Uint8Array },
  notice?: string,
): ConsentReceiptVerdict {
  const opened = openReceipt(FORM, crypto.ed25519Verify, text, keys.receiptKey);
  if ("fault" in opened) return { verified: false, fault: opened.fault };
  const { receipt } = opened;
  const { by, communityId, recordId, subject, purpose, noticeSha256 } = receipt;
  if (by.way === "own-key") {
    const said =
      receipt.event === "given"
        ? consentTexts.give(communityId, { recordId, subject, purpose, noticeSha256 })
        : consentTexts.withdraw(communityId, recordId);
    if (!crypto.ed25519Verify(fromHex(by.key), new TextEncoder().encode(said), fromHex(by.signature))) {
      return { verified: false, fault: "bad-own-signature" };
    }
  }
  if (notice !== undefined && toHex(crypto.sha256(new TextEncoder().encode(notice))) !== noticeSha256) {
    return { verified: false, fault: "other-notice" };
  }
  return { verified: true, receipt };
}

function bodyOf(receipt: ConsentReceipt) {
  const { by, guardian, alternatives, controller, processor, period } = receipt;
  return {
    recordId: receipt.recordId,
    event: receipt.event,
    at: receipt.at,
    communityId: receipt.communityId,
    communityName: receipt.communityName,
    subject: receipt.subject,
    ...(guardian === undefined ? {} : { guardian }),
    controller: { name: controller.name, contact: controller.contact },
    processor: { name: processor.name, contact: processor.contact },
    subProcessors: receipt.subProcessors.map(({ name, task }) => ({ name, task })),
    noticeSha256: receipt.noticeSha256,
    noticeVersion: receipt.noticeVersion,
    purpose: receipt.purpose,
    data: both(receipt.data),
    storage: both(receipt.storage),
    period: { from: period.from, until: period.until, deleteWithinDays: period.deleteWithinDays },
    withdrawal: both(receipt.withdrawal),
    alternatives: alternatives.map(({ door, ways }) => ({ door, ways: [...ways] })),
    by: actBody(by),
  };
}

function actBody(by: ConsentAct): CanonicalJson {
  if (by.way === "own-key") return { way: by.way, key: by.key, signature: by.signature };
  const { enteredBy, confirmedBy } = by;
  return { way: by.way, enteredBy, ...(confirmedBy === undefined ? {} : { confirmedBy }) };
}

function both(texts: BothLanguages) {
  return { "zh-CN": texts["zh-CN"], en: texts.en };
}

function receiptOf(value: CanonicalJson | undefined): ConsentReceipt | undefined {
  const found = membersOf(value);
  const event = ["given" as const, "withdrawn" as const].find((one) => one === found.event);
  const purpose = CONSENT_PURPOSES.find((one) => one === found.purpose);
  const controller = partyOf(found.controller);
  const processor = partyOf(found.processor);
  const subProcessors = listOf(found.subProcessors, subProcessorOf);
  const data = bothOf(found.data);
  const storage = bothOf(found.storage);
  const withdrawal = bothOf(found.withdrawal);
  const alternatives = listOf(found.alternatives, alternativeOf);
  const by = actOf(found.by);
  const period = membersOf(found.period);
  const { recordId, communityId, communityName, subject, guardian, noticeSha256 } = found;
  if (event === undefined || purpose === undefined || by === undefined) return undefined;
  if (controller === undefined || processor === undefined || subProcessors === undefined) return undefined;
  if (data === undefined || storage === undefined || withdrawal === undefined) return undefined;
  if (alternatives === undefined || alternatives.length > MAX_DOORS) return undefined;
  if (!isUuid(recordId) || !isUuid(communityId) || !isUuid(subject)) return undefined;
  if (guardian !== undefined && !isUuid(guardian)) return undefined;
  if (typeof communityName !== "string" || !isHex(noticeSha256, 32)) return undefined;
  const { from, until, deleteWithinDays } = period;
  const { at, noticeVersion } = found;
  if (!isCount(at) || !isCount(noticeVersion)) return undefined;
  if (!isCount(from) || !isCount(until) || !isCount(deleteWithinDays)) return undefined;
  return {
    recordId,
    event,
    at,
    communityId,
    communityName,
    subject,
    ...(guardian === undefined ? {} : { guardian }),
    controller,
    processor,
    subProcessors,
    noticeSha256,
    noticeVersion,
    purpose,
    data,
    storage,
    period: { from, until, deleteWithinDays },
    withdrawal,
    alternatives,
    by,
  };
}

function actOf(value: CanonicalJson | undefined): ConsentAct | undefined {
  const { way, key, signature, enteredBy, confirmedBy } = membersOf(value);
  if (way === "own-key") return isHex(key, 32) && isHex(signature, 64) ? { way, key, signature } : undefined;
  if (way !== "paper" || !isUuid(enteredBy)) return undefined;
  if (confirmedBy === undefined) return { way, enteredBy };
  return isUuid(confirmedBy) ? { way, enteredBy, confirmedBy } : undefined;
}

function partyOf(value: CanonicalJson | undefined): ConsentParty | undefined {
  const { name, contact } = membersOf(value);
  return typeof name === "string" && typeof contact === "string" ? { name, contact } : undefined;
}

function subProcessorOf(value: CanonicalJson): { readonly name: string; readonly task: string } | undefined {
  const { name, task } = membersOf(value);
  return typeof name === "string" && typeof task === "string" ? { name, task } : undefined;
}

function bothOf(value: CanonicalJson | undefined): BothLanguages | undefined {
  const { "zh-CN": zh, en } = membersOf(value);
  return typeof zh === "string" && typeof en === "string" ? { "zh-CN": zh, en } : undefined;
}

function alternativeOf(value: CanonicalJson): AlternativeAtDoor | undefined {
  const { door, ways } = membersOf(value);
  const known = listOf(ways, (way) => WAY_NAMES.find((name) => name === way));
  return typeof door === "string" && known !== undefined ? { door, ways: known } : undefined;
}

function isCount(value: CanonicalJson | undefined): value is number {
  return typeof value === "number" && value >= 0;
}

const FORM: ReceiptForm<ConsentReceipt> = {
  tag: "menshen/consent-receipt/v1\n",
  version: 1,
  maxCharacters: 256 * 1024,
  bodyOf,
  receiptOf,
};
