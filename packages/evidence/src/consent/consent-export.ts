import { concatBytes, fromHex, toHex } from "@menshen/crypto";
import { type CanonicalJson, canonicalJson, DomainError } from "@menshen/domain";
import { isHex, listOf, type Members, membersOf } from "../receipts/members.ts";
import {
  type ConsentReceipt,
  type ConsentReceiptCrypto,
  type ConsentReceiptFault,
  verifyConsentReceipt,
} from "./consent-receipt.ts";

const SIGNATURE_TAG = new TextEncoder().encode("menshen/consent-export/v1\n");
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** What the community signs of an export: every member but the signature itself, as canonical JSON. */
export function consentExportBytes(body: CanonicalJson): Uint8Array {
  return concatBytes(SIGNATURE_TAG, new TextEncoder().encode(canonicalJson(body)));
}

/** `notice-missing`: a receipt is about a notice whose text is not there, or is another one. */
export type ConsentExportFault = "malformed" | "bad-signature" | "notice-missing" | ConsentReceiptFault;

export type ConsentExportVerdict =
  | { readonly verified: true; readonly receipts: readonly ConsentReceipt[] }
  | { readonly verified: false; readonly fault: ConsentExportFault };

/**
 * Verifies the evidence of how a person was asked, without a network: the community's signature over all of it, every receipt
 * in it, and that the text of every notice that they consented to is there with its hash.
 *
 * @param text JSON as it was handed out, in any spelling
 * @param keys.receiptKey Ed25519 public key of the community, 32 bytes, known from elsewhere
 */
export function verifyConsentExport(
  crypto: ConsentReceiptCrypto,
  text: string,
  keys: { readonly receiptKey: Uint8Array },
): ConsentExportVerdict {
  const parsed = read(text);
  if (parsed === undefined) return { verified: false, fault: "malformed" };
  const { body, signature } = parsed;
  if (!crypto.ed25519Verify(keys.receiptKey, consentExportBytes(body), signature)) {
    return { verified: false, fault: "bad-signature" };
  }
  const notices = new Set(
    itemsOf(body.notices).flatMap((notice) => {
      const { text: said, sha256 } = membersOf(notice);
      if (typeof said !== "string") return [];
      const hash = toHex(crypto.sha256(new TextEncoder().encode(said)));
      return hash === sha256 ? [hash] : [];
    }),
  );
  const receipts: ConsentReceipt[] = [];
  for (const record of itemsOf(body.records)) {
    const { receipt, withdrawalReceipt } = membersOf(record);
    for (const kept of [receipt, withdrawalReceipt]) {
      if (kept === undefined) continue;
      const { text: handedOut } = membersOf(kept);
      if (typeof handedOut !== "string") return { verified: false, fault: "malformed" };
      const verdict = verifyConsentReceipt(crypto, handedOut, keys);
      if (!verdict.verified) return verdict;
      if (!notices.has(verdict.receipt.noticeSha256)) return { verified: false, fault: "notice-missing" };
      receipts.push(verdict.receipt);
    }
  }
  return { verified: true, receipts };
}

function read(text: string): { readonly body: Members; readonly signature: Uint8Array } | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  try {
    const { signature, ...body } = membersOf(JSON.parse(text));
    // Says whether it has a canonical text at all.
    canonicalJson(body);
    if (!isHex(signature, 64)) return undefined;
    return { body, signature: fromHex(signature) };
  } catch (fault) {
    if (fault instanceof SyntaxError || fault instanceof DomainError) return undefined;
    throw fault;
  }
}

function itemsOf(value: CanonicalJson | undefined): readonly CanonicalJson[] {
  return listOf(value, (item) => item) ?? [];
}
